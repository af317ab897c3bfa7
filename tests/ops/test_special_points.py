"""Every choice at a special point, value and gradient; each test quotes its row of the table of choices."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, as_tensor, ops
from gradtape.testing import tape_gradients

INF, NAN = np.inf, np.nan


def slopes(function, *inputs, dtype="float32"):
    """Return the gradients of the sum of `function` for each input."""
    arrays = [np.asarray(x, dtype) for x in inputs]
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    return tape_gradients(function, arrays, np.ones(shape, dtype))


def value(function, *inputs):
    return np.asarray(function(*[as_tensor(np.asarray(x, "float32")) for x in inputs]))


def second_slope(function, x):
    x = as_tensor(np.float32(x))
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = function(x)
        g = inner.gradient(y, x)
    return float(outer.gradient(g, x, unconnected_gradients="zero"))


def test_relu_at_zero_and_nan():
    """relu'(0): 0.  relu(nan); relu'(nan): value nan, gradient nan (never hide NaN)"""
    assert_array_equal(slopes(ops.relu, [0.0, -0.0, -1.0, 1.0, NAN, INF, -INF])[0], [0, 0, 0, 1, NAN, 1, 0])
    assert_array_equal(value(ops.relu, [0.0, -2.0, NAN, INF, -INF]), [0, 0, NAN, INF, 0])


def test_relu6_at_its_corners():
    """relu6' at 0, 6: 0,0"""
    assert_array_equal(slopes(ops.relu6, [0.0, 6.0, 3.0, 7.0, -1.0, NAN])[0], [0, 0, 1, 0, 0, NAN])
    assert_array_equal(value(ops.relu6, [0.0, 6.0, 7.0, NAN]), [0, 6, 6, NAN])


def test_leaky_relu_at_zero():
    """leaky_relu'(0), a=0.2: 0.2"""
    assert_array_equal(slopes(ops.leaky_relu, [0.0, 1.0, -1.0, NAN])[0], np.float32([0.2, 1, 0.2, NAN]))
    assert_array_equal(value(ops.leaky_relu, [0.0, NAN, -INF]), [0, NAN, -INF])


def test_absolute_at_zero_and_nan():
    """abs'(0); abs'(nan): 0; nan"""
    assert_array_equal(slopes(ops.absolute, [0.0, -0.0, NAN, -3.0, INF])[0], [0, 0, NAN, -1, 1])
    assert_array_equal(value(ops.absolute, [0.0, NAN, -INF]), [0, NAN, INF])


def test_sqrt_and_log_at_zero():
    """sqrt'(0), log'(0): inf"""
    assert_array_equal(slopes(ops.sqrt, 0.0)[0], INF)
    assert_array_equal(slopes(ops.log, 0.0)[0], INF)
    assert_array_equal(value(ops.log, [0.0, -1.0]), [-INF, NAN])


def test_maximum_with_ties():
    """maximum(1,1)': .5,.5"""
    assert_array_equal(slopes(ops.maximum, 1.0, 1.0), [0.5, 0.5])
    assert_array_equal(slopes(ops.minimum, 1.0, 1.0), [0.5, 0.5])
    assert_array_equal(slopes(ops.maximum, INF, INF), [0.5, 0.5])


def test_maximum_with_nan():
    """maximum(nan,1)': nan"""
    for f in (ops.maximum, ops.minimum):
        assert np.isnan(value(f, NAN, 1.0)) and np.isnan(value(f, 1.0, NAN))
        assert_array_equal(slopes(f, NAN, 1.0), [NAN, NAN])
        assert_array_equal(slopes(f, 1.0, NAN), [NAN, NAN])


def test_clip_at_its_bounds():
    """clip(x,0,1)' at 0 and 1: 1,1"""
    clip = lambda x: ops.clip(x, 0, 1)  # noqa: E731
    assert_array_equal(slopes(clip, [0.0, 1.0, -1.0, 2.0, 0.5, NAN])[0], [1, 1, 0, 0, 1, NAN])
    assert_array_equal(value(clip, [0.0, 1.0, -1.0, 2.0, NAN, INF]), [0, 1, 0, 1, NAN, 1])


