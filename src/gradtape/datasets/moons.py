"""Two moons: half circles that reach into each other."""

from __future__ import annotations

import numpy as np

from gradtape.datasets.points import Arrays, Points


def load_data(samples: int = 1000, noise: float = 0.1, seed: int = 0) -> tuple[Arrays, Arrays]:
    """Return points on two half circles of radius 1, one upside down and moved by (1, 0.5).

    Args:
        samples: how many in all; a fifth of them is kept for testing.
        noise: standard deviation of what is added to each coordinate.
        seed: the same seed gives the same samples.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: `x`: `(n, 2) float32`; `y`: `(n,) int32`, the class of each.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, y.shape, x_test.shape, sorted(set(y.tolist()))
    ((800, 2), (800,), (200, 2), [0, 1])
    """
    points = Points("moons.load_data", samples, noise, seed)
    y, angle = points.classes(2), points.uniform(0, np.pi)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x = np.where(y[:, None] == 0, upper, [1, 0.5] - upper)  # the same arc, turned by 180 degrees
    return points.parts(x + points.noise(2), y)
