"""Padding, reordering and repeating along axes: pad, flip, roll, tile, repeat, meshgrid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.checks import whole, whole_array
from gradtape.core.op_facts import Attributes, Axes, Shape
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
    weak_number,
)
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show
from gradtape.ops.base.axes import many_axes, one_axis
from gradtape.ops.base.rows import keep_other_axes
from gradtape.ops.numpy.concatenation import concatenate
from gradtape.ops.numpy.gather import take
from gradtape.ops.numpy.shapes import broadcast_to, reshape

Widths = tuple[tuple[int, int], ...]


@takes_placeholders
def pad(x: TensorLike, pad_width: object, mode: str = "constant", constant_values: object = None) -> Tensor:
    """Return `x` with elements added at both ends of each axis.

    Args:
        x: any shape.
        pad_width: how many before and after: one number for all, one pair for all, or a pair per axis.
        mode: ``"constant"``; ``"reflect"`` mirrors without repeating the edge, ``"symmetric"`` with it.
        constant_values: the number added by ``"constant"``; None means 0.

    >>> pad([1.0, 2.0, 3.0], 1, mode="reflect")
    Tensor([2., 1., 2., 3., 2.], shape=(5,), dtype=float32)
    """
    tensor = as_tensor(x, None, "pad")
    widths = _widths(pad_width, tensor.ndim)
    if mode == "constant":
        value = as_tensor(0 if constant_values is None else constant_values)
        # The number must fit the dtype of x, which the result keeps.
        filling = weak_number(value.item(), tensor.dtype, "pad").item()
        return _pad(tensor, widths=widths, value=filling)
    if mode not in ("reflect", "symmetric"):
        raise ArgumentError(f"pad: mode must be constant, reflect or symmetric, got {show(mode)}")
    if constant_values is not None:
        raise ArgumentError(f"pad: constant_values has no meaning with mode {mode!r}")
    for axis, width in enumerate(widths):
        if width != (0, 0):
            # By `take`, whose gradient adds up all the places that one element was mirrored to.
            tensor = take(tensor, _mirrored(tensor.shape[axis], width, mode), axis=axis)
    return tensor


def _widths(pad_width: object, ndim: int) -> Widths:
    try:
        pairs = np.broadcast_to(np.asarray(pad_width), (ndim, 2))
    except ValueError:
        raise ArgumentError(
            f"pad: pad_width must be a number, a pair, or a pair for each of {ndim} axes, "
            f"got {show(pad_width)}"
        ) from None
    whole_array(pad_width, "pad", "pad_width", 0)
    return tuple([(int(a), int(b)) for a, b in pairs])


def _mirrored(length: int, width: tuple[int, int], mode: str) -> Any:
    """Return which elements of an axis stand where after mirroring at its ends, as often as needed."""
    if not length:
        raise ShapeError(f"pad: an axis without elements has nothing to mirror (mode {mode!r})")
    # Mirrored again and again, an axis is periodic: abcd reads abcddcba (symmetric) or abcdcb (reflect).
    wanted = np.arange(-width[0], length + width[1])
    if mode == "symmetric":
        period = 2 * length
        place = wanted % period
        return np.where(place < length, place, period - 1 - place)
    period = max(2 * length - 2, 1)
    place = wanted % period
    return np.where(place < length, place, period - place)


def _rows_of_pad(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return the axis of the rows if nothing is added along it."""
    return axes[0] if axes[0] is not None and attributes["widths"][axes[0]] == (0, 0) else None


@operation(name="pad", kind="move", rows=_rows_of_pad)
def _pad(x: Array, widths: Widths, value: object) -> Array:
    # NumPy's pad refuses an empty list of widths, which a tensor of rank 0 has.
    return engine.xp.pad(x, widths, constant_values=value) if widths else x


@_pad.gradient("x")
def pad_x(g: Tensor, y: Tensor, x: Tensor, widths: Widths, value: object) -> Tensor:
    """the part of g where x stands in y"""
    return g[tuple([slice(a, a + n) for (a, _), n in zip(widths, x.shape, strict=True)])]


@operation(kind="move", rows=keep_other_axes)
def flip(x: Array, axis: object = None) -> Array:
    """Return `x` with the order of its elements reversed along `axis` (None: all axes).

    >>> flip([1.0, 2.0, 3.0])
    Tensor([3., 2., 1.], shape=(3,), dtype=float32)
    """
    return engine.xp.flip(x, axis=many_axes(axis, x.ndim, "flip"))


@flip.gradient("x")
def flip_x(g: Tensor, y: Tensor, x: Tensor, axis: object) -> Tensor:
    """flip(g)"""
    return flip(g, axis)


