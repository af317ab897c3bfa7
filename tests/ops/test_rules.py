"""The operations of gradient rules: where zero wins, and where it does not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gradtape.ops.base.rules import (
    divide_no_nan,
    gate,
    multiply_no_nan,
    share,
    step,
)
from gradtape.testing import check_gradients
from tests.ops.elementwise import PAIRS, SHAPES

INF, NAN = np.inf, np.nan


def test_multiply_no_nan():
    g = np.array([0.0, -0.0, 0.0, 2.0, NAN, NAN, INF, INF])
    factor = np.array([INF, NAN, 5.0, INF, 0.0, INF, 0.0, 2.0])
    expected = [0, 0, 0, INF, NAN, NAN, 0, INF]
    assert_array_equal(np.asarray(multiply_no_nan(g, factor)), expected)


def test_divide_no_nan():
    g = np.array([0.0, 0.0, 2.0, NAN, NAN, 6.0])
    divisor = np.array([0.0, NAN, 0.0, 0.0, INF, 3.0])
    assert_array_equal(np.asarray(divide_no_nan(g, divisor)), [0, 0, INF, NAN, NAN, 2])


@pytest.mark.parametrize("shapes", PAIRS)
def test_gradients(shapes):
    rng = np.random.default_rng(0)
    g, factor = rng.uniform(0.5, 2, shapes[0]), rng.uniform(0.5, 2, shapes[1])
    check_gradients(multiply_no_nan, g, factor)
    check_gradients(divide_no_nan, g, factor)


def test_gradients_where_the_cotangent_is_zero():
    """At a finite factor a zero is a number like others: the slope for g is the factor."""
    check_gradients(multiply_no_nan, [0.0, 0.0], [2.0, -3.0])
    check_gradients(divide_no_nan, [0.0, 0.0], [2.0, -3.0])


@pytest.mark.parametrize("shape", SHAPES)
def test_gate(shape):
    rng = np.random.default_rng(0)
    g, y, is_open = rng.normal(size=shape), rng.normal(size=shape), rng.random(shape) > 0.5
    assert_array_equal(np.asarray(gate(g, is_open, y)), np.where(is_open, g, 0))
    check_gradients(lambda g: gate(g, is_open, y), g)


def test_gate_keeps_nan_and_not_infinities():
    y = np.array([NAN, NAN, INF, 1.0])
    assert_array_equal(np.asarray(gate(np.full(4, INF), [True, False, False, False], y)), [INF, NAN, 0, 0])


def test_share_and_step():
    assert_array_equal(np.asarray(share([1.0, 2, 3, NAN], 2.0, [2.0, 2, 3, NAN])), [0, 0.5, 1, NAN])
    assert_array_equal(np.asarray(step([-1.0, 0.0, 2.0, NAN], 0.1, 5.0)), np.float32([0.1, 0.1, 5, NAN]))
