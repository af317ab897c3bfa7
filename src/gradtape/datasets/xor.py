"""Exclusive or: two inputs between -1 and 1, class 1 where exactly one of them is above 0."""

from __future__ import annotations

from gradtape.datasets.points import Arrays, Points


def load_data(samples: int = 1000, noise: float = 0.02, seed: int = 0) -> tuple[Arrays, Arrays]:
    """Return points of a square whose opposite corners have the same class: no line tells them apart.

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
    points = Points("xor.load_data", samples, noise, seed)
    x = points.uniform(-1, 1, 2)
    y = ((x[:, 0] > 0) != (x[:, 1] > 0)).astype("int32")
    return points.parts(x + points.noise(2), y)
