"""A sine wave: one input, one output, for regression."""

from __future__ import annotations

import numpy as np

from gradtape.datasets.points import Arrays, Points


def load_data(samples: int = 1000, noise: float = 0.1, seed: int = 0) -> tuple[Arrays, Arrays]:
    """Return points of y = sin(x) for x between -pi and pi.

    Args:
        samples: how many in all; a fifth of them is kept for testing.
        noise: standard deviation of what is added to y.
        seed: the same seed gives the same samples.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: `x` and `y`: `(n, 1) float32`.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, y.shape, x_test.shape, y.dtype
    ((800, 1), (800, 1), (200, 1), dtype('float32'))
    """
    points = Points("sine.load_data", samples, noise, seed)
    x = points.uniform(-np.pi, np.pi, 1)
    y = np.sin(x) + points.noise(1)
    return points.parts(x, y.astype("float32"))
