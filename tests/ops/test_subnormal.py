"""Numbers below the smallest normal one: NumPy keeps them; JAX may take them for 0, and says then what is said of 0."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, as_tensor, compile, losses, ops
from tests.ops.test_special_points import UNARY

DTYPES = ["float32", "float64"]
LOGARITHMS = ("log", "log2", "log10")


def tiny(dtype):
    return float(np.finfo(dtype).tiny)


def subnormal(dtype):
    """Return the smallest number there is, others up to the smallest normal one, and that, of both signs."""
    limits = np.finfo(dtype)
    numbers = np.array([limits.smallest_subnormal, limits.tiny / 128, limits.tiny * 0.85, limits.tiny], dtype)
    return np.concatenate([numbers, -numbers])


def value_and_slope(function, x):
    x = as_tensor(x)
    with GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return y, tape.gradient(y, x, ops.ones(y.shape, y.dtype))


def numbers_of(found):
    return [np.asarray(t) for t in found]


@pytest.mark.parametrize("name", UNARY)
def test_numpy_keeps_them(name, on_engine):
    """Against the same operation in float64, where these numbers are ordinary."""
    x, function = subnormal("float32"), getattr(ops, name)
    with on_engine("numpy"), np.errstate(over="ignore", under="ignore"):
        found = numbers_of(value_and_slope(function, x))
        exact = [a.astype("float32") for a in numbers_of(value_and_slope(function, x.astype("float64")))]
    for ours, right in zip(found, exact, strict=True):
        assert_allclose(ours, right, rtol=1e-5, atol=2 * float(np.finfo("float32").smallest_subnormal))


@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("relu", lambda x: np.maximum(x, 0), lambda x: x > 0),
        ("absolute", np.abs, np.sign),
        ("tanh", lambda x: x, lambda x: 1.0 + 0 * x),
        ("expm1", lambda x: x, lambda x: 1.0 + 0 * x),
        ("log1p", lambda x: x, lambda x: 1.0 + 0 * x),
        ("erf", lambda x: x * (2 / np.sqrt(np.pi)), lambda x: 2 / np.sqrt(np.pi) + 0 * x),
        ("leaky_relu", lambda x: np.where(x > 0, x, 0.2 * x), lambda x: np.where(x > 0, 1, 0.2)),
        ("negative", np.negative, lambda x: -1.0 + 0 * x),
    ],
)
def test_numpy_keeps_them_in_float64_too(name, value, slope, on_engine):
    x = subnormal("float64")
    with on_engine("numpy"):
        found = numbers_of(value_and_slope(getattr(ops, name), x))
    assert_allclose(found[0], value(x), rtol=1e-15, atol=2 * float(np.finfo("float64").smallest_subnormal))
    assert_allclose(found[1], slope(x), rtol=1e-15)


def engines_may_differ(name, of_numpy, of_zero, of_jax, dtype):
    """Return where JAX says neither what NumPy says of the numbers, nor what it says of the 0 of their sign."""
    room = dict(rtol=1e-5, atol=tiny(dtype), equal_nan=True)
    right = np.isclose(of_jax, of_numpy, **room) | np.isclose(of_jax, of_zero, **room)
    if name in LOGARITHMS:  # finite, and below that of the smallest normal number
        right |= (of_jax < getattr(np, name)(tiny(dtype))) & np.isfinite(of_jax) | np.isnan(of_jax)
    return of_jax[~right]


@pytest.mark.parametrize("dtype", DTYPES)
def test_jax_keeps_them_or_takes_them_for_zero(dtype, on_engine):
    x = subnormal(dtype)
    zeros = np.copysign(np.zeros_like(x), x)

    def all_of(x):
        return [value_and_slope(getattr(ops, name), x) for name in UNARY]

    with on_engine("numpy"):
        kept, at_zero = all_of(x), all_of(zeros)
    with on_engine("jax"):
        eager, compiled = all_of(x), compile(all_of)(as_tensor(x))
    for how in (eager, compiled):
        for name, *found in zip(UNARY, kept, at_zero, how, strict=True):
            for a, b, c in zip(*map(numbers_of, found), strict=True):
                assert engines_may_differ(name, a, b, c, dtype).size == 0, name


def test_the_comparison_can_fail():
    one = np.float32([1e-40])
    assert engines_may_differ("relu", one, 0 * one, np.float32([1e-30]), "float32").size == 1
    assert (
        engines_may_differ("log", np.log(one), np.float32([-np.inf]), np.float32([-80]), "float32").size == 1
    )


@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_made_of_several_numbers(dtype, engine, on_engine):
    """Products and sums differ by less than the smallest normal number; lengths and directions are not NaN."""
    small, x = tiny(dtype), np.array([1, -0.5, 0.25], dtype) * tiny(dtype)
    with on_engine(engine):
        room = dict(rtol=1e-5, atol=4 * small)
        assert_allclose(ops.sum(x), x.sum(), **room)
        assert_allclose(ops.mean(x), x.mean(), **room)
        assert_allclose(ops.multiply(np.sqrt(x[:1]), np.sqrt(x[:1]) * 0.1), [0.1 * small], **room)
        assert_allclose(ops.matmul(x, np.ones(3, dtype)), x.sum(), **room)
        assert_allclose(ops.max(x * 0.1), x.max() * 0.1, **room)
        for function in (
            ops.norm,
            ops.std,
            ops.var,
            ops.logsumexp,
            ops.softmax,
            ops.log_softmax,
            ops.normalize,
        ):
            for found in numbers_of(value_and_slope(function, x / 16)):
                assert np.isfinite(found).all(), function.__name__
        assert_allclose(ops.softmax(x), np.full(3, 1 / 3), rtol=1e-5)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize(
    "name", ["binary_crossentropy", "categorical_crossentropy", "kl_divergence", "poisson"]
)
def test_losses_of_probabilities_near_zero_are_finite(name, engine, on_engine):
    chances = np.float32([[1e-40, 1.0], [1.0, 1e-45]])
    with on_engine(engine):
        loss = getattr(losses, name)
        for found in numbers_of(value_and_slope(lambda p: loss(np.eye(2, dtype="float32"), p), chances)):
            assert np.isfinite(found).all()


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_the_cube_root_keeps_its_sign(engine, on_engine):
    """XLA's says -5.6e-16 of 1e-40."""
    x = subnormal("float32")
    with on_engine(engine):
        found = np.asarray(ops.cbrt(x))
    assert_array_equal(np.signbit(found), np.signbit(x))
    assert_allclose(found, np.where(np.abs(found) <= tiny("float32"), found, np.cbrt(x)), rtol=1e-5)
