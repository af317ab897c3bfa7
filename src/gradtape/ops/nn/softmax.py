"""Softmax, log-softmax and log-sum-exp, all without overflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtape import engine
from gradtape.core.dtypes import FLOAT, float_for, wide_for
from gradtape.core.op_facts import per_input
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.axes import count_along, many_axes
from gradtape.ops.base.rows import keep_other_axes, keep_unreduced_axes
from gradtape.ops.numpy.reductions import Axis, restored, sum


class Probabilities(Tensor):
    """The output of softmax over the last axis, which remembers the logits that it was computed from.

    Losses take `logits` instead of the probabilities, so that nothing is lost where one is near 0 or 1.
    """

    __slots__ = ("logits",)

    def __init__(self, array: Array, logits: Tensor | None = None) -> None:
        self._array = array
        self.logits = logits


class BinaryProbabilities(Tensor):
    """The output of sigmoid, which remembers the logits that it was computed from."""

    __slots__ = ("logits",)

    def __init__(self, array: Array, logits: Tensor | None = None) -> None:
        self._array = array
        self.logits = logits


def remember_logits(
    kind: type[Probabilities] | type[BinaryProbabilities],
) -> Callable[[Array, tuple[Tensor, ...], dict[str, Any]], Tensor]:
    """Return the `output` of an operation whose result is a `kind` that remembers its first input."""

    def output(array: Array, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor:
        return kind(array, inputs[0])

    return output


def _softmax_output(array: Array, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor:
    # Losses take the classes along the last axis: over another one there is nothing to remember.
    if attributes["axis"] in (-1, array.ndim - 1):
        return Probabilities(array, inputs[0])
    return Tensor(array)


@operation(
    output=_softmax_output,
    kind="along_axis",
    symbol="exp(x) / sum(exp(x))",
    cost=per_input(5),
    rows=keep_other_axes,
)
def softmax(x: Array, axis: int | tuple[int, ...] = -1) -> Array:
    """Return exp(x) / sum(exp(x)) over `axis`: positive shares that add up to 1.

    Args:
        x: any shape but (); whole numbers become float32, half floats are computed in float32.
        axis: one axis, or several that are shared out together.

    Returns:
        The shape of x.  Over the last axis it is a Tensor that remembers x as its `logits`.

    The largest element is subtracted first, so nothing overflows.  -inf gives exactly 0; where all
    elements are -inf, or one is inf, there are no shares: NaN.

    >>> softmax([1000.0, 1000.0, 0.0])
    Tensor([0.5, 0.5, 0. ], shape=(3,), dtype=float32)
    """
    # The usual call, past the checks of the axis.
    if axis == -1 and x.dtype is FLOAT and x.size and x.ndim:
        return engine.active.softmax(x)
    axes = many_axes(axis, x.ndim, "softmax")
    if axes == (x.ndim - 1,) and x.size and x.dtype.kind == "f" and x.dtype.itemsize >= 4:
        return engine.active.softmax(x)
    # inf - inf and 0 / 0 are NaN by the definition above, no reason for a warning.
    with engine.active.quiet():
        powers = engine.xp.exp(_shifted(x, axes))
        return engine.active.astype(powers / engine.active.sum(powers, axes, True), float_for(x.dtype))


@softmax.gradient("x")
def softmax_x(g: Tensor, y: Tensor, x: Tensor, axis: int | tuple[int, ...]) -> Tensor:
    """(g - sum(g * y)) * y"""
    # The Jacobian, diag(y) - y y^T, times g, without the matrix.
    return (g - sum(g * y, axis, True)) * y


@operation(
    risky=True, kind="along_axis", symbol="x - log(sum(exp(x)))", cost=per_input(5), rows=keep_other_axes
)
def log_softmax(x: Array, axis: int | tuple[int, ...] = -1) -> Array:
    """Return x - log(sum(exp(x))) over `axis`: the logarithm of softmax, exact where that rounds to 0 or 1.

    Args and special values as for `softmax`; -inf gives -inf.

    >>> log_softmax([1000.0, 0.0])
    Tensor([    0., -1000.], shape=(2,), dtype=float32)
    """
    axes = many_axes(axis, x.ndim, "log_softmax")
    shifted = _shifted(x, axes)
    total = engine.active.sum(engine.xp.exp(shifted), axes, True)
    return engine.active.astype(shifted - engine.xp.log(total), float_for(x.dtype))


@log_softmax.gradient("x")
def log_softmax_x(g: Tensor, y: Tensor, x: Tensor, axis: int | tuple[int, ...]) -> Tensor:
    """g - softmax(x) * sum(g)"""
    return g - softmax(x, axis) * sum(g, axis, True)


def _shifted(x: Array, axes: tuple[int, ...]) -> Array:
    """Return `x`, in float32 at least, minus its largest element along `axes`."""
    if x.dtype.itemsize < 4 or x.dtype.kind != "f":
        x = engine.active.astype(x, wide_for(x.dtype))
    # The largest exponent becomes 0: nothing overflows, and the sum of the powers is at least 1.
    # An array without elements has no largest one.
    return x - engine.active.max(x, axes, True) if x.size else x


@operation(
    risky=True, kind="reduction", cost=per_input(4), rows=keep_unreduced_axes, symbol="log(sum(exp(x)))"
)
def logsumexp(x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Return log(sum(exp(x))) over `axis` without overflow.

    If all elements are -inf it is -inf, if one is inf it is inf; the gradient then goes in equal parts to
    the places of the largest element, as that of `max` does.

    Raises:
        ShapeError: if there is no element along `axis`.

    >>> logsumexp([1000.0, 1000.0])
    Tensor(1000.69..., shape=(), dtype=float32)
    """
    xp, axes = engine.xp, many_axes(axis, x.ndim, "logsumexp")
    count_along(x.shape, axes, "logsumexp")
    wide = engine.active.astype(x, wide_for(x.dtype))
    largest = engine.active.max(wide, axes, True)
    # Without a finite largest element inf - inf would be NaN; shifted by 0, exp and log give -inf and inf.
    shift = xp.where(xp.isfinite(largest), largest, xp.zeros_like(largest))
    total = xp.log(engine.active.sum(xp.exp(wide - shift), axes, True)) + shift
    kept = tuple([1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes])
    return engine.active.astype(xp.reshape(total, kept), float_for(x.dtype))


@logsumexp.gradient("x")
def logsumexp_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """g * softmax(x), at infinities g shared equally among the largest"""
    return restored(g, x, axis, keepdims) * shares(x, axis=axis)


@operation(
    risky=True, kind="along_axis", symbol="exp(x) / sum(exp(x))", cost=per_input(5), rows=keep_other_axes
)
def shares(x: Array, axis: Axis) -> Array:
    """Return softmax over `axis`, continued to infinities: equal parts for the places of the largest."""
    axes = many_axes(axis, x.ndim, "logsumexp")
    wide = engine.active.astype(x, wide_for(x.dtype))
    largest = engine.active.max(wide, axes, True)
    # Equal infinities differ by NaN, so the largest elements get e**0 = 1 without a difference.
    powers = engine.xp.where(wide == largest, engine.xp.ones_like(wide), engine.xp.exp(wide - largest))
    return engine.active.astype(powers / engine.active.sum(powers, axes, True), float_for(x.dtype))


@shares.gradient("x")
def shares_x(g: Tensor, y: Tensor, x: Tensor, axis: Axis) -> Tensor:
    """(g - sum(g * y)) * y"""
    return (g - sum(g * y, axis, True)) * y
