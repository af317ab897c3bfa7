"""Sums over batches: exact counts, and sample weights that broadcast over the values."""

from __future__ import annotations

import numpy as np

from gradtape import engine
from gradtape.base.weight_shape import weight_shape
from gradtape.core.op_facts import mix_rows, per_input
from gradtape.core.operation import operation
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ShapeError
from gradtape.ops.numpy.shapes import reshape

WIDE = np.dtype("float64")


@operation(differentiable=False, kind="reduction", rows=mix_rows)
def total(x: Array) -> Array:
    """Return the sum of all elements, added up in float64.

    >>> total([True, False, True])
    Tensor(2., shape=(), dtype=float64)
    """
    return engine.active.wide_sum(x)


@operation(differentiable=False, kind="reduction", rows=mix_rows)
def total_of_batch(x: Array, samples: float) -> Array:
    """Return the sum that `samples` values with the mean `x` have, in float64.

    >>> total_of_batch(0.25, 8.0)
    Tensor(2., shape=(), dtype=float64)
    """
    return engine.active.wide_sum(x) * samples


@operation(differentiable=False, risky=True, kind="reduction", cost=per_input(2), rows=mix_rows)
def weighted_total(x: Array, weights: Array) -> Array:
    """Return sum(x * weights), multiplied and added up in float64; the weights broadcast.

    A weight of 0 excludes its value, even if that is inf or NaN.

    >>> weighted_total([True, False, float("nan")], [0.5, 1.0, 0.0])
    Tensor(0.5, shape=(), dtype=float64)
    """
    # float64, in which the product of two float32 numbers is exact.
    return engine.xp.sum(engine.xp.where(weights != 0, x * engine.active.astype(weights, WIDE), 0))


@operation(differentiable=False, kind="elementwise")
def average(amount: Array, count: Array, dtype: np.dtype[np.generic]) -> Array:
    """Return amount / count in `dtype`, and 0 where the count is 0.

    >>> average(3.0, [2.0, 0.0], dtype=np.dtype("float32"))
    Tensor([1.5, 0. ], shape=(2,), dtype=float32)
    """
    return engine.active.quotient(amount, count, dtype)


def as_wide(value: float) -> Tensor:
    """Return a constant as a float64 tensor."""
    return Tensor(WIDE.type(value))


def weights_over(who: str, sample_weight: TensorLike, shape: tuple[int, ...]) -> Tensor:
    """Return sample weights with as many axes as `shape`, over which they broadcast.

    Args:
        who: the caller's name, for error messages.
        sample_weight: the shape of the first axes of the values, as many as it likes, or 1 in places; one
            axis of length 1 more than the values is taken away.
        shape: the shape of the values.

    Raises:
        ShapeError: for any other shape: nothing else is broadcast.

    >>> weights_over("mean", [1, 2], (2, 3)).shape
    (2, 1)
    """
    weights = as_tensor(sample_weight, None, who)
    wanted = weight_shape(weights.shape, shape)
    if wanted is None:
        raise ShapeError(
            f"{who}: sample_weight must have the shape of the first axes of the values, or 1 in places; "
            f"got sample_weight {weights.shape} for values {shape}"
        )
    # Their axes are the first ones of the values; NumPy's broadcasting would take them for the last.
    return weights if wanted == weights.shape else reshape(weights, wanted)


def same_rank(who: str, y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    """Return labels and predictions in one shape: (n,) and (n, 1) meet in (n, 1), other ranks without the 1.

    Raises:
        ShapeError: if they differ in anything else: nothing is broadcast.

    >>> [x.shape for x in same_rank("accuracy", [1, 2], [[1.0], [2.0]])]
    [(2, 1), (2, 1)]
    """
    true, predicted = as_tensor(y_true, None, who), as_tensor(y_pred, None, who)
    if true.shape == predicted.shape:
        return true, predicted
    longer, shorter = (true, predicted) if true.ndim > predicted.ndim else (predicted, true)
    # (n,) with (n, 1) would broadcast to (n, n), and every label be compared with every prediction.
    if longer.shape != (*shorter.shape, 1):
        raise ShapeError(
            f"{who}: y_true must have the shape of y_pred, "
            f"got y_true {true.shape} and y_pred {predicted.shape}"
        )
    shape = longer.shape if shorter.ndim == 1 else shorter.shape
    return reshape(true, shape), reshape(predicted, shape)
