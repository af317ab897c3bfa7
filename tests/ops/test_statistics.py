"""Tests of ops/statistics.py: mean, var, std, moments and norms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, as_tensor, ops
from gradtape.errors import ArgumentError, AxisError, ShapeError
from gradtape.testing import check_gradients, tape_gradients

INF, NAN = np.inf, np.nan
SHAPES = [(), (3,), (1, 2), (3, 2), (2, 3, 4)]
REFERENCES = {"mean": np.mean, "var": np.var, "std": np.std}


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def axes_of(shape):
    n = len(shape)
    tuples = [c for size in range(n + 1) for c in itertools.combinations(range(n), size)]
    return [None, *range(-n, n), *tuples]


CASES = [(s, a, k) for s in SHAPES for a in axes_of(s) for k in (False, True)]


def slopes(function, x):
    x = np.asarray(x, "float64")
    return tape_gradients(function, [x], np.ones_like(np.asarray(function(as_tensor(x)))))[0]


def second_slopes(function, x):
    x = as_tensor(np.asarray(x, "float64"))
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = function(x)
        g = inner.gradient(y, x)
    return np.asarray(outer.gradient(g, x, unconnected_gradients="zero"))


@pytest.mark.parametrize("name", REFERENCES)
def test_values_are_numpys(name):
    for shape, axis, keepdims in CASES:
        x = numbers(shape)
        y = np.asarray(getattr(ops, name)(x, axis, keepdims))
        expected = np.asarray(REFERENCES[name](x, axis=axis, keepdims=keepdims))
        assert y.shape == expected.shape and y.dtype == "float64"
        assert_allclose(y, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["mean", "var"])
def test_gradients(name):
    for shape, axis, keepdims in CASES:
        if len(shape) < 3 or axis in (None, 1, (0, 2)):
            check_gradients(
                lambda x, a=axis, k=keepdims: getattr(ops, name)(x, a, k), numbers(shape), directions=1
            )


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [((3,), None), ((3,), -1), ((3, 2), None), ((3, 2), 0), ((2, 3, 4), (2, 0)), ((0, 3), 1)],
)
def test_gradients_of_std(shape, axis, keepdims):
    check_gradients(lambda x: ops.std(x, axis, keepdims), numbers(shape))


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("bool", "float32"),
        ("uint8", "float32"),
        ("int64", "float32"),
        ("float16", "float16"),
        ("float32", "float32"),
        ("float64", "float64"),
    ],
)
def test_integers_become_float32(name, given, expected):
    y = getattr(ops, name)(np.array([1, 0, 1, 0], given))
    assert y.dtype == expected and y.item() == {"mean": 0.5, "var": 0.25, "std": 0.5}[name]


def test_half_float_means_are_added_in_float32():
    x = np.full((5000, 2), 60000, "float16")
    assert ops.mean(x).item() == 60000 - 60000 % 32
    assert ops.mean(x, axis=0).numpy().tolist() == [60000, 60000]
    assert_array_equal(np.asarray(ops.std(np.array([0.0, 600.0], "float16"))), 300)


@pytest.mark.parametrize(("shape", "axis"), [((10**7,), None), ((10**6, 3), 0)])
def test_long_float32_means_keep_their_digits(shape, axis):
    """Trap 15: float32 running sums over 1e7 items."""
    x = np.random.default_rng(0).random(shape, dtype="float32")
    assert_allclose(np.asarray(ops.mean(x, axis)), np.mean(x, axis=axis, dtype="float64"), rtol=2e-6)
    assert_allclose(np.asarray(ops.var(x, axis)), np.var(x, axis=axis, dtype="float64"), rtol=2e-6)


def test_variance_far_from_zero():
    x = np.float32([1e4, 1e4 + 1, 1e4 + 2, 1e4 + 3])
    assert_allclose(np.asarray(ops.var(x)), 1.25, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("constant", [0.0, 0.1, -7.3, 1 / 3, 1e4 / 3])
@pytest.mark.parametrize("count", [1, 3, 10, 1000])
def test_std_of_constants(count, constant, dtype):
    """std' of constants; of one element: 0; 0"""
    x = np.full(count, constant, dtype)
    assert ops.std(x).item() == 0 and ops.var(x).item() == 0
    found = tape_gradients(ops.std, [x], np.asarray(1, dtype))[0]
    assert_array_equal(found, np.zeros(count))
    assert_array_equal(tape_gradients(ops.var, [x], np.asarray(1, dtype))[0], np.zeros(count))


def test_std_of_constants_in_one_row_only():
    x = [[2.0, 2.0], [1.0, 3.0]]
    assert_array_equal(slopes(lambda t: ops.std(t, 1), x), [[0, 0], [-0.5, 0.5]])
    assert_array_equal(second_slopes(lambda t: ops.std(t, 0), [[2.0], [2.0]]), [[0], [0]])


@pytest.mark.parametrize("name", REFERENCES)
def test_mean_of_nothing_is_an_error(name):
    """mean([]): error"""
    function = getattr(ops, name)
    text = rf"^{name}: needs at least one element along axis 0, got shape \(0,\)$"
    with pytest.raises(ShapeError, match=text):
        function([])
    with pytest.raises(ShapeError, match=r"along axis 1, got shape \(2, 0\)"):
        function(np.zeros((2, 0)), -1)
    assert function(np.zeros((2, 0)), 0).shape == (0,)


