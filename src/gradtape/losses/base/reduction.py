"""Reductions from one loss per sample to one number, with sample weights and ignored samples."""

from __future__ import annotations

from typing import Any

from gradtape.base.weight_shape import weight_shape
from gradtape.core.dtypes import is_floating
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, ShapeError, show
from gradtape.ops.base.rules import multiply_no_nan
from gradtape.ops.nn.softmax import BinaryProbabilities, Probabilities
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.selection import where
from gradtape.ops.numpy.shapes import broadcast_to, cast, reshape
from gradtape.ops.numpy.statistics import mean, ratio

MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")
REDUCTIONS = (*MEANS, "sum", "none", None)


def known_reduction(who: str, reduction: object) -> Any:
    """Return `reduction` if there is one of this name, or raise ArgumentError."""
    if reduction is not None and (not isinstance(reduction, str) or reduction not in REDUCTIONS):
        raise ArgumentError(
            f"{who}: reduction must be one of {', '.join(map(repr, REDUCTIONS))}, got {show(reduction)}"
        )
    return reduction


def reduced(values: Tensor, reduction: str | None) -> Tensor:
    """Return the mean or the sum of all `values`, or themselves."""
    if reduction in MEANS:
        return mean(values)
    return sum(values) if reduction == "sum" else values


def reduced_by_weight(
    values: Tensor, weights: Tensor | None, counted: Tensor | None, reduction: str | None
) -> Tensor:
    """Return the reduction of values * weights, in which only `counted` values take part.

    Args:
        values: the losses, of any shape.
        weights: the factor of each, in the shape of values; None means 1.
        counted: booleans in the shape of values; None means all.  A mean divides by how many are true.
        reduction: one of `REDUCTIONS`; mean_with_sample_weight divides by the sum of the weights.

    A weight of 0 excludes its value even if that is inf or NaN; if no value counts the result is 0.
    """
    if counted is not None:
        ones = cast(counted, values.dtype)
        weights = ones if weights is None else weights * ones
    # A weight of 0 excludes its loss, even one that is infinite or NaN.
    weighted = values if weights is None else multiply_no_nan(weights, values)
    if reduction == "mean_with_sample_weight" and weights is not None:
        # 0, not 0 / 0, where no sample has a weight.
        return ratio(sum(weighted), sum(weights))
    # As in Keras, weights do not enter the divisor of these means: halving all weights halves the loss.
    if reduction in MEANS and counted is not None:
        return ratio(sum(weighted), sum(ones))
    return reduced(weighted, reduction)


def harmless(rows: Tensor, weights: Tensor) -> Tensor:
    """Return `rows` with 1 in those of weight 0, so that no NaN of theirs comes back as 0 * NaN.

    Probabilities that remember their logits stay as they are, and so do whole numbers.

    >>> harmless(as_tensor([[1.0, 2.0], [float("nan"), 0.0]]), as_tensor([1.0, 0.0]))
    Tensor([[1., 2.],
            [1., 1.]], shape=(2, 2), dtype=float32)
    """
    if not is_floating(rows.dtype) or isinstance(rows, Probabilities | BinaryProbabilities):
        return rows
    wanted = weight_shape(weights.shape, rows.shape)
    if wanted is None:  # whoever computes the losses says so
        return rows
    has_weight = reshape(weights != 0, wanted)
    # 1, not 0: logarithms, roots and quotients of losses are finite there, and so are their slopes.
    return where(has_weight, rows, 1)


def weights_like(who: str, sample_weight: TensorLike, values: Tensor) -> Tensor:
    """Return the weights in the shape of `values`.

    Their axes are the first ones of values, each of the same length or of length 1; a further axis of
    length 1 is left out.

    >>> weights_like("loss", [1.0, 2.0], as_tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]))
    Tensor([[1., 1., 1.],
            [2., 2., 2.]], shape=(2, 3), dtype=float32)
    """
    weights = as_tensor(sample_weight, None, who)
    if weights.dtype != values.dtype:
        weights = cast(weights, values.dtype)
    if weights.shape == values.shape:
        return weights
    wanted = weight_shape(weights.shape, values.shape)
    if wanted is None:
        raise ShapeError(
            f"{who}: sample_weight must have the shape of the losses, or of their first axes, "
            f"got sample_weight {weights.shape} and losses {values.shape}"
        )
    return broadcast_to(reshape(weights, wanted), values.shape)
