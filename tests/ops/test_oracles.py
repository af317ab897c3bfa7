"""What gradients are held to besides differences: float64, complex steps, and what holds for every gradient."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, as_tensor, ops
from gradtape.core.dtypes import is_floating
from gradtape.testing import tape_gradients
from tests.ops.test_every_rule import OURS, samples

RULED = [name for name, made in OURS.items() if made.rules]

# Differences allowed, relative to the largest element: float32 by its sums, half floats by their digits.
TOLERANCE = {"float32": 1e-5, "float16": 2e-2, "bfloat16": 1e-1}


def bfloat16():
    return pytest.importorskip("ml_dtypes").bfloat16


def cast_to(tensors, dtype):
    """Return the floating tensors in another dtype, and the very same numbers in float64."""
    kind = bfloat16() if dtype == "bfloat16" else dtype
    arrays = [np.asarray(t) for t in tensors]
    rounded = [a.astype(kind) if is_floating(a.dtype) else a for a in arrays]
    return rounded, [r.astype("float64") if is_floating(r.dtype) else r for r in rounded]


def value_and_gradients(function, arrays, seed=1):
    """Return the value and the gradients for the floating arrays, for a random cotangent."""
    tensors = [as_tensor(a) for a in arrays]
    value = function(*tensors)
    cotangent = np.random.default_rng(seed).uniform(0.5, 1.5, value.shape)
    found = tape_gradients(function, arrays, cotangent.astype(value.dtype))
    return [np.asarray(value), *[g for g in found if g is not None]]


def off(found, right):
    """Return the largest difference, relative to the largest number there should be."""
    scale = np.max(np.abs(right), initial=0.0)
    return np.max(np.abs(found.astype("float64") - right), initial=0.0) / (scale if scale else 1.0)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", RULED)
def test_fewer_digits_are_what_float64_gives_rounded(name, dtype):
    for function, tensors in samples(name):
        rounded, exact = cast_to(tensors, dtype)
        found, right = value_and_gradients(function, rounded), value_and_gradients(function, exact)
        for ours, theirs in zip(found, right, strict=True):
            assert off(ours, theirs) <= TOLERANCE[dtype]
        for gradient, x in zip(found[1:], [r for r in rounded if is_floating(r.dtype)], strict=True):
            assert (gradient.shape, gradient.dtype) == (x.shape, x.dtype)


@pytest.mark.parametrize("name", RULED)
def test_a_gradient_is_linear_in_the_cotangent(name):
    for function, arrays in samples(name):
        arrays = [np.asarray(a) for a in arrays]
        shape = function(*[as_tensor(a) for a in arrays]).shape
        first, second = np.random.default_rng(5).standard_normal((2, *shape))
        parts = [tape_gradients(function, arrays, c) for c in (first, second, 3.0 * first - 0.5 * second)]
        for a, b, both in zip(*parts, strict=True):
            if both is not None:
                assert off(both, 3.0 * a - 0.5 * b) < 1e-12


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# Functions that NumPy has for complex numbers: the imaginary part of f(x + ih) is h * f'(x), without a difference.
ANALYTIC = {
    **{
        name: getattr(np, name)
        for name in "exp exp2 expm1 log log2 log10 log1p sqrt square reciprocal".split()
    },
    **{name: getattr(np, name) for name in "sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh".split()},
    "arccosh": lambda z: np.arccosh(z + 1),
    "arctanh": np.arctanh,
    "rsqrt": lambda z: z**-0.5,
    "sigmoid": sigmoid,
    "silu": lambda z: z * sigmoid(z),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "log_sigmoid": lambda z: -np.log(1 + np.exp(-z)),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    "gelu": lambda z: 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "tanh_shrink": lambda z: z - np.tanh(z),
    "squareplus": lambda z: (z + np.sqrt(z * z + 4)) / 2,
}


@pytest.mark.parametrize("name", ANALYTIC)
def test_slopes_are_those_of_a_complex_step(name):
    x = np.array([0.013, 0.2, 0.45, 0.7, 0.93])
    function = getattr(ops, name)
    ours = tape_gradients((lambda t: function(t + 1)) if name == "arccosh" else function, [x], np.ones(5))[0]
    assert_allclose(ours, ANALYTIC[name](x + 1e-30j).imag / 1e-30, rtol=1e-10)


ALIKE = ["sum", "mean", "max", "min", "prod", "var", "std", "logsumexp", "norm", "softmax", "log_softmax"]


@pytest.mark.parametrize("name", ALIKE)
def test_another_order_of_the_elements_is_another_order_of_the_gradients(name):
    x = np.random.default_rng(2).uniform(0.5, 2.0, (2, 6))
    order = np.array([4, 0, 5, 2, 1, 3])

    def gradient(x, weights):
        function = lambda t: ops.sum(getattr(ops, name)(t, axis=1) * weights)  # noqa: E731
        return tape_gradients(function, [x], 1.0)[0]

    keeps = name.endswith("softmax")
    weights = np.random.default_rng(3).standard_normal((2, 6) if keeps else 2)
    moved = gradient(x[:, order], weights[:, order] if keeps else weights)
    assert_allclose(moved, gradient(x, weights)[:, order], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", RULED)
def test_repeated_elements_in_one_place_of_memory_are_as_good_as_copies(name):
    """An array of stride 0, as np.broadcast_to makes it."""
    for function, tensors in samples(name):
        arrays = [np.asarray(t) for t in tensors]
        seen = [
            np.broadcast_to(a.flat[:1].reshape((1,) * a.ndim), a.shape) if is_floating(a.dtype) else a
            for a in arrays
        ]
        for a, b in zip(
            value_and_gradients(function, seen),
            value_and_gradients(function, [s.copy() for s in seen]),
            strict=True,
        ):
            assert_array_equal(a, b)


def test_gradients_of_a_sum_are_the_sum_of_the_gradients():
    x = np.random.default_rng(0).uniform(0.5, 1.5, (3, 2))
    cotangent = np.random.default_rng(1).standard_normal((3, 2))
    first, second = ops.exp, lambda t: t * ops.log(t)
    both = tape_gradients(lambda t: first(t) + second(t), [x], cotangent)[0]
    parts = [tape_gradients(f, [x], cotangent)[0] for f in (first, second)]
    assert_allclose(both, parts[0] + parts[1], rtol=1e-15)


def test_a_half_float_that_overflows_says_so_and_a_scaled_loss_keeps_small_gradients():
    """Trap 16: a gradient of 1e-8 is 0 in float16; times 2**14 it is not, and is unscaled in float32."""
    x = as_tensor(np.float16([300.0]))
    with np.errstate(over="ignore"):
        assert ops.square(x).item() == np.inf
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        loss = ops.sum(x * np.float16(1e-4)) * np.float16(1e-4)
        scaled = ops.sum(x * np.float16(1e-4)) * np.float16(1e-4) * np.float16(2.0**14)
    assert tape.gradient(loss, x).item() == pytest.approx(0, abs=6e-8)
    unscaled = ops.cast(tape.gradient(scaled, x), "float32") / 2.0**14
    assert unscaled.item() == pytest.approx(1e-8, rel=2e-2)


def test_the_oracles_can_fail(request):
    """A rule that loses digits, one that is not linear, and one that is a little wrong."""
    rule = OURS["square"].rules["x"]
    request.addfinalizer(lambda: OURS["square"].add_rule("x", rule))
    for wrong, test in [
        (_rough(rule), lambda: test_fewer_digits_are_what_float64_gives_rounded("square", "float32")),
        (
            lambda g, y, x: rule(g, y, x) * abs(g),
            lambda: test_a_gradient_is_linear_in_the_cotangent("square"),
        ),
        (lambda g, y, x: rule(g, y, x) * 1.000001, lambda: test_slopes_are_those_of_a_complex_step("square")),
    ]:
        OURS["square"].add_rule("x", wrong)
        with pytest.raises(AssertionError):
            test()


def _rough(rule):
    """Return the rule, with the digits of float16 where x is float32."""
    return lambda g, y, x: rule(g, y, ops.cast(x, "float16") if x.dtype == "float32" else x)