def test_power_at_zero_zero():
    """x^y at (0,0): d/dx, d/dy: 0,0"""
    assert_array_equal(slopes(ops.power, 0.0, 0.0), [0, 0])
    assert value(ops.power, 0.0, 0.0) == 1


def test_power_at_zero_half():
    """x^y at (0,.5): inf,0"""
    assert_array_equal(slopes(ops.power, 0.0, 0.5), [INF, 0])


def test_power_of_a_negative_base():
    """x^y at (-2,2): d/dy: nan"""
    assert_array_equal(slopes(ops.power, -2.0, 2.0), [-4, NAN])


BRANCHES = [
    (lambda x: 1 / x, 0.0),
    (lambda x: x / x, 0.0),
    (ops.reciprocal, 0.0),
    (ops.log, 0.0),
    (ops.log, -1.0),
    (ops.log2, 0.0),
    (ops.log10, 0.0),
    (lambda x: ops.log1p(x - 1), 0.0),
    (ops.sqrt, 0.0),
    (ops.sqrt, -1.0),
    (ops.rsqrt, 0.0),
    (ops.rsqrt, -1.0),
    (ops.cbrt, 0.0),
    (lambda x: x**0.5, 0.0),
    (lambda x: x**-1.0, 0.0),
    (lambda x: 1.0 / x**2, 0.0),
    (lambda x: ops.arccosh(1 + x), 0.0),
    (lambda x: ops.arcsin(1 - x), 0.0),
    (lambda x: ops.arccos(1 - x), 0.0),
    (lambda x: ops.arctanh(1 - x), 0.0),
    (lambda x: ops.exp(-x), -1000.0),
    (lambda x: ops.exp2(-x), -1000.0),
    (lambda x: ops.expm1(-x), -1000.0),
    (lambda x: ops.sinh(-x), -1000.0),
    (lambda x: ops.cosh(-x), -1000.0),
    (lambda x: ops.mod(x, x), 0.0),
]


@pytest.mark.parametrize("branch, x", BRANCHES)
def test_where_does_not_see_the_branch_not_taken(branch, x):
    """where(x>0, 1/x, 0)' at 0; log; where(x>0, sqrt x, 0)' at 0: test that ours are 0"""
    chosen = lambda x: ops.where(x > 0, branch(x), 0)  # noqa: E731
    assert value(chosen, x) == 0
    assert_array_equal(slopes(chosen, x)[0], 0)
    assert second_slope(chosen, x) == 0


@pytest.mark.parametrize("branch, x", BRANCHES)
def test_a_nan_in_the_cotangent_stays(branch, x):
    """never hide NaN: only a cotangent that is exactly 0 means that there is no path"""
    g = tape_gradients(branch, [np.float32([x, 0.5])], np.float32([NAN, NAN]))[0]
    assert_array_equal(g, [NAN, NAN])


def test_where_gives_zeros_even_for_a_nan_cotangent():
    g = tape_gradients(lambda x: ops.where([True, False], x, 0), [np.float32([1, 1])], np.float32([NAN, NAN]))
    assert_array_equal(g[0], [NAN, 0])


def test_sigmoid_far_out():
    """sigmoid'(±1000); softplus(1000,-1000): same as the peers (0; 1000, 0), no warnings"""
    assert_array_equal(slopes(ops.sigmoid, [1000.0, -1000.0])[0], [0, 0])
    assert_array_equal(value(ops.sigmoid, [1000.0, -1000.0, INF, -INF, NAN]), [1, 0, 1, 0, NAN])
    assert_array_equal(value(ops.softplus, [1000.0, -1000.0, INF, -INF, NAN]), [1000, 0, INF, 0, NAN])
    assert_array_equal(slopes(ops.softplus, [1000.0, -1000.0])[0], [1, 0])


