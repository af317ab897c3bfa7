"""Focal cross-entropy of yes-or-no predictions: samples that are already predicted well count less."""

from __future__ import annotations

from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import CrossentropyLoss
from gradtape.losses.base.loss import LOSSES
from gradtape.losses.binary import by_truth, logs, yes_or_no
from gradtape.ops.numpy.arithmetic import negative, power
from gradtape.ops.numpy.exponential import exp
from gradtape.ops.numpy.statistics import mean


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
        alpha: the weight of the positive class.
        gamma: 0 gives the plain cross-entropy; the larger, the less well-predicted samples count.
        from_logits: whether `y_pred` are logits, to which sigmoid has not been applied yet.
        label_smoothing: how far, in [0, 1], targets are moved towards 0.5.
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
    # 1 - p as e**log(1 - p): from logits it keeps its digits where p is near 1.
    missed = by_truth(true, exp(no), exp(yes))
    losses = negative(power(missed, gamma) * by_truth(true, yes, no))
    if apply_class_balancing:
        losses = losses * by_truth(true, alpha, 1.0 - alpha)
    return mean(losses, axis=axis)


@LOSSES.member()
class BinaryFocalCrossentropy(CrossentropyLoss):
    """The mean of the binary cross-entropy times (1 - p)**gamma, p predicted for what is true.

    Args:
        apply_class_balancing: whether to multiply by alpha where y_true is 1, by 1 - alpha where it is 0.
        alpha: the weight of the positive class.
        gamma: the larger, the less well-predicted samples count.
        from_logits: whether y_pred are logits, to which sigmoid has not been applied yet.
        label_smoothing: how far, in [0, 1], targets are moved towards 0.5.
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
