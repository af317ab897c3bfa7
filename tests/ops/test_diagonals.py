"""Tests of ops/diagonals.py: diagonal, diag, trace, tril, triu."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import as_tensor, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, ShapeError
from gradtape.testing import check_gradients, tape_gradients


def numbers(shape):
    return np.random.default_rng(0).standard_normal(shape)


SHAPES = [(1, 1), (3, 3), (2, 4), (4, 2), (0, 3), (2, 3, 4)]


@pytest.mark.parametrize("offset", [-5, -1, 0, 2])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["diagonal", "trace"])
def test_diagonal_and_trace(name, shape, offset):
    x = numbers(shape)
    pairs = [(0, 1), (1, 0), (-1, -2)] if len(shape) == 2 else [(0, 1), (2, 0), (1, -1)]
    for axis1, axis2 in pairs:
        y = np.asarray(getattr(ops, name)(x, offset, axis1, axis2))
        expected = getattr(np, name)(x, offset, axis1, axis2)
        assert y.shape == np.shape(expected)
        assert_allclose(y, expected)
    check_gradients(lambda t: getattr(ops, name)(t, offset, *pairs[-1]), x, directions=1)


@pytest.mark.parametrize("k", [-2, 0, 1])
@pytest.mark.parametrize("shape", [(1,), (3,), (0,), (3, 3), (2, 4)])
def test_diag(shape, k):
    x = numbers(shape)
    assert_array_equal(np.asarray(ops.diag(x, k)), np.diag(x, k))
    check_gradients(lambda t: ops.diag(t, k), x, directions=1)


@pytest.mark.parametrize("k", [-1, 0, 2])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["tril", "triu"])
def test_triangles(name, shape, k):
    x = numbers(shape)
    assert_array_equal(np.asarray(getattr(ops, name)(x, k)), getattr(np, name)(x, k))
    check_gradients(lambda t: getattr(ops, name)(t, k), x, directions=1)


def test_what_lies_beside_stays_clean():
    """0 x inf in products of gradients"""
    x = np.float32([np.inf, np.nan])
    assert_array_equal(np.asarray(ops.diag(x)), np.diag(x))
    assert_array_equal(np.asarray(ops.tril([[1.0, np.nan], [2.0, np.inf]])), [[1, 0], [2, np.inf]])
    found = tape_gradients(ops.triu, [np.ones((2, 2))], np.array([[1.0, 2.0], [np.inf, 3.0]]))
    assert_array_equal(found[0], [[1, 2], [0, 3]])


def test_dtypes():
    assert ops.trace(np.ones((2, 2), "int8")).dtype == "int32"
    assert ops.diagonal(np.ones((2, 2), "int8")).dtype == "int8"
    assert ops.diag(np.ones(2, "float16")).dtype == "float16"
    assert ops.tril(np.ones((2, 2), "bool")).dtype == "bool"


def test_errors():
    for name in ("diagonal", "trace", "tril", "triu"):
        with pytest.raises(ShapeError, match=rf"^{name}: x must have two axes at least, got shape \(2,\)$"):
            getattr(ops, name)([1.0, 2.0])
    for name in ("diagonal", "trace"):
        function, x = getattr(ops, name), as_tensor([[1.0]])
        with pytest.raises(ArgumentError, match=rf"^{name}: axis must name each axis once, got \(0, -2\)$"):
            function(x, 0, 0, -2)
        with pytest.raises(AxisError, match=rf"^{name}: axis must be in \[-2, 2\), got 2$"):
            function(x, 0, 0, 2)
        with pytest.raises(ArgumentTypeError, match=f"^{name}: offset must be a whole number, got 0.5$"):
            function(x, 0.5)
    with pytest.raises(ShapeError, match=r"^diag: x must be a vector or a matrix, got shape \(\)$"):
        ops.diag(1.0)
    with pytest.raises(ArgumentTypeError, match="^tril: k must be a whole number, got 'a'$"):
        ops.tril([[1.0]], "a")
