"""Two circles, one inside the other."""

from __future__ import annotations

import numpy as np

from gradtape.base.checks import number
from gradtape.datasets.points import Arrays, Points


def load_data(
    samples: int = 1000, noise: float = 0.1, seed: int = 0, factor: float = 0.5
) -> tuple[Arrays, Arrays]:
    """Return points on a circle of radius 1 (class 0) and on one of radius `factor` inside it (class 1).

    Args:
        samples: how many in all; a fifth of them is kept for testing.
        noise: standard deviation of what is added to each coordinate.
        seed: the same seed gives the same samples.
        factor: the radius of the inner circle, in (0, 1).

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: `x`: `(n, 2) float32`; `y`: `(n,) int32`, the class of each.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, y.shape, x_test.shape, sorted(set(y.tolist()))
    ((800, 2), (800,), (200, 2), [0, 1])
    """
    points = Points("circles.load_data", samples, noise, seed)
    inner = number(factor, "circles.load_data", "factor", "(0, 1)")
    y, angle = points.classes(2), points.uniform(0, 2 * np.pi)
    radius = np.where(y == 0, 1, inner)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return points.parts(x + points.noise(2), y)
