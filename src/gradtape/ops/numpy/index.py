"""Indexing with ``t[...]``: slices, integers, new axes, and tensors of integers or booleans."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.core.op_facts import Attributes, Shape, size
from gradtape.core.operation import operation
from gradtape.core.placeholder import Placeholder
from gradtape.core.tensor import (
    Array,
    ArrayLike,
    Tensor,
    as_tensor,
)
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, ShapeError, show
from gradtape.ops.numpy.index_rows import rows_of_getitem, rows_of_index_add

_HOLE = "array"  # stands in a template where an array of indices comes in


def getitem(x: object, index: object) -> Tensor:
    """Return ``x[index]`` by NumPy's rules; an index outside the shape is an error on every engine.

    Args:
        x: any tensor.
        index: integers, slices, None, Ellipsis, arrays of integers or booleans, or a tuple of them.

    Raises:
        AxisError: if there are more indices than axes, or one lies outside; a compiled step cannot tell
            of a tensor of indices.
        ShapeError: if a mask has not the lengths of its axes, or arrays of indices do not broadcast.
        ArgumentError: for a step of 0, or ``...`` twice.
        ArgumentTypeError: for anything else that is no index.

    >>> getitem([[1.0, 2.0], [3.0, 4.0]], (slice(None), 0))
    Tensor([1., 3.], shape=(2,), dtype=float32)
    """
    if isinstance(x, Placeholder):
        return x._defer(getitem, (x, index), {})  # type: ignore[no-any-return]
    tensor = x if isinstance(x, Tensor) else as_tensor(x, None, "indexing")
    parts = index if isinstance(index, tuple) else (index,)
    # Arrays of indices become inputs of the operation, so that a tape, a trace and a saved model see them;
    # the rest of the index is its attribute, with a hole for each array.
    template, arrays = _plain(parts), list[Tensor]()
    if template is None:
        template, arrays = _template(parts, tensor.shape)
    return _getitem.operation.apply((tensor, *arrays), {"template": template})


def _plain(index: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return `index` if it is nothing but integers, slices of them, None and Ellipsis; else None."""
    for part in index:
        if type(part) is slice:
            start, stop, step = part.start, part.stop, part.step
            if not (
                (start is None or type(start) is int)
                and (stop is None or type(stop) is int)
                and (step is None or (type(step) is int and step))
            ):
                return None
        # `type`, not isinstance: a bool is an int too, and as an index it is no number.
        elif type(part) is not int and part is not None and part is not Ellipsis:
            return None
    return index


