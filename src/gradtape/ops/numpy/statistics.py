"""Mean, variance, standard deviation and norms over axes; whole numbers are taken as float32."""

from __future__ import annotations

import math

from gradtape import engine
from gradtape.core.dtypes import FLOAT, float_for, wide_for
from gradtape.core.op_facts import per_input
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ArgumentError, show
from gradtape.ops.base.axes import count_along, kept_shape, many_axes
from gradtape.ops.base.rows import keep_other_axes, keep_unreduced_axes
from gradtape.ops.numpy.arithmetic import absolute
from gradtape.ops.numpy.reductions import (
    Axis,
    count_nonzero,
    max,
    min,
    restored,
    sum,
)
from gradtape.ops.numpy.shapes import cast, reshape, spread


@operation(kind="reduction", rows=keep_unreduced_axes, symbol="sum(x) / n")
def mean(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the sum over `axis` divided by the number of elements; half floats are added in float32.

    Raises:
        ShapeError: if there is no element along `axis`.

    >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=0)
    Tensor([2., 3.], shape=(2,), dtype=float32)
    """
    # `is` costs less than ==; an equal dtype that is another object takes the path below.
    if axis is None and x.dtype is FLOAT and x.size and not keepdims:  # the mean of a batch's losses
        return engine.active.sum(x, None) / x.size
    axes = many_axes(axis, x.ndim, "mean")
    count = count_along(x.shape, axes, "mean")
    if x.dtype == FLOAT:
        return engine.active.sum(x, axes, keepdims) / count
    total = engine.active.sum(engine.active.astype(x, wide_for(x.dtype)), axes, keepdims)
    return engine.active.astype(total / count, float_for(x.dtype))


@mean.gradient("x")
def mean_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """g / n repeated along axis"""
    array = x._array
    if axis is None and not keepdims:
        return spread.operation.apply((g,), {"shape": array.shape, "share": 1.0 / array.size})
    n = count_along(x.shape, many_axes(axis, x.ndim, "mean"), "mean")
    return spread(restored(g, x, axis, keepdims), x.shape, 1.0 / n)


@operation(
    risky=True, kind="reduction", cost=per_input(4), rows=keep_unreduced_axes, symbol="mean((x - mean(x))**2)"
)
def var(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the mean of (x - mean(x))**2 over `axis`; exactly 0 for constants.

    Raises:
        ShapeError: if there is no element along `axis`.

    >>> var([1.0, 2.0, 3.0, 4.0])
    Tensor(1.25, shape=(), dtype=float32)
    """
    return engine.active.astype(_variance(x, axis, keepdims, "var"), float_for(x.dtype))


@var.gradient("x")
def var_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """g * 2 / n * (x - mean(x))"""
    n = count_along(x.shape, many_axes(axis, x.ndim, "var"), "var")
    return restored(g, x, axis, keepdims) * (2.0 / n) * centred(x, axis=axis)


