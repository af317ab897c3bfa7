"""Sign, rounding, whole quotients and remainders: values and the gradient 0."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import ops
from gradtape.errors import ArgumentError
from gradtape.testing import check_gradients, tape_gradients

X = np.array([-2.5, -1.5, -1.2, -0.5, -0.0, 0.0, 0.5, 1.5, 1.7, 2.5, np.inf, -np.inf, np.nan])
FLAT = {"floor": np.floor, "ceil": np.ceil, "round": np.round, "trunc": np.trunc, "sign": np.sign}


@pytest.mark.parametrize("name", FLAT)
def test_flat_functions(name):
    f = getattr(ops, name)
    assert_array_equal(np.asarray(f(X)), FLAT[name](X))
    assert f(X).dtype == "float64" and f(X.astype("float32")).dtype == "float32"
    assert f(np.ones((2, 0))).shape == (2, 0)


@pytest.mark.parametrize("name", FLAT)
def test_flat_functions_have_the_slope_zero(name):
    f = getattr(ops, name)
    assert_array_equal(tape_gradients(f, [X], np.full(X.shape, 3.0))[0], np.zeros(X.shape))
    for shape in [(), (3,), (1, 2), (0,)]:
        check_gradients(f, np.full(shape, 0.7))


def test_flat_functions_of_whole_numbers():
    assert ops.floor([1, 2]).dtype == ops.ceil([1, 2]).dtype == "float32"
    assert ops.round([1, 2]).dtype == ops.trunc([1, 2]).dtype == ops.sign([1, 2]).dtype == "int32"
    assert ops.sign([True]).dtype == "int32"


def test_round_to_decimals():
    assert_allclose(np.asarray(ops.round(np.array([1.234, 5.678]), 1)), [1.2, 5.7])
    assert_allclose(np.asarray(ops.round(np.array([1234.0]), decimals=-2)), [1200])
    with pytest.raises(ArgumentError, match="round: decimals must be >= 0 for int32, got -1"):
        ops.round([15], -1)


def test_quotient_and_remainder_of_floats():
    x1, x2 = np.array([7.0, -7, 7, -7, 1, 5]), np.array([2.0, 2, -2, -2, 0.1, np.inf])
    assert_array_equal(np.asarray(ops.floor_divide(x1, x2)), np.floor_divide(x1, x2))
    assert_array_equal(np.asarray(ops.mod(x1, x2)), np.remainder(x1, x2))
    assert_array_equal(np.asarray(ops.floor_divide([1.0, -1.0, 0.0], 0.0)), [np.inf, -np.inf, np.nan])
    assert_array_equal(np.asarray(ops.mod([1.0], 0.0)), [np.nan])


def test_quotient_and_remainder_of_whole_numbers():
    x1, x2 = np.array([7, -7, 7, -7]), np.array([2, 2, -2, -2])
    assert_array_equal(np.asarray(ops.floor_divide(x1, x2)), x1 // x2)
    assert_array_equal(np.asarray(ops.remainder(x1, x2)), x1 % x2)
    assert_array_equal(np.asarray(ops.floor_divide([5, 0], [0, 0])), [0, 0])
    assert_array_equal(np.asarray(ops.mod([5, 0], [0, 0])), [0, 0])
    assert ops.mod([True], [True]).dtype == ops.floor_divide([True], [True]).dtype == "int32"


@pytest.mark.parametrize("shapes", [((), ()), ((3,), ()), ((3, 1), (1, 2)), ((0,), (1,))])
def test_gradients_of_quotient_and_remainder(shapes):
    x1, x2 = np.full(shapes[0], 7.3), np.full(shapes[1], 2.1)
    check_gradients(ops.floor_divide, x1, x2)
    check_gradients(ops.mod, x1, x2)
    check_gradients(ops.mod, -x1, x2)
