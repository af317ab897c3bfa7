"""Products of matrices and tensors."""

from __future__ import annotations

from collections.abc import Sequence

from gradtape import engine
from gradtape.core.op_facts import Attributes, Axes, Shape, keep_rows, size
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.errors import ShapeError
from gradtape.ops.numpy.shapes import reshape, transpose


def _cost(shapes: Sequence[Shape], output_shape: Shape, attributes: Attributes) -> int:
    """Return 2 * n * k * m: a multiplication and an addition for each of the k terms of an element."""
    return 2 * size(output_shape) * shapes[0][-1]


def _cost_of_transpose_a(shapes: Sequence[Shape], output_shape: Shape, attributes: Attributes) -> int:
    return 2 * size(output_shape) * shapes[0][0]


def _rows(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie in x1 @ x2: rows of x1, columns of x2, or an axis before them in both."""
    (first, second), (rank1, rank2) = axes, map(len, shapes)
    lead = max(rank1, rank2, 2) - 2
    if second is None and first == rank1 - 2:
        return lead
    if first is None and second == rank2 - 1 > 0:
        return lead + (rank1 > 1)
    if (first is not None and first > rank1 - 3) or (second is not None and second > rank2 - 3):
        return None
    return keep_rows(axes, [shapes[0][:-2], shapes[1][:-2]], attributes)


def _rows_of_transpose_a(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    return {(1, None): 0, (None, 1): 1}.get((axes[0], axes[1]))


def _rows_of_transpose_b(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    return {(0, None): 0, (None, 0): 1}.get((axes[0], axes[1]))


@operation(promotes=True, kind="product", symbol="x1 @ x2", cost=_cost, rows=_rows)
def matmul(x1: Array, x2: Array) -> Array:
    """Return the matrix product over the last two axes; axes before them broadcast, as in NumPy.

    Args:
        x1: (..., n, k) or (k,).
        x2: (..., k, m) or (k,).

    Returns:
        (..., n, m); a vector's axis is left out.

    Raises:
        ShapeError: if a tensor has rank 0, or the lengths of k differ.

    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]], shape=(1, 1), dtype=float32)
    """
    # Two matrices, as in a Dense layer: the engine's fastest product.
    if len(x1.shape) == 2 == len(x2.shape) and x1.shape[1] == x2.shape[0]:
        return engine.active.matrix_product(x1, x2)
    # Checked here and not by the engines, whose errors differ in class and text.
    if not x1.ndim or not x2.ndim or x1.shape[-1] != x2.shape[-2 if x2.ndim > 1 else 0]:
        raise ShapeError(
            "matmul: the last axis of x1 must be as long as the last but one of x2, "
            f"got x1 {x1.shape} and x2 {x2.shape}"
        )
    return engine.xp.matmul(x1, x2)


@matmul.gradient("x1")
def matmul_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g @ transpose(x2)"""
    # One operation for product and transpose: BLAS reads a factor transposed without a copy of it.
    if len(x1._array.shape) == 2 == len(x2._array.shape):
        return _matmul_transpose_b(g, x2)
    # A vector gets the axis back that matmul left out; axes that were broadcast are summed by the tape.
    rows, columns = _as_rows(x1), _as_columns(x2)
    back = matmul(_as_product(g, x1, x2), _swap(columns))
    return reshape(back, back.shape[:-2] + back.shape[-1:]) if rows is not x1 else back


@matmul.gradient("x2")
def matmul_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """transpose(x1) @ g"""
    if len(x1._array.shape) == 2 == len(x2._array.shape):
        return _matmul_transpose_a(x1, g)
    rows, columns = _as_rows(x1), _as_columns(x2)
    back = matmul(_swap(rows), _as_product(g, x1, x2))
    return reshape(back, back.shape[:-1]) if columns is not x2 else back


@operation(
    promotes=True,
    name="matmul_transpose_b",
    kind="product",
    symbol="x1 @ transpose(x2)",
    cost=_cost,
    rows=_rows_of_transpose_b,
)
def _matmul_transpose_b(x1: Array, x2: Array) -> Array:
    """Return x1 @ transpose(x2) of two matrices."""
    return engine.active.matmul_transpose_b(x1, x2)


@_matmul_transpose_b.gradient("x1")
def matmul_transpose_b_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g @ x2"""
    return matmul(g, x2)


@_matmul_transpose_b.gradient("x2")
def matmul_transpose_b_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """transpose(g) @ x1"""
    return _matmul_transpose_a(g, x1)


@operation(
    promotes=True,
    name="matmul_transpose_a",
    kind="product",
    symbol="transpose(x1) @ x2",
    cost=_cost_of_transpose_a,
    rows=_rows_of_transpose_a,
)
def _matmul_transpose_a(x1: Array, x2: Array) -> Array:
    """Return transpose(x1) @ x2 of two matrices."""
    return engine.active.matmul_transpose_a(x1, x2)


@_matmul_transpose_a.gradient("x1")
def matmul_transpose_a_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """x2 @ transpose(g)"""
    return _matmul_transpose_b(x2, g)


@_matmul_transpose_a.gradient("x2")
def matmul_transpose_a_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """x1 @ g"""
    return matmul(x1, g)


def _as_rows(x1: Tensor) -> Tensor:
    return reshape(x1, (1, *x1.shape)) if x1.ndim == 1 else x1


def _as_columns(x2: Tensor) -> Tensor:
    return reshape(x2, (*x2.shape, 1)) if x2.ndim == 1 else x2


def _as_product(g: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """Return `g` with the axes back that matmul leaves out for vectors."""
    shape = g.shape
    if x2.ndim == 1:
        shape = (*shape, 1)
    if x1.ndim == 1:
        shape = (*shape[:-1], 1, shape[-1])
    return reshape(g, shape)


def _swap(x: Tensor) -> Tensor:
    return transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))
