"""F-scores: precision and recall combined into one number."""

from __future__ import annotations

from typing import Any

from gradtape.base.checks import number, one_of
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.errors import ShapeError
from gradtape.losses.base.inputs import matched
from gradtape.metrics.base.metric import Metric, member
from gradtape.metrics.base.sums import WIDE, weights_over
from gradtape.ops.numpy.arithmetic import absolute
from gradtape.ops.numpy.comparison import greater, greater_equal, logical_and
from gradtape.ops.numpy.reductions import max, sum
from gradtape.ops.numpy.shapes import cast
from gradtape.ops.numpy.statistics import mean

_EPSILON = 1e-7  # added to every divisor, as in Keras


@member()
class FBetaScore(Metric):
    """The weighted harmonic mean of precision and recall: (1 + b**2) * p * r / (b**2 * p + r).

    Args:
        average: "micro" counts all classes together; "macro" is the mean over classes, "weighted" that by
            their numbers of true labels; None gives one score per class.
        beta: how much more recall counts than precision; larger than 0.
        threshold: larger predictions are positive, in (0, 1]; None takes the largest of each sample.
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> f"{FBetaScore('macro', 2.0, threshold=0.5)([[1, 1], [1, 0]], [[0.2, 0.6], [0.8, 0.6]]).item():.4f}"
    '0.6944'
    """

    direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(dtype, name)
        who = type(self).__name__
        if average is not None:
            one_of(average, who, "average", ("micro", "macro", "weighted"))
        self.average = average
        self.beta = number(beta, who, "beta", "(0, inf)")
        self.threshold = None if threshold is None else number(threshold, who, "threshold", "(0, 1]")
        self._axis = None if average == "micro" else 0

    def build(self, y_true_shape: tuple[int | None, ...], y_pred_shape: tuple[int | None, ...]) -> None:
        """Make the accumulators for predictions (samples, classes).

        Args:
            y_true_shape: the shape of a batch of labels.
            y_pred_shape: the shape of a batch of predictions.
        """
        if len(y_pred_shape) != 2 or self.variables:
            return
        of = () if self.average == "micro" else y_pred_shape[1:]
        self.true_positives = self.add_variable(of, name="true_positives")
        self.false_positives = self.add_variable(of, name="false_positives")
        self.false_negatives = self.add_variable(of, name="false_negatives")
        self.intermediate_weights = self.add_variable(of, name="intermediate_weights")

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch.

        Args:
            y_true: (samples, classes): the true share of each class, 0 or 1 as a rule.
            y_pred: (samples, classes).
            sample_weight: the weight of each sample; None means 1.
        """
        true, predicted = matched(self.name, y_true, y_pred)
        if predicted.ndim != 2:
            raise ShapeError(
                f"{type(self).__name__}: y_pred must be (samples, classes), got {predicted.shape}"
            )
        self.build(true.shape, predicted.shape)
        # Before anything is added up: float32 stops counting at 2**24.
        true, positive = cast(true, WIDE), cast(self._positive(predicted), WIDE)
        right = true * positive
        if sample_weight is not None:
            weights = cast(weights_over(self.name, sample_weight, true.shape), WIDE)
            true, positive, right = true * weights, positive * weights, right * weights
        self.true_positives.assign_add(sum(right, axis=self._axis))
        self.false_positives.assign_add(sum(positive - right, axis=self._axis))
        self.false_negatives.assign_add(sum(true - right, axis=self._axis))
        self.intermediate_weights.assign_add(sum(true, axis=self._axis))

    def _positive(self, predicted: Tensor) -> Tensor:
        if self.threshold is not None:
            return greater(predicted, self.threshold)
        # As in Keras, every class that has the largest prediction is predicted.
        is_largest = greater_equal(predicted, max(predicted, axis=-1, keepdims=True))
        return logical_and(is_largest, greater(absolute(predicted), 1e-9))  # a row of zeros names no class

    def result(self) -> Tensor:
        """Return the score so far: () if averaged, else (classes,)."""
        if not self.variables:
            raise ShapeError(f"{type(self).__name__}: result has no shape before the first update_state")
        right = self.true_positives.value
        precision = right / (right + self.false_positives + _EPSILON)
        recall = right / (right + self.false_negatives + _EPSILON)
        square = self.beta**2
        score = precision * recall / (precision * square + recall + _EPSILON) * (1 + square)
        if self.average == "weighted":
            weights = self.intermediate_weights.value
            score = sum(score * weights / (sum(weights) + _EPSILON))
        elif self.average == "macro":
            score = mean(score)
        return cast(score, self._dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


@member()
class F1Score(FBetaScore):
    """The harmonic mean of precision and recall: 2 * p * r / (p + r).

    Args:
        average: "micro" counts all classes together; "macro" is the mean over classes, "weighted" that by
            their numbers of true labels; None gives one score per class.
        threshold: larger predictions are positive, in (0, 1]; None takes the largest of each sample.
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> f"{F1Score('micro', threshold=0.5)([[1, 1], [1, 0]], [[0.2, 0.6], [0.8, 0.6]]).item():.4f}"
    '0.6667'
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {key: value for key, value in super().get_config().items() if key != "beta"}