@pytest.mark.parametrize("name", [*REFERENCES, "norm"])
def test_errors_name_the_operation_and_the_axis(name):
    function = getattr(ops, name)
    with pytest.raises(AxisError, match=rf"^{name}: axis must be in \[-2, 2\), got -3$"):
        function(np.ones((2, 3)), axis=-3)
    with pytest.raises(ArgumentError, match=rf"^{name}: axis must name each axis once, got \(1, 1\)$"):
        function(np.ones((2, 3)), axis=(1, 1))


def test_nan_is_not_hidden():
    for name in REFERENCES:
        assert np.isnan(getattr(ops, name)([1.0, NAN]).item())
    assert_array_equal(slopes(ops.std, [1.0, NAN]), [NAN, NAN])
    assert_array_equal(slopes(ops.norm, [1.0, NAN]), [NAN, NAN])
    assert ops.mean([INF, 1.0]).item() == INF


def test_moments():
    x = numbers((3, 4))
    middle, variance = ops.moments(x, axes=[0], keepdims=True)
    assert_allclose(np.asarray(middle), x.mean(0, keepdims=True))
    assert_allclose(np.asarray(variance), x.var(0, keepdims=True))
    check_gradients(lambda t: ops.add(*ops.moments(t, (0, 1))), x)
    with pytest.raises(ArgumentError, match="^moments: synchronized must be False"):
        ops.moments(x, 0, synchronized=True)


NORMS = [
    ((3,), None, None),
    ((3,), 2, None),
    ((3,), 1, 0),
    ((3,), INF, -1),
    ((3,), -INF, None),
    ((2, 3), None, None),
    ((2, 3), None, 1),
    ((2, 3), 2, 0),
    ((2, 3), 1, 1),
    ((2, 3), INF, 0),
    ((2, 3), "fro", None),
    ((2, 3), 1, None),
    ((2, 3), -1, (1, 0)),
    ((2, 3), INF, (0, 1)),
    ((4, 2, 3), -INF, (0, 2)),
    ((4, 2, 3), "fro", (-1, 0)),
    ((4, 2, 3), None, (0, 1)),
]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("shape", "ord", "axis"), NORMS)
def test_norms(shape, ord, axis, keepdims):
    x = numbers(shape)
    expected = np.linalg.norm(x, ord, axis, keepdims)
    y = np.asarray(ops.norm(x, ord, axis, keepdims))
    assert y.shape == expected.shape and y.dtype == "float64"
    assert_allclose(y, expected, rtol=1e-14)
    check_gradients(lambda t: ops.norm(t, ord, axis, keepdims), x, directions=1)


def test_norms_of_more_axes_of_nothing_and_of_a_number():
    x = numbers((2, 2, 2))
    assert_allclose(np.asarray(ops.norm(x)), np.sqrt(np.sum(x**2)))
    check_gradients(ops.norm, x)
    check_gradients(ops.norm, np.array(-2.0))
    assert ops.norm([]).item() == 0 and slopes(ops.norm, []).shape == (0,)
    assert ops.norm(np.zeros((2, 0)), axis=1).numpy().tolist() == [0, 0]


def test_norm_zero_counts():
    x = np.array([[1.0, 0.0, NAN], [0.0, 0.0, -2.0]])
    assert_array_equal(np.asarray(ops.norm(x, 0, 1)), [2, 1])
    assert_array_equal(np.asarray(ops.norm(x, 0, 1, keepdims=True)), [[2], [1]])


def test_norm_of_zeros():
    """norm'([0,0]): 0"""
    assert_array_equal(slopes(ops.norm, [0.0, 0.0]), [0, 0])
    assert_array_equal(second_slopes(ops.norm, [0.0, 0.0]), [0, 0])
    rows = [[0.0, 0.0], [3.0, -4.0]]
    assert_allclose(slopes(lambda t: ops.norm(t, axis=1), rows), [[0, 0], [0.6, -0.8]])
    for ord in (1, INF, -INF):
        assert_array_equal(slopes(lambda t, o=ord: ops.norm(t, o), [0.0, 0.0]), [0, 0])


@pytest.mark.parametrize(("dtype", "scale"), [("float32", 1e30), ("float32", 1e-30), ("float16", 1e4)])
def test_norm_neither_overflows_nor_vanishes(dtype, scale):
    x = np.array([3 * scale, -4 * scale], dtype)
    assert_allclose(np.asarray(ops.norm(x)), 5 * scale, rtol=1e-3 if dtype == "float16" else 1e-6)
    found = tape_gradients(ops.norm, [x], np.asarray(1, dtype))[0]
    eps = np.finfo(dtype).eps
    assert_allclose(found, np.array([0.6, -0.8], dtype), rtol=2 * eps)


def test_norm_of_infinities():
    assert ops.norm([INF, 1.0]).item() == INF
    assert_array_equal(slopes(ops.norm, [INF, 1.0]), [NAN, 0])


def test_norm_dtypes():
    assert ops.norm([3, 4]).dtype == "float32" and ops.norm([3, 4]).item() == 5
    assert ops.norm(np.array([3, 4], "float16")).dtype == "float16"
    assert ops.norm([3, 4], 1).dtype == "float32"
    assert ops.norm([True, True], INF).dtype == "float32"


def test_norms_that_do_not_exist():
    with pytest.raises(
        ArgumentError, match="^norm: ord of a vector must be None, 0, 1, 2, inf or -inf, got 3$"
    ):
        ops.norm([1.0], 3)
    for ord in (2, -2, "nuc"):
        with pytest.raises(
            ArgumentError, match="^norm: ord of a matrix must be None, 'fro', 1, -1, inf or -inf"
        ):
            ops.norm([[1.0]], ord)
    with pytest.raises(ArgumentError, match="^norm: with ord=1, axis must name one or two axes, got None"):
        ops.norm(np.ones((2, 2, 2)), 1)
