"""How closely predictions follow labels within each sample: Pearson's and the concordance correlation."""

from __future__ import annotations

from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.inputs import matched
from gradtape.metrics.base.metric import member
from gradtape.metrics.means import FUNCTIONS, MeanOfFunction
from gradtape.ops.linalg.normalization import normalize
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.reductions import Axis, sum
from gradtape.ops.numpy.statistics import (
    centred,
    mean,
    std,
    var,
)

_EPSILON = 1e-7  # keeps the concordance of two equal constants finite, as in Keras


@FUNCTIONS.member()
def pearson_correlation(y_true: TensorLike, y_pred: TensorLike, axis: Axis = -1) -> Tensor:
    """Return covariance / (deviation of y_true * deviation of y_pred) over `axis`, in [-1, 1].

    Args:
        y_true: any shape.
        y_pred: the same shape.
        axis: over which the elements are compared.

    NaN where either is constant.

    >>> pearson_correlation([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]])
    Tensor([1.], shape=(1,), dtype=float32)
    """
    true, predicted = matched("pearson_correlation", y_true, y_pred)
    covariance = mean(centred(true, axis=axis) * centred(predicted, axis=axis), axis)
    # A constant sample is 0 / 0, NaN: it has no correlation with anything.
    return covariance / (std(true, axis) * std(predicted, axis))


@FUNCTIONS.member()
def concordance_correlation(y_true: TensorLike, y_pred: TensorLike, axis: Axis = -1) -> Tensor:
    """Return 2 * covariance / (both variances + squared distance of the means) over `axis`.

    Args:
        y_true: any shape.
        y_pred: the same shape.
        axis: over which the elements are compared.

    1 only where predictions are equal to labels; 1e-7 is added to the divisor.

    >>> f"{concordance_correlation([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]).item():.4f}"
    '1.0000'

    Source: Lin 1989, "A concordance correlation coefficient to evaluate reproducibility".
    """
    true, predicted = matched("concordance_correlation", y_true, y_pred)
    covariance = mean(centred(true, axis=axis) * centred(predicted, axis=axis), axis)
    distance = square(mean(true, axis) - mean(predicted, axis))
    return covariance * 2.0 / (var(true, axis) + var(predicted, axis) + distance + _EPSILON)


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: Axis = -1) -> Tensor:
    """Return sum(l2_norm(y_true) * l2_norm(y_pred)) over `axis`: 1 for equal directions.

    >>> cosine_similarity([[0.0, 1.0]], [[0.0, 3.0]])
    Tensor([1.], shape=(1,), dtype=float32)
    """
    # Not the loss of this name, which is minus the similarity.
    true, predicted = matched("cosine_similarity", y_true, y_pred)
    return sum(normalize(true, axis) * normalize(predicted, axis), axis)


@member()
class PearsonCorrelation(MeanOfFunction):
    """The mean of Pearson's correlation of labels and predictions of each sample.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.
        axis: over which the elements of a sample are compared.

    >>> PearsonCorrelation()([[0.0, 1.0, 2.0]], [[2.0, 1.0, 0.0]])
    Tensor(-1., shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(
        self, name: str | None = "pearson_correlation", dtype: DTypeLike = None, axis: Axis = -1
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)
        self.axis = axis


@member()
class ConcordanceCorrelation(MeanOfFunction):
    """The mean of the concordance correlation of labels and predictions of each sample.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.
        axis: over which the elements of a sample are compared.

    >>> ConcordanceCorrelation()([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]])
    Tensor(0.57142854, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(
        self, name: str | None = "concordance_correlation", dtype: DTypeLike = None, axis: Axis = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
        self.axis = axis


@member()
class CosineSimilarity(MeanOfFunction):
    """The mean cosine of the angle between labels and predictions: larger is better, unlike the loss.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.
        axis: along which the vectors lie.

    >>> CosineSimilarity()([[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [2.0, 2.0]])
    Tensor(0.49999997, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(
        self, name: str | None = "cosine_similarity", dtype: DTypeLike = None, axis: Axis = -1
    ) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)
        self.axis = axis
