"""Sparsemax: shares of a whole, most of which are exactly 0."""

from __future__ import annotations

from gradtape import engine
from gradtape.operation import operation
from gradtape.ops.axes import one_axis
from gradtape.ops.comparison import greater
from gradtape.ops.floating import floating
from gradtape.ops.reductions import sum
from gradtape.ops.shapes import cast
from gradtape.tensor import Array, Tensor


@operation(risky=True)
def sparsemax(x: Array, axis: int = -1) -> Array:
    """Return max(x - t, 0), with t such that the shares along `axis` add up to 1.

        t = (x_1 + ... + x_k - 1) / k,  k the largest number with 1 + k * x_k > x_1 + ... + x_k

    for x_1 >= x_2 >= ...  Where x is NaN somewhere along `axis`, all shares are NaN.

    Source: Martins, Astudillo 2016, arXiv:1602.02068

    >>> sparsemax([1.0, 0.5, -3.0])
    Tensor([0.75, 0.25, 0.  ], shape=(3,), dtype=float32)
    """
    x, xp = floating(x), engine.xp
    place = one_axis(axis, x.ndim, "sparsemax")
    if not x.shape[place]:
        return x
    moved = xp.moveaxis(x, place, -1)
    z = xp.flip(xp.sort(moved, axis=-1), axis=-1)
    total = engine.active.cumsum(z, z.ndim - 1)
    k = xp.arange(1, z.shape[-1] + 1, dtype=z.dtype)
    inside = 1 + k * z > total
    count = engine.active.sum(engine.active.astype(inside, z.dtype), (z.ndim - 1,), True)
    t = (engine.active.sum(xp.where(inside | xp.isnan(z), z, 0), (z.ndim - 1,), True) - 1) / count
    return xp.moveaxis(xp.maximum(moved - t, 0), -1, place)


@sparsemax.gradient("x")
def sparsemax_x(g: Tensor, y: Tensor, x: Tensor, axis: int) -> Tensor:
    """g - mean of g over the shares that are not 0, there; 0 elsewhere"""
    support = cast(greater(y, 0.0), y.dtype)
    count = sum(support, axis, keepdims=True)
    return support * (g - sum(g * support, axis, keepdims=True) / count)
