"""Tests of ops/ordering.py: argmax, argmin, sort, argsort, top_k, in_top_k."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gradtape import as_tensor, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, DtypeError, ShapeError
from gradtape.ops.numpy.order import reorder
from gradtape.testing import check_gradients, tape_gradients

INF, NAN = np.inf, np.nan
CASES = [
    (shape, axis)
    for shape in [(3,), (1, 2), (3, 2), (2, 3, 4), (0, 3)]
    for axis in [None, *range(-len(shape), len(shape))]
]


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def slopes(function, x, cotangent):
    return tape_gradients(function, [np.asarray(x, "float64")], np.asarray(cotangent, "float64"))[0]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("shape", "axis"), [*[c for c in CASES if 0 not in c[0]], ((), None), ((0, 3), 1)])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_argmax_and_argmin(name, shape, axis, keepdims):
    x = np.round(numbers(shape))
    y = getattr(ops, name)(x, axis, keepdims)
    assert y.dtype == "int32"
    assert_array_equal(np.asarray(y), getattr(np, name)(x, axis=axis, keepdims=keepdims))


def test_the_first_of_equal_ones_and_of_nans():
    assert ops.argmax([1.0, 3.0, 3.0]).item() == 1 and ops.argmin([1.0, 0.0, 0.0]).item() == 1
    assert ops.argmax([1.0, NAN, INF, NAN]).item() == 1 and ops.argmin([1.0, NAN, -INF]).item() == 1
    assert ops.argmax([False, True, True]).item() == 1


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_errors_of_argmax(name):
    function = getattr(ops, name)
    text = rf"^{name}: needs at least one element along axis 0, got shape \(0,\)$"
    with pytest.raises(ShapeError, match=text):
        function([])
    with pytest.raises(ShapeError, match=r"along axis 1, got shape \(2, 0\)"):
        function(np.zeros((2, 0)), axis=-1)
    with pytest.raises(AxisError, match=rf"^{name}: axis must be in \[-1, 1\), got 1$"):
        function([1.0], axis=1)
    with pytest.raises(ArgumentTypeError, match=f"^{name}: axis must be a whole number"):
        function([[1.0]], axis=(0, 1))


@pytest.mark.parametrize(("shape", "axis"), CASES)
def test_sort_and_argsort(shape, axis):
    x = numbers(shape)
    assert_array_equal(np.asarray(ops.sort(x, axis)), np.sort(x, axis))
    order = ops.argsort(x, axis)
    assert order.dtype == "int32"
    assert_array_equal(np.asarray(order), np.argsort(x, axis, stable=True))
    check_gradients(lambda t: ops.square(ops.sort(t, axis)), x, directions=1)


def test_sort_goes_along_the_last_axis():
    assert_array_equal(np.asarray(ops.sort([[3.0, 1.0], [0.0, 2.0]])), [[1, 3], [0, 2]])
    assert_array_equal(np.asarray(ops.argsort([[3.0, 1.0], [0.0, 2.0]])), [[1, 0], [0, 1]])


def test_equal_elements_keep_their_order():
    x = [2.0, 1.0, 2.0, 1.0]
    assert_array_equal(np.asarray(ops.argsort(x)), [1, 3, 0, 2])
    assert_array_equal(slopes(ops.sort, x, [1, 2, 3, 4]), [3, 1, 4, 2])


def test_nan_goes_last():
    x = [NAN, INF, -INF, 0.0]
    assert_array_equal(np.asarray(ops.sort(x)), [-INF, 0, INF, NAN])
    assert_array_equal(np.asarray(ops.argsort(x)), [2, 3, 1, 0])
    assert_array_equal(slopes(ops.sort, x, [1, 2, 3, 4]), [4, 3, 1, 2])


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32"])
def test_sort_keeps_the_dtype(dtype):
    y = ops.sort(np.array([1, 0, 1], dtype))
    assert y.dtype == dtype and y.tolist() == [0, 1, 1]
    values, indices = ops.top_k(np.array([0, 1, 1], dtype), 2)
    assert values.dtype == dtype and values.tolist() == [1, 1] and indices.tolist() == [1, 2]


def test_reorder():
    x, order = numbers((2, 3)), np.array([[2, 0, 1], [0, 2, 1]])
    assert_array_equal(np.asarray(reorder(x, order, axis=1)), np.take_along_axis(x, order, axis=1))
    check_gradients(lambda t: ops.square(reorder(t, order, axis=1)), x)


@pytest.mark.parametrize(
    ("shape", "k"), [((3,), 1), ((3,), 3), ((3,), 0), ((2, 5), 2), ((2, 3, 4), 3), ((0, 3), 2)]
)
def test_top_k(shape, k):
    x = numbers(shape)
    values, indices = ops.top_k(x, k)
    order = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    assert indices.dtype == "int32"
    assert_array_equal(np.asarray(indices), order)
    assert_array_equal(np.asarray(values), np.take_along_axis(x, order, axis=-1))
    check_gradients(lambda t: ops.square(ops.top_k(t, k)[0]), x, directions=1)


def test_top_k_of_equal_ones_and_nan():
    values, indices = ops.top_k([1.0, 3.0, NAN, 3.0, INF], 4)
    assert_array_equal(np.asarray(values), [NAN, INF, 3, 3])
    assert indices.tolist() == [2, 4, 1, 3]
    assert ops.top_k([1.0, 3.0], 1, sorted=False)[1].tolist() == [1]
    assert_array_equal(slopes(lambda t: ops.top_k(t, 2)[0], [5.0, 7.0, 5.0], [1, 2]), [2, 1, 0])


def test_errors_of_top_k():
    for k in (-1, 4):
        with pytest.raises(ArgumentError, match=rf"^top_k: k must be in \[0, 3\], got {k}$"):
            ops.top_k([1.0, 2.0, 3.0], k)
    with pytest.raises(ArgumentTypeError, match="^top_k: k must be a whole number, got 1.5$"):
        ops.top_k([1.0, 2.0], 1.5)
    with pytest.raises(AxisError, match="^top_k: a tensor of rank 0 has no axes"):
        ops.top_k(1.0, 1)


def test_in_top_k():
    predictions = np.float32([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4], [0.5, NAN, 0.1]])
    for targets, k, expected in [
        ([1, 0, 0], 1, [True, False, True]),
        ([2, 0, 2], 2, [True, True, True]),
        ([0, 1, 1], 3, [True, True, False]),
        ([1, 2, 0], 0, [False, False, False]),
    ]:
        found = ops.in_top_k(targets, predictions, k)
        assert found.dtype == "bool"
        assert_array_equal(np.asarray(found), expected)
    assert ops.in_top_k(np.zeros((0,), "int32"), np.zeros((0, 3)), 1).shape == (0,)
    assert ops.in_top_k(1, [0.0, 1.0], 1).item() is True


def test_errors_of_in_top_k():
    with pytest.raises(ShapeError, match=r"^in_top_k: .* got targets \(1,\) and predictions \(2, 3\)$"):
        ops.in_top_k([0], np.ones((2, 3)), 1)
    with pytest.raises(DtypeError, match="^in_top_k: targets must be whole class numbers, got float32$"):
        ops.in_top_k([0.0], np.ones((1, 3)), 1)
    with pytest.raises(
        AxisError, match=r"^in_top_k: labels must be class numbers in \[0, 3\), got -1 to -1$"
    ):
        ops.in_top_k([-1], np.ones((1, 3)), 1)
    with pytest.raises(ArgumentTypeError, match="^in_top_k: k must be a whole number"):
        ops.in_top_k([1], np.ones((1, 3)), "2")


@pytest.mark.parametrize("name", ["sort", "argsort"])
def test_errors_of_sort(name):
    function = getattr(ops, name)
    with pytest.raises(AxisError, match=rf"^{name}: axis must be in \[-1, 1\), got -2$"):
        function([1.0], -2)
    with pytest.raises(AxisError, match=f"^{name}: a tensor of rank 0 has no axes, got axis -1$"):
        function(1.0)
    with pytest.raises(ArgumentTypeError, match=f"^{name}: axis must be a whole number"):
        function([1.0], 0.0)


def test_the_input_stays_as_it_is():
    t = as_tensor([3.0, 1.0, 2.0])
    ops.sort(t), ops.argsort(t), ops.top_k(t, 2)
    assert t.tolist() == [3, 1, 2]
