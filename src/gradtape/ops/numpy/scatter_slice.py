"""Scatters and slices: scatter, scatter_update, slice, slice_update."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.op_facts import Attributes, Axes, Shape, free, mix_rows, per_input
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ArgumentTypeError, AxisError, DtypeError, ShapeError, show
from gradtape.ops.base.floats import countable
from gradtape.ops.numpy.index import getitem
from gradtape.ops.numpy.shapes import as_shape


@takes_placeholders
def scatter(indices: TensorLike, values: TensorLike, shape: object) -> Tensor:
    """Return zeros of `shape` to which `values` are added at `indices`; equal places add up.

    Booleans are added as int32.

    Args:
        indices: (..., k) whole numbers: places along the first k axes.
        values: (..., rest of shape) what is added there.
        shape: of the result.

    >>> scatter([[0], [2], [0]], [1.0, 2.0, 3.0], (3,))
    Tensor([4., 0., 2.], shape=(3,), dtype=float32)
    """
    places, size = _places(indices, "scatter"), as_shape(shape, "scatter")
    updates = as_tensor(values, None, "scatter")
    _check(places, updates, size, "scatter", "values")
    return _scatter(updates, places, shape=size)


def _rows_of_scatter(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis of the rows behind those that the places count along."""
    places = shapes[1][:-1]
    if axes[1] is not None or axes[0] is None or axes[0] < len(places):
        return None
    return axes[0] - len(places) + shapes[1][-1]


@operation(name="scatter", kind="scatter", cost=per_input(), rows=_rows_of_scatter)
def _scatter(values: Array, indices: Array, shape: tuple[int, ...]) -> Array:
    return engine.active.index_add(shape, _index(indices, shape, "scatter"), countable(values))


@_scatter.gradient("values")
def scatter_values(g: Tensor, y: Tensor, values: Tensor, indices: Tensor, shape: tuple[int, ...]) -> Tensor:
    """g at the indices"""
    return _gather(g, indices)


