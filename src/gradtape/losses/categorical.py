"""Cross-entropies of predicted classes against the true share of each class, one-hot as a rule."""

from __future__ import annotations

from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import CrossentropyLoss
from gradtape.losses.base.inputs import (
    axis_last,
    cast_to,
    floating,
    not_probabilities,
    same_shape,
    several_classes,
    shares,
    smoothed,
)
from gradtape.losses.base.loss import LOSSES
from gradtape.ops.nn.crossentropy import soft_crossentropy_of
from gradtape.ops.nn.softmax import Probabilities, log_softmax
from gradtape.ops.numpy.arithmetic import negative
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.reductions import sum

WHO = "categorical_crossentropy"


@LOSSES.member()
def categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return -sum(y_true * log(y_pred)) over the classes, for each sample.

    Args:
        y_true: (..., classes) the true probabilities, one-hot as a rule.
        y_pred: (..., classes): probabilities, or logits if `from_logits`; see
            `sparse_categorical_crossentropy` for how they are used.
        from_logits: whether `y_pred` are logits, to which softmax has not been applied yet.
        label_smoothing: the part of each target, in [0, 1], that is spread evenly over all classes.
        axis: the axis of the classes.

    Returns:
        (...) of y_pred's dtype.

    >>> f"{categorical_crossentropy([[0.0, 1.0]], [[0.25, 0.75]]).item():.4f}"
    '0.2877'
    """
    true, predicted = classes(WHO, y_true, y_pred, label_smoothing, axis)
    # In one operation from the logits: its gradient is not lost where a probability rounds to 0.
    if isinstance(predicted, Probabilities) and predicted.logits is not None and not from_logits:
        return soft_crossentropy_of(predicted.logits, true, predicted)
    return negative(sum(true * log_of_classes(WHO, predicted, from_logits), axis=-1))


def classes(
    who: str, y_true: TensorLike, y_pred: TensorLike, label_smoothing: float, axis: int
) -> tuple[Tensor, Tensor]:
    """Return the smoothed targets and the predictions, their classes along the last axis."""
    predicted = floating(y_pred)
    true = cast_to(predicted.dtype, y_true)
    hint = "; for class numbers use sparse_categorical_crossentropy" if true.ndim < predicted.ndim else ""
    same_shape(who, true, predicted, hint)
    if type(axis) is not int or axis != -1:
        true, predicted = axis_last(who, axis, true), axis_last(who, axis, predicted)
    several_classes(who, predicted)
    return smoothed(who, true, label_smoothing, 1.0 / predicted.shape[-1]), predicted


def log_of_classes(who: str, predicted: Tensor, from_logits: bool) -> Tensor:
    """Return the logarithms of the probabilities of the classes, from the logits if they are known."""
    if from_logits:
        return log_softmax(not_probabilities(who, predicted))
    # From the logits that softmax remembers: exact where a probability rounds to 0 or 1.
    if isinstance(predicted, Probabilities) and predicted.logits is not None:
        return log_softmax(predicted.logits)
    return log(shares(predicted))


@LOSSES.member()
class CategoricalCrossentropy(CrossentropyLoss):
    """The mean of -sum(y_true * log(y_pred)) over the classes; y_true is one-hot as a rule.

    Args:
        from_logits: whether y_pred are logits, to which softmax has not been applied yet.
        label_smoothing: the part of each target, in [0, 1], that is spread evenly over all classes.
        axis: the axis of the classes.
        reduction: as for `Loss`.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> f"{CategoricalCrossentropy()([[0, 1], [1, 0]], [[0.25, 0.75], [0.5, 0.5]]).item():.4f}"
    '0.4904'
    """

    function = staticmethod(categorical_crossentropy)

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
