"""A heat map as a PNG: blue is positive, orange negative, and 0 is transparent.

The PNG file is written here: a palette of 256 colours, one byte per cell.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from typing import Any

import numpy as np

MOST = 96  # cells along each axis; larger arrays are shown by the means of blocks
POSITIVE, NEGATIVE, NOT_FINITE = (47, 127, 214), (217, 100, 28), (192, 38, 211)  # seen on white and on black
_BEND = 3.0  # of the asinh: small values stay visible beside large ones
_BAD = 255  # the place in the palette of what is not finite


def heat_map(array: object, width: int = 240, title: str = "") -> str:
    """Return an array as an image with its scale beneath, as HTML.

    Args:
        array: any shape; axes after the first are laid side by side.
        width: of the picture, in pixels.
        title: its title, HTML.
    """
    values = np.asarray(array, "float64")
    cells, limit = shrunk(_flat(values)), scale(values)
    if not values.size:
        return '<span class="soft">no elements</span>'
    rows, columns = cells.shape
    cell = max(1.0, min(width / columns, 160 / rows, 24.0))
    tall = max(round(cell * rows), 12)
    uri = base64.b64encode(png(coloured(cells, limit))).decode("ascii")
    blocks = "" if cells.size == values.size else ", means of blocks"
    bad = values.size - int(np.isfinite(values).sum())
    marks = f", {bad} not finite" if bad else ""
    return (
        f'<figure><img class="heat" alt="heat map" width="{round(cell * columns)}" height="{tall}" '
        f'src="data:image/png;base64,{uri}"><figcaption>{title}orange -{limit:.3g} .. 0 .. +{limit:.3g} blue'
        f"{blocks}{marks}</figcaption></figure>"
    )


def _flat(values: Any) -> Any:
    if values.ndim < 2:
        return values.reshape(1, -1)
    return values.reshape(values.shape[0], math.prod(values.shape[1:]))


def scale(values: Any) -> float:
    """Return where the scale ends: 3 sigma around 0, or the largest value if that is less.

    >>> scale(np.array([1.0, -1.0]))
    1.0
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 1.0
    most = float(np.abs(finite).max())
    # Divided by the largest before they are squared, so that no square overflows.
    return min(most, 3 * float(np.sqrt(np.mean((finite / (most or 1.0)) ** 2))) * most) or 1.0


def shrunk(cells: Any) -> Any:
    """Return a matrix in at most 96 rows and columns: the means of blocks; NaN and infinities stay."""
    for axis in (0, 1):
        length = cells.shape[axis]
        size = math.ceil(length / MOST)
        if size > 1:
            starts = np.arange(0, length, size)
            counts = np.diff(np.append(starts, length))
            with np.errstate(invalid="ignore"):
                sums = np.add.reduceat(cells, starts, axis=axis)
            cells = sums / (counts[:, None] if axis == 0 else counts)
    return cells


def coloured(cells: Any, limit: float) -> Any:
    """Return for each cell its place in the palette: 127 is 0, 254 the largest, 255 what is not finite."""
    finite = np.isfinite(cells)
    share = np.arcsinh(_BEND * np.clip(np.where(finite, cells, 0.0) / limit, -1, 1)) / math.asinh(_BEND)
    return np.where(finite, np.round(127 + 127 * share), _BAD).astype("uint8")


def png(places: Any) -> bytes:
    """Return a picture of palette colours, (rows, columns) uint8, as a PNG file."""
    rows, columns = places.shape
    ends = [NEGATIVE] * 127 + [POSITIVE] * 128 + [NOT_FINITE]
    # The nearer to 0, the more of the page is seen through, on white and on black.
    opaque = [*(round(abs(i - 127) * 255 / 127) for i in range(_BAD)), 255]
    # Each line of a PNG begins with the number of its filter: 0 is none.
    lines = b"".join(b"\0" + line.tobytes() for line in places)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            # 8 bits for each cell, of colour type 3: a place in the palette.
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(channel for colour in ends for channel in colour)),
            _chunk(b"tRNS", bytes(opaque)),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    # The length counts the data alone; the checksum covers the kind too.
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
