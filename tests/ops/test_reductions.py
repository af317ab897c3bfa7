"""Tests of ops/reductions.py: values, gradients, dtypes, errors and special points."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, as_tensor, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, ShapeError
from gradtape.testing import check_gradients, tape_gradients

INF, NAN = np.inf, np.nan
SHAPES = [(), (3,), (1, 2), (3, 2), (2, 3, 4)]
REFERENCES = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "all": np.all, "any": np.any}


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def axes_of(shape):
    """Return None, every axis from both ends, and every tuple of axes."""
    n = len(shape)
    tuples = [c for size in range(n + 1) for c in itertools.combinations(range(n), size)]
    return [None, *range(-n, n), *tuples]


CASES = [(s, a, k) for s in SHAPES for a in axes_of(s) for k in (False, True)]


def slopes(function, x, cotangent=None):
    x = np.asarray(x, "float64")
    y = np.asarray(function(as_tensor(x)))
    return tape_gradients(function, [x], np.ones_like(y) if cotangent is None else np.asarray(cotangent))[0]


@pytest.mark.parametrize("name", REFERENCES)
def test_values_are_numpys(name):
    function, reference = getattr(ops, name), REFERENCES[name]
    for shape, axis, keepdims in CASES:
        x = numbers(shape) * (numbers(shape, 1) > -0.5)
        y = np.asarray(function(x, axis, keepdims))
        expected = np.asarray(reference(x, axis=axis, keepdims=keepdims))
        assert y.shape == expected.shape and y.dtype == expected.dtype
        assert_allclose(y, expected, rtol=1e-14)


def test_count_nonzero():
    x = np.array([[1.0, 0.0, -0.0], [NAN, 2.0, INF]])
    for axis in axes_of(x.shape):
        y = ops.count_nonzero(x, axis)
        assert y.dtype == "int32"
        assert_array_equal(np.asarray(y), np.sum(x != 0, axis=axis))


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min"])
def test_gradients(name):
    function = getattr(ops, name)
    for shape, axis, keepdims in CASES:
        if len(shape) < 3 or axis in (None, 1, (0, 2)):
            check_gradients(lambda x, a=axis, k=keepdims: function(x, a, k), numbers(shape), directions=1)


@pytest.mark.parametrize("name", ["sum", "prod"])
@pytest.mark.parametrize(("shape", "axis"), [((0,), 0), ((0,), None), ((0, 3), 0), ((0, 3), 1), ((2, 0), -1)])
def test_nothing_to_add_or_multiply(name, shape, axis):
    x = np.zeros(shape)
    y = np.asarray(getattr(ops, name)(x, axis))
    assert_array_equal(y, getattr(np, name)(x, axis=axis))
    assert slopes(lambda t: getattr(ops, name)(t, axis), x).shape == shape


@pytest.mark.parametrize("name", ["max", "min"])
def test_an_empty_result_is_no_error(name):
    assert getattr(ops, name)(np.zeros((0, 3)), axis=1).shape == (0,)


def test_all_and_any_of_nothing():
    assert bool(ops.all([])) and not bool(ops.any([]))


@pytest.mark.parametrize("name", ["sum", "prod"])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("bool", "int32"),
        ("int8", "int32"),
        ("int16", "int32"),
        ("uint8", "uint32"),
        ("int32", "int32"),
        ("int64", "int64"),
        ("uint32", "uint32"),
        ("float16", "float16"),
        ("float32", "float32"),
        ("float64", "float64"),
    ],
)
def test_sums_and_products_of_small_integers_are_kept_in_32_bits(name, given, expected):
    assert getattr(ops, name)(np.ones((3, 2), given), axis=0).dtype == expected


def test_small_integers_do_not_wrap_round():
    assert ops.sum(np.full(1000, 127, "int8")).item() == 127000
    assert ops.sum(np.full(1000, 255, "uint8")).item() == 255000
    assert ops.prod(np.full(3, 100, "int8")).item() == 10**6


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "float16", "float32"])
def test_extremes_keep_the_dtype(dtype):
    x = np.array([1, 0, 1], dtype)
    assert ops.max(x).dtype == dtype and ops.max(x).item() == 1
    assert ops.min(x).dtype == dtype and ops.min(x).item() == 0
    assert ops.amax is ops.max and ops.amin is ops.min


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((10**7,), None), ((5 * 10**6, 2), 0), ((2, 5 * 10**6), (0, 1)), ((9, 1001, 301), (0, 2))],
)
def test_long_float32_sums_keep_their_digits(shape, axis):
    """Trap 15: float32 running sums over 1e7 items."""
    x = np.random.default_rng(0).random(shape, dtype="float32") + np.float32(0.1)
    expected = np.sum(x, axis=axis, dtype="float64")
    assert_allclose(np.asarray(ops.sum(x, axis)), expected, rtol=2e-6)
    assert ops.sum(x, axis, keepdims=True).shape == np.sum(x, axis=axis, keepdims=True).shape


def test_half_floats_are_added_in_float32():
    assert ops.sum(np.ones((5000, 2), "float16"), axis=0).numpy().tolist() == [5000, 5000]
    assert ops.sum(np.full(3, 40000, "float16")).item() == INF


def test_max_ties_share_equally():
    """max([1,1,0])': share equally"""
    assert_array_equal(slopes(ops.max, [1.0, 1.0, 0.0]), [0.5, 0.5, 0])
    assert_array_equal(slopes(ops.min, [1.0, 1.0, 3.0]), [0.5, 0.5, 0])
    rows = [[2.0, 2.0, 2.0], [1.0, 5.0, 5.0]]
    assert_allclose(slopes(lambda x: ops.max(x, 1), rows, [3.0, 8.0]), [[1, 1, 1], [0, 4, 4]])
    assert_allclose(slopes(lambda x: ops.max(x, 0), rows, [2.0, 4.0, 6.0]), [[2, 0, 0], [0, 4, 6]])
    assert_array_equal(slopes(ops.max, [-INF, -INF]), [0.5, 0.5])
    assert_array_equal(slopes(ops.max, [0.0, -0.0]), [0.5, 0.5])


