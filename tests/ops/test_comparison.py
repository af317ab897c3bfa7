"""Comparisons, logic and tests for NaN: values, dtypes, no gradient."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gradtape import ops

COMPARISONS = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]
LOGIC = ["logical_and", "logical_or", "logical_xor"]
TESTS = ["isnan", "isinf", "isfinite", "logical_not"]
X1 = np.array([1.0, 2.0, 3.0, np.nan, np.inf, -0.0])
X2 = np.array([2.0, 2.0, 1.0, np.nan, np.inf, 0.0])


@pytest.mark.parametrize("name", COMPARISONS + LOGIC)
def test_of_two(name):
    f, reference = getattr(ops, name), getattr(np, name)
    y = f(X1, X2)
    assert y.dtype == "bool"
    assert_array_equal(np.asarray(y), reference(X1, X2))
    assert_array_equal(np.asarray(f(X1[:, None], X2)), reference(X1[:, None], X2))
    assert_array_equal(np.asarray(f([1, 0, 2], 1)), reference([1, 0, 2], 1))
    assert f(np.ones((0, 2)), 1).shape == (0, 2)


@pytest.mark.parametrize("name", TESTS)
def test_of_one(name):
    f, reference = getattr(ops, name), getattr(np, name)
    assert_array_equal(np.asarray(f(X1)), reference(X1))
    assert_array_equal(np.asarray(f([1, 0])), reference([1, 0]))
    assert f(X1).dtype == f([1, 0]).dtype == "bool"


@pytest.mark.parametrize("name", COMPARISONS + LOGIC + TESTS)
def test_have_no_gradient(name):
    assert not getattr(ops, name).operation.differentiable


def test_a_number_follows_the_tensor_it_is_compared_with():
    assert_array_equal(np.asarray(ops.equal(np.float32([0.1]), 0.1)), [True])
    assert_array_equal(np.asarray(ops.less([1, 2], 1.5)), [True, False])
