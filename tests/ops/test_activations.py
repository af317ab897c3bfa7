"""Activations: values by their published formulas, dtypes, gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gradtape import ops
from gradtape.errors import ShapeError
from gradtape.testing import check_gradients
from tests.ops.elementwise import SHAPES, check_floating_dtypes, check_values, draw

ERF = np.vectorize(math.erf, otypes=["float64"])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


UNARY = {
    "relu": (lambda x: np.maximum(x, 0), 0.5, 3),
    "relu6": (lambda x: np.clip(x, 0, 6), 0.5, 5),
    "leaky_relu": (lambda x: np.where(x > 0, x, 0.2 * x), -3, -0.5),
    "elu": (lambda x: np.where(x > 0, x, np.expm1(x)), -3, 3),
    "selu": (lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)), -3, -0.5),
    "celu": (lambda x: np.maximum(x, 0) + np.minimum(np.expm1(x), 0), -3, 3),
    "gelu": (lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), -3, 3),
    "silu": (lambda x: x * sigmoid(x), -3, 3),
    "swish": (lambda x: x * sigmoid(x), -3, 3),
    "sigmoid": (sigmoid, -3, 3),
    "tanh": (np.tanh, -3, 3),
    "tanh_shrink": (lambda x: x - np.tanh(x), 0.5, 3),
    "softplus": (lambda x: np.log(1 + np.exp(x)), -3, 3),
    "softsign": (lambda x: x / (1 + np.abs(x)), 0.5, 3),
    "log_sigmoid": (lambda x: np.log(sigmoid(x)), -3, 3),
    "exponential": (np.exp, -3, 3),
    "linear": (lambda x: x, -3, 3),
    "mish": (lambda x: x * np.tanh(np.log(1 + np.exp(x))), -3, 3),
    "squareplus": (lambda x: (x + np.sqrt(x**2 + 4)) / 2, -3, 3),
    "hard_sigmoid": (lambda x: np.clip(x + 3, 0, 6) / 6, -2.5, 2.5),
    "hard_silu": (lambda x: x * np.clip(x + 3, 0, 6) / 6, -2.5, 2.5),
    "hard_swish": (lambda x: x * np.clip(x + 3, 0, 6) / 6, -2.5, 2.5),
    "hard_tanh": (lambda x: np.clip(x, -1, 1), -0.9, 0.9),
    "hard_shrink": (lambda x: np.where(np.abs(x) > 0.5, x, 0), 0.6, 3),
    "soft_shrink": (lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0), -3, -0.6),
    "sparse_plus": (lambda x: np.where(x >= 1, x, np.where(x <= -1, 0, (x + 1) ** 2 / 4)), -0.9, 0.9),
    "sparse_sigmoid": (lambda x: np.clip((x + 1) / 2, 0, 1), -0.9, 0.9),
}
WHOLE = {"relu": "int32", "relu6": "int32", "linear": "int32", "hard_tanh": "int32"}
WHOLE_BOOL = {"relu": "int32", "relu6": "int32", "linear": "bool", "hard_tanh": "int32"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", UNARY)
def test_gradients(name, shape):
    _, low, high = UNARY[name]
    check_gradients(getattr(ops, name), draw(shape, low, high))


@pytest.mark.parametrize("name", UNARY)
def test_values(name):
    check_values(getattr(ops, name), *UNARY[name], rtol=1e-12)


@pytest.mark.parametrize("name", UNARY)
def test_dtypes(name):
    f = getattr(ops, name)
    _, low, high = UNARY[name]
    check_floating_dtypes(f, low, high)
    assert f(np.ones(2, "int32")).dtype == WHOLE.get(name, "float32")
    assert f(np.ones(2, "bool")).dtype == WHOLE_BOOL.get(name, "float32")


PIECES = ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "hard_sigmoid", "hard_silu", "hard_tanh"]
PIECES += ["hard_shrink", "soft_shrink", "sparse_plus", "sparse_sigmoid", "softsign"]


@pytest.mark.parametrize("name", PIECES)
def test_every_piece(name):
    x = np.array([-7.3, -3.7, -2.1, -0.7, -0.3, 0.3, 0.7, 2.1, 3.7, 7.3])
    assert_allclose(np.asarray(getattr(ops, name)(x)), UNARY[name][0](x), rtol=1e-14, atol=1e-15)
    check_gradients(getattr(ops, name), x)


def test_gelu_exact():
    x = np.linspace(-4, 4, 101)
    gelu = lambda x: ops.gelu(x, approximate=False)  # noqa: E731
    assert_allclose(np.asarray(gelu(x)), 0.5 * x * (1 + ERF(x / np.sqrt(2))), rtol=1e-11, atol=1e-15)
    for shape in SHAPES:
        check_gradients(gelu, draw(shape, -3, 3))


def test_parameters():
    x = np.array([-2.0, -0.4, 0.4, 2.0])
    assert_allclose(np.asarray(ops.leaky_relu(x, 0.5)), [-1, -0.2, 0.4, 2])
    assert_allclose(np.asarray(ops.elu(x, alpha=2.0)), np.where(x > 0, x, 2 * np.expm1(x)))
    assert_allclose(np.asarray(ops.celu(x, 0.5)), np.where(x > 0, x, 0.5 * np.expm1(x / 0.5)))
    assert_allclose(np.asarray(ops.hard_shrink(x, 1)), [-2, 0, 0, 2])
    assert_allclose(np.asarray(ops.soft_shrink(x, threshold=1)), [-1, 0, 0, 1])
    assert_allclose(np.asarray(ops.threshold(x, 0.0, 7.0)), [7, 7, 0.4, 2])
    assert_allclose(np.asarray(ops.squareplus(x, b=1)), (x + np.sqrt(x**2 + 1)) / 2)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ops.leaky_relu(x, 0.5),
        lambda x: ops.elu(x, 2.0),
        lambda x: ops.celu(x, 0.5),
        lambda x: ops.hard_shrink(x, 1),
        lambda x: ops.soft_shrink(x, 1),
        lambda x: ops.threshold(x, 0.0, 7.0),
        lambda x: ops.squareplus(x, 1),
    ],
)
def test_gradients_with_parameters(function):
    check_gradients(function, np.array([-2.0, -0.4, 0.4, 2.0]))


def test_slopes_at_the_corners():
    """The conventions that the docstrings tell."""
    from gradtape.testing import tape_gradients

    def slopes(f, *x):
        return tape_gradients(f, [np.array(x, "float64")], np.ones(len(x)))[0].tolist()

    assert slopes(ops.elu, 0.0) == slopes(ops.celu, 0.0) == slopes(ops.hard_tanh, 1.0) == [1]
    assert slopes(lambda x: ops.elu(x, 2.0), 0.0) == [2]
    assert slopes(ops.selu, 0.0) == [1.0507009873554805 * 1.6732632423543772]
    assert slopes(ops.hard_sigmoid, -3.0, 3.0) == slopes(ops.sparse_sigmoid, -1.0, 1.0) == [0, 0]
    assert slopes(ops.hard_tanh, -1.0, 1.0) == [1, 1]
    assert slopes(ops.hard_shrink, -0.5, 0.5) == slopes(ops.soft_shrink, -0.5, 0.5) == [0, 0]
    assert slopes(lambda x: ops.threshold(x, 1.0, 9.0), 1.0) == [0]
    assert slopes(ops.sparse_plus, -1.0, 1.0) == [0, 1]


def test_glu():
    x = draw((2, 6), -3, 3)
    assert_allclose(np.asarray(ops.glu(x)), x[:, :3] * sigmoid(x[:, 3:]))
    assert_allclose(np.asarray(ops.glu(x, axis=0)), x[:1] * sigmoid(x[1:]))
    for shape, axis in [((2,), 0), ((2, 4), -1), ((4, 3), 0), ((0, 2), 1), ((3, 0), 1)]:
        check_gradients(lambda x, axis=axis: ops.glu(x, axis), draw(shape, -3, 3))


def test_glu_of_an_odd_length():
    with pytest.raises(ShapeError, match=r"glu: axis -1 must have an even length, got shape \(2, 3\)"):
        ops.glu(np.ones((2, 3)))


def test_squareplus_keeps_its_digits_for_negative_numbers():
    assert_allclose(np.asarray(ops.squareplus(np.float64(-1e6))), 1e-6, rtol=1e-9)


def test_log_sigmoid_far_out():
    assert_allclose(np.asarray(ops.log_sigmoid([-1000.0, 1000.0])), [-1000, 0])


def test_relu_is_one_record_and_its_gradient_cheap():
    from gradtape import GradientTape, Variable

    x = Variable([1.0, -1.0])
    with GradientTape(persistent=True) as outer:
        with GradientTape() as inner:
            y = ops.relu(x)
        inner.gradient(y, x)
    assert [r.name for r in outer.records] == ["relu", "relu_gate"]
