"""Trigonometric and hyperbolic functions: values, dtypes, gradients."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import ops
from gradtape.testing import check_gradients
from tests.ops.elementwise import PAIRS, SHAPES, check_floating_dtypes, check_values, draw

UNARY = {
    "sin": (np.sin, -4, 4),
    "cos": (np.cos, -4, 4),
    "tan": (np.tan, -1.2, 1.2),
    "arcsin": (np.arcsin, -0.9, 0.9),
    "arccos": (np.arccos, -0.9, 0.9),
    "arctan": (np.arctan, -4, 4),
    "sinh": (np.sinh, -3, 3),
    "cosh": (np.cosh, -3, 3),
    "tanh": (np.tanh, -3, 3),
    "arcsinh": (np.arcsinh, -4, 4),
    "arccosh": (np.arccosh, 1.3, 5),
    "arctanh": (np.arctanh, -0.9, 0.9),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", UNARY)
def test_gradients(name, shape):
    _, low, high = UNARY[name]
    check_gradients(getattr(ops, name), draw(shape, low, high))


@pytest.mark.parametrize("name", UNARY)
def test_values(name):
    check_values(getattr(ops, name), *UNARY[name])


@pytest.mark.parametrize("name", UNARY)
def test_dtypes(name):
    f = getattr(ops, name)
    _, low, high = UNARY[name]
    check_floating_dtypes(f, low, high)
    assert f(np.zeros(2, "int32")).dtype == "float32"
    assert f(np.ones(2, "bool")).dtype == "float32"


@pytest.mark.parametrize("shapes", PAIRS)
@pytest.mark.parametrize("name", ["arctan2", "hypot"])
def test_gradients_of_two(name, shapes):
    check_gradients(getattr(ops, name), draw(shapes[0], -3, 3, 1), draw(shapes[1], 0.5, 3, 2))


def test_arctan2_in_all_quadrants():
    x1, x2 = np.array([1.0, 1, -1, -1, 0, 0, 1]), np.array([1.0, -1, 1, -1, 1, -1, 0])
    assert_allclose(np.asarray(ops.arctan2(x1, x2)), np.arctan2(x1, x2), rtol=1e-15)
    check_gradients(ops.arctan2, x1[:5], x2[:5])  # the sixth lies on the cut
    assert ops.arctan2(1, 1).dtype == "float32"


def test_hypot_does_not_overflow():
    assert_allclose(np.asarray(ops.hypot([3e30], [4e30])), [5e30], rtol=1e-6)


def test_outside_of_the_domain_is_nan():
    for f in (ops.arcsin, ops.arccos, ops.arctanh):
        assert np.isnan(np.asarray(f([-2.0, 2.0]))).all()
    assert np.isnan(np.asarray(ops.arccosh(0.5)))
    assert np.isnan(np.asarray(ops.sin(np.inf)))


def test_slopes_at_the_ends_of_the_domain():
    from gradtape.testing import tape_gradients

    ends, ones = np.array([-1.0, 1.0]), np.ones(2)
    assert_array_equal(tape_gradients(ops.arcsin, [ends], ones)[0], [np.inf, np.inf])
    assert_array_equal(tape_gradients(ops.arccos, [ends], ones)[0], [-np.inf, -np.inf])
    assert_array_equal(tape_gradients(ops.arctanh, [ends], ones)[0], [np.inf, np.inf])
    assert_array_equal(tape_gradients(ops.arccosh, [np.array([1.0])], np.ones(1))[0], [np.inf])
