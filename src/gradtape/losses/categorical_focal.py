"""Focal cross-entropy of classes: samples that are already predicted well count less."""

from __future__ import annotations

import numpy as np

from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ShapeError
from gradtape.losses.base.function_loss import CrossentropyLoss
from gradtape.losses.base.loss import LOSSES
from gradtape.losses.categorical import classes, log_of_classes
from gradtape.ops.numpy.arithmetic import negative, power
from gradtape.ops.numpy.exponential import expm1
from gradtape.ops.numpy.reductions import sum


@LOSSES.member()
def categorical_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    alpha: object = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return -sum(alpha * (1 - y_pred)**gamma * y_true * log(y_pred)) over the classes, for each sample.

    Args:
        y_true: (..., classes) the true probabilities, one-hot as a rule.
        y_pred: (..., classes): probabilities, or logits if `from_logits`.
        alpha: the weight of each class: one number, or one for each class.
        gamma: 0 gives the plain cross-entropy; the larger, the less well-predicted samples count.
        from_logits: whether `y_pred` are logits, to which softmax has not been applied yet.
        label_smoothing: the part of each target, in [0, 1], that is spread evenly over all classes.
        axis: the axis of the classes.

    Returns:
        (...) of y_pred's dtype.

    Source: Lin et al. 2017, arXiv:1708.02002

    >>> f"{categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).item():.4f}"
    '0.0433'
    """
    who = "categorical_focal_crossentropy"
    true, predicted = classes(who, y_true, y_pred, label_smoothing, axis)
    logarithms = log_of_classes(who, predicted, from_logits)
    missed = negative(expm1(logarithms))  # 1 - p, with all its digits where p is near 1
    losses = power(missed, gamma) * true * logarithms
    return negative(sum(losses * _weights(who, alpha, true), axis=-1))


def _weights(who: str, alpha: object, true: Tensor) -> Tensor:
    weights = as_tensor(alpha, true.dtype, who)
    if weights.shape not in ((), true.shape[-1:]):
        raise ShapeError(
            f"{who}: alpha must be one number or one for each of the {true.shape[-1]} classes, "
            f"got shape {weights.shape}"
        )
    return weights


@LOSSES.member()
class CategoricalFocalCrossentropy(CrossentropyLoss):
    """The mean of -sum(alpha * (1 - y_pred)**gamma * y_true * log(y_pred)) over the classes.

    Args:
        alpha: the weight of each class: one number, or one for each class.
        gamma: the larger, the less well-predicted samples count.
        from_logits: whether y_pred are logits, to which softmax has not been applied yet.
        label_smoothing: the part of each target, in [0, 1], that is spread evenly over all classes.
        axis: the axis of the classes.
        reduction: as for `Loss`.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> f"{CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).item():.4f}"
    '0.0433'
    """

    function = staticmethod(categorical_focal_crossentropy)

    def __init__(
        self,
        alpha: object = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_focal_crossentropy",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(
            name,
            reduction,
            dtype,
            # As JSON values, which an array is not: this is what the configuration says.
            alpha=np.asarray(alpha).tolist(),
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
