"""Diagonals and triangles of matrices: diagonal, diag, trace, tril, triu."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.op_facts import mix_rows
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ShapeError
from gradtape.ops.base.axes import many_axes
from gradtape.ops.base.rows import keep_leading_axes
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.shapes import transpose


@takes_placeholders
def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Return the elements of `x` whose index in `axis2` is that in `axis1` plus `offset`, as last axis.

    >>> diagonal([[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 4.], shape=(2,), dtype=float32)
    """
    return _diagonal(as_tensor(x, None, "diagonal"), offset, axis1, axis2, "diagonal")


def _diagonal(x: Tensor, offset: int, axis1: int, axis2: int, who: str) -> Tensor:
    if x.ndim < 2:
        raise ShapeError(f"{who}: x must have two axes at least, got shape {x.shape}")
    first, second = many_axes((axis1, axis2), x.ndim, who)
    order = (*[i for i in range(x.ndim) if i not in (first, second)], first, second)
    moved = x if order == tuple(range(x.ndim)) else transpose(x, order)
    # Two arrays in one index pick pairs, and the gradient is that of indexing.
    rows, columns = _places(x.shape[first], x.shape[second], whole(offset, who, "offset"))
    return moved[..., rows, columns]


def _places(height: int, width: int, offset: int) -> tuple[Any, Any]:
    """Return the row and the column of each element on the diagonal that lies `offset` to the right."""
    down, right = max(-offset, 0), max(offset, 0)
    # With NumPy: the places are constants, whose values a trace knows as well.
    steps = np.arange(max(min(height - down, width - right), 0), dtype="int32")
    return steps + down, steps + right


@takes_placeholders
def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Return the sum of the diagonal of `x`; see `diagonal`.

    >>> trace([[1.0, 2.0], [3.0, 4.0]])
    Tensor(5., shape=(), dtype=float32)
    """
    return sum(_diagonal(as_tensor(x, None, "trace"), offset, axis1, axis2, "trace"), -1)


@takes_placeholders
def diag(x: TensorLike, k: int = 0) -> Tensor:
    """Return the k-th diagonal of a matrix, or, of a vector, the matrix with it there and 0 elsewhere.

    >>> diag([1.0, 2.0])
    Tensor([[1., 0.],
            [0., 2.]], shape=(2, 2), dtype=float32)
    """
    x, k = as_tensor(x, None, "diag"), whole(k, "diag", "k")
    if x.ndim == 2:
        return _diagonal(x, k, 0, 1, "diag")
    if x.ndim != 1:
        raise ShapeError(f"diag: x must be a vector or a matrix, got shape {x.shape}")
    return diagonal_matrix(x, k=k)


@operation(name="diag", kind="selection", rows=mix_rows)
def diagonal_matrix(x: Array, k: int) -> Array:
    """Return the matrix of zeros with the vector `x` as its k-th diagonal."""
    size = x.shape[0] + abs(k)
    return engine.active.index_put(engine.xp.zeros((size, size), x.dtype), _places(size, size, k), x)


@diagonal_matrix.gradient("x")
def diagonal_matrix_x(g: Tensor, y: Tensor, x: Tensor, k: int) -> Tensor:
    """diagonal(g, k)"""
    return diagonal(g, k)


@operation(kind="selection", rows=keep_leading_axes(2))
def tril(x: Array, k: int = 0) -> Array:
    """Return the matrices in the last two axes with 0 above the k-th diagonal.

    >>> tril([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 0.],
            [3., 4.]], shape=(2, 2), dtype=float32)
    """
    _check_matrix(x, "tril")
    return engine.xp.tril(x, k=whole(k, "tril", "k"))


@tril.gradient("x")
def tril_x(g: Tensor, y: Tensor, x: Tensor, k: int) -> Tensor:
    """tril(g, k)"""
    return tril(g, k)


@operation(kind="selection", rows=keep_leading_axes(2))
def triu(x: Array, k: int = 0) -> Array:
    """Return the matrices in the last two axes with 0 below the k-th diagonal.

    >>> triu([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 2.],
            [0., 4.]], shape=(2, 2), dtype=float32)
    """
    _check_matrix(x, "triu")
    return engine.xp.triu(x, k=whole(k, "triu", "k"))


@triu.gradient("x")
def triu_x(g: Tensor, y: Tensor, x: Tensor, k: int) -> Tensor:
    """triu(g, k)"""
    return triu(g, k)


def _check_matrix(x: Array, who: str) -> None:
    if x.ndim < 2:
        raise ShapeError(f"{who}: x must have two axes at least, got shape {x.shape}")
