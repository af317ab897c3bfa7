"""Tests of ops/normalizing.py: vectors of length 1, and what becomes of zeros."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import ops
from gradtape.errors import ArgumentError, AxisError
from gradtape.testing import check_gradients, tape_gradients

INF = np.inf


def numbers(shape):
    return np.random.default_rng(0).standard_normal(shape)


@pytest.mark.parametrize("order", [1, 2, INF])
@pytest.mark.parametrize(
    ("shape", "axis"), [((3,), -1), ((1, 2), 0), ((3, 2), 1), ((2, 3, 4), 1), ((0, 3), 1)]
)
def test_normalize(shape, axis, order):
    x = numbers(shape)
    expected = x / np.linalg.norm(x, order, axis, keepdims=True)
    assert_allclose(np.asarray(ops.normalize(x, axis, order)), expected, rtol=1e-14)
    check_gradients(lambda t: ops.normalize(t, axis, order), x, directions=1)


@pytest.mark.parametrize(("shape", "axis"), [((), None), ((3, 2), None), ((2, 3, 4), (0, 2)), ((0,), None)])
def test_l2_normalize(shape, axis):
    x = numbers(shape)
    expected = x / np.sqrt(np.sum(x**2, axis=axis, keepdims=True))
    assert_allclose(np.asarray(ops.l2_normalize(x, axis)), expected, rtol=1e-14)
    check_gradients(lambda t: ops.l2_normalize(t, axis), x, directions=1)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("order", [1, 2, INF])
def test_normalize_zeros(order, dtype):
    """Trap 4: norm/std/normalize at zero vectors"""
    x = np.zeros((2, 3), dtype)
    assert_array_equal(np.asarray(ops.normalize(x, order=order)), x)
    found = tape_gradients(lambda t: ops.normalize(t, order=order, epsilon=0.5), [x], np.full_like(x, 3))[0]
    assert_array_equal(found, np.full_like(x, 6))


def test_short_vectors_are_divided_by_epsilon():
    x = np.array([0.03, -0.04])
    assert_allclose(np.asarray(ops.normalize(x, epsilon=0.5)), x / 0.5)
    assert_allclose(np.asarray(ops.l2_normalize(x, epsilon=0.25)), x / 0.5)
    check_gradients(lambda t: ops.normalize(t, epsilon=0.5), x)


def test_long_vectors_do_not_overflow():
    assert_allclose(np.asarray(ops.normalize(np.float32([3e30, 4e30]))), [0.6, 0.8], rtol=1e-6)


def test_dtypes():
    assert ops.normalize([3, 4]).dtype == "float32"
    assert ops.normalize(np.ones(2, "float16")).dtype == "float16"
    assert ops.l2_normalize(np.ones(2)).dtype == "float64"


def test_errors():
    with pytest.raises(ArgumentError, match="^normalize: order must be 1, 2 or inf, got 0$"):
        ops.normalize([1.0], order=0)
    with pytest.raises(ArgumentError, match="^normalize: axis must be one axis with order=1, got None$"):
        ops.normalize([1.0], axis=None, order=1)
    with pytest.raises(ArgumentError, match="^norm: ord of a vector must be"):
        ops.normalize([1.0], order=3)
    with pytest.raises(AxisError, match=r"^norm: axis must be in \[-1, 1\), got 1$"):
        ops.normalize([1.0], axis=1)
    with pytest.raises(ArgumentError, match="^l2_normalize: epsilon must be >= 0, got -1.0$"):
        ops.l2_normalize([1.0], epsilon=-1.0)
