"""Cross-entropies as `keras.ops` spells them: (target, output), one number for each sample or element."""

from __future__ import annotations

from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import DtypeError, ShapeError
from gradtape.ops.nn.activations import sigmoid
from gradtape.ops.nn.binary_crossentropy import sigmoid_crossentropy_of
from gradtape.ops.nn.crossentropy import crossentropy_of, soft_crossentropy_of, softmax_crossentropy
from gradtape.ops.nn.predictions import (
    above_zero,
    axis_last,
    floating,
    not_probabilities,
    several_classes,
    shares,
)
from gradtape.ops.nn.softmax import BinaryProbabilities, Probabilities, softmax
from gradtape.ops.numpy.arithmetic import negative
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.gather import take_along_axis
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.shapes import cast, reshape


@takes_placeholders
def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Return -log of the probability predicted for the true class, for each sample.

    Args:
        target: (...) or (..., 1) class numbers in [0, classes).
        output: (..., classes) probabilities, or logits if `from_logits`.
        from_logits: whether softmax is still to be applied to `output`.
        axis: the axis of `output` that counts the classes.

    Returns:
        (...) of output's dtype.

    Raises:
        ArgumentError: if `output` comes from softmax and `from_logits` is true.
        DtypeError: if target is of a floating dtype.
        ShapeError: if target does not have output's shape without `axis`.

    Keras clips probabilities at 1e-7; here those that come from `softmax` are traced back to its logits,
    and of others 0 counts as the smallest normal number.

    >>> f"{sparse_categorical_crossentropy([1], [[0.25, 0.75]]).item():.4f}"
    '0.2877'
    """
    who = "sparse_categorical_crossentropy"
    predicted = several_classes(who, axis_last(who, axis, floating(output)))
    labels = as_tensor(target, None, who)
    # Keras takes labels in a column, one per row, as well.
    if labels.shape == (*predicted.shape[:-1], 1):
        labels = reshape(labels, labels.shape[:-1])
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"{who}: target must be whole class numbers, got {labels.dtype}")
    if from_logits:
        return softmax_crossentropy(not_probabilities(who, predicted), labels)
    # From the logits that softmax remembers: log(p) is lost where p rounds to 0.
    if isinstance(predicted, Probabilities) and predicted.logits is not None:
        return crossentropy_of(predicted.logits, predicted, labels)
    if labels.shape != predicted.shape[:-1]:
        raise ShapeError(
            f"{who}: target must have the shape of output without its classes, got target {labels.shape} and "
            f"output {predicted.shape}"
        )
    chosen = take_along_axis(shares(predicted), reshape(labels, (*labels.shape, 1)), axis=-1)
    return negative(log(reshape(chosen, labels.shape)))


@takes_placeholders
def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Return -sum(target * log(output)) over the classes, for each sample.

    Args:
        target: (..., classes) the true share of each class, one-hot as a rule.
        output: (..., classes) probabilities, or logits if `from_logits`.
        from_logits: whether softmax is still to be applied to `output`.
        axis: the axis that counts the classes.

    Returns:
        (...) of output's dtype.

    Raises:
        ArgumentError: if `output` comes from softmax and `from_logits` is true.
        ShapeError: if target and output have different shapes.

    >>> f"{categorical_crossentropy([[0.0, 1.0]], [[0.25, 0.75]]).item():.4f}"
    '0.2877'
    """
    who = "categorical_crossentropy"
    true, predicted = _alike(who, target, output)
    true, predicted = axis_last(who, axis, true), several_classes(who, axis_last(who, axis, predicted))
    if from_logits:
        logits = not_probabilities(who, predicted)
        return soft_crossentropy_of(logits, true, softmax(logits))
    if isinstance(predicted, Probabilities) and predicted.logits is not None:
        return soft_crossentropy_of(predicted.logits, true, predicted)
    return negative(sum(true * log(shares(predicted)), axis=-1))


@takes_placeholders
def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = False) -> Tensor:
    """Return -(target * log(output) + (1 - target) * log(1 - output)), each element for itself.

    Args:
        target: any shape, the true probabilities, 0 or 1 as a rule.
        output: the same shape: probabilities, or logits if `from_logits`.
        from_logits: whether sigmoid is still to be applied to `output`.

    Returns:
        The shape and dtype of output.

    Raises:
        ArgumentError: if `output` comes from sigmoid and `from_logits` is true.
        ShapeError: if target and output have different shapes.

    >>> f"{binary_crossentropy([1.0], [0.5]).item():.4f}"
    '0.6931'
    """
    who = "binary_crossentropy"
    true, predicted = _alike(who, target, output)
    if from_logits:
        logits = not_probabilities(who, predicted)
        return sigmoid_crossentropy_of(logits, true, sigmoid(logits))
    if isinstance(predicted, BinaryProbabilities) and predicted.logits is not None:
        return sigmoid_crossentropy_of(predicted.logits, true, predicted)
    # Both logarithms are finite: for the class that is not meant, 0 * -inf would be NaN.
    return negative(true * log(above_zero(predicted)) + (1.0 - true) * log(above_zero(1.0 - predicted)))


def _alike(who: str, target: object, output: object) -> tuple[Tensor, Tensor]:
    predicted = floating(output)
    true = cast(target, predicted.dtype)
    if true.shape != predicted.shape:
        raise ShapeError(
            f"{who}: target and output must have one shape, got {true.shape} and {predicted.shape}"
        )
    return true, predicted
