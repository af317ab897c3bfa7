"""Cosine similarity: how closely two vectors have the same direction."""

from __future__ import annotations

from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import FunctionLoss
from gradtape.losses.base.inputs import EPSILON, matched
from gradtape.losses.base.loss import LOSSES
from gradtape.ops.linalg.normalization import normalize
from gradtape.ops.numpy.arithmetic import negative
from gradtape.ops.numpy.reductions import sum


@LOSSES.member()
def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """Return -sum(u * v) over `axis`, u and v being y_true and y_pred scaled to length 1.

    Args:
        y_true: any shape but ().
        y_pred: the same shape.
        axis: the axis along which the vectors lie.

    Returns:
        y_pred's shape without `axis`: -1 for the same direction, 1 for the opposite one, 0 for a right
        angle or a vector of zeros.

    >>> cosine_similarity([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [-3.0, 0.0]])
    Tensor([-1.,  1.], shape=(2,), dtype=float32)
    """
    true, predicted = matched("cosine_similarity", y_true, y_pred)
    # The epsilon is a floor under the lengths: a vector of zeros has the similarity 0, not NaN.
    return negative(sum(normalize(true, axis, 2, EPSILON) * normalize(predicted, axis, 2, EPSILON), axis))


@LOSSES.member()
class CosineSimilarity(FunctionLoss):
    """The mean of the negative cosine of the angle between y_true and y_pred, in [-1, 1].

    Args:
        axis: the axis along which the vectors lie.
        reduction: as for `Loss`.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> CosineSimilarity()([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 1.0]])
    Tensor(-0.5, shape=(), dtype=float32)
    """

    function = staticmethod(cosine_similarity)

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "cosine_similarity",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(name, reduction, dtype, axis=axis)