@operation(
    risky=True,
    kind="reduction",
    cost=per_input(4),
    rows=keep_unreduced_axes,
    symbol="sqrt(mean((x - mean(x))**2))",
)
def std(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return the square root of the variance over `axis`.  For constants it is 0, and so is its gradient.

    Raises:
        ShapeError: if there is no element along `axis`.

    >>> std([1.0, 1.0, 3.0, 3.0])
    Tensor(1., shape=(), dtype=float32)
    """
    return engine.active.astype(engine.xp.sqrt(_variance(x, axis, keepdims, "std")), float_for(x.dtype))


@std.gradient("x")
def std_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """g / n * (x - mean(x)) / y, 0 where y is 0"""
    n = count_along(x.shape, many_axes(axis, x.ndim, "std"), "std")
    scores = ratio(centred(x, axis=axis), restored(y, x, axis, keepdims))
    return restored(g, x, axis, keepdims) * (1.0 / n) * scores


@takes_placeholders
def moments(
    x: TensorLike, axes: Axis, keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:
    """Return the mean and the variance of `x` over `axes`.

    >>> moments([1.0, 2.0, 3.0, 4.0], axes=0)
    (Tensor(2.5, shape=(), dtype=float32), Tensor(1.25, shape=(), dtype=float32))
    """
    if synchronized:
        raise ArgumentError("moments: synchronized must be False; sums go over this process only, got True")
    x = as_tensor(x, None, "moments")
    return mean(x, axes, keepdims), var(x, axes, keepdims)


def _variance(x: Array, axis: Axis, keepdims: bool, who: str) -> Array:
    axes = many_axes(axis, x.ndim, who)
    count = count_along(x.shape, axes, who)
    # Divided by n, as Keras does, not by n - 1.
    return engine.active.sum(_deviation(x, axes, count) ** 2, axes, keepdims) / count


def _deviation(x: Array, axes: tuple[int, ...], count: int) -> Array:
    """Return x - mean(x).  The mean is corrected by the mean of what remains: exact for constants."""
    x = engine.active.astype(x, wide_for(x.dtype))
    # The mean of equal numbers may be off by a rounding error, which the mean of the remainders takes away.
    # E[x**2] - mean**2, in one pass, would cancel and could be negative.
    middle = engine.active.sum(x, axes, True) / count
    middle = middle + engine.active.sum(x - middle, axes, True) / count
    return x - middle


@operation(risky=True, kind="along_axis", symbol="x - mean(x)", cost=per_input(2), rows=keep_other_axes)
def centred(x: Array, axis: Axis) -> Array:
    """Return x - mean(x) over `axis`; exactly 0 for constants."""
    axes = many_axes(axis, x.ndim, "centred")
    deviation = _deviation(x, axes, count_along(x.shape, axes, "centred"))
    return engine.active.astype(deviation, float_for(x.dtype))


@centred.gradient("x")
def centred_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis) -> Tensor:
    """g - mean(g)"""
    return centred(g, axis=axis)


@operation(promotes=True, risky=True, kind="elementwise")
def ratio(x1: Array, x2: Array) -> Array:
    """Return x1 / x2, and 0 where x2 is 0: the direction of a vector of length 0."""
    # Not divide_no_nan, where a dividend of 0 wins: here the divisor decides, whatever is divided.
    return engine.xp.where(x2 == 0, engine.xp.zeros_like(x1), x1 / x2)


@ratio.gradient("x1")
def ratio_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g / x2, 0 where x2 is 0"""
    return ratio(g, x2)


@ratio.gradient("x2")
def ratio_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """-g * y / x2, 0 where x2 is 0"""
    return -ratio(g * y, x2)


@operation(
    risky=True,
    name="norm",
    kind="reduction",
    cost=per_input(2),
    rows=keep_unreduced_axes,
    symbol="sqrt(sum(x**2))",
)
def length(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return sqrt(sum(x**2)) over `axis`; its gradient is 0 for a vector of zeros.

    The largest element is taken out first, so that no square overflows or vanishes.

    >>> length([3e30, 4e30])
    Tensor(5.e+30, shape=(), dtype=float32)
    """
    xp, axes = engine.xp, many_axes(axis, x.ndim, "norm")
    x = engine.active.astype(x, float_for(x.dtype))
    wide = engine.active.astype(xp.abs(x), wide_for(x.dtype))
    # A scale of 0, inf or NaN is replaced by 1: the formula then gives 0, inf or NaN itself.
    scale = xp.max(wide, axis=axes, keepdims=True, initial=0)
    scale = xp.where(xp.isfinite(scale) & (scale > 0), scale, xp.ones_like(scale))
    root = xp.sqrt(engine.active.sum((wide / scale) ** 2, axes, True)) * scale
    kept = tuple([1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes])
    return engine.active.astype(xp.reshape(root, kept), x.dtype)


@length.gradient("x")
def length_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """g * x / y, 0 where y is 0"""
    return restored(g, x, axis, keepdims) * ratio(x, restored(y, x, axis, keepdims))


@takes_placeholders
def norm(x: TensorLike, ord: object = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return a norm of the vectors along one axis of `x`, or of the matrices in two.

    Args:
        x: any shape; whole numbers are taken as float32.
        ord: None, the square root of the sum of squares; for vectors also 0 (how many are not 0), 1, 2,
            inf and -inf; for matrices ``"fro"``, 1 and -1 (largest and smallest column sum of |x|),
            inf and -inf (row sums).
        axis: one axis for vectors, two for matrices; None means the only axis of a vector, both axes of a
            matrix and, if `ord` is None too, all axes.
        keepdims: leave the axes with length 1.

    Raises:
        ArgumentError: for another `ord`; 2, -2 and ``"nuc"`` need singular values, which are not here.

    >>> norm([[3.0, 4.0], [0.0, 0.0]], axis=1)
    Tensor([5., 0.], shape=(2,), dtype=float32)
    """
    tensor = as_tensor(x, None, "norm")
    tensor = cast(tensor, float_for(tensor.dtype)) if tensor.dtype.kind in "iub" else tensor
    if ord is None:
        return length(tensor, axis, keepdims)
    axes = many_axes(axis, tensor.ndim, "norm")
    if len(axes) == 1:
        return _vector_norm(tensor, ord, axes, keepdims)
    if len(axes) == 2:
        return _matrix_norm(tensor, ord, axes, keepdims)
    raise ArgumentError(
        f"norm: with ord={show(ord)}, axis must name one or two axes, "
        f"got {show(axis)} for shape {tensor.shape}"
    )


def _vector_norm(x: Tensor, ord: object, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if ord == 2:
        return length(x, axes, keepdims)
    if ord == 1:
        return sum(absolute(x), axes, keepdims)
    if ord in (math.inf, -math.inf):
        return (max if ord > 0 else min)(absolute(x), axes, keepdims)
    if ord == 0:
        count = cast(count_nonzero(x, axes), x.dtype)
        return reshape(count, kept_shape(x.shape, axes)) if keepdims else count
    raise ArgumentError(f"norm: ord of a vector must be None, 0, 1, 2, inf or -inf, got {show(ord)}")


def _matrix_norm(x: Tensor, ord: object, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if ord == "fro":
        return length(x, axes, keepdims)
    # 2 and "nuc" are norms of singular values, which no engine here computes.
    if ord not in (1, -1, math.inf, -math.inf):
        raise ArgumentError(f"norm: ord of a matrix must be None, 'fro', 1, -1, inf or -inf, got {show(ord)}")
    rows, columns = axes
    # 1: the largest column sum, so summed over the rows; inf: the largest row sum.
    summed, kept = (rows, columns) if ord in (1, -1) else (columns, rows)
    sums = (max if ord > 0 else min)(sum(absolute(x), summed, True), kept, True)
    return sums if keepdims else reshape(sums, tuple([n for i, n in enumerate(x.shape) if i not in axes]))
