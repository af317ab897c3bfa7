"""Exponentials, logarithms and roots: values, dtypes, gradients."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import ops
from gradtape.testing import check_gradients
from tests.ops.elementwise import PAIRS, SHAPES, check_floating_dtypes, check_values, draw

UNARY = {
    "exp": (np.exp, -3, 3),
    "exp2": (np.exp2, -3, 3),
    "expm1": (np.expm1, -3, 3),
    "log": (np.log, 0.3, 5),
    "log2": (np.log2, 0.3, 5),
    "log10": (np.log10, 0.3, 5),
    "log1p": (np.log1p, -0.6, 5),
    "sqrt": (np.sqrt, 0.3, 5),
    "rsqrt": (lambda x: 1 / np.sqrt(x), 0.3, 5),
    "cbrt": (np.cbrt, -5, -0.3),
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
    assert f(np.ones(2, "int32")).dtype == "float32"
    assert f(np.ones(2, "bool")).dtype == "float32"


@pytest.mark.parametrize("shapes", PAIRS)
def test_logaddexp_gradients(shapes):
    check_gradients(ops.logaddexp, draw(shapes[0], -3, 3, 1), draw(shapes[1], -3, 3, 2))


def test_logaddexp_values():
    x1, x2 = draw((100,), -50, 50, 1), draw((100,), -50, 50, 2)
    assert_allclose(np.asarray(ops.logaddexp(x1, x2)), np.logaddexp(x1, x2), rtol=1e-14)
    assert ops.logaddexp([1, 2], 3).dtype == "float32"


def test_logaddexp_second_slope_at_a_tie():
    check_gradients(ops.logaddexp, [1.0, 2.0], [1.0, 2.0])


def test_overflow_and_poles_give_infinities():
    assert_array_equal(np.asarray(ops.exp([1000.0, -1000.0])), [np.inf, 0])
    assert_array_equal(np.asarray(ops.log([0.0, np.inf])), [-np.inf, np.inf])
    assert_array_equal(np.asarray(ops.rsqrt([0.0, np.inf])), [np.inf, 0])