def _rows_of_gather(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis of the rows among the places, or behind the axes that they count along."""
    (x, places), index = axes, shapes[1]
    if places is not None:
        return places if x is None and places < len(index) - 1 else None
    return None if x is None or x < index[-1] else x - index[-1] + len(index) - 1


@operation(name="gather", kind="selection", rows=_rows_of_gather)
def _gather(x: Array, indices: Array) -> Array:
    """Return what stands in `x` at `indices`, (..., k) places along the first k axes."""
    return x[_index(indices, x.shape, "gather")]


@_gather.gradient("x")
def gather_x(g: Tensor, y: Tensor, x: Tensor, indices: Tensor) -> Tensor:
    """zeros with g added at the indices"""
    return _scatter(g, indices, shape=x.shape)


@takes_placeholders
def scatter_update(inputs: TensorLike, indices: TensorLike, updates: TensorLike) -> Tensor:
    """Return `inputs` with `updates` in the places `indices`; where places are equal, the last one stays.

    Args:
        inputs: any shape.
        indices: (..., k) whole numbers: places along the first k axes.
        updates: (..., rest of inputs' shape), converted to inputs' dtype.

    >>> scatter_update([1.0, 2.0, 3.0], [[0], [2]], [10.0, 30.0])
    Tensor([10.,  2., 30.], shape=(3,), dtype=float32)
    """
    tensor, places = as_tensor(inputs, None, "scatter_update"), _places(indices, "scatter_update")
    values = as_tensor(updates, tensor.dtype, "scatter_update")
    _check(places, values, tensor.shape, "scatter_update", "updates")
    return _scatter_update(tensor, places, values)


def _rows_of_scatter_update(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis of the rows if inputs and updates have them behind the axes of the places."""
    (x, places, updates), index = axes, shapes[1]
    if x is None or updates is None or places is not None or x < index[-1]:
        return None
    return x if updates - len(index) + 1 == x - index[-1] else None


@operation(name="scatter_update", kind="scatter", cost=free, rows=_rows_of_scatter_update)
def _scatter_update(inputs: Array, indices: Array, updates: Array) -> Array:
    return engine.active.index_put(inputs, _index(indices, inputs.shape, "scatter_update"), updates)


@_scatter_update.gradient("inputs")
def scatter_update_inputs(g: Tensor, y: Tensor, inputs: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """g with 0 at the indices"""
    return _scatter_update(g, indices, Tensor(engine.xp.zeros(updates.shape, g.dtype)))


@_scatter_update.gradient("updates")
def scatter_update_updates(g: Tensor, y: Tensor, inputs: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """g at the indices, 0 for an update that another one replaced"""
    return _gather(g, indices) * _stayed(indices, shape=inputs.shape, like=updates.shape)


@operation(differentiable=False, name="stayed", kind="scatter", cost=free, rows=mix_rows)
def _stayed(indices: Array, shape: tuple[int, ...], like: tuple[int, ...]) -> Array:
    """Return 1 for each update that stays and 0 for one that a later one replaces."""
    xp, index = engine.xp, _index(indices, shape, "scatter_update")
    lead, rest = indices.shape[:-1], len(like) - (indices.ndim - 1)
    # Each update writes its number; an update stays if its number is still there afterwards.
    number = xp.reshape(xp.arange(_size(lead)), lead)
    board = engine.active.index_put(xp.zeros(shape[: indices.shape[-1]], number.dtype), index, number)
    return xp.reshape((board[index] == number).astype("float32"), lead + (1,) * rest)


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size


@takes_placeholders
def slice(inputs: TensorLike, start_indices: object, shape: object) -> Tensor:
    """Return the block of `shape` in `inputs` that begins at `start_indices`.

    >>> slice([[1.0, 2.0], [3.0, 4.0]], (0, 1), (2, 1))
    Tensor([[2.],
            [4.]], shape=(2, 1), dtype=float32)
    """
    tensor = as_tensor(inputs, None, "slice")
    return getitem(tensor, _block(start_indices, as_shape(shape, "slice"), tensor.shape, "slice"))


@takes_placeholders
def slice_update(inputs: TensorLike, start_indices: object, updates: TensorLike) -> Tensor:
    """Return `inputs` with the block `updates` in the place that begins at `start_indices`.

    >>> slice_update([1.0, 2.0, 3.0], (1,), [9.0])
    Tensor([1., 9., 3.], shape=(3,), dtype=float32)
    """
    tensor = as_tensor(inputs, None, "slice_update")
    values = as_tensor(updates, tensor.dtype, "slice_update")
    block = _block(start_indices, values.shape, tensor.shape, "slice_update")
    return _block_update(tensor, values, block=tuple([(s.start, s.stop) for s in block]))


def _rows_of_slice_update(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis of the rows if the block has all of them."""
    x = axes[0]
    return x if x is not None and x == axes[1] and shapes[0][x] == shapes[1][x] else None


@operation(name="slice_update", kind="scatter", cost=free, rows=_rows_of_slice_update)
def _block_update(inputs: Array, updates: Array, block: tuple[tuple[int, int], ...]) -> Array:
    return engine.active.index_put(inputs, _slices(block), updates)


@_block_update.gradient("inputs")
def slice_update_inputs(g: Tensor, y: Tensor, inputs: Tensor, updates: Tensor, block: Any) -> Tensor:
    """g with 0 in the block"""
    return _block_update(g, Tensor(engine.xp.zeros(updates.shape, g.dtype)), block=block)


@_block_update.gradient("updates")
def slice_update_updates(g: Tensor, y: Tensor, inputs: Tensor, updates: Tensor, block: Any) -> Tensor:
    """the block of g"""
    return getitem(g, _slices(block))


def _slices(block: tuple[tuple[int, int], ...]) -> tuple[builtins.slice, ...]:
    return tuple([builtins.slice(start, stop) for start, stop in block])


def _block(start_indices: object, size: tuple[int, ...], shape: tuple[int, ...], who: str) -> tuple[Any, ...]:
    if not np.iterable(start_indices):
        raise ArgumentTypeError(f"{who}: start_indices must be one per axis, got {show(start_indices)}")
    starts = [whole(n, who, "start_indices") for n in start_indices]
    if not len(starts) == len(size) == len(shape):
        raise ShapeError(
            f"{who}: needs one start and one length per axis of shape {shape}, got {starts}, {size}"
        )
    for start, length, available in zip(starts, size, shape, strict=True):
        # A Python slice that reaches beyond the end is cut short without a word.
        if start < 0 or length < 0 or start + length > available:
            raise AxisError(f"{who}: the block of shape {size} at {starts} is not inside shape {shape}")
    return _slices(tuple([(a, a + n) for a, n in zip(starts, size, strict=True)]))


def _places(indices: TensorLike, who: str) -> Tensor:
    places = as_tensor(indices, None, who)
    if places.dtype.kind not in "iu" or not places.ndim:
        raise DtypeError(f"{who}: indices must be whole numbers of shape (..., k), got {places.dtype}")
    if not places.shape[-1]:
        raise ShapeError(
            f"{who}: indices must name a place along one axis at least, got shape {places.shape}"
        )
    return places


def _check(places: Tensor, values: Tensor, shape: tuple[int, ...], who: str, what: str) -> None:
    k = places.shape[-1]
    if k > len(shape) or values.shape != places.shape[:-1] + shape[k:]:
        raise ShapeError(
            f"{who}: {what} must have the shape of indices without its last axis, then that of the slices, "
            f"got indices {places.shape}, {what} {values.shape}, shape {shape}"
        )


def _index(indices: Array, shape: tuple[int, ...], who: str) -> tuple[Array, ...]:
    """Return (..., k) indices as k arrays, each checked against its axis."""
    parts = tuple([indices[..., i] for i in range(indices.shape[-1])])
    for part, length in zip(parts, shape, strict=False):
        engine.active.check_indices(part, length, who)
    return parts
