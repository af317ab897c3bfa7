"""Operations that change only the shape or the dtype: broadcasting and its reverse, reshape, cast."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.dtypes import DTypeLike, as_dtype
from gradtape.core.op_facts import Attributes, Axes, Shape, keep_rows, per_input
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.errors import ShapeError
from gradtape.ops.base.axes import one_axis
from gradtape.ops.base.rows import keep_in_new_shape, keep_in_shape


def as_shape(shape: object, who: str) -> tuple[int, ...]:
    """Return `shape` (one whole number or several) as a tuple of ints, or raise."""
    if isinstance(shape, tuple | list):
        return tuple([whole(n, who, "shape") for n in shape])
    return (whole(shape, who, "shape"),)


@operation(kind="move", rows=keep_in_shape)
def broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    """Return `x` repeated along new axes and axes of length 1 until it has `shape`.

    >>> broadcast_to([1.0, 2.0], (2, 2))
    Tensor([[1., 2.],
            [1., 2.]], shape=(2, 2), dtype=float32)
    """
    size = as_shape(shape, "broadcast_to")
    if size and min(size) < 0:
        raise ShapeError(f"broadcast_to: shape must not have negative lengths, got {size}")
    return engine.active.broadcast_to(x, size)


@broadcast_to.gradient("x")
def broadcast_to_x(g: Tensor, y: Tensor, x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """sum_to_shape(g, shape of x)"""
    return sum_to_shape(g, x.shape)


@operation(kind="elementwise", symbol="x * share", cost=per_input(), rows=keep_in_shape)
def spread(x: Array, shape: tuple[int, ...], share: float) -> Array:
    """Return `x` times `share`, repeated to `shape`: what comes back from a mean.

    >>> spread(6.0, (3,), 0.5)
    Tensor([3., 3., 3.], shape=(3,), dtype=float32)
    """
    # Multiplied first, while it is small; broadcasting then copies nothing on NumPy.
    return engine.active.broadcast_to(x * share, shape)


@spread.gradient("x")
def spread_x(g: Tensor, y: Tensor, x: Tensor, shape: tuple[int, ...], share: float) -> Tensor:
    """sum_to_shape(g, shape of x) * share"""
    return sum_to_shape(g, x.shape) * share


@operation(kind="reduction", rows=keep_in_shape, symbol="sum(x)")
def sum_to_shape(x: Array, shape: tuple[int, ...]) -> Array:
    """Return `x` summed over the axes along which `shape` would have to be repeated to give x's shape.

    >>> sum_to_shape([[1.0, 2.0], [3.0, 4.0]], (2,))
    Tensor([4., 6.], shape=(2,), dtype=float32)
    """
    extra = x.ndim - len(shape)
    # The axes in front that `shape` has not, and those that are longer than in it.
    axes = tuple([i for i, n in enumerate(x.shape) if i < extra or shape[i - extra] != n])
    summed = engine.active.sum(x, axes)
    if summed.shape == shape:
        return summed
    # reshape would take a -1 for whatever length is left.
    if -1 in shape or summed.size != math.prod(shape):
        raise ShapeError(f"sum_to_shape: shape must be one that broadcasts to {x.shape}, got {shape}")
    return engine.xp.reshape(summed, shape)


@sum_to_shape.gradient("x")
def sum_to_shape_x(g: Tensor, y: Tensor, x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """broadcast_to(g, shape of x)"""
    return broadcast_to(g, x.shape)


def _rows_after_the_first(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    return axes[0] - 1 if axes[0] else None


# An operation of its own beside sum_to_shape, for BLAS adds rows in a third of NumPy's time.
@operation(kind="reduction", rows=_rows_after_the_first, symbol="sum(x)")
def sum_of_rows(x: Array) -> Array:
    """Return `x` summed over its first axis: what comes back to a bias that is added to each row.

    >>> sum_of_rows([[1.0, 2.0], [3.0, 4.0]])
    Tensor([4., 6.], shape=(2,), dtype=float32)
    """
    return engine.active.sum_of_rows(x)


@sum_of_rows.gradient("x")
def sum_of_rows_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """broadcast_to(g, shape of x)"""
    return broadcast_to(g, x.shape)


@operation(kind="move", rows=keep_in_new_shape)
def reshape(x: Array, newshape: object) -> Array:
    """Return the elements of `x` in C order in another shape; one length may be -1: what is left.

    >>> reshape([[1.0, 2.0], [3.0, 4.0]], (4,))
    Tensor([1., 2., 3., 4.], shape=(4,), dtype=float32)
    """
    shape = as_shape(newshape, "reshape")
    known = math.prod([n for n in shape if n >= 0])
    holes = [n for n in shape if n < 0]
    # With another length of 0, any number would do for the -1: NumPy refuses it too.
    is_possible = x.size == known if not holes else holes == [-1] and known > 0 and x.size % known == 0
    if not is_possible:
        raise ShapeError(f"reshape: newshape {shape} does not hold the {x.size} elements of shape {x.shape}")
    return engine.xp.reshape(x, shape)


@reshape.gradient("x")
def reshape_x(g: Tensor, y: Tensor, x: Tensor, newshape: object) -> Tensor:
    """reshape(g, shape of x)"""
    return reshape(g, x.shape)


def _rows_of_transpose(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    return None if axes[0] is None else _order(attributes["axes"], len(shapes[0])).index(axes[0])


@operation(kind="move", rows=_rows_of_transpose)
def transpose(x: Array, axes: tuple[int, ...] | None = None) -> Array:
    """Return `x` with its axes in the order `axes`; None reverses it.

    >>> transpose([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[1., 3.],
            [2., 4.]], shape=(2, 2), dtype=float32)
    """
    return engine.xp.transpose(x, _order(axes, x.ndim))


def _order(axes: tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    if axes is None:
        return tuple(reversed(range(ndim)))
    order = tuple([one_axis(a, ndim, "transpose") for a in axes])
    if sorted(order) != list(range(ndim)):
        raise ShapeError(f"transpose: axes must name each of the {ndim} axes once, got {tuple(axes)}")
    return order


@transpose.gradient("x")
def transpose_x(g: Tensor, y: Tensor, x: Tensor, axes: tuple[int, ...] | None) -> Tensor:
    """transpose(g, the inverse of axes)"""
    # The argsort of a permutation is its inverse.
    return transpose(g, tuple(int(i) for i in np.argsort(_order(axes, x.ndim))))


@operation(kind="move", symbol="x in another dtype", rows=keep_rows)
def cast(x: Array, dtype: DTypeLike) -> Array:
    """Return `x` converted to `dtype`; the gradient passes between floating types only.

    >>> cast([1.7, -1.7], "int32")
    Tensor([ 1, -1], shape=(2,), dtype=int32)
    """
    return engine.active.astype(x, as_dtype(dtype, "cast"))


@cast.gradient("x")
def cast_x(g: Tensor, y: Tensor, x: Tensor, dtype: DTypeLike) -> Tensor:
    """cast(g, dtype of x)"""
    return cast(g, x.dtype)
