"""Losses of overlap, for image segmentation: Dice and Tversky."""

from __future__ import annotations

from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import FunctionLoss
from gradtape.losses.base.inputs import EPSILON, matched
from gradtape.losses.base.loss import LOSSES
from gradtape.ops.numpy.reductions import Axis, sum


@LOSSES.member()
def dice(y_true: TensorLike, y_pred: TensorLike, axis: Axis = None) -> Tensor:
    """Return 1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred) + 1e-7).

    Args:
        y_true: any shape: 1 inside the region and 0 outside, as a rule.
        y_pred: the same shape: the predicted region.
        axis: the axes that are summed over; None means all, which leaves one number.

    >>> dice([[1.0, 0.0]], [[1.0, 1.0]], axis=-1)
    Tensor([0.33333..., shape=(1,), dtype=float32)
    """
    true, predicted = matched("dice", y_true, y_pred)
    both = sum(true * predicted, axis)
    # As in Keras the epsilon is in the divisor only: where both are empty the loss is 1, not 0.
    return 1.0 - 2.0 * both / (sum(true, axis) + sum(predicted, axis) + EPSILON)


@LOSSES.member()
def tversky(
    y_true: TensorLike, y_pred: TensorLike, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None
) -> Tensor:
    """Return 1 - both / (both + alpha * missed + beta * invented + 1e-7).

    ``both = sum(y_true * y_pred)``, ``missed = sum(y_true * (1 - y_pred))`` and
    ``invented = sum((1 - y_true) * y_pred)``.

    Args:
        y_true: any shape: 1 inside the region and 0 outside, as a rule.
        y_pred: the same shape: the predicted region.
        alpha: the weight of false negatives.
        beta: the weight of false positives.
        axis: the axes that are summed over; None means all, which leaves one number.

    Source: Salehi et al. 2017, arXiv:1706.05721; alpha and beta change places there, here they do what
    they do in Keras.

    >>> tversky([[1.0, 0.0]], [[1.0, 1.0]], beta=1.0, axis=-1)
    Tensor([0.5], shape=(1,), dtype=float32)
    """
    true, predicted = matched("tversky", y_true, y_pred)
    both = sum(true * predicted, axis)
    missed = sum(true * (1.0 - predicted), axis)
    invented = sum((1.0 - true) * predicted, axis)
    # As for dice: where nothing is there and nothing predicted, the loss is 1.
    return 1.0 - both / (both + alpha * missed + beta * invented + EPSILON)


@LOSSES.member()
class Dice(FunctionLoss):
    """1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred) + 1e-7), see `dice`.

    Args:
        reduction: as for `Loss`.
        name: as for `Loss`.
        axis: the axes that are summed over; None means all.
        dtype: as for `Loss`.

    >>> Dice()([[1.0], [0.0]], [[1.0], [1.0]])
    Tensor(0.33333..., shape=(), dtype=float32)
    """

    function = staticmethod(dice)

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "dice",
        axis: Axis = None,
        dtype: DTypeLike = None,
    ) -> None:
        # JSON has no tuples: as a list the configuration reads back as it was written.
        super().__init__(name, reduction, dtype, axis=list(axis) if isinstance(axis, tuple) else axis)


@LOSSES.member()
class Tversky(FunctionLoss):
    """1 - both / (both + alpha * missed + beta * invented + 1e-7), see `tversky`.

    Args:
        alpha: the weight of false negatives.
        beta: the weight of false positives.
        reduction: as for `Loss`.
        name: as for `Loss`.
        axis: the axes that are summed over; None means all.
        dtype: as for `Loss`.

    >>> Tversky(beta=1.0)([[1.0], [0.0]], [[1.0], [1.0]])
    Tensor(0.5, shape=(), dtype=float32)
    """

    function = staticmethod(tversky)

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "tversky",
        axis: Axis = None,
        dtype: DTypeLike = None,
    ) -> None:
        axes = list(axis) if isinstance(axis, tuple) else axis
        super().__init__(name, reduction, dtype, alpha=alpha, beta=beta, axis=axes)