def _template(index: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[tuple[Any, ...], list[Tensor]]:
    """Return the index with holes in it, and the tensors of indices that belong into them."""
    template: list[Any] = []
    arrays: list[Tensor] = []
    masks: list[tuple[int, tuple[int, ...]]] = []  # where in the template, and how long
    for part in index:
        if isinstance(part, ArrayLike | np.ndarray | list | tuple | range) or engine.active.is_engine_array(
            part
        ):
            indices, mask = _index_arrays(part)
            if mask is not None:
                masks.append((len(template), mask))
            template.extend([_HOLE] * len(indices))
            arrays.extend(indices)
        elif part is None or part is Ellipsis:
            template.append(part)
        elif isinstance(part, slice):
            template.append(_slice(part))
        else:
            template.append(_int(part))
    for place, mask in masks:
        _check_mask(mask, shape, template, place)
    if len({a.shape for a in arrays}) > 1:
        _check_broadcast(arrays)
    return tuple(template), arrays


def _slice(part: slice) -> slice:
    start, stop, step = [None if n is None else _int(n) for n in (part.start, part.stop, part.step)]
    if step == 0:
        raise ArgumentError("indexing: the step of a slice must not be 0")
    return slice(start, stop, step)


def _int(value: Any) -> int:
    try:
        # NumPy takes True for a mask of rank 0, which adds an axis; here it is an error.
        if isinstance(value, bool | np.bool_):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise ArgumentTypeError(
            f"indexing: needs whole numbers, slices, None, ... or arrays of them, got {show(value)}"
        ) from None


def _index_arrays(part: object) -> tuple[list[Tensor], tuple[int, ...] | None]:
    """Return the tensors of indices that `part` stands for, and its shape if it is a mask."""
    tensor = as_tensor(part, None, "indexing")
    if not tensor.size and tensor.dtype.kind == "f":  # an empty list says nothing of its dtype
        tensor = as_tensor(np.zeros(tensor.shape, "int32"))
    if tensor.dtype.kind == "b":
        if not tensor.ndim:
            raise ArgumentTypeError("indexing: a mask needs at least one axis, got a boolean of rank 0")
        # The shape of the result depends on the values of a mask, so it becomes indices, on the host.
        return [Tensor(engine.active.asarray(axis)) for axis in np.nonzero(np.asarray(tensor))], tensor.shape
    if tensor.dtype.kind not in "iu":
        raise ArgumentTypeError(f"indexing: arrays must hold integers or booleans, got {tensor.dtype}")
    return [tensor], None


def _axes_before(template: list[Any], place: int, ndim: int) -> int:
    """Return how many axes the parts of the template before `place` take."""
    used = [part for part in template if part is not None and part is not Ellipsis]
    hidden = ndim - len(used)
    return sum([hidden if part is Ellipsis else part is not None for part in template[:place]])


def _check_mask(mask: tuple[int, ...], shape: tuple[int, ...], template: list[Any], place: int) -> None:
    first = _axes_before(template, place, len(shape))
    if first >= 0 and mask != shape[first : first + len(mask)]:
        raise ShapeError(
            f"indexing: a mask must have the lengths of its axes, got {mask} at axis {first} of shape {shape}"
        )


def _check_broadcast(arrays: list[Tensor]) -> None:
    try:
        np.broadcast_shapes(*[a.shape for a in arrays])
    except ValueError:
        shapes = ", ".join([str(a.shape) for a in arrays])
        raise ShapeError(f"indexing: arrays of indices must broadcast together, got {shapes}") from None


def _filled(template: tuple[Any, ...], arrays: tuple[Array, ...]) -> tuple[Any, ...]:
    parts = iter(arrays)
    return tuple([next(parts) if part is _HOLE else part for part in template]) if arrays else template


@operation(name="getitem", kind="selection", rows=rows_of_getitem)
def _getitem(*xs: Array, template: tuple[Any, ...]) -> Array:
    x, arrays = xs[0], xs[1:]
    # On every engine before the indexing: JAX would take the nearest element for an index outside.
    _check_bounds(x.shape, template, arrays)
    return engine.active.pick(x, _filled(template, arrays))


def _check_bounds(shape: tuple[int, ...], template: tuple[Any, ...], arrays: tuple[Array, ...]) -> None:
    skipped = [part for part in template if part is None or part is Ellipsis]
    used = len(template) - len(skipped)
    if used > len(shape):
        raise AxisError(f"indexing: {used} indices are too many for shape {shape}")
    if len(skipped) > 1 and sum([part is Ellipsis for part in skipped]) > 1:
        raise ArgumentError("indexing: ... may stand once only")
    parts = iter(arrays)
    axis = 0
    for part in template:
        if type(part) is int:
            if not -shape[axis] <= part < shape[axis]:
                raise AxisError(f"indexing: index {part} is outside axis {axis} of shape {shape}")
        elif part is Ellipsis:
            axis += len(shape) - used
            continue
        elif part is None:
            continue
        elif part is _HOLE:
            engine.active.check_indices(next(parts), shape[axis], f"indexing: axis {axis}")
        axis += 1


@_getitem.gradient("xs")
def getitem_xs(
    position: int, g: Tensor, y: Tensor, xs: tuple[Tensor, ...], template: tuple[Any, ...]
) -> Tensor:
    """zeros with g added at the index"""
    return _index_add(g, *xs[1:], shape=xs[0].shape, template=template)


def _added(shapes: Sequence[Shape], output_shape: Shape, attributes: Attributes) -> int:
    """Return how many elements are added."""
    return size(shapes[0])


@operation(name="index_add", kind="scatter", cost=_added, rows=rows_of_index_add)
def _index_add(*xs: Array, shape: tuple[int, ...], template: tuple[Any, ...]) -> Array:
    """Return zeros of `shape` with xs[0] added at the index that the template and xs[1:] make."""
    return engine.active.index_add(shape, _filled(template, xs[1:]), xs[0])


@_index_add.gradient("xs")
def index_add_xs(
    position: int, g: Tensor, y: Tensor, xs: tuple[Tensor, ...], shape: object, template: tuple[Any, ...]
) -> Tensor:
    """g at the index"""
    return _getitem(g, *xs[1:], template=template)