@operation(kind="move", rows=keep_other_axes)
def roll(x: Array, shift: object, axis: object = None) -> Array:
    """Return `x` with its elements moved on by `shift` along `axis`; those that fall off come in again.

    With axis None the elements are moved on in C order.  Several axes take several shifts, or one for all.

    >>> roll([1.0, 2.0, 3.0], 1)
    Tensor([3., 1., 2.], shape=(3,), dtype=float32)
    """
    axes = None if axis is None else many_axes(axis, x.ndim, "roll")
    shifts = [whole(s, "roll", "shift") for s in (shift if isinstance(shift, tuple | list) else [shift])]
    if len(shifts) != (1 if axes is None else len(axes)) and len(shifts) != 1:
        raise ArgumentError(f"roll: needs one shift per axis, got shift {shift} for axis {axis}")
    if axes is None:
        return engine.xp.roll(x, shifts[0])
    if not axes:
        return x
    return engine.xp.roll(x, shifts * len(axes) if len(shifts) == 1 else shifts, axis=axes)


@roll.gradient("x")
def roll_x(g: Tensor, y: Tensor, x: Tensor, shift: Any, axis: Any) -> Tensor:
    """roll(g, -shift)"""
    return roll(g, tuple([-s for s in shift]) if isinstance(shift, tuple | list) else -shift, axis)


@takes_placeholders
def tile(x: TensorLike, repeats: object) -> Tensor:
    """Return `x` written `repeats` times one after the other along each axis.

    >>> tile([1.0, 2.0], 2)
    Tensor([1., 2., 1., 2.], shape=(4,), dtype=float32)
    """
    tensor = as_tensor(x, None, "tile")
    times = list(repeats) if isinstance(repeats, tuple | list) else [repeats]
    times = [whole(n, "tile", "repeats", 0) for n in times]
    rank = max(tensor.ndim, len(times))
    times = [1] * (rank - len(times)) + times
    shape = (1,) * (rank - tensor.ndim) + tensor.shape
    # Each axis (n,) becomes (times, n) by broadcasting, then one axis again.
    apart = reshape(tensor, tuple([m for n in shape for m in (1, n)]))
    repeated = broadcast_to(apart, tuple([m for t, n in zip(times, shape, strict=True) for m in (t, n)]))
    return reshape(repeated, tuple([t * n for t, n in zip(times, shape, strict=True)]))


@takes_placeholders
def repeat(x: TensorLike, repeats: object, axis: int | None = None) -> Tensor:
    """Return `x` with each slice along `axis` written `repeats` times; None: each element, flat.

    >>> repeat([1.0, 2.0], 2)
    Tensor([1., 1., 2., 2.], shape=(4,), dtype=float32)
    >>> repeat([1.0, 2.0], [0, 3])
    Tensor([2., 2., 2.], shape=(3,), dtype=float32)
    """
    tensor = as_tensor(x, None, "repeat")
    if axis is None:
        tensor, axis = reshape(tensor, (tensor.size,)), 0
    where = one_axis(axis, tensor.ndim, "repeat")
    length = tensor.shape[where]
    times = whole_array(repeats, "repeat", "repeats", 0)
    if times.size not in (1, length):
        raise ArgumentError(
            f"repeat: repeats must be whole numbers >= 0, one or {length} of them, got {show(repeats)}"
        )
    # By `take`, whose gradient adds up what came from one slice.
    return take(
        tensor, np.repeat(np.arange(length), np.broadcast_to(times.reshape(-1), (length,))), axis=where
    )


@takes_placeholders
def meshgrid(*x: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """Return the coordinates of a grid: each vector repeated along the axes of the others.

    Args:
        x: vectors.
        indexing: ``"xy"`` lets the first vector run along the second axis, ``"ij"`` along the first.

    >>> [grid.tolist() for grid in meshgrid([1.0, 2.0], [3.0])]
    [[[1.0, 2.0]], [[3.0, 3.0]]]
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid: indexing must be xy or ij, got {show(indexing)}")
    vectors = [reshape(v, (-1,)) if v.size else v for v in (as_tensor(x_, None, "meshgrid") for x_ in x)]
    order = list(range(len(vectors)))
    if indexing == "xy" and len(order) > 1:
        order[0], order[1] = 1, 0
    shape = [0] * len(vectors)
    for vector, place in zip(vectors, order, strict=True):
        shape[place] = vector.size
    return [
        broadcast_to(
            reshape(v, tuple([v.size if i == place else 1 for i in range(len(order))])), tuple(shape)
        )
        for v, place in zip(vectors, order, strict=True)
    ]


@takes_placeholders
def vstack(xs: object) -> Tensor:
    """Return the tensors one below the other: along the first axis; vectors as rows.

    >>> vstack([[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 2)
    """
    tensors = _tensors(xs, "vstack")
    return concatenate([reshape(t, (1, t.size)) if t.ndim < 2 else t for t in tensors], axis=0)


@takes_placeholders
def hstack(xs: object) -> Tensor:
    """Return the tensors side by side: along the second axis; vectors along their own.

    >>> hstack([[1.0, 2.0], [3.0]])
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """
    tensors = _tensors(xs, "hstack")
    tensors = [reshape(t, (1,)) if t.ndim == 0 else t for t in tensors]
    return concatenate(tensors, axis=0 if tensors and tensors[0].ndim == 1 else 1)


def _tensors(xs: object, who: str) -> list[Tensor]:
    if not np.iterable(xs):
        raise ArgumentTypeError(f"{who}: needs a list of tensors, got {show(xs)}")
    return [as_tensor(x, None, who) for x in xs]
