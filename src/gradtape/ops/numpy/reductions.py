"""Reductions: sum, prod, max, min, all, any, count_nonzero.

`axis` is None (all axes), one axis or several, counted from the back if negative; `keepdims` leaves length 1
in their place.
"""

from __future__ import annotations

from collections.abc import Callable

from gradtape import engine
from gradtape.core import kinks
from gradtape.core.dtypes import INT, sum_type
from gradtape.core.op_facts import per_input
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.axes import count_along, kept_shape, many_axes
from gradtape.ops.base.rows import keep_other_axes, keep_unreduced_axes
from gradtape.ops.numpy.cumulative import product_of_others
from gradtape.ops.numpy.shapes import broadcast_to, reshape

Axis = int | tuple[int, ...] | list[int] | None


def restored(g: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """Return `g`, of the shape that reducing `x` left, such that it broadcasts with `x` again."""
    if keepdims or not g.ndim:
        return g
    # Where leading axes were reduced, broadcasting puts them back by itself, and no reshape is recorded.
    shape = kept_shape(x.shape, many_axes(axis, x.ndim, "axis"))
    return g if shape[x.ndim - g.ndim :] == g.shape else reshape(g, shape)


@operation(kind="reduction", rows=keep_unreduced_axes, symbol="sum(x)")
def sum(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the sum over `axis`; 0 where there is nothing to add.

    Booleans and small whole numbers are added as int32 or uint32; half floats in float32, and then rounded.

    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([4., 6.], shape=(2,), dtype=float32)
    """
    if x.dtype.kind != "f":
        x = engine.active.astype(x, sum_type(x.dtype))
    return engine.active.sum(x, many_axes(axis, x.ndim, "sum"), keepdims)


@sum.gradient("x")
def sum_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """g repeated along axis"""
    return broadcast_to(restored(g, x, axis, keepdims), x.shape)


@operation(kind="reduction", rows=keep_unreduced_axes, symbol="max(x)", kinks=kinks.at_largest)
def max(x: Array, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Array:
    """Return the largest element along `axis`; NaN if there is one.  Ties share the gradient equally.

    Args:
        x: any dtype, which the result keeps.
        axis: None, one axis or several.
        keepdims: leave the reduced axes with length 1.
        initial: the smallest result; with it, there may be nothing to reduce.

    Raises:
        ShapeError: if there is no element along `axis`, and no `initial`.

    >>> max([[1.0, 2.0], [4.0, 3.0]], axis=1)
    Tensor([2., 4.], shape=(2,), dtype=float32)
    """
    return _extreme(engine.xp.max, "max", x, axis, keepdims, initial)


@max.gradient("x")
def max_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool, initial: float | None) -> Tensor:
    """g shared equally among the places of the maximum"""
    y = restored(y, x, axis, keepdims)
    return restored(g, x, axis, keepdims) * tie_shares(x, y, axis=axis, initial=initial)


@operation(kind="reduction", rows=keep_unreduced_axes, symbol="min(x)", kinks=kinks.at_smallest)
def min(x: Array, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Array:
    """Return the smallest element along `axis`; NaN if there is one.  Ties share the gradient equally.

    Args and errors as for `max`; `initial` is the largest result.

    >>> min([[1.0, 2.0], [4.0, 3.0]], axis=1)
    Tensor([1., 3.], shape=(2,), dtype=float32)
    """
    return _extreme(engine.xp.min, "min", x, axis, keepdims, initial)


@min.gradient("x")
def min_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool, initial: float | None) -> Tensor:
    """g shared equally among the places of the minimum"""
    y = restored(y, x, axis, keepdims)
    return restored(g, x, axis, keepdims) * tie_shares(x, y, axis=axis, initial=initial)


amax, amin = max, min


def _extreme(
    reduce: Callable[..., Array], who: str, x: Array, axis: Axis, keepdims: bool, initial: float | None
) -> Array:
    axes = many_axes(axis, x.ndim, who)
    # `initial` is a result even where there is no element.
    if initial is None:
        count_along(x.shape, axes, who)
    return reduce(x, axis=axes, keepdims=keepdims, initial=initial)


@operation(differentiable=False, risky=True, kind="along_axis", cost=per_input(3), rows=keep_other_axes)
def tie_shares(x: Array, y: Array, axis: Axis, initial: float | None) -> Array:
    """Return 1 / n at the n places along `axis` where x == y, 0 elsewhere; NaN where y is NaN.

    An `initial` that is equal to y counts as one of the places.
    """
    ties = engine.active.astype(x == y, x.dtype)
    count = engine.active.sum(ties, many_axes(axis, x.ndim, "max"), True)
    if initial is not None:
        count = count + engine.active.astype(y == initial, x.dtype)
    # A compiled program takes bool / count for a choice, and would hide the NaN of 0 / 0.
    return engine.xp.where(y == y, ties / count, y)


@operation(risky=True, kind="reduction", rows=keep_unreduced_axes)
def prod(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the product over `axis`; 1 where there is nothing to multiply.

    Booleans and small whole numbers are multiplied as int32 or uint32.  The gradient is made of products
    of the other elements, not by division, so it is right where elements are 0.

    >>> prod([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([3., 8.], shape=(2,), dtype=float32)
    """
    dtype = sum_type(x.dtype)
    return engine.xp.prod(x, axis=many_axes(axis, x.ndim, "prod"), dtype=dtype, keepdims=keepdims)


@prod.gradient("x")
def prod_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """g * product of the other elements along axis"""
    return restored(g, x, axis, keepdims) * product_of_others(x, many_axes(axis, x.ndim, "prod"))


@operation(differentiable=False, kind="reduction", rows=keep_unreduced_axes)
def all(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return whether every element along `axis` is true (not 0; NaN is); True where there is none.

    >>> all([[True, False], [True, True]], axis=1)
    Tensor([False,  True], shape=(2,), dtype=bool)
    """
    return engine.xp.all(x, axis=many_axes(axis, x.ndim, "all"), keepdims=keepdims)


@operation(differentiable=False, kind="reduction", rows=keep_unreduced_axes)
def any(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return whether an element along `axis` is true (not 0; NaN is); False where there is none.

    >>> any([[True, False], [False, False]], axis=1)
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    return engine.xp.any(x, axis=many_axes(axis, x.ndim, "any"), keepdims=keepdims)


@operation(differentiable=False, kind="reduction", rows=keep_unreduced_axes)
def count_nonzero(x: Array, axis: Axis = None) -> Array:
    """Return how many elements along `axis` are not 0, as int32; NaN is not 0.

    >>> count_nonzero([[1.0, 0.0], [3.0, 4.0]], axis=0)
    Tensor([2, 1], shape=(2,), dtype=int32)
    """
    # Counted in int32, as Keras does, where NumPy would count in int64.
    return engine.active.sum(engine.active.astype(x != 0, INT), many_axes(axis, x.ndim, "count_nonzero"))
