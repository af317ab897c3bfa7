"""Binary cross-entropy: each element is a yes-or-no prediction."""

from __future__ import annotations

from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import CrossentropyLoss
from gradtape.losses.base.inputs import (
    above_zero,
    matched,
    not_probabilities,
    several_classes,
    smoothed,
)
from gradtape.losses.base.loss import LOSSES
from gradtape.ops.nn.activations import log_sigmoid, sigmoid
from gradtape.ops.nn.binary_crossentropy import sigmoid_crossentropy_of
from gradtape.ops.nn.softmax import BinaryProbabilities, Probabilities
from gradtape.ops.numpy.arithmetic import negative
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.shapes import reshape
from gradtape.ops.numpy.statistics import mean

WHO = "binary_crossentropy"


@LOSSES.member("bce", "BCE")
def binary_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return the mean over `axis` of -(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred)).

    Args:
        y_true: (..., n) the true probabilities, 0 or 1 as a rule.
        y_pred: (..., n): probabilities, or logits if `from_logits`.
        from_logits: whether `y_pred` are logits, to which sigmoid has not been applied yet.
        label_smoothing: how far, in [0, 1], targets are moved towards 0.5.
        axis: the axis over which the mean is taken.

    Returns:
        (...) of y_pred's dtype.

    For probabilities that come directly from `sigmoid`, its logits are used; in others, 0 is replaced by
    the smallest normal number.  A softmax over one unit is refused: it is always 1.

    >>> f"{binary_crossentropy([[1.0]], [[0.5]]).item():.4f}"
    '0.6931'
    """
    true, predicted, from_logits = yes_or_no(WHO, y_true, y_pred, from_logits, label_smoothing)
    if from_logits:
        return mean(sigmoid_crossentropy_of(predicted, true, _chances(y_pred, predicted)), axis=axis)
    yes, no = logs(predicted, from_logits)
    return negative(mean(by_truth(true, yes, no), axis=axis))


def yes_or_no(
    who: str, y_true: TensorLike, y_pred: TensorLike, from_logits: bool, label_smoothing: float
) -> tuple[Tensor, Tensor, bool]:
    """Return the smoothed targets, the predictions, and whether these are logits, as a sigmoid's are."""
    if from_logits and isinstance(y_pred, Tensor):
        not_probabilities(who, y_pred)
    # A softmax over one unit is always 1: nothing could be learned.
    if isinstance(y_pred, Probabilities):
        several_classes(who, y_pred)
    if isinstance(y_pred, BinaryProbabilities) and y_pred.logits is not None:
        # From the logits every digit is there; log(1 - p) loses them where p is near 1, and clipping p at
        # 1e-7, as Keras does, stops the loss at 16.1 and its gradient at 0.
        y_pred, from_logits = y_pred.logits, True
    true, predicted = matched(who, y_true, y_pred)
    return smoothed(who, true, label_smoothing, 0.5), predicted, from_logits


def logs(predicted: Tensor, from_logits: bool) -> tuple[Tensor, Tensor]:
    """Return log(p) and log(1 - p)."""
    if from_logits:
        # 1 - sigmoid(x) = sigmoid(-x), without the cancellation of the difference.
        return log_sigmoid(predicted), log_sigmoid(negative(predicted))
    return log(above_zero(predicted)), log(above_zero(1.0 - predicted))


def by_truth(true: Tensor, yes: Tensor | float, no: Tensor | float) -> Tensor:
    """Return `yes` where `true` is 1, `no` where it is 0, and between them in proportion."""
    return true * yes + (1.0 - true) * no


def _chances(y_pred: TensorLike, logits: Tensor) -> Tensor:
    """Return sigmoid(logits): `y_pred` itself if it is that, whose gradient may be asked for."""
    if isinstance(y_pred, BinaryProbabilities) and y_pred.dtype == logits.dtype:
        return y_pred if y_pred.shape == logits.shape else reshape(y_pred, logits.shape)
    return sigmoid(logits)


@LOSSES.member()
class BinaryCrossentropy(CrossentropyLoss):
    """The mean of -(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred)).

    Args:
        from_logits: whether y_pred are logits, to which sigmoid has not been applied yet.
        label_smoothing: how far, in [0, 1], targets are moved towards 0.5.
        axis: the axis over which the mean for one sample is taken.
        reduction: as for `Loss`.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> f"{BinaryCrossentropy()([[1], [0]], [[0.5], [0.25]]).item():.4f}"
    '0.4904'
    """

    function = staticmethod(binary_crossentropy)

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = WHO,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(
            name, reduction, dtype, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis
        )
