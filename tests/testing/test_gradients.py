"""check_gradients finds every planted fault, and does not cry wolf."""

import numpy as np
import pytest

from gradtape import as_tensor, engine, ops
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.errors import ArgumentError
from gradtape.testing import GradientCheckError, check_gradients

RNG = np.random.default_rng(3)
X = RNG.standard_normal((3, 4))
SHAPES = [(), (3,), (1, 2), (3, 2), (0,), (2, 0, 3)]


def planted(forward, rule, name="planted", **options):
    """Return an operation of one tensor with the given forward function and rule."""

    def body(x: Array) -> Array:
        return forward(x)

    made = operation(name=name, **options)(body)
    made.gradient("x")(rule)
    return made


def _softmax(x):
    powers = engine.xp.exp(x - engine.xp.max(x, axis=-1, keepdims=True))
    return powers / engine.xp.sum(powers, axis=-1, keepdims=True)


WRONG_RULES = {
    "wrong sign": (lambda x: engine.xp.exp(x), lambda g, y, x: -g * y),
    "missing factor": (lambda x: x * x, lambda g, y, x: g * x),
    "slightly wrong factor": (lambda x: x * x, lambda g, y, x: g * x * 2.0001),
    "softmax without its sum": (_softmax, lambda g, y, x: g * y),
    "softmax with the sum over another axis": (
        _softmax,
        lambda g, y, x: (g - ops.sum(g * y, axis=0, keepdims=True)) * y,
    ),
    "the cotangent forgotten": (lambda x: x * x, lambda g, y, x: 2.0 * x),
    "the cotangent averaged": (lambda x: x * x, lambda g, y, x: ops.mean(g) * 2.0 * x),
    "zero": (lambda x: x * x, lambda g, y, x: g * 0.0),
    "NaN": (lambda x: x * x, lambda g, y, x: g * float("nan")),
    "the cotangent not turned back": (lambda x: x[::-1], lambda g, y, x: g),
    "one element left out": (lambda x: x * x, lambda g, y, x: g * 2.0 * x * _all_but_one(x)),
}


def _all_but_one(x):
    keep = np.ones(x.shape)
    keep[0] = 0
    return as_tensor(keep)


@pytest.mark.parametrize("fault", WRONG_RULES)
def test_a_wrong_rule_is_found(fault):
    forward, rule = WRONG_RULES[fault]
    with pytest.raises(GradientCheckError, match="the gradient of planted for argument 0 is wrong"):
        check_gradients(planted(forward, rule), X[:, :3], order=1)


def test_a_wrong_softmax_would_pass_with_a_cotangent_of_ones():
    """With ones the right gradient is 0 and the wrong one is y: this is what random cotangents are for."""
    wrong = planted(_softmax, lambda g, y, x: (g - ops.mean(g, axis=-1, keepdims=True)) * y)
    check_gradients(lambda x: ops.sum(wrong(x)), X, order=1)
    with pytest.raises(GradientCheckError):
        check_gradients(wrong, X, order=1)


WRONG_SECOND = {
    "the cotangent's path cut": lambda g, y, x: ops.stop_gradient(g * 2.0 * x),
    "the input taken as a constant": lambda g, y, x: g * 2.0 * as_tensor(x.numpy()),
    "the slope cut": lambda g, y, x: g * ops.stop_gradient(2.0 * x),
}


@pytest.mark.parametrize("fault", WRONG_SECOND)
def test_a_rule_that_cannot_be_differentiated_again_is_found(fault):
    square = planted(lambda x: x * x, WRONG_SECOND[fault])
    check_gradients(square, X, order=1)
    with pytest.raises(GradientCheckError, match="the second gradient of planted for argument 0 is wrong"):
        check_gradients(square, X)


def test_a_rule_that_is_right_only_at_symmetric_inputs_is_found():
    """x @ x has the gradient g x' + x' g; without the transposes it is right where x = x'."""

    def squared(x: Array) -> Array:
        return x @ x

    wrong = operation(name="planted")(squared)
    wrong.gradient("x")(lambda g, y, x: g @ x + x @ g)
    symmetric = X[:, :3] + X[:, :3].T
    with pytest.raises(GradientCheckError, match="the gradient of"):
        check_gradients(wrong, symmetric, order=1)
    with pytest.raises(GradientCheckError, match="the gradient of"):
        check_gradients(wrong, X[:, :3])


