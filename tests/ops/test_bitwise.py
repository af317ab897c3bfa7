"""Bits: values, dtypes, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gradtape import ops
from gradtape.errors import DtypeError

TWO = ["bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"]


@pytest.mark.parametrize("dtype", ["int32", "uint8", "int64"])
@pytest.mark.parametrize("name", TWO)
def test_of_two(name, dtype):
    x1, x2 = np.array([12, 5, 0, 127], dtype), np.array([3, 1, 2, 0], dtype)
    y = getattr(ops, name)(x1, x2)
    assert_array_equal(np.asarray(y), getattr(np, name)(x1, x2))
    assert y.dtype == dtype


def test_booleans():
    a, b = np.array([True, True, False]), np.array([True, False, False])
    assert_array_equal(np.asarray(ops.bitwise_and(a, b)), a & b)
    assert_array_equal(np.asarray(ops.bitwise_or(a, b)), a | b)
    assert_array_equal(np.asarray(ops.bitwise_xor(a, b)), a ^ b)
    assert_array_equal(np.asarray(ops.bitwise_invert(a)), ~a)
    assert ops.left_shift([True], [True]).dtype == "int32"


def test_invert():
    assert_array_equal(np.asarray(ops.bitwise_not([0, 5, -1])), [-1, -6, 0])


def test_the_sign_stays():
    assert_array_equal(np.asarray(ops.bitwise_right_shift([-8], 1)), [-4])
    assert_array_equal(np.asarray(ops.bitwise_left_shift([-8], 1)), [-16])


@pytest.mark.parametrize("name", TWO)
def test_floats_are_refused(name):
    with pytest.raises(DtypeError, match=f"{name}: needs whole numbers or booleans, got float32 and float32"):
        getattr(ops, name)([1.0], 2)


def test_invert_refuses_floats():
    with pytest.raises(DtypeError, match="bitwise_invert: needs whole numbers or booleans, got float64"):
        ops.bitwise_invert(np.ones(2))
