"""R2, the coefficient of determination."""

from __future__ import annotations

from typing import Any

from gradtape.base.checks import one_of, whole_or_none
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.errors import ShapeError
from gradtape.losses.base.inputs import matched
from gradtape.metrics.base.metric import Metric, member
from gradtape.metrics.base.sums import WIDE, as_wide, weights_over
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.comparison import greater, isinf
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.selection import where
from gradtape.ops.numpy.shapes import broadcast_to, cast
from gradtape.ops.numpy.statistics import mean


@member()
class R2Score(Metric):
    """1 - sum((y_true - y_pred)**2) / sum((y_true - mean(y_true))**2): 1 is perfect, 0 as good as the mean.

    Args:
        class_aggregation: "uniform_average" is the mean over outputs, "variance_weighted_average" that by
            the variance of the labels; None gives one score per output.
        num_regressors: the number of inputs p in the adjusted score 1 - (1 - R2) * (n - 1) / (n - p - 1), n
            being the number of labels; 0, or n <= p + 1: the score is not adjusted.
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
    Tensor(0.5714286, shape=(), dtype=float32)
    """

    direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(dtype, name)
        if class_aggregation is not None:
            known = ("uniform_average", "variance_weighted_average")
            one_of(class_aggregation, "R2Score", "class_aggregation", known)
        self.class_aggregation = class_aggregation
        self.num_regressors = whole_or_none(num_regressors, "R2Score", "num_regressors", 0)
        self.num_samples = self.add_variable(name="num_samples")

    def build(self, y_true_shape: tuple[int | None, ...], y_pred_shape: tuple[int | None, ...]) -> None:
        """Make the accumulators for predictions (samples, outputs).

        Args:
            y_true_shape: the shape of a batch of labels.
            y_pred_shape: the shape of a batch of predictions.
        """
        # num_samples is there from the beginning: more than that one means that the others are.
        if len(y_pred_shape) != 2 or len(self.variables) > 1:
            return
        self.squared_sum = self.add_variable(y_pred_shape[1:], name="squared_sum")
        self.sum = self.add_variable(y_pred_shape[1:], name="sum")
        self.total_mse = self.add_variable(y_pred_shape[1:], name="residual")
        self.count = self.add_variable(y_pred_shape[1:], name="count")

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch.

        Args:
            y_true: (samples, outputs), or (samples,) for one output.
            y_pred: (samples, outputs).
            sample_weight: the weight of each sample; None means 1.
        """
        true, predicted = matched(self.name, y_true, y_pred)
        if predicted.ndim != 2:
            raise ShapeError(f"R2Score: y_pred must be (samples, outputs), got {predicted.shape}")
        self.build(true.shape, predicted.shape)
        true, predicted = cast(true, WIDE), cast(predicted, WIDE)
        weights = weights_over(self.name, 1.0 if sample_weight is None else sample_weight, true.shape)
        weights = broadcast_to(cast(weights, WIDE), true.shape)
        self.sum.assign_add(sum(true * weights, axis=0))
        self.squared_sum.assign_add(sum(square(true) * weights, axis=0))
        self.total_mse.assign_add(sum(square(true - predicted) * weights, axis=0))
        self.count.assign_add(sum(weights, axis=0))
        # As in Keras all elements count, not only the rows.
        self.num_samples.assign_add(as_wide(true.size))

    def result(self) -> Tensor:
        """Return the score so far: () if averaged, else (outputs,)."""
        if len(self.variables) == 1:
            raise ShapeError("R2Score: result has no shape before the first update_state")
        # E[y**2] - E[y]**2 in one pass over the batches, in float64, as in Keras: it cancels only where the
        # mean is some 1e7 times the deviation.
        total = self.squared_sum - square(self.sum) / self.count
        scores = 1.0 - self.total_mse / total
        # As in Keras: labels that are all equal have no variance to explain.
        scores = where(isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = sum(total * scores) / sum(total)
        return cast(self._adjusted(scores) if self.num_regressors else scores, self._dtype)

    def _adjusted(self, scores: Tensor) -> Tensor:
        # Degrees of freedom; where none is left the score is not adjusted.
        rest = self.num_samples - (self.num_regressors or 0) - 1.0
        adjusted = 1.0 - (1.0 - scores) * (self.num_samples - 1.0) / rest
        return where(greater(rest, 0.0), adjusted, scores)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}
