"""Generalized cross-entropy: between cross-entropy and mean absolute error, for labels that may be wrong."""

from __future__ import annotations

from gradtape.base.checks import number
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.losses.base.function_loss import FunctionLoss
from gradtape.losses.base.inputs import above_zero, floating, several_classes
from gradtape.losses.base.loss import LOSSES
from gradtape.losses.sparse_categorical import class_numbers
from gradtape.ops.numpy.arithmetic import power
from gradtape.ops.numpy.gather import take_along_axis
from gradtape.ops.numpy.shapes import reshape

WHO = "categorical_generalized_cross_entropy"


@LOSSES.member()
def categorical_generalized_cross_entropy(y_true: TensorLike, y_pred: TensorLike, q: float) -> Tensor:
    """Return (1 - p**q) / q, p being the probability predicted for the true class, for each sample.

    Args:
        y_true: (...) or (..., 1) class numbers in [0, classes).
        y_pred: (..., classes) probabilities.
        q: in (0, 1): near 0 it is the cross-entropy, near 1 the mean absolute error.

    Returns:
        (...) of y_pred's dtype.

    Source: Zhang, Sabuncu 2018, arXiv:1805.07836

    >>> f"{categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5).item():.4f}"
    '1.0000'
    """
    q = number(q, WHO, "q", "(0, 1)")
    predicted = several_classes(WHO, floating(y_pred))
    labels = class_numbers(WHO, as_tensor(y_true), predicted)
    chosen = take_along_axis(predicted, reshape(labels, (*labels.shape, 1)), axis=-1)
    # The slope of p**q is infinite at p = 0, as q < 1.
    return (1.0 - power(above_zero(reshape(chosen, labels.shape)), q)) / q


@LOSSES.member()
class CategoricalGeneralizedCrossEntropy(FunctionLoss):
    """The mean of (1 - p**q) / q, p being the probability predicted for the true class.

    Args:
        q: in (0, 1): near 0 it is the cross-entropy, near 1 the mean absolute error.
        reduction: as for `Loss`.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> f"{CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]).item():.4f}"
    '1.0000'
    """

    function = staticmethod(categorical_generalized_cross_entropy)

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = WHO,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(name, reduction, dtype, q=q)

    def _targets(self, y_true: TensorLike) -> Tensor:
        return as_tensor(y_true)  # a float32 cannot hold every class number
