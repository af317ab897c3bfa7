"""Losses: how far predictions are from the targets, one number per sample."""

from __future__ import annotations

import numpy as np

from gradtape import engine
from gradtape.dtypes import FLOAT, is_floating
from gradtape.errors import ArgumentError, ShapeError
from gradtape.ops.activations import softplus
from gradtape.ops.arithmetic import absolute, divide, negative, square
from gradtape.ops.crossentropy import crossentropy_of, soft_crossentropy_of, softmax_crossentropy
from gradtape.ops.exponential import log
from gradtape.ops.reductions import sum
from gradtape.ops.selecting import maximum
from gradtape.ops.shapes import cast, reshape
from gradtape.ops.softmax import Probabilities, log_softmax
from gradtape.ops.statistics import mean
from gradtape.ops.taking import take_along_axis
from gradtape.tensor import Tensor, TensorLike, as_tensor


def sparse_categorical_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False
) -> Tensor:
    """Return -log of the probability predicted for the true class, for each sample.

    Args:
        y_true: (...) or (..., 1) class numbers in [0, classes), of any dtype with whole values.
        y_pred: (..., classes): probabilities, or logits if `from_logits`.
        from_logits: whether `y_pred` are logits, to which softmax is still to be applied.

    Returns:
        (...) of y_pred's dtype.

    Probabilities that come straight from `softmax` are traced back to its logits, so that the loss is
    exact where a probability rounds to 0 or 1.  Others are divided by their sum, and a probability
    of 0 counts as the smallest normal number; nothing is clipped at
    1e-7 (as Keras does, which then no longer learns).

    >>> f"{sparse_categorical_crossentropy([1], [[0.25, 0.75]]).item():.4f}"
    '0.2877'
    """
    predicted = _floating(y_pred)
    labels = _class_numbers(as_tensor(y_true), predicted)
    if from_logits:
        return softmax_crossentropy(_not_probabilities("sparse_categorical_crossentropy", predicted), labels)
    if isinstance(predicted, Probabilities) and predicted.logits is not None:
        return crossentropy_of(predicted.logits, predicted, labels)
    chosen = take_along_axis(_log_of_shares(predicted), reshape(labels, (*labels.shape, 1)), axis=-1)
    return negative(reshape(chosen, labels.shape))


def categorical_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0
) -> Tensor:
    """Return -sum(y_true * log(y_pred)) over the last axis, for each sample.

    Args:
        y_true: (..., classes) the true probabilities, one-hot as a rule.
        y_pred: (..., classes): probabilities, or logits if `from_logits`.
        from_logits: whether `y_pred` are logits, to which softmax is still to be applied.
        label_smoothing: the share of the truth, in [0, 1], that is spread evenly over all classes.

    Returns:
        (...) of y_pred's dtype.

    >>> f"{categorical_crossentropy([[0.0, 1.0]], [[0.25, 0.75]]).item():.4f}"
    '0.2877'
    """
    who = "categorical_crossentropy"
    predicted = _floating(y_pred)
    true = _same_shape(who, cast(y_true, predicted.dtype), predicted)
    true = _smoothed(who, true, label_smoothing, 1.0 / predicted.shape[-1])
    if from_logits:
        logs = log_softmax(_not_probabilities(who, predicted))
    elif isinstance(predicted, Probabilities):
        return soft_crossentropy_of(predicted.logits, true, predicted)
    else:
        logs = _log_of_shares(predicted)
    return negative(sum(true * logs, axis=-1))


def binary_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0
) -> Tensor:
    """Return the mean over the last axis of -(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred)).

    Args:
        y_true: (..., n) the true probabilities, 0 or 1 as a rule.
        y_pred: (..., n): probabilities, or logits if `from_logits`.
        from_logits: whether `y_pred` are logits, to which sigmoid is still to be applied.
        label_smoothing: the share of the truth, in [0, 1], that is drawn to 0.5.

    Returns:
        (...) of y_pred's dtype.

    >>> f"{binary_crossentropy([[1.0]], [[0.5]]).item():.4f}"
    '0.6931'
    """
    who = "binary_crossentropy"
    predicted = _floating(y_pred)
    true = _same_shape(who, cast(y_true, predicted.dtype), predicted)
    true = _smoothed(who, true, label_smoothing, 0.5)
    if from_logits:
        return mean(softplus(predicted) - true * predicted, axis=-1)
    yes, no = log(_not_zero(predicted)), log(_not_zero(1.0 - predicted))
    return negative(mean(true * yes + (1.0 - true) * no, axis=-1))


def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of (y_pred - y_true)**2, for each sample.

    >>> mean_squared_error([[0.0, 0.0]], [[1.0, 2.0]])
    Tensor([2.5], shape=(1,), dtype=float32)
    """
    predicted = _floating(y_pred)
    true = _same_shape("mean_squared_error", cast(y_true, predicted.dtype), predicted)
    return mean(square(predicted - true), axis=-1)


def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of abs(y_pred - y_true), for each sample.

    >>> mean_absolute_error([[0.0, 0.0]], [[1.0, -2.0]])
    Tensor([1.5], shape=(1,), dtype=float32)
    """
    predicted = _floating(y_pred)
    true = _same_shape("mean_absolute_error", cast(y_true, predicted.dtype), predicted)
    return mean(absolute(predicted - true), axis=-1)


def _floating(y_pred: TensorLike) -> Tensor:
    predicted = as_tensor(y_pred)
    return predicted if predicted.dtype == FLOAT or is_floating(predicted.dtype) else cast(predicted, FLOAT)


def _not_probabilities(who: str, predicted: Tensor) -> Tensor:
    """Return `predicted` unless it comes from softmax: taken for logits it would train badly, silently."""
    if isinstance(predicted, Probabilities):
        raise ArgumentError(
            f"{who}: from_logits=True, but y_pred comes from softmax: it holds probabilities; "
            "leave the softmax out, or say from_logits=False"
        )
    return predicted


def _same_shape(who: str, true: Tensor, predicted: Tensor) -> Tensor:
    """Return `true` if it has the predictions' shape: nothing is broadcast silently."""
    if true.shape != predicted.shape:
        raise ShapeError(
            f"{who}: y_true must have the shape of y_pred, "
            f"got y_true {true.shape} and y_pred {predicted.shape}"
        )
    return true


def _smoothed(who: str, true: Tensor, label_smoothing: float, centre: float) -> Tensor:
    if not 0.0 <= label_smoothing <= 1.0:
        raise ArgumentError(f"{who}: label_smoothing must be in [0, 1], got {label_smoothing!r}")
    return true * (1.0 - label_smoothing) + label_smoothing * centre if label_smoothing else true


def _class_numbers(labels: Tensor, predicted: Tensor) -> Tensor:
    """Return `labels` as whole numbers, in the shape of `predicted` without its last axis."""
    if labels.ndim > 1 and labels.shape == (*predicted.shape[:-1], 1):
        labels = reshape(labels, labels.shape[:-1])
    if labels.dtype.kind == "f":
        labels = Tensor(engine.active.whole_numbers(labels._array, "sparse_categorical_crossentropy"))
    return labels


def _log_of_shares(predicted: Tensor) -> Tensor:
    return log(_not_zero(divide(predicted, sum(predicted, axis=-1, keepdims=True))))


def _not_zero(probability: Tensor) -> Tensor:
    """Return `probability`, at least the smallest normal number, so that its logarithm is finite."""
    return maximum(probability, float(np.finfo(probability.dtype).tiny))
