"""Two spirals, wound round each other."""

from __future__ import annotations

import numpy as np

from gradtape.base.checks import number
from gradtape.datasets.points import Arrays, Points


def load_data(
    samples: int = 1000, noise: float = 0.02, seed: int = 0, turns: float = 1.5
) -> tuple[Arrays, Arrays]:
    """Return points on two arms that run from the middle to radius 1, each `turns` times round.

    Args:
        samples: how many in all; a fifth of them is kept for testing.
        noise: standard deviation of what is added to each coordinate.
        seed: the same seed gives the same samples.
        turns: how often an arm goes round, above 0.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: `x`: `(n, 2) float32`; `y`: `(n,) int32`, the class of each.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, y.shape, x_test.shape, sorted(set(y.tolist()))
    ((800, 2), (800,), (200, 2), [0, 1])
    """
    points = Points("spirals.load_data", samples, noise, seed)
    angle_at_end = 2 * np.pi * number(turns, "spirals.load_data", "turns", "(0, inf)")
    y = points.classes(2)
    radius = np.sqrt(points.uniform(0, 1))  # evenly along the arm, which is longer outside
    angle = radius * angle_at_end + np.pi * y
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return points.parts(x + points.noise(2), y)
