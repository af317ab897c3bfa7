"""Arithmetic: values, promotion, gradients."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, Variable, as_tensor, ops
from gradtape.errors import ArgumentError, ShapeError
from gradtape.testing import check_gradients
from tests.ops.elementwise import PAIRS, SHAPES

BINARY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "true_divide": np.divide,
    "power": np.power,
}
UNARY = {
    "negative": np.negative,
    "positive": np.positive,
    "absolute": np.abs,
    "abs": np.abs,
    "square": np.square,
    "reciprocal": np.reciprocal,
}


def draw(shape, seed=0, sign=1):
    return sign * np.random.default_rng(seed).uniform(0.5, 3, shape)


@pytest.mark.parametrize("shapes", PAIRS)
@pytest.mark.parametrize("name", BINARY)
def test_gradients_of_two(name, shapes):
    check_gradients(getattr(ops, name), draw(shapes[0], 1), draw(shapes[1], 2))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", UNARY)
def test_gradients_of_one(name, shape, sign):
    check_gradients(getattr(ops, name), draw(shape, 1, sign))


def test_divide_gradients_for_negative_divisors():
    check_gradients(ops.divide, draw((3,), 1), draw((3,), 2, -1))


@pytest.mark.parametrize("name", BINARY)
def test_values_of_two(name):
    x1, x2 = draw((3, 1), 1), draw((4,), 2)
    kept = x1.copy(), x2.copy()
    f, reference = getattr(ops, name), BINARY[name]
    assert_allclose(np.asarray(f(x1, x2)), reference(x1, x2), rtol=1e-15)
    assert_array_equal(x1, kept[0])
    assert_array_equal(x2, kept[1])
    assert f(x1.astype("float32"), x2.astype("float32")).dtype == "float32"
    assert f(x1.astype("float32"), x2).dtype == "float64"
    assert f(x1.astype("float32"), np.arange(4)).dtype == "float32"
    assert f(x1.astype("float16"), 2.5).dtype == "float16"


@pytest.mark.parametrize("name", UNARY)
def test_values_of_one(name):
    x = draw((5,), 1, -1)
    y = getattr(ops, name)(x)
    assert_allclose(np.asarray(y), UNARY[name](x), rtol=1e-15)
    assert y.dtype == "float64" and getattr(ops, name)(x.astype("float32")).dtype == "float32"


def test_whole_numbers():
    assert ops.add([1], [2]).dtype == ops.multiply([1], [2]).dtype == ops.power([1], 2).dtype == "int32"
    assert ops.divide([1], [2]).dtype == ops.reciprocal([2]).dtype == ops.add([1], 0.5).dtype == "float32"
    assert ops.square([True]).dtype == ops.power([True], [True]).dtype == "int32"
    assert_array_equal(np.asarray(ops.power([2, 3], [0, 3])), [1, 27])


def test_whole_numbers_to_a_negative_power_are_refused():
    with pytest.raises(ArgumentError, match="power: whole numbers need exponents >= 0, got -1"):
        ops.power([2, 3], [2, -1])
    assert_array_equal(np.asarray(ops.power([2.0, 4.0], -1)), [0.5, 0.25])


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, 2.5])
def test_power_with_a_number(exponent):
    check_gradients(lambda x: ops.power(x, exponent), draw((3,)))
    check_gradients(lambda x: x**exponent, draw((3,)))


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1])
def test_power_of_negative_numbers(exponent):
    check_gradients(lambda x: ops.power(x, exponent), draw((3,), 0, -1))


def test_power_of_a_number():
    check_gradients(lambda x: ops.power(2, x), draw((3,)))
    check_gradients(lambda x: 0.5**x, draw((3,), 0, -1))


def test_power_with_unsigned_exponents_does_not_wrap():
    x = Variable([2.0, 3.0])
    with GradientTape() as tape:
        y = ops.power(x, np.array([0, 2], "uint8"))
    assert_array_equal(np.asarray(tape.gradient(y, x)), [0, 6])


def test_power_mixed_second_slope_where_the_exponent_is_zero():
    """d/dy (y * x**(y - 1)) = 1 / x at y = 0"""
    x, n = Variable(np.float64(2.0)), Variable(np.float64(0.0))
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = ops.power(x, n)
        g = inner.gradient(y, x)
    assert float(g) == 0
    assert_allclose(float(outer.gradient(g, n)), 0.5)


def test_division_by_zero_is_quiet():
    assert_array_equal(np.asarray(ops.divide([1.0, -1.0, 0.0], 0.0)), [np.inf, -np.inf, np.nan])
    assert np.asarray(ops.reciprocal(0.0)) == np.inf


def test_shapes_that_do_not_broadcast():
    with pytest.raises(ShapeError, match=r"add: these arguments do not fit together: x1 \(2,\).*x2 \(3,\)"):
        ops.add(np.ones(2), np.ones(3))


def test_slope_of_a_float32_input_that_met_float64():
    x = as_tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.divide(np.array([1.0, 1.0]), x)
    g = tape.gradient(y, x)
    assert g.dtype == "float32"
    assert_array_equal(np.asarray(g), [-1, -0.25])
