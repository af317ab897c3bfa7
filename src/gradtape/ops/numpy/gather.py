"""Elements taken by their indices along an axis, and the scatter that is the gradient."""

from __future__ import annotations

import numpy as np

from gradtape import engine
from gradtape.core.op_facts import per_input
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import DtypeError, ShapeError
from gradtape.ops.base.axes import one_axis
from gradtape.ops.base.rows import keep_other_axes, keep_slices_put_back, keep_taken, keep_taken_along
from gradtape.ops.numpy.shapes import reshape


@takes_placeholders
def take(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """Return the slices of `x` along `axis` at `indices`; None takes from all elements in C order.

    Args:
        x: any shape.
        indices: whole numbers of any shape, in [-length, length) of the axis; repeated ones are allowed.
        axis: the axis the indices count along.

    Returns:
        The shape of x, with the shape of `indices` in the place of the axis.

    Raises:
        AxisError: if an index is outside the axis; a compiled step cannot tell.

    >>> take([10.0, 20.0, 30.0], [2, 0, -1])
    Tensor([30., 10., 30.], shape=(3,), dtype=float32)
    """
    tensor = as_tensor(x, None, "take")
    if axis is None:
        tensor, axis = reshape(tensor, (tensor.size,)), 0
    return _take(tensor, _whole(indices, "take"), axis=one_axis(axis, tensor.ndim, "take"))


@operation(name="take", kind="selection", rows=keep_taken)
def _take(x: Array, indices: Array, axis: int) -> Array:
    # Every index is checked, on every engine: JAX alone would take the nearest element instead.
    indices = engine.active.check_indices(indices, x.shape[axis], "take")
    return x[(slice(None),) * axis + (indices,)]


@_take.gradient("x")
def take_x(g: Tensor, y: Tensor, x: Tensor, indices: Tensor, axis: int) -> Tensor:
    """zeros with g added at the indices"""
    return _add_at(g, indices, shape=x.shape, axis=axis)


@operation(name="add_at", kind="scatter", cost=per_input(), rows=keep_slices_put_back)
def _add_at(x: Array, indices: Array, shape: tuple[int, ...], axis: int) -> Array:
    """Return zeros of `shape` to which the slices of x are added at `indices` along `axis`."""
    return engine.active.index_add(shape, (slice(None),) * axis + (indices,), x)


@_add_at.gradient("x")
def add_at_x(g: Tensor, y: Tensor, x: Tensor, indices: Tensor, shape: tuple[int, ...], axis: int) -> Tensor:
    """take(g, indices)"""
    return _take(g, indices, axis=axis)


@takes_placeholders
def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """Return the elements of `x` at `indices`, each counted along `axis` in its own row.

    Args:
        x: any shape.
        indices: whole numbers, of x's rank; axes other than `axis` broadcast with those of x.
        axis: the axis the indices count along; None takes both as flat.

    Returns:
        The broadcast shape, with the length of `indices` along `axis`.

    Raises:
        ShapeError: if the ranks differ or the other axes do not broadcast.
        AxisError: if an index is outside the axis; a compiled step cannot tell.

    >>> take_along_axis([[10.0, 20.0], [30.0, 40.0]], [[1], [0]], axis=1)
    Tensor([[20.],
            [30.]], shape=(2, 1), dtype=float32)
    """
    tensor, numbers = as_tensor(x, None, "take_along_axis"), _whole(indices, "take_along_axis")
    if axis is None:
        tensor, numbers, axis = reshape(tensor, (-1,)), reshape(numbers, (-1,)), 0
    if tensor.ndim != numbers.ndim:
        raise ShapeError(
            "take_along_axis: x and indices must have the same rank, "
            f"got x {tensor.shape} and indices {numbers.shape}"
        )
    return _take_along_axis(tensor, numbers, axis=one_axis(axis, tensor.ndim, "take_along_axis"))


@operation(name="take_along_axis", kind="selection", rows=keep_taken_along)
def _take_along_axis(x: Array, indices: Array, axis: int) -> Array:
    indices = engine.active.check_indices(indices, x.shape[axis], "take_along_axis")
    return engine.xp.take_along_axis(x, indices, axis=axis)


@_take_along_axis.gradient("x")
def take_along_axis_x(g: Tensor, y: Tensor, x: Tensor, indices: Tensor, axis: int) -> Tensor:
    """zeros with g added at the indices"""
    return _add_along_axis(g, indices, shape=x.shape, axis=axis)


@operation(name="add_along_axis", kind="scatter", cost=per_input(), rows=keep_other_axes)
def _add_along_axis(x: Array, indices: Array, shape: tuple[int, ...], axis: int) -> Array:
    """Return zeros of `shape` to which each element of x is added at its index along `axis`."""
    return engine.active.index_add(shape, _places(x.shape, indices, shape, axis), x)


@_add_along_axis.gradient("x")
def add_along_axis_x(
    g: Tensor, y: Tensor, x: Tensor, indices: Tensor, shape: tuple[int, ...], axis: int
) -> Tensor:
    """take_along_axis(g, indices)"""
    return _take_along_axis(g, indices, axis=axis)


def _places(size: tuple[int, ...], indices: Array, shape: tuple[int, ...], axis: int) -> tuple[Array, ...]:
    """Return the index of every element: `indices` along `axis`, its own place along the others."""
    rank = len(size)
    # Along an axis of length 1 that was broadcast, every element goes to the place 0.
    own = [
        np.arange(n).reshape((1,) * i + (n,) + (1,) * (rank - i - 1)) * (shape[i] > 1)
        for i, n in enumerate(size)
    ]
    places = [engine.xp.broadcast_to(indices if i == axis else own[i], size) for i in range(rank)]
    return tuple(places)


def _whole(indices: TensorLike, who: str) -> Tensor:
    tensor = as_tensor(indices, None, who)
    if not tensor.size and tensor.dtype.kind == "f":  # an empty list says nothing of its dtype
        return as_tensor(np.zeros(tensor.shape, "int32"))
    if tensor.dtype.kind not in "iu":
        raise DtypeError(f"{who}: indices must be whole numbers, got {tensor.dtype}")
    return tensor
