"""Cross-entropy of predicted classes against class numbers."""

from __future__ import annotations

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ShapeError
from gradtape.losses.base.function_loss import FunctionLoss
from gradtape.losses.base.inputs import (
    axis_last,
    floating,
    not_probabilities,
    several_classes,
    shares,
)
from gradtape.losses.base.loss import LOSSES
from gradtape.losses.base.reduction import harmless
from gradtape.ops.nn.crossentropy import crossentropy_of, softmax_crossentropy
from gradtape.ops.nn.softmax import Probabilities
from gradtape.ops.numpy.arithmetic import negative
from gradtape.ops.numpy.comparison import not_equal
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.gather import take_along_axis
from gradtape.ops.numpy.selection import where
from gradtape.ops.numpy.shapes import cast, reshape

WHO = "sparse_categorical_crossentropy"


@LOSSES.member()
def sparse_categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """Return -log of the probability predicted for the true class, for each sample.

    Args:
        y_true: (...) or (..., 1) class numbers in [0, classes), of any dtype with whole values.
        y_pred: (..., classes): probabilities, or logits if `from_logits`.
        from_logits: whether `y_pred` are logits, to which softmax has not been applied yet.
        ignore_class: a class number, which may lie outside the classes, whose samples have the loss 0.
        axis: the axis of the classes in y_pred.

    Returns:
        (...) of y_pred's dtype.

    Raises:
        ArgumentError: if y_pred comes from softmax and `from_logits` is true; a label is not whole.
        ShapeError: if y_true does not have y_pred's shape without `axis`, or there is only one class.
        AxisError: if a label is no class number, which a compiled step cannot check.

    For probabilities that come directly from `softmax`, its logits are used, so that the loss is exact
    where a probability rounds to 0 or 1.  Others are divided by their sum, and a probability of 0 is
    replaced by the smallest normal number.  Keras clips at 1e-7 instead, where the gradient becomes 0.

    >>> f"{sparse_categorical_crossentropy([1], [[0.25, 0.75]]).item():.4f}"
    '0.2877'
    """
    predicted = floating(y_pred)
    if type(axis) is not int or axis != -1:
        predicted = axis_last(WHO, axis, predicted)
    labels = class_numbers(WHO, as_tensor(y_true), several_classes(WHO, predicted))
    if ignore_class is None:
        return _crossentropy(labels, predicted, from_logits)
    counted = not_equal(labels, whole(ignore_class, WHO, "ignore_class"))
    # Before the loss, not after: NaN in an ignored row would come back as 0 * NaN in the gradient.
    predicted = harmless(predicted, counted)
    # An ignored label such as -1 or 255 is no class; class 0 always is.
    return where(counted, _crossentropy(where(counted, labels, 0), predicted, from_logits), 0.0)


def _crossentropy(labels: Tensor, predicted: Tensor, from_logits: bool) -> Tensor:
    if from_logits:
        return softmax_crossentropy(not_probabilities(WHO, predicted), labels)
    if isinstance(predicted, Probabilities) and predicted.logits is not None:
        return crossentropy_of(predicted.logits, predicted, labels)
    chosen = take_along_axis(log(shares(predicted)), reshape(labels, (*labels.shape, 1)), axis=-1)
    return negative(reshape(chosen, labels.shape))


def class_numbers(who: str, labels: Tensor, predicted: Tensor) -> Tensor:
    """Return `labels` as whole numbers, in the shape of `predicted` without its last axis."""
    shape = predicted.shape[:-1]
    if labels.shape != shape:
        if labels.shape != (*shape, 1):
            hint = "; one-hot y_true are for categorical_crossentropy"
            raise ShapeError(
                f"{who}: y_true must be class numbers in the shape of y_pred without its axis of classes, "
                f"got y_true {labels.shape} and y_pred {predicted.shape}"
                f"{hint if labels.shape == predicted.shape else ''}"
            )
        labels = reshape(labels, shape)
    if labels.dtype.kind == "b":
        labels = cast(labels, "int32")
    # Labels often come as floats; a fraction is an error, not rounded.
    if labels.dtype.kind == "f":
        labels = Tensor(engine.active.whole_numbers(labels._array, who))
    return labels


@LOSSES.member()
class SparseCategoricalCrossentropy(FunctionLoss):
    """The mean of -log of the probability predicted for the true class; y_true are class numbers.

    Args:
        from_logits: whether y_pred are logits, to which softmax has not been applied yet.
        ignore_class: a class number whose samples are left out of the mean.
        reduction: as for `Loss`.
        axis: the axis of the classes in y_pred.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> f"{SparseCategoricalCrossentropy()([1, 0], [[0.25, 0.75], [0.5, 0.5]]).item():.4f}"
    '0.4904'
    """

    function = staticmethod(sparse_categorical_crossentropy)

    from_logits: bool
    ignore_class: int | None
    axis: int

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = WHO,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(
            name, reduction, dtype, from_logits=from_logits, ignore_class=ignore_class, axis=axis
        )

    def _targets(self, y_true: TensorLike) -> Tensor:
        return as_tensor(y_true)  # a float32 cannot hold every class number

    def _counted(self, true: Tensor, values: Tensor) -> Tensor | None:
        return None if self.ignore_class is None else reshape(true != self.ignore_class, values.shape)
