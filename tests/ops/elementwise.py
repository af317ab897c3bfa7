"""What the tests of elementwise operations share: shapes, numbers, and checks of values and dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

SHAPES = [(), (3,), (1, 2), (3, 2), (0,), (2, 0)]
# Two shapes each that are equal, or broadcast in one of all ways.
PAIRS = [
    ((), ()),
    ((3,), ()),
    ((3, 2), (2,)),
    ((3, 1), (1, 2)),
    ((1, 2), (3, 2)),
    ((0,), (1,)),
    ((2, 0), (2, 1)),
]


def draw(shape: tuple[int, ...], low: float, high: float, seed: int = 0) -> Any:
    """Return float64 numbers in [low, high], away from both ends."""
    margin = 0.02 * (high - low)
    return np.random.default_rng(seed).uniform(low + margin, high - margin, shape)


def check_values(f: Callable[..., Any], reference: Any, low: float, high: float, rtol: float = 1e-13) -> None:
    """Assert that an operation gives the reference's values, and leaves what it was given as it was."""
    x = draw((200,), low, high)
    kept = x.copy()
    assert_allclose(np.asarray(f(x)), reference(x), rtol=rtol, atol=1e-14)
    assert_array_equal(x, kept)


def check_floating_dtypes(f: Callable[..., Any], low: float, high: float) -> None:
    """Assert that an operation keeps the floating dtypes, and is as exact as each of them allows."""
    x = draw((50,), low, high)
    for dtype, tolerance in (("float32", 1e-5), ("float16", 2e-2)):
        y = f(x.astype(dtype))
        assert y.dtype == dtype and y.shape == (50,), (y.dtype, y.shape)
        expected = np.asarray(f(x.astype(dtype).astype("float64")))
        assert_allclose(np.asarray(y), expected, rtol=tolerance, atol=tolerance)
    assert f(x).dtype == "float64", f(x).dtype
