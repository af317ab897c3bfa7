"""Sparsemax: probabilities, most of which are exactly 0."""

from __future__ import annotations

from collections.abc import Sequence

from gradtape import engine
from gradtape.core.op_facts import Attributes, Shape, size
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.axes import one_axis
from gradtape.ops.base.floats import floating
from gradtape.ops.base.rows import keep_other_axes
from gradtape.ops.numpy.order import sorting_cost
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.shapes import cast


def _sparsemax_cost(shapes: Sequence[Shape], output_shape: Shape, attributes: Attributes) -> int:
    """Return the cost of sorting, and of 6 passes: sums, less 1, over k, the largest, x - t, max with 0."""
    return sorting_cost(shapes, output_shape, attributes) + 6 * size(output_shape)


@operation(risky=True, kind="along_axis", cost=_sparsemax_cost, rows=keep_other_axes)
def sparsemax(x: Array, axis: int = -1) -> Array:
    """Return max(x - t, 0), with t such that the shares along `axis` add up to 1.

        t = the largest of (x_1 + ... + x_k - 1) / k for k = 1, 2, ...,  where x_1 >= x_2 >= ...

    Where x is NaN somewhere along `axis`, all shares are NaN.

    Source: Martins, Astudillo 2016, arXiv:1602.02068

    >>> sparsemax([1.0, 0.5, -3.0])
    Tensor([0.75, 0.25, 0.  ], shape=(3,), dtype=float32)
    """
    x, xp = floating(x), engine.xp
    place = one_axis(axis, x.ndim, "sparsemax")
    if not x.shape[place]:
        return x
    sorted_up = xp.sort(xp.moveaxis(x, place, -1), axis=-1)
    totals = engine.active.cumsum(xp.flip(sorted_up, axis=-1), x.ndim - 1)
    k = xp.arange(1, totals.shape[-1] + 1, dtype=x.dtype)
    # Algorithm 1 looks for the last k with 1 + k * x_k > x_1 + ... + x_k.  Up to that k the quotients rise,
    # after it they fall: the largest is the same t, without a search whose length depends on the values.
    t = engine.active.max((totals - 1) / k, x.ndim - 1, keepdims=True)
    return xp.maximum(x - xp.moveaxis(t, -1, place), 0)


@sparsemax.gradient("x")
def sparsemax_x(g: Tensor, y: Tensor, x: Tensor, axis: int) -> Tensor:
    """g - mean of g over the shares that are not 0, there; 0 elsewhere"""
    support = cast(y > 0, y.dtype)
    # At least one share is above 0, but for NaN: then the count is 0, and 0 / 0 makes the gradient NaN too.
    count = sum(support, axis, keepdims=True)
    return support * (g - sum(g * support, axis, keepdims=True) / count)
