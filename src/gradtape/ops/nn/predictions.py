"""Checks on the predictions of a cross-entropy: dtype, number of classes, probabilities or logits."""

from __future__ import annotations

from gradtape.core.dtypes import FLOAT, is_floating, smallest
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, ShapeError
from gradtape.ops.base.axes import one_axis
from gradtape.ops.nn.softmax import BinaryProbabilities, Probabilities
from gradtape.ops.numpy.axis_order import moveaxis
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.selection import maximum
from gradtape.ops.numpy.shapes import cast


def floating(y_pred: TensorLike) -> Tensor:
    """Return the predictions as a floating tensor: whole numbers become float32."""
    predicted = as_tensor(y_pred)
    return predicted if predicted.dtype == FLOAT or is_floating(predicted.dtype) else cast(predicted, FLOAT)


def several_classes(who: str, predicted: Tensor) -> Tensor:
    """Return `predicted` if its last axis has at least two classes: with one, nothing can be learnt."""
    if predicted.shape[-1:] == (0,):
        raise ShapeError(f"{who}: y_pred must have at least two classes, got shape {predicted.shape}")
    if predicted.shape[-1:] == (1,):
        raise ShapeError(
            f"{who}: y_pred must have at least two classes, got shape {predicted.shape}: the probability of "
            "an only class is always 1; for one unit use sigmoid and binary_crossentropy"
        )
    return predicted


def not_probabilities(who: str, predicted: Tensor) -> Tensor:
    """Return `predicted` unless softmax or sigmoid made it: as logits it would train badly, silently."""
    if isinstance(predicted, Probabilities | BinaryProbabilities):
        came_from = "softmax" if isinstance(predicted, Probabilities) else "sigmoid"
        raise ArgumentError(
            f"{who}: from_logits=True, but y_pred comes from {came_from}: it holds probabilities; "
            f"leave the {came_from} out, or say from_logits=False"
        )
    return predicted


def axis_last(who: str, axis: int, tensor: Tensor) -> Tensor:
    """Return `tensor` with `axis` moved to the end; a softmax over the last axis stays one."""
    place = one_axis(axis, tensor.ndim, who)
    return tensor if place == tensor.ndim - 1 else moveaxis(tensor, place, -1)


def shares(predicted: Tensor) -> Tensor:
    """Return the predictions divided by their sum over the last axis, each above 0."""
    return above_zero(predicted / sum(predicted, axis=-1, keepdims=True))


def above_zero(probability: Tensor) -> Tensor:
    """Return `probability`, at least the smallest normal number, so that its logarithm is finite."""
    # Not the 1e-7 that Keras clips at: there its loss stays at 16.1, and its gradient is 0.
    return maximum(probability, smallest(probability.dtype))