def test_a_wrong_rule_of_the_second_argument_is_found():
    @operation(promotes=True, name="planted")
    def divided(x1: Array, x2: Array) -> Array:
        return x1 / x2

    divided.gradient("x1")(lambda g, y, x1, x2: g / x2)
    divided.gradient("x2")(lambda g, y, x1, x2: g * y / x2)
    with pytest.raises(GradientCheckError, match=r"for argument 1 is wrong for shapes \(3, 4\), \(4,\)"):
        check_gradients(divided, X, np.full(4, 2.0), order=1)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_sum_over_the_wrong_axis_is_found(axis):
    """A rule that undoes its own broadcasting, along the wrong axis of a square."""

    @operation(name="planted")
    def outer(x1: Array, x2: Array) -> Array:
        return x1[:, None] * x2

    outer.gradient("x1")(lambda g, y, x1, x2: ops.sum(g * x2, axis=axis))
    outer.gradient("x2")(lambda g, y, x1, x2: ops.sum(g * ops.reshape(x1, (3, 1)), axis=0))
    if axis == 1:
        check_gradients(outer, X[:, 0], X[:, 1])
    else:
        with pytest.raises(GradientCheckError, match="for argument 0"):
            check_gradients(outer, X[:, 0], X[:, 1])


def test_a_fault_far_below_the_size_of_the_values_is_found():
    tiny = planted(lambda x: x * 1e-12, lambda g, y, x: g * 1.1e-12)
    with pytest.raises(GradientCheckError):
        check_gradients(tiny, X, order=1)
    huge = planted(lambda x: x * 1e12, lambda g, y, x: g * 1.00001e12)
    with pytest.raises(GradientCheckError):
        check_gradients(huge, X, order=1)


def test_the_message_names_everything():
    wrong = planted(lambda x: x * 1.0, lambda g, y, x: g * 2.0, name="twice")
    with pytest.raises(GradientCheckError) as raised:
        check_gradients(wrong, X)
    assert str(raised.value).startswith(
        "check_gradients: the gradient of twice for argument 0 is wrong for shapes (3, 4): "
        "along a random direction the tape says "
    )
    assert isinstance(raised.value, AssertionError)


# No false alarms.


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("function", [ops.exp, ops.tanh, ops.square, ops.sum, ops.negative])
def test_right_rules_pass_in_every_shape(function, shape):
    check_gradients(function, RNG.standard_normal(shape))


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x * x,
        lambda x: x / (x * x + 1.0),
        lambda x: x - x,
        ops.softmax,
        lambda x: ops.sum(x) - x,
    ],
)
def test_right_rules_pass_at_every_scale(function, scale):
    check_gradients(function, X * scale)


@pytest.mark.parametrize("seed", range(20))
def test_right_rules_pass_with_every_seed(seed):
    check_gradients(ops.matmul, X, X.T, seed=seed)
    check_gradients(lambda x: ops.tanh(x @ X.T) * ops.softmax(x)[:, :3], X, seed=seed)


def test_constants_linear_functions_and_cancellation_pass():
    check_gradients(lambda x: ops.sum(x * 0.0), X)
    check_gradients(lambda x: x * 3.0, X)
    check_gradients(lambda x: as_tensor(2.0), X)
    check_gradients(lambda x: (x + 1e6) - 1e6, X)


def test_unused_and_whole_inputs_pass():
    check_gradients(lambda x, unused: x * x, X, X)
    check_gradients(lambda x, n: x[n], X, np.array([2, 0, 0]))
    check_gradients(lambda n, x: ops.cast(n, "float64") * x, [1, 2, 3], [0.5, 0.25, -1.0])


def test_float32_inputs_are_checked_in_float64():
    seen = []

    def function(x):
        seen.append(x.dtype.name)
        return x * x

    check_gradients(function, X.astype("float32"))
    assert set(seen) == {"float64"}


def test_the_inputs_are_not_changed():
    x = X.copy()
    check_gradients(ops.square, x)
    np.testing.assert_array_equal(x, X)


def test_users_check_an_operation_of_their_own():
    @operation()
    def cube(x: Array) -> Array:
        return x**3

    @cube.gradient("x")
    def cube_x(g, y, x):
        """3 * g * x**2"""
        return 3.0 * g * x * x

    check_gradients(cube, X)


def test_options_that_make_no_sense_are_refused():
    with pytest.raises(ArgumentError, match="^check_gradients: order must be 1 or 2, got 3$"):
        check_gradients(ops.square, X, order=3)
    with pytest.raises(
        ArgumentError, match="^check_gradients: directions must be a whole number >= 1, got 0$"
    ):
        check_gradients(ops.square, X, directions=0)
    with pytest.raises(ArgumentError, match="^check_gradients: needs at least one floating input$"):
        check_gradients(ops.square, [1, 2])
