"""Tests of ops/cumulative.py: running sums and products, with zeros in them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import as_tensor, ops, tf
from gradtape.errors import ArgumentTypeError, AxisError, DtypeError
from gradtape.ops.numpy.cumulative import product_of_others, recurrence
from gradtape.testing import check_gradients, tape_gradients

CASES = [
    (shape, axis)
    for shape in [(), (1,), (3,), (0,), (1, 2), (3, 2), (2, 0), (2, 3, 4)]
    for axis in [None, *range(-len(shape), len(shape))]
]
FUNCTIONS = {"cumsum": np.cumsum, "cumprod": np.cumprod}


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("shape", "axis"), CASES)
def test_values_and_gradients(name, shape, axis):
    function, x = getattr(ops, name), numbers(shape)
    y = np.asarray(function(x, axis))
    expected = FUNCTIONS[name](x, axis=axis)
    assert y.shape == expected.shape and y.dtype == "float64"
    assert_allclose(y, expected, rtol=1e-14)
    check_gradients(lambda t: function(t, axis), x, directions=1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_dtypes(name):
    function = getattr(ops, name)
    for dtype in ("int8", "uint8", "int32", "int64", "float16", "float32", "float64"):
        assert function(np.ones(3, dtype)).dtype == dtype
    assert function([True, True]).dtype == "int32"
    assert function([1, 2], dtype="float64").dtype == "float64"
    assert tape_gradients(lambda t: function(t, 0, "float32"), [np.ones(3)], np.ones(3))[0].dtype == "float64"


def test_long_float32_running_sums_keep_their_digits():
    """Trap 15: float32 running sums over 1e7 items."""
    x = np.full(10**7, 0.1, "float32")
    assert_allclose(np.asarray(ops.cumsum(x))[-1], 1e7 * float(np.float32(0.1)), rtol=1e-6)


def test_half_floats_are_added_up_with_more_digits():
    assert np.asarray(ops.cumsum(np.ones(4096, "float16")))[-1] == 4096


def test_cumprod_with_a_zero():
    """cumprod([0,2,3])' (ones cotangent): 9,0,0"""
    found = tape_gradients(ops.cumprod, [np.array([0.0, 2.0, 3.0])], np.ones(3))
    assert_array_equal(found[0], [9, 0, 0])


@pytest.mark.parametrize("zeros", [[0], [2], [4], [1, 3], [0, 1, 2, 3, 4]])
def test_gradients_of_cumprod_with_zeros(zeros):
    x = numbers(5)
    x[zeros] = 0
    check_gradients(ops.cumprod, x)
    check_gradients(lambda t: ops.cumprod(t, axis=1), np.stack([x, x + 1]))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 8, 9])
def test_recurrence(n):
    a, b = numbers((2, n)), numbers((2, n), 1)
    expected, last = np.zeros((2, n)), np.zeros(2)
    for i in range(n):
        expected[:, i] = last = b[:, i] + a[:, i] * last
    assert_allclose(np.asarray(recurrence(a, b, axis=1)), expected, rtol=1e-12)
    check_gradients(lambda s, t: recurrence(s, t, axis=1), a, b, directions=1)


@pytest.mark.parametrize("axes", [(), (0,), (1,), (2, 0), (0, 1, 2)])
def test_product_of_others(axes):
    x = numbers((2, 3, 2))
    expected = np.prod(x, axis=axes, keepdims=True) / x
    assert_allclose(np.asarray(product_of_others(as_tensor(x), axes)), expected, rtol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors(name):
    function = getattr(ops, name)
    with pytest.raises(AxisError, match=rf"^{name}: axis must be in \[-1, 1\), got 1$"):
        function([1.0], 1)
    with pytest.raises(AxisError, match=f"^{name}: a tensor of rank 0 has no axes, got axis 0$"):
        function(1.0, 0)
    with pytest.raises(ArgumentTypeError, match=f"^{name}: axis must be a whole number"):
        function([1.0], (0,))
    with pytest.raises(DtypeError, match=f"^{name}: dtype must be one of"):
        function([1.0], dtype="complex64")


def test_nan_and_infinities_pass():
    assert_array_equal(np.asarray(ops.cumsum([1.0, np.inf, 1.0])), [1, np.inf, np.inf])
    assert_array_equal(np.asarray(ops.cumprod([2.0, np.nan, 0.0])), [2, np.nan, np.nan])
    assert_array_equal(np.asarray(ops.cumprod([1e30, 1e30, 0.5])), np.float32([1e30, np.inf, np.inf]))


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("function", "numpys", "first"), [("cumsum", np.cumsum, 0), ("cumprod", np.cumprod, 1)]
)
def test_tensorflows_options(function, numpys, first, reverse, axis):
    x = np.random.default_rng(0).standard_normal((3, 4))
    turned = np.flip(x, axis) if reverse else x
    inclusive = numpys(turned, axis)
    exclusive = np.full_like(x, first)
    lead = (slice(None),) * (axis % 2)
    exclusive[(*lead, slice(1, None))] = inclusive[(*lead, slice(-1))]
    ours = getattr(tf.math, function)
    for expected, option in [(inclusive, False), (exclusive, True)]:
        expected = np.flip(expected, axis) if reverse else expected
        np.testing.assert_allclose(ours(x, axis, exclusive=option, reverse=reverse), expected, rtol=1e-12)
        check_gradients(lambda t, o=option: ours(t, axis, exclusive=o, reverse=reverse), x, order=1)


def test_tensorflows_options_on_whole_numbers_and_nothing():
    assert tf.cumsum([1, 2, 3], exclusive=True).tolist() == [0, 1, 3]
    assert tf.cumsum([1, 2, 3], exclusive=True, reverse=True).tolist() == [5, 3, 0]
    assert tf.math.cumprod([2, 3, 4], exclusive=True).dtype == "int32"
    assert tf.cumsum(np.zeros((0, 2)), exclusive=True, name="label").shape == (0, 2)
    assert tf.cumsum([True, True], reverse=True).tolist() == [2, 1]
    with pytest.raises(AxisError, match=r"cumsum: axis must be in \[-1, 1\), got 1"):
        tf.cumsum([1.0], 1)
