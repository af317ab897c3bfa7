"""Axis arguments: their checks, and the shape that keepdims leaves."""

from __future__ import annotations

import math

from gradtape.base.checks import whole
from gradtape.errors import ArgumentError, AxisError, ShapeError


def one_axis(axis: object, ndim: int, who: str) -> int:
    """Return `axis` counted from the front, or raise AxisError.

    >>> one_axis(-1, 3, "sum")
    2
    """
    # The frequent case first.  A bool is an int too, and is refused below.
    if type(axis) is int and -ndim <= axis < ndim:
        return axis % ndim
    number = whole(axis, who, "axis")
    if not ndim:
        raise AxisError(f"{who}: a tensor of rank 0 has no axes, got axis {number}")
    if not -ndim <= number < ndim:
        raise AxisError(f"{who}: axis must be in [{-ndim}, {ndim}), got {number}")
    return number % ndim


def many_axes(axis: object, ndim: int, who: str) -> tuple[int, ...]:
    """Return `axis` (None: all; one; or several) as axes counted from the front, or raise.

    >>> many_axes(None, 2, "sum"), many_axes((-1, 0), 3, "sum")
    ((0, 1), (2, 0))
    """
    if axis is None:
        return tuple(range(ndim))
    if not isinstance(axis, tuple | list):
        return (one_axis(axis, ndim, who),)
    axes = tuple([one_axis(a, ndim, who) for a in axis])
    if len(set(axes)) != len(axes):
        raise ArgumentError(f"{who}: axis must name each axis once, got {tuple(axis)}")
    return axes


def kept_shape(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """Return `shape` with length 1 at `axes`: what keepdims leaves.

    >>> kept_shape((2, 3), (1,))
    (2, 1)
    """
    return tuple([1 if i in axes else n for i, n in enumerate(shape)])


def count_along(shape: tuple[int, ...], axes: tuple[int, ...], who: str) -> int:
    """Return how many elements lie along `axes`, or raise ShapeError if there are none.

    >>> count_along((2, 3, 4), (0, 2), "mean")
    8
    """
    count = math.prod([shape[axis] for axis in axes])
    if not count:
        where = axes[0] if len(axes) == 1 else axes
        raise ShapeError(f"{who}: needs at least one element along axis {where}, got shape {shape}")
    return count
