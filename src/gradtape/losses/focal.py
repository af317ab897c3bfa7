"""Focal cross-entropies: what is predicted well already counts less."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.dtypes import DTypeLike
from gradtape.errors import ShapeError
from gradtape.losses.binary import logs, yes_or_no
from gradtape.losses.categorical import classes, log_of_classes
from gradtape.losses.loss import LOSSES, FunctionLoss
from gradtape.ops.arithmetic import negative, power
from gradtape.ops.exponential import exp, expm1
from gradtape.ops.reductions import sum
from gradtape.ops.statistics import mean
from gradtape.tensor import Tensor, TensorLike, as_tensor


@LOSSES.member()
def binary_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return the mean over `axis` of the binary cross-entropy times (1 - p)**gamma.

    p is the probability predicted for what is true: y_pred where y_true is 1, 1 - y_pred where it is 0.

    Args:
        y_true: (..., n) the true probabilities, 0 or 1 as a rule.
        y_pred: (..., n): probabilities, or logits if `from_logits`.
        apply_class_balancing: whether to multiply by alpha where y_true is 1, by 1 - alpha where it is 0.
        alpha: see there.
        gamma: 0 gives the plain cross-entropy; the larger, the less counts what is predicted well.
        from_logits: whether `y_pred` are logits, to which sigmoid is still to be applied.
        label_smoothing: the share of the truth, in [0, 1], that is drawn to 0.5.
        axis: the axis over which the mean is taken.

    Returns:
        (...) of y_pred's dtype.

    Source: Lin et al. 2017, arXiv:1708.02002

    >>> f"{binary_focal_crossentropy([[1.0]], [[0.5]]).item():.4f}"
    '0.1733'
    """
    who = "binary_focal_crossentropy"
    true, predicted, from_logits = yes_or_no(who, y_true, y_pred, from_logits, label_smoothing)
    yes, no = logs(predicted, from_logits)
    missed = true * exp(no) + (1.0 - true) * exp(yes)
    losses = negative(power(missed, gamma) * (true * yes + (1.0 - true) * no))
    if apply_class_balancing:
        losses = losses * (true * alpha + (1.0 - true) * (1.0 - alpha))
    return mean(losses, axis=axis)


@LOSSES.member()
def categorical_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return -sum(alpha * (1 - y_pred)**gamma * y_true * log(y_pred)) over the classes, for each sample.

    Args:
        y_true: (..., classes) the true probabilities, one-hot as a rule.
        y_pred: (..., classes): probabilities, or logits if `from_logits`.
        alpha: what each class is multiplied by: a number, or one for each class.
        gamma: 0 gives the plain cross-entropy; the larger, the less counts what is predicted well.
        from_logits: whether `y_pred` are logits, to which softmax is still to be applied.
        label_smoothing: the share of the truth, in [0, 1], that is spread evenly over all classes.
        axis: the axis that counts the classes.

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


def _weights(who: str, alpha: Any, true: Tensor) -> Tensor:
    weights = as_tensor(alpha, true.dtype, who)
    if weights.shape not in ((), true.shape[-1:]):
        raise ShapeError(
            f"{who}: alpha must be one number or one for each of the {true.shape[-1]} classes, "
            f"got shape {weights.shape}"
        )
    return weights


@LOSSES.member()
class BinaryFocalCrossentropy(FunctionLoss):
    """The mean of the binary cross-entropy times (1 - p)**gamma, p predicted for what is true.

    Args:
        apply_class_balancing: whether to multiply by alpha where y_true is 1, by 1 - alpha where it is 0.
        alpha: see there.
        gamma: the larger, the less counts what is predicted well.
        from_logits: whether y_pred are logits, to which sigmoid is still to be applied.
        label_smoothing: the share of the truth, in [0, 1], that is drawn to 0.5.
        axis: the axis over which the mean for one sample is taken.
        reduction: as for `Loss`.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> f"{BinaryFocalCrossentropy()([[1.0]], [[0.5]]).item():.4f}"
    '0.1733'
    """

    function = staticmethod(binary_focal_crossentropy)

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(
            name,
            reduction,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@LOSSES.member()
class CategoricalFocalCrossentropy(FunctionLoss):
    """The mean of -sum(alpha * (1 - y_pred)**gamma * y_true * log(y_pred)) over the classes.

    Args:
        alpha: what each class is multiplied by: a number, or one for each class.
        gamma: the larger, the less counts what is predicted well.
        from_logits: whether y_pred are logits, to which softmax is still to be applied.
        label_smoothing: the share of the truth, in [0, 1], that is spread evenly over all classes.
        axis: the axis that counts the classes.
        reduction: as for `Loss`.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> f"{CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).item():.4f}"
    '0.0433'
    """

    function = staticmethod(categorical_focal_crossentropy)

    def __init__(
        self,
        alpha: Any = 0.25,
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
            alpha=np.asarray(alpha).tolist(),
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
