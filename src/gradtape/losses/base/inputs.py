"""Prepares the inputs of losses: dtypes, matching shapes, probabilities and their logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.base.checks import number
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ShapeError
from gradtape.ops.nn.activations import sigmoid
from gradtape.ops.nn.predictions import above_zero as above_zero
from gradtape.ops.nn.predictions import axis_last as axis_last
from gradtape.ops.nn.predictions import floating as floating
from gradtape.ops.nn.predictions import not_probabilities as not_probabilities
from gradtape.ops.nn.predictions import several_classes as several_classes
from gradtape.ops.nn.predictions import shares as shares
from gradtape.ops.nn.softmax import BinaryProbabilities, Probabilities, softmax
from gradtape.ops.numpy.shapes import cast, reshape

EPSILON = 1e-7  # Keras' backend.epsilon()


def cast_to(dtype: np.dtype[Any], value: TensorLike) -> Tensor:
    """Return `value` in `dtype`; probabilities that know their logits are computed from them again."""
    tensor = as_tensor(value)
    if tensor.dtype == dtype:
        return tensor
    # A cast would return a plain tensor, from which the loss could not get at the logits.
    if isinstance(tensor, Probabilities) and tensor.logits is not None:
        return softmax(cast(tensor.logits, dtype))
    if isinstance(tensor, BinaryProbabilities) and tensor.logits is not None:
        return sigmoid(cast(tensor.logits, dtype))
    return cast(tensor, dtype)


def matched(who: str, y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    """Return targets and predictions as floats of one dtype and one shape; nothing is broadcast.

    Where only one of them has a last axis of length 1, it is taken away, or given to a plain vector.
    """
    predicted = floating(y_pred)
    true = as_tensor(y_true)
    if true.dtype != predicted.dtype:
        true = cast(true, predicted.dtype)
    # (n,) against (n, 1) would broadcast to (n, n): a loss that is wrong and gives no error.
    if true.shape != predicted.shape:
        true, predicted = _of_one_rank(true, predicted)
    return same_shape(who, true, predicted), predicted


def _of_one_rank(true: Tensor, predicted: Tensor) -> tuple[Tensor, Tensor]:
    if true.shape == (*predicted.shape, 1):
        return (true, _column(predicted)) if predicted.ndim == 1 else (_squeezed(true), predicted)
    if predicted.shape == (*true.shape, 1):
        return (_column(true), predicted) if true.ndim == 1 else (true, _squeezed(predicted))
    return true, predicted


def _column(vector: Tensor) -> Tensor:
    return reshape(vector, (*vector.shape, 1))


def _squeezed(tensor: Tensor) -> Tensor:
    return reshape(tensor, tensor.shape[:-1])


def same_shape(who: str, true: Tensor, predicted: Tensor, hint: str = "") -> Tensor:
    """Return `true` if it has the predictions' shape, of one axis at least: nothing is broadcast silently."""
    if true.shape != predicted.shape or not true.shape:
        required = "have the shape of y_pred" if true.shape != predicted.shape else "have at least one axis"
        raise ShapeError(
            f"{who}: y_true must {required}, got y_true {true.shape} and y_pred {predicted.shape}{hint}"
        )
    return true


def smoothed(who: str, true: Tensor, label_smoothing: float, centre: float) -> Tensor:
    """Return true * (1 - label_smoothing) + label_smoothing * centre."""
    share = number(label_smoothing, who, "label_smoothing", "[0, 1]")
    # Label smoothing: Szegedy et al. 2016, arXiv:1512.00567.
    return true * (1.0 - share) + share * centre if share else true