def test_arctan2_at_the_origin():
    """arctan2'(0,0): 0 or document; here 0"""
    assert_array_equal(slopes(ops.arctan2, 0.0, 0.0), [0, 0])


def test_hypot_at_the_origin():
    """norm'([0,0]): 0"""
    assert_array_equal(slopes(ops.hypot, 0.0, 0.0), [0, 0])


def test_logaddexp_of_infinities():
    """logaddexp(-inf,-inf)': 0.5,0.5 or document; here 0.5,0.5"""
    assert value(ops.logaddexp, -INF, -INF) == -INF and value(ops.logaddexp, INF, INF) == INF
    assert_array_equal(slopes(ops.logaddexp, -INF, -INF), [0.5, 0.5])
    assert_array_equal(slopes(ops.logaddexp, INF, INF), [0.5, 0.5])
    assert_array_equal(slopes(ops.logaddexp, -INF, 0.0), [0, 1])
    assert_array_equal(slopes(ops.logaddexp, INF, 0.0), [1, 0])


def test_log1p_and_expm1_of_small_numbers():
    """log1p(1e-10), expm1(1e-10): 1e-10"""
    for dtype in ("float32", "float64"):
        tiny = np.asarray(1e-10, dtype)
        assert_allclose(np.asarray(ops.log1p(tiny)), tiny - tiny**2 / 2, rtol=2 * np.finfo(dtype).eps)
        assert_allclose(np.asarray(ops.expm1(tiny)), tiny + tiny**2 / 2, rtol=2 * np.finfo(dtype).eps)


UNARY = """relu relu6 leaky_relu elu selu celu gelu silu sigmoid hard_sigmoid hard_silu hard_tanh tanh
    tanh_shrink hard_shrink soft_shrink softplus softsign log_sigmoid exponential linear mish squareplus
    sparse_plus sparse_sigmoid exp exp2 expm1 log log2 log10 log1p sqrt rsqrt cbrt sin cos tan arcsin arccos
    arctan sinh cosh arcsinh arccosh arctanh erf erfc absolute square reciprocal negative positive""".split()


@pytest.mark.parametrize("name", UNARY)
def test_nan_is_never_hidden(name):
    """relu(nan); relu'(nan): value nan, gradient nan (never hide NaN); so for every operation of one"""
    f = getattr(ops, name)
    assert np.isnan(value(f, NAN))
    gradient = slopes(f, NAN)[0]
    assert np.isnan(gradient) or name in ("linear", "negative", "positive")


@pytest.mark.parametrize("name", [n for n in UNARY if n not in ("sin", "cos", "tan", "square")])
def test_huge_numbers_make_no_nan(name):
    """A gradient far out is 0, finite or inf, never the NaN of inf - inf or 0 * inf on the way."""
    f = getattr(ops, name)
    x = np.float32([1e20, 3e38])
    if name in ("arcsin", "arccos", "arctanh"):
        x = np.float32([1, 1])
    assert not np.isnan(value(f, x)).any()
    assert not np.isnan(slopes(f, x)[0]).any()


BOTH_SIDES = """relu relu6 leaky_relu elu selu celu gelu silu sigmoid hard_sigmoid hard_silu hard_tanh tanh
    hard_shrink soft_shrink softplus softsign log_sigmoid mish squareplus sparse_plus sparse_sigmoid erf erfc
    tanh_shrink arctan arcsinh""".split()


@pytest.mark.parametrize("name", BOTH_SIDES)
def test_huge_negative_numbers_make_no_nan(name):
    f = getattr(ops, name)
    x = np.float32([-1e20, -3e38])
    assert not np.isnan(value(f, x)).any()
    assert not np.isnan(slopes(f, x)[0]).any()


def test_gelu_exact_far_out():
    gelu = lambda x: ops.gelu(x, approximate=False)  # noqa: E731
    assert_array_equal(slopes(gelu, [1e20, -1e20])[0], [1, 0])
    assert_array_equal(value(gelu, [1e20, -1e20]), np.float32([1e20, 0]))
