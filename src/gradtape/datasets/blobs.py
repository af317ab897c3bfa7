"""Blobs: round clouds of points, one for each class."""

from __future__ import annotations

import numpy as np

from gradtape.base.checks import whole
from gradtape.datasets.points import Arrays, Points


def load_data(
    samples: int = 1000, noise: float = 0.25, seed: int = 0, classes: int = 3
) -> tuple[Arrays, Arrays]:
    """Return points around `classes` centres, which stand evenly on a circle of radius 1.

    Args:
        samples: how many in all; a fifth of them is kept for testing.
        noise: standard deviation of what is added to each coordinate.
        seed: the same seed gives the same samples.
        classes: how many centres, at least 2.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: `x`: `(n, 2) float32`; `y`: `(n,) int32`, the class of each.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, y.shape, x_test.shape, sorted(set(y.tolist()))
    ((800, 2), (800,), (200, 2), [0, 1, 2])
    """
    points = Points("blobs.load_data", samples, noise, seed)
    count = whole(classes, "blobs.load_data", "classes", 2)
    y = points.classes(count)
    angle = 2 * np.pi * y / count
    return points.parts(np.stack([np.cos(angle), np.sin(angle)], axis=1) + points.noise(2), y)
