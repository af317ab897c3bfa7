"""How often the true class is among the k likeliest."""

from __future__ import annotations

from gradtape.base.checks import whole
from gradtape.core.dtypes import FLOAT, INT, DTypeLike
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.metrics.accuracy import labels_of, one_shape
from gradtape.metrics.base.metric import member
from gradtape.metrics.means import FUNCTIONS, MeanOfFunction
from gradtape.ops.numpy.axis_order import expand_dims
from gradtape.ops.numpy.comparison import equal
from gradtape.ops.numpy.order import argmax, in_top_k
from gradtape.ops.numpy.reductions import any
from gradtape.ops.numpy.shapes import cast, reshape


def _top_k(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    true, predicted = one_shape("top_k_categorical_accuracy", y_true, y_pred)
    return in_top_k(argmax(true, axis=-1), predicted, k)


def _sparse_top_k(
    y_true: TensorLike, y_pred: TensorLike, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    labels, predicted = labels_of("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        first = predicted[..., : whole(k, "sparse_top_k_categorical_accuracy", "k")]
        right = any(equal(expand_dims(labels, -1), first), axis=-1)
    else:
        # Labels from files are often floats; as class numbers they are whole.
        right = in_top_k(labels if labels.dtype.kind in "iu" else cast(labels, INT), predicted, k)
    # As in Keras the result has the shape of the labels: for (n, 1) it is (n, 1).
    shape = as_tensor(y_true).shape
    return right if right.shape == shape else reshape(right, shape)


@FUNCTIONS.member()
def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Return 1 where the true class is among the k likeliest, 0 elsewhere, as float32 (...).

    Args:
        y_true: (..., classes): the true share of each class, one-hot as a rule.
        y_pred: (..., classes): probabilities or logits.
        k: how many of the likeliest classes count as right.

    >>> top_k_categorical_accuracy([[0, 0, 1], [1, 0, 0]], [[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]], k=2)
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    return cast(_top_k(y_true, y_pred, k), FLOAT)


@FUNCTIONS.member()
def sparse_top_k_categorical_accuracy(
    y_true: TensorLike, y_pred: TensorLike, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Return 1 where the label is among the k likeliest classes, 0 elsewhere, as float32 in y_true's shape.

    Args:
        y_true: (...) or (..., 1): class numbers.
        y_pred: (..., classes): probabilities or logits; with `from_sorted_ids` (..., n) class numbers, the
            likeliest first.
        k: how many of the likeliest classes count as right.
        from_sorted_ids: whether `y_pred` are class numbers in order.

    >>> sparse_top_k_categorical_accuracy([2, 0], [[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]], k=2)
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    return cast(_sparse_top_k(y_true, y_pred, k, from_sorted_ids), FLOAT)


@member()
class TopKCategoricalAccuracy(MeanOfFunction):
    """How often the true class is among the k likeliest, labels being one-hot.

    Args:
        k: how many of the likeliest classes count as right.
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> TopKCategoricalAccuracy(k=2)([[0, 0, 1], [1, 0, 0]], [[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]])
    Tensor(0.5, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: DTypeLike = None
    ) -> None:
        self.k = whole(k, "TopKCategoricalAccuracy", "k", 1)
        super().__init__(_top_k, name, dtype, k=self.k)


@member()
class SparseTopKCategoricalAccuracy(MeanOfFunction):
    """How often the label is among the k likeliest classes, labels being class numbers.

    Args:
        k: how many of the likeliest classes count as right.
        name: its name in a history.
        dtype: the dtype of the result; None means float32.
        from_sorted_ids: whether predictions are class numbers, the likeliest first.

    >>> SparseTopKCategoricalAccuracy(k=2)([2, 0], [[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]])
    Tensor(0.5, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: DTypeLike = None,
        from_sorted_ids: bool = False,
    ) -> None:
        self.k = whole(k, "SparseTopKCategoricalAccuracy", "k", 1)
        self.from_sorted_ids = from_sorted_ids
        super().__init__(_sparse_top_k, name, dtype, k=self.k, from_sorted_ids=from_sorted_ids)