def test_max_with_a_nan():
    """max with a nan: value; gradient: nan; nan"""
    for function in (ops.max, ops.min):
        assert np.isnan(function([1.0, NAN]).item())
        assert_array_equal(slopes(function, [1.0, NAN, 2.0]), [NAN] * 3)
        assert_array_equal(
            slopes(lambda x, f=function: f(x, 1), [[1.0, NAN], [3.0, 3.0]]), [[NAN, NAN], [0.5, 0.5]]
        )


@pytest.mark.parametrize("name", ["max", "min"])
def test_max_of_nothing_is_an_error(name):
    """max([]): error"""
    function = getattr(ops, name)
    with pytest.raises(
        ShapeError, match=rf"^{name}: needs at least one element along axis 0, got shape \(0,\)$"
    ):
        function([])
    with pytest.raises(ShapeError, match=r"along axis 1, got shape \(2, 0, 3\)"):
        function(np.zeros((2, 0, 3)), axis=-2)
    with pytest.raises(ShapeError, match=r"along axis \(0, 1\), got shape \(2, 0\)"):
        function(np.zeros((2, 0)))


def test_max_with_an_initial_value():
    assert ops.max(np.zeros((0, 2)), axis=0, initial=-1.0).numpy().tolist() == [-1, -1]
    assert ops.min([3.0, 4.0], initial=2).item() == 2
    assert_array_equal(slopes(lambda x: ops.max(x, initial=5.0), [1.0, 2.0]), [0, 0])
    assert_array_equal(slopes(lambda x: ops.max(x, initial=2.0), [1.0, 2.0]), [0, 0.5])
    assert_array_equal(slopes(lambda x: ops.max(x, initial=0.0), [1.0, 2.0]), [0, 1])


def test_prod_with_zeros():
    """prod([0,2,3])': 6,0,0"""
    assert_array_equal(slopes(ops.prod, [0.0, 2.0, 3.0]), [6, 0, 0])
    assert_array_equal(slopes(ops.prod, [0.0, 2.0, 0.0, 3.0]), [0, 0, 0, 0])
    assert_array_equal(slopes(ops.prod, [2.0, 3.0, 0.0]), [0, 0, 6])
    assert_array_equal(
        slopes(lambda x: ops.prod(x, 1), [[0.0, 2.0], [3.0, 4.0]], [1.0, 10.0]), [[2, 0], [40, 30]]
    )


@pytest.mark.parametrize("x", [[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])
def test_second_slopes_of_prod_with_zeros(x):
    with GradientTape() as outer:
        t = as_tensor(np.array(x))
        outer.watch(t)
        with GradientTape() as inner:
            inner.watch(t)
            y = ops.prod(t)
        g = inner.gradient(y, t)
    a, b, c = x
    assert_allclose(np.asarray(outer.jacobian(g, t)), [[0, c, b], [c, 0, a], [b, a, 0]])


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), (2, 0)])
def test_gradients_of_prod_with_zeros(axis):
    x = numbers((3, 2, 2))
    x[0, 0, 1] = 0
    if isinstance(axis, int):
        x[1:, 1] = 0
    check_gradients(lambda t: ops.prod(t, axis), x)


def test_infinities_pass():
    assert ops.sum([INF, 1.0]).item() == INF
    assert np.isnan(ops.sum([NAN, 1.0]).item())
    assert ops.prod([1e30, 1e30]).item() == INF
    assert ops.max([-INF, -INF]).item() == -INF
    assert bool(ops.any([0.0, NAN])) and bool(ops.all([NAN, INF]))


@pytest.mark.parametrize("name", [*REFERENCES, "count_nonzero"])
def test_errors_name_the_operation_and_the_axis(name):
    function = getattr(ops, name)
    x = np.ones((2, 3))
    with pytest.raises(AxisError, match=rf"^{name}: axis must be in \[-2, 2\), got 2$"):
        function(x, 2)
    with pytest.raises(AxisError, match=rf"^{name}: a tensor of rank 0 has no axes, got axis 0$"):
        function(1.0, axis=0)
    with pytest.raises(ArgumentError, match=rf"^{name}: axis must name each axis once, got \(0, -2\)$"):
        function(x, (0, -2))
    with pytest.raises(ArgumentTypeError, match=rf"^{name}: axis must be a whole number, got 0.5$"):
        function(x, 0.5)


def test_the_input_stays_as_it_is():
    x = np.array([[3.0, 0.0], [1.0, 2.0]])
    kept = x.copy()
    t = as_tensor(x)
    for name in REFERENCES:
        getattr(ops, name)(t, 0)
    assert_array_equal(np.asarray(t), kept)


@pytest.mark.parametrize("view", [lambda x: x.T, lambda x: x[::-1], lambda x: x[:, ::2], np.asfortranarray])
def test_layout_does_not_matter(view):
    x = view(numbers((700, 900)).astype("float32"))
    for axis in (0, None):
        right = np.sum(x, axis, dtype="float64")
        count = x.size / right.size
        assert_allclose(np.asarray(ops.sum(x, axis)), right, rtol=1e-6, atol=1e-6 * np.sqrt(count))
