"""How often predictions are right: for classes, for classes among the k likeliest, for yes or no."""

from __future__ import annotations

from gradtape import engine
from gradtape.base.checks import number
from gradtape.core.dtypes import FLOAT, DTypeLike
from gradtape.core.operation import operation
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ShapeError
from gradtape.metrics.base.metric import member
from gradtape.metrics.base.sums import same_rank
from gradtape.metrics.means import FUNCTIONS, MeanOfFunction
from gradtape.ops.base.rows import keep_all_but_last
from gradtape.ops.numpy.comparison import equal
from gradtape.ops.numpy.order import argmax
from gradtape.ops.numpy.shapes import cast, reshape


@operation(differentiable=False, kind="reduction", rows=keep_all_but_last)
def right_class(y_true: Array, y_pred: Array) -> Array:
    """Return whether the likeliest class, the first of equal ones, is the label.

    >>> right_class([1, 1], [[0.2, 0.8], [0.7, 0.3]])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    right: Array = y_pred.argmax(-1) == y_true
    return right


@operation(differentiable=False, kind="elementwise")
def right_side(y_true: Array, y_pred: Array, threshold: float) -> Array:
    """Return whether the label is 1 where the prediction is larger than the threshold, and 0 elsewhere.

    >>> right_side([1, 1], [0.8, 0.3], threshold=0.5)
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    # As in Keras, a prediction that is equal to the threshold means 0.
    return engine.xp.equal(y_pred > threshold, y_true)


# What the classes count: booleans, which the functions below turn into float32.


def _equal(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    return equal(*same_rank("accuracy", y_true, y_pred))


def _binary(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> Tensor:
    return right_side(*same_rank("binary_accuracy", y_true, y_pred), threshold)


def _categorical(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    true, predicted = one_shape("categorical_accuracy", y_true, y_pred)
    return right_class(argmax(true, axis=-1), predicted)


def _sparse_categorical(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    labels, predicted = labels_of("sparse_categorical_accuracy", y_true, y_pred)
    right = right_class(labels, predicted)
    # As in Keras, an axis of length 1 at the end goes.
    return reshape(right, right.shape[:-1]) if right.ndim > 1 and right.shape[-1] == 1 else right


def one_shape(who: str, y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    true, predicted = as_tensor(y_true, None, who), as_tensor(y_pred, None, who)
    if true.shape != predicted.shape or not true.ndim:
        raise ShapeError(
            f"{who}: y_true and y_pred must both have the shape (..., classes), "
            f"got y_true {true.shape} and y_pred {predicted.shape}"
        )
    return true, predicted


def labels_of(who: str, y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    """Return class numbers in the shape of the predictions without their last axis, and the predictions."""
    labels, predicted = as_tensor(y_true, None, who), as_tensor(y_pred, None, who)
    shape = predicted.shape[:-1]
    if labels.shape != shape and labels.shape == (*shape, 1):
        labels = reshape(labels, shape)
    if labels.shape != shape or not predicted.ndim:
        raise ShapeError(
            f"{who}: y_true must be class numbers in the shape of y_pred without its last axis, "
            f"got y_true {labels.shape} and y_pred {predicted.shape}"
        )
    return labels, predicted


@FUNCTIONS.member()
def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> Tensor:
    """Return 1 where a prediction lies on the right side of the threshold, 0 elsewhere, as float32.

    Args:
        y_true: 0 or 1, in the shape of the predictions, (n,) and (n, 1) being one.
        y_pred: any shape; larger than the threshold means 1.
        threshold: where 1 begins; 0 for logits.

    >>> binary_accuracy([1, 0], [0.6, 0.6])
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    return cast(_binary(y_true, y_pred, threshold), FLOAT)


@FUNCTIONS.member()
def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return 1 where the likeliest class is the true one, 0 elsewhere, as float32 (...).

    Args:
        y_true: (..., classes): the true share of each class, one-hot as a rule.
        y_pred: (..., classes): probabilities or logits.

    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    return cast(_categorical(y_true, y_pred), FLOAT)


@FUNCTIONS.member()
def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return 1 where the likeliest class is the label, 0 elsewhere, as float32 (...).

    Args:
        y_true: (...) or (..., 1): class numbers.
        y_pred: (..., classes): probabilities or logits.

    >>> sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.4, 0.6]])
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    return cast(_sparse_categorical(y_true, y_pred), FLOAT)


@member()
class Accuracy(MeanOfFunction):
    """How often predictions are equal to labels.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> Accuracy()([1, 2, 3, 4], [0, 2, 3, 4])
    Tensor(0.75, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: DTypeLike = None) -> None:
        super().__init__(_equal, name, dtype)


@member()
class BinaryAccuracy(MeanOfFunction):
    """How often predictions lie on the right side of a threshold.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.
        threshold: a prediction larger than it means 1; take 0 for logits.

    >>> BinaryAccuracy()([1, 1, 0, 0], [0.98, 1.0, 0.0, 0.6])
    Tensor(0.75, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: DTypeLike = None, threshold: float = 0.5
    ) -> None:
        self.threshold = number(threshold, "BinaryAccuracy", "threshold")
        super().__init__(_binary, name, dtype, threshold=self.threshold)


@member()
class CategoricalAccuracy(MeanOfFunction):
    """How often the likeliest class is the true one, labels being one-hot.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
    Tensor(0.5, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: DTypeLike = None) -> None:
        super().__init__(_categorical, name, dtype)


@member()
class SparseCategoricalAccuracy(MeanOfFunction):
    """How often the likeliest class is the label, labels being class numbers.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.4, 0.6]], sample_weight=[0.75, 0.25])
    Tensor(0.75, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: DTypeLike = None) -> None:
        super().__init__(_sparse_categorical, name, dtype)
