"""A series of numbers as a line, in SVG: it needs no script and no library."""

from __future__ import annotations

import numpy as np

from gradtape.display import number_text

_POINTS = 600


def curve(values: object, label: str, width: int = 420, height: int = 90) -> str:
    """Return a series as a line with its first, lowest and last number; what is not finite is a gap.

    Args:
        values: the numbers, (n,).
        label: what they are.
        width: in pixels.
        height: in pixels.
    """
    series = np.asarray(values, "float64").ravel()
    kept = np.unique(np.linspace(0, len(series) - 1, min(len(series), _POINTS)).astype(int))
    finite = series[np.isfinite(series)]
    if not finite.size:
        return ""
    low, high = float(finite.min()), float(finite.max())
    # A constant series has no height to divide by; it is a line at the bottom.
    across, up = width / max(len(series) - 1, 1), (height - 6) / ((high - low) or 1.0)
    points, pen = [], "M"
    for place in kept:
        if np.isfinite(series[place]):
            points.append(f"{pen}{place * across:.1f},{height - 3 - (series[place] - low) * up:.1f}")
            pen = "L"
        else:
            pen = "M"
    text = (
        f"{label}: first {number_text.value(series[0])}, lowest {number_text.value(low)}, "
        f"last {number_text.value(series[-1])}"
    )
    return (
        f'<figure><svg role="img" aria-label="{label}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><path d="{"".join(points)}" fill="none" stroke="#2f7fd6" '
        f'stroke-width="1.3"/></svg><figcaption>{text}</figcaption></figure>'
    )
