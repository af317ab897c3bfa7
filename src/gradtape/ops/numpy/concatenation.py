"""Joining and splitting tensors: concatenate, stack, split, unstack."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.op_facts import Attributes, Axes, Shape
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import Array, Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, ShapeError, show
from gradtape.ops.base.axes import one_axis
from gradtape.ops.base.rows import keep_other_axes
from gradtape.ops.numpy.index import _index_add, getitem


@takes_placeholders
def concatenate(xs: object, axis: int = 0) -> Tensor:
    """Return the tensors `xs` one after the other along `axis`; their other axes must be equally long.

    >>> concatenate([[1.0], [2.0, 3.0]])
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """
    return _concatenate(*_several(xs, "concatenate"), axis=axis)


def _rows_of_concatenate(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis along which all tensors have the rows, unless it is the one that gets longer."""
    where = attributes["axis"] % len(shapes[0])
    return axes[0] if len(set(axes)) == 1 and axes[0] != where else None


@operation(promotes=True, name="concatenate", kind="move", rows=_rows_of_concatenate)
def _concatenate(*xs: Array, axis: int) -> Array:
    where = one_axis(axis, xs[0].ndim, "concatenate")
    others = {x.shape[:where] + x.shape[where + 1 :] for x in xs}
    if len(others) > 1 or len({x.ndim for x in xs}) > 1:
        raise ShapeError(f"concatenate: axes other than {axis} must be equally long, got {_shapes(xs)}")
    return engine.xp.concat(xs, axis=where)


@_concatenate.gradient("xs")
def concatenate_xs(position: int, g: Tensor, y: Tensor, xs: tuple[Tensor, ...], axis: int) -> Tensor:
    """the slice of g where the tensor stands in y"""
    # The forward pass has checked the axis; here it is only counted from the front.
    where = axis % y.ndim
    start = sum([x.shape[where] for x in xs[:position]])
    stop = start + xs[position].shape[where]
    return g[(slice(None),) * where + (slice(start, stop),)]


@takes_placeholders
def stack(x: object, axis: int = 0) -> Tensor:
    """Return the tensors of the list `x`, all of one shape, along a new axis.

    >>> stack([[1.0, 2.0], [3.0, 4.0]], axis=1)
    Tensor([[1., 3.],
            [2., 4.]], shape=(2, 2), dtype=float32)
    """
    return _stack(*_several(x, "stack"), axis=axis)


def _rows_of_stack(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis along which all tensors have the rows, one further if the new axis comes before it."""
    where = attributes["axis"] % (len(shapes[0]) + 1)
    return axes[0] + (axes[0] >= where) if len(set(axes)) == 1 and axes[0] is not None else None


@operation(promotes=True, name="stack", kind="move", rows=_rows_of_stack)
def _stack(*xs: Array, axis: int) -> Array:
    if len({x.shape for x in xs}) > 1:
        raise ShapeError(f"stack: all tensors must have one shape, got {_shapes(xs)}")
    return engine.xp.stack(xs, axis=one_axis(axis, xs[0].ndim + 1, "stack"))


@_stack.gradient("xs")
def stack_xs(position: int, g: Tensor, y: Tensor, xs: tuple[Tensor, ...], axis: int) -> Tensor:
    """g[position] along axis"""
    return g[(slice(None),) * (axis % y.ndim) + (position,)]


def _several(xs: object, who: str) -> list[Any]:
    if not isinstance(xs, list | tuple) or not xs:
        raise ArgumentError(f"{who}: needs a list of at least one tensor, got {show(xs)}")
    return list(xs)


def _shapes(xs: tuple[Array, ...]) -> str:
    return ", ".join(str(x.shape) for x in xs[:20])


@takes_placeholders
def split(x: TensorLike, indices_or_sections: object, axis: int = 0) -> list[Tensor]:
    """Return `x` cut along `axis`: into so many equal parts, or before each of the places named.

    Raises:
        ArgumentError: if the parts would not be equal.

    >>> [part.tolist() for part in split([1.0, 2.0, 3.0, 4.0], 2)]
    [[1.0, 2.0], [3.0, 4.0]]
    >>> [part.tolist() for part in split([1.0, 2.0, 3.0, 4.0], [1])]
    [[1.0], [2.0, 3.0, 4.0]]
    """
    tensor = as_tensor(x, None, "split")
    where = one_axis(axis, tensor.ndim, "split")
    length = tensor.shape[where]
    if isinstance(indices_or_sections, tuple | list):
        places = [whole(n, "split", "indices_or_sections") for n in indices_or_sections]
    else:
        parts = whole(indices_or_sections, "split", "indices_or_sections")
        if parts < 1 or length % parts:
            raise ArgumentError(f"split: an axis of length {length} cannot be cut into {parts} equal parts")
        # A range cannot have the step 0, which an axis of length 0 would ask for.
        places = list(range(length // parts, length, length // parts)) if length else [0] * (parts - 1)
    return list(_split(tensor, places=tuple(places), axis=where))


def _parts(places: tuple[int, ...], axis: int) -> list[tuple[slice, ...]]:
    """Return the index of each part: from one place to the next along `axis`."""
    before = (slice(None),) * axis
    return [(*before, slice(*ends)) for ends in zip((0, *places), (*places, None), strict=True)]


# One operation for all parts: their gradients meet in one concatenation, where an index for each part
# would add up as many arrays of zeros as there are parts.
@operation(name="split", kind="selection", rows=keep_other_axes)
def _split(x: Array, places: tuple[int, ...], axis: int) -> tuple[Array, ...]:
    """Return the parts of x along `axis`, cut before each of the places."""
    return tuple([engine.active.pick(x, index) for index in _parts(places, axis)])


@_split.joint_gradient
def split_back(
    g: tuple[Tensor, ...], y: tuple[Tensor, ...], x: Tensor, places: tuple[int, ...], axis: int
) -> tuple[Tensor]:
    """concatenate(g)"""
    if list(places) == sorted(places) and all(0 <= n <= x.shape[axis] for n in places):
        return (concatenate(g, axis),)
    # Parts that overlap, or do not cover the axis: each is added where it came from.
    indices = _parts(places, axis)
    added = [_index_add(part, shape=x.shape, template=index) for part, index in zip(g, indices, strict=True)]
    return (functools.reduce(operator.add, added),)


@takes_placeholders
def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """Return the slices of `x` along `axis`, each without that axis; `num`, if given, must be how many.

    >>> [part.tolist() for part in unstack([[1.0, 2.0], [3.0, 4.0]], axis=1)]
    [[1.0, 3.0], [2.0, 4.0]]
    """
    tensor = as_tensor(x, None, "unstack")
    where = one_axis(axis, tensor.ndim, "unstack")
    length = tensor.shape[where]
    if num is not None and num != length:
        raise ArgumentError(f"unstack: num must be the length of the axis, {length}, got {num!r}")
    return [getitem(tensor, (*(slice(None),) * where, i)) for i in range(length)]
