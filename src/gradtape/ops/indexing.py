"""Indexing with ``t[...]``: slices, integers, new axes, and tensors of integers or booleans."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.errors import ArgumentTypeError, AxisError, show
from gradtape.operation import operation
from gradtape.tensor import Array, ArrayLike, Tensor, as_tensor

_HOLE = "array"  # stands in a template where an array of indices comes in


def getitem(x: Any, index: Any) -> Tensor:
    """Return ``x[index]`` by NumPy's rules; an index outside the shape is an error on every engine.

    Args:
        x: any tensor.
        index: integers, slices, None, Ellipsis, arrays of integers or booleans, or a tuple of them.

    Raises:
        AxisError: if there are more indices than axes, or one lies outside.

    >>> getitem([[1.0, 2.0], [3.0, 4.0]], (slice(None), 0))
    Tensor([1., 3.], shape=(2,), dtype=float32)
    """
    template, arrays = _template(index if isinstance(index, tuple) else (index,))
    return _getitem(x, *arrays, template=template)


def _template(index: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Tensor]]:
    """Return the index with holes in it, and the tensors of indices that belong into them."""
    template: list[Any] = []
    arrays: list[Tensor] = []
    for part in index:
        if isinstance(part, ArrayLike | np.ndarray | list):
            template.append(_HOLE)
            arrays.extend(_index_arrays(part))
            template.extend([_HOLE] * (as_tensor(part).ndim - 1 if _is_mask(part) else 0))
        elif part is None or part is Ellipsis:
            template.append(part)
        elif isinstance(part, slice):
            template.append(
                slice(*[None if n is None else _int(n) for n in (part.start, part.stop, part.step)])
            )
        else:
            template.append(_int(part))
    return tuple(template), arrays


def _int(value: Any) -> int:
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise ArgumentTypeError(
            f"indexing: needs whole numbers, slices, None, ... or arrays of them, got {show(value)}"
        ) from None


def _is_mask(part: Any) -> bool:
    return as_tensor(part).dtype.kind == "b"


def _index_arrays(part: Any) -> list[Tensor]:
    tensor = as_tensor(part, None, "indexing")
    if not tensor.size and tensor.dtype.kind == "f":
        tensor = as_tensor(np.zeros(tensor.shape, "int32"))
    if tensor.dtype.kind == "b":
        return [Tensor(engine.active.asarray(axis)) for axis in np.nonzero(np.asarray(tensor))]
    if tensor.dtype.kind not in "iu":
        raise ArgumentTypeError(f"indexing: arrays must hold integers or booleans, got {tensor.dtype}")
    return [tensor]


def _filled(template: tuple[Any, ...], arrays: tuple[Array, ...]) -> tuple[Any, ...]:
    parts = iter(arrays)
    return tuple([next(parts) if part is _HOLE else part for part in template])


@operation(name="getitem")
def _getitem(*xs: Array, template: tuple[Any, ...]) -> Array:
    x, arrays = xs[0], xs[1:]
    _check_bounds(x.shape, template, arrays)
    return x[_filled(template, arrays)]


def _check_bounds(shape: tuple[int, ...], template: tuple[Any, ...], arrays: tuple[Array, ...]) -> None:
    used = [part for part in template if part is not None and part is not Ellipsis]
    if len(used) > len(shape):
        raise AxisError(f"indexing: {len(used)} indices are too many for shape {shape}")
    parts = iter(arrays)
    axis = 0
    for part in template:
        if part is Ellipsis:
            axis += len(shape) - len(used)
        elif part is not None:
            if part is _HOLE:
                engine.active.check_indices(next(parts), shape[axis], f"indexing: axis {axis}")
            elif isinstance(part, int) and not -shape[axis] <= part < shape[axis]:
                raise AxisError(f"indexing: index {part} is outside axis {axis} of shape {shape}")
            axis += 1


@_getitem.gradient("xs")
def getitem_xs(
    position: int, g: Tensor, y: Tensor, xs: tuple[Tensor, ...], template: tuple[Any, ...]
) -> Tensor:
    """zeros with g added at the index"""
    return _index_add(g, *xs[1:], shape=xs[0].shape, template=template)


@operation(name="index_add")
def _index_add(*xs: Array, shape: tuple[int, ...], template: tuple[Any, ...]) -> Array:
    """Return zeros of `shape` with xs[0] added at the index that the template and xs[1:] make."""
    return engine.active.index_add(shape, _filled(template, xs[1:]), xs[0])


@_index_add.gradient("xs")
def index_add_xs(
    position: int, g: Tensor, y: Tensor, xs: tuple[Tensor, ...], shape: Any, template: tuple[Any, ...]
) -> Tensor:
    """g at the index"""
    return _getitem(g, *xs[1:], template=template)
