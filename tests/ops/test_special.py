"""The error function: accuracy against math.erf, dtypes, gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import engine, ops
from gradtape.testing import check_gradients
from tests.ops.elementwise import SHAPES


def reference(function, x):
    return np.array([function(float(v)) for v in x])


POINTS = np.concatenate([np.linspace(-7, 7, 20001), np.logspace(-300, 0, 2000), -np.logspace(-300, 0, 2000)])


def test_erf_in_float64_is_right_to_the_last_digits():
    assert_allclose(np.asarray(ops.erf(POINTS)), reference(math.erf, POINTS), rtol=5e-16, atol=0)


def test_erf_in_float32():
    x = np.concatenate([np.linspace(-7, 7, 20001), np.logspace(-30, 0, 2000)]).astype("float32")
    y = ops.erf(x)
    assert y.dtype == "float32"
    assert_allclose(np.asarray(y), reference(math.erf, x), rtol=5e-7, atol=0)
    assert np.abs(np.asarray(y)).max() <= (1 if engine.get_engine() == "numpy" else 1 + 2e-7)


def test_erfc_keeps_its_digits_far_out():
    tolerance = 3e-15 if engine.get_engine() == "numpy" else 1e-13
    x = np.linspace(-7, 26.4, 20001)
    assert_allclose(np.asarray(ops.erfc(x)), reference(math.erfc, x), rtol=tolerance, atol=0)
    x32 = np.linspace(-7, 9, 5001).astype("float32")
    assert_allclose(np.asarray(ops.erfc(x32)), reference(math.erfc, x32), rtol=1e-5, atol=0)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_ends(dtype):
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 100, -100], dtype)
    assert_array_equal(np.asarray(ops.erf(x)), np.array([0, 0, 1, -1, np.nan, 1, -1], dtype))
    assert_array_equal(np.signbit(np.asarray(ops.erf(x))[:2]), [False, True])
    assert_array_equal(np.asarray(ops.erfc(x)), np.array([1, 1, 0, 2, np.nan, 0, 2], dtype))
    assert ops.erf(x).dtype == ops.erfc(x).dtype == dtype


def test_whole_numbers_become_float32():
    assert ops.erf([1, 2]).dtype == ops.erfc([True]).dtype == "float32"


@pytest.mark.parametrize("name", ["erf", "erfc"])
@pytest.mark.parametrize("shape", SHAPES)
def test_gradients(name, shape):
    check_gradients(getattr(ops, name), np.random.default_rng(0).uniform(-2, 2, shape))


@pytest.mark.parametrize("shape", [(3, 5000), (5000, 3), (8192,), (8193,)])
def test_large_arrays_are_computed_in_blocks(shape):
    x = np.random.default_rng(0).normal(size=shape)
    y = np.asarray(ops.erf(x))
    assert_allclose(y.ravel()[-50:], reference(math.erf, x.ravel()[-50:]), rtol=1e-15)
    assert_array_equal(np.asarray(ops.erf(x.T)), y.T)
