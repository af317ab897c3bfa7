"""Running sums and products along an axis, and the product of all elements but one.

The gradients of products divide by nothing: they are right where elements are 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gradtape import engine
from gradtape.core.dtypes import INT, DTypeLike, as_dtype
from gradtape.core.op_facts import per_input
from gradtape.core.operation import operation
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.ops.base.axes import one_axis
from gradtape.ops.base.rows import keep_other_axes
from gradtape.ops.numpy.concatenation import concatenate
from gradtape.ops.numpy.shapes import reshape, transpose


@operation(kind="along_axis", cost=per_input(), rows=keep_other_axes)
def cumsum(x: Array, axis: int | None = None, dtype: DTypeLike = None) -> Array:
    """Return the sum of the elements up to and including each, along `axis` (None: of x flattened).

    Args:
        x: any shape and dtype.
        axis: one axis, or None.
        dtype: of the result; None keeps that of x, but booleans become int32.

    >>> cumsum([1.0, 2.0, 3.0])
    Tensor([1., 3., 6.], shape=(3,), dtype=float32)
    """
    x, where = _along(x, axis, dtype, "cumsum")
    return engine.active.cumsum(x, where)


@cumsum.gradient("x")
def cumsum_x(g: Tensor, y: Tensor, x: Tensor, axis: int | None, dtype: DTypeLike) -> Tensor:
    """the sum of g from each element to the last"""
    # x[i] is a term of every sum from y[i] on.
    where = 0 if axis is None else axis
    return reshape(_reversed(cumsum(_reversed(g, where), where), where), x.shape)


@operation(risky=True, kind="along_axis", cost=per_input(), rows=keep_other_axes)
def cumprod(x: Array, axis: int | None = None, dtype: DTypeLike = None) -> Array:
    """Return the product of the elements up to and including each, along `axis` (None: of x flattened).

    Args:
        x: any shape and dtype.
        axis: one axis, or None.
        dtype: of the result; None keeps that of x, but booleans become int32.

    >>> cumprod([1.0, 2.0, 3.0])
    Tensor([1., 2., 6.], shape=(3,), dtype=float32)
    """
    x, where = _along(x, axis, dtype, "cumprod")
    # With its dtype named, for NumPy would widen small whole numbers to int64.
    return engine.xp.cumprod(x, axis=where, dtype=x.dtype)


@cumprod.gradient("x")
def cumprod_x(g: Tensor, y: Tensor, x: Tensor, axis: int | None, dtype: DTypeLike) -> Tensor:
    """before[i] * s[i], s[i] = g[i] + x[i+1] * s[i+1], before[i] the product of x[:i]"""
    # dy[j]/dx[i] is before[i] * x[i+1] * ... * x[j] for j >= i; s[i] sums these products times g[j].  The
    # usual rule, the running sum of g * y divided by x, is wrong where x is 0.
    flat, where = (reshape(x, (-1,)), 0) if axis is None else (x, one_axis(axis, x.ndim, "cumprod"))
    following = _shifted(_reversed(flat, where), where, 0.0)
    sums = _reversed(recurrence(following, _reversed(g, where), axis=where), where)
    return reshape(_products_before(flat, where) * sums, x.shape)


def _along(x: Array, axis: int | None, dtype: DTypeLike, who: str) -> tuple[Array, int]:
    kept = INT if x.dtype.kind == "b" else x.dtype
    x = engine.active.astype(x, kept if dtype is None else as_dtype(dtype, who))
    if axis is None:
        return engine.xp.reshape(x, (-1,)), 0
    return x, one_axis(axis, x.ndim, who)


@operation(risky=True, kind="along_axis", cost=per_input(2), rows=keep_other_axes)
def recurrence(a: Array, b: Array, axis: int) -> Array:
    """Return s with s[i] = b[i] + a[i] * s[i-1] along `axis`, s[-1] being 0.

    It takes log2(n) steps on whole arrays: after the step with distance d, b holds the part of the sum
    that the last 2d elements give, and a the product of the last 2d factors.

    Source: Hillis, Steele 1986, "Data parallel algorithms", for the maps s -> b + a * s
    """
    before, distance = (slice(None),) * axis, 1
    while distance < a.shape[axis]:
        head, tail = (*before, slice(distance)), (*before, slice(distance, None))
        earlier = (*before, slice(-distance))
        b = engine.xp.concat([b[head], b[tail] + a[tail] * b[earlier]], axis=axis)
        a = engine.xp.concat([a[head], a[tail] * a[earlier]], axis=axis)
        distance *= 2
    return b


@recurrence.gradient("b")
def recurrence_b(g: Tensor, y: Tensor, a: Tensor, b: Tensor, axis: int) -> Tensor:
    """c with c[i] = g[i] + a[i+1] * c[i+1]"""
    following = _shifted(_reversed(a, axis), axis, 0.0)
    return _reversed(recurrence(following, _reversed(g, axis), axis=axis), axis)


@recurrence.gradient("a")
def recurrence_a(g: Tensor, y: Tensor, a: Tensor, b: Tensor, axis: int) -> Tensor:
    """c[i] * y[i-1], c[i] = g[i] + a[i+1] * c[i+1]"""
    sums: Tensor = recurrence_b(g, y, a, b, axis)
    return sums * _shifted(y, axis, 0.0)


def running_sum(x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """Return the sums along `axis` of the elements up to each.

    Args:
        x: any shape but ().
        axis: one axis.
        exclusive: leave the element itself out: 0 comes first.
        reverse: begin at the end of the axis.

    >>> running_sum([1.0, 2.0, 3.0], exclusive=True), running_sum([1.0, 2.0, 3.0], reverse=True)
    (Tensor([0., 1., 3.], shape=(3,), dtype=float32), Tensor([6., 5., 3.], shape=(3,), dtype=float32))

    Source: the public behaviour of TensorFlow's cumsum.
    """
    return _running(cumsum, 0, as_tensor(x, None, "cumsum"), axis, exclusive, reverse)


def running_product(x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """Return the products along `axis` of the elements up to each; arguments as for `running_sum`.

    >>> running_product([2.0, 3.0, 4.0], exclusive=True, reverse=True)
    Tensor([12.,  4.,  1.], shape=(3,), dtype=float32)

    Source: the public behaviour of TensorFlow's cumprod.
    """
    return _running(cumprod, 1, as_tensor(x, None, "cumprod"), axis, exclusive, reverse)


def _running(
    total: Callable[..., Tensor], first: int, x: Tensor, axis: int, exclusive: bool, reverse: bool
) -> Tensor:
    where = one_axis(axis, x.ndim, total.__name__)
    totals = total(_reversed(x, where) if reverse else x, where)
    totals = _shifted(totals, where, first) if exclusive else totals
    return _reversed(totals, where) if reverse else totals


def product_of_others(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Return for each element of `x` the product of all the others along `axes`."""
    rest = tuple([i for i in range(x.ndim) if i not in axes])
    order = (*rest, *axes)
    moved = transpose(x, order)
    rows = reshape(moved, (*moved.shape[: len(rest)], math.prod(moved.shape[len(rest) :])))
    # The products of all before and of all after each element; prod / x would be NaN where x is 0.
    last = len(rest)
    after = _reversed(_products_before(_reversed(rows, last), last), last)
    others = _products_before(rows, last) * after
    return transpose(reshape(others, moved.shape), tuple([order.index(i) for i in range(x.ndim)]))


def _products_before(x: Tensor, axis: int) -> Tensor:
    """Return for each element the product of those before it: 1, x[0], x[0] * x[1], ..."""
    return _shifted(cumprod(x, axis), axis, 1.0)


def _shifted(x: Tensor, axis: int, first: float) -> Tensor:
    """Return `x` moved one place back along `axis`, with `first` in front and without its last elements."""
    # What has no elements must not get one in front.
    if not x.shape[axis]:
        return x
    filling = engine.xp.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), first, dtype=x.dtype)
    return concatenate([Tensor(filling), x[(slice(None),) * axis + (slice(-1),)]], axis=axis)


def _reversed(x: Tensor, axis: int) -> Tensor:
    return x[(slice(None),) * (axis % x.ndim) + (slice(None, None, -1),)]
