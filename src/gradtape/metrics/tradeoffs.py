"""The best value of one rate at a given minimum of another, over all thresholds."""

from __future__ import annotations

from typing import Any

from gradtape.base.checks import number, whole, whole_or_none
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.metrics.base.metric import member
from gradtape.metrics.base.sums import WIDE, average
from gradtape.metrics.confusion import Confusion, even_thresholds, only_class, pair
from gradtape.ops.numpy.comparison import greater_equal
from gradtape.ops.numpy.reductions import max
from gradtape.ops.numpy.selection import clip, where
from gradtape.ops.numpy.shapes import cast

# Each rate is the first count divided by the sum of both.
_RATES = {
    "sensitivity": ("true_positives", "false_negatives"),
    "recall": ("true_positives", "false_negatives"),
    "specificity": ("true_negatives", "false_positives"),
    "precision": ("true_positives", "false_positives"),
}


class Tradeoff(Confusion):
    """The largest `best` rate over the thresholds at which the `required` rate is at least `value`, or 0.

    Args:
        value: the minimum of the `required` rate, in [0, 1].
        num_thresholds: how many thresholds are tried, evenly from 0 to 1; one means 0.5.
        class_id: only this class is counted; None: all classes.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None means float32.
    """

    direction = "up"
    best = ""
    required = ""

    def __init__(
        self,
        value: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(dtype, name)
        who = type(self).__name__
        self.value = number(value, who, self.required, "[0, 1]")
        self.num_thresholds = whole(num_thresholds, who, "num_thresholds", 1)
        self.class_id = whole_or_none(class_id, who, "class_id", 0)
        self.thresholds = (0.5,) if num_thresholds == 1 else even_thresholds(self.num_thresholds)
        self.count_at(self.thresholds)

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch.

        Args:
            y_true: 0 or 1.
            y_pred: in [0, 1], of the same shape.
            sample_weight: the weight of each sample; None means 1.
        """
        true, predicted, weights = pair(self.name, y_true, y_pred, sample_weight)
        if self.class_id is not None:
            true, predicted, weights = only_class(self.name, true, predicted, weights, self.class_id)
        self.count(true, clip(predicted, 0.0, 1.0), weights)

    def result(self) -> Tensor:
        """Return the best rate so far, ()."""
        # A rate of 0 where the minimum is not reached: no threshold at all gives 0 too, as in Keras.
        is_enough = greater_equal(self._rate(self.required), self.value)
        return cast(max(where(is_enough, self._rate(self.best), 0.0)), self._dtype)

    def _rate(self, name: str) -> Tensor:
        right, wrong = [getattr(self, count).value for count in _RATES[name]]
        # In float64: rounded to float32, a rate could reach a minimum that it misses.
        return average(right, right + wrong, dtype=WIDE)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        own = {"num_thresholds": self.num_thresholds, "class_id": self.class_id, self.required: self.value}
        return {**super().get_config(), **own}


@member()
class SensitivityAtSpecificity(Tradeoff):
    """The largest sensitivity (true positives / positive labels) at a given minimum specificity.

    The specificity is true negatives / negative labels.

    Args:
        specificity: its required minimum, in [0, 1].
        num_thresholds: how many thresholds are tried, evenly from 0 to 1; one means 0.5.
        class_id: only this class is counted; None: all classes.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None means float32.

    >>> SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    Tensor(0.5, shape=(), dtype=float32)
    """

    best = "sensitivity"
    required = "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = self.value


@member()
class SpecificityAtSensitivity(Tradeoff):
    """The largest specificity (true negatives / negative labels) at a given minimum sensitivity.

    The sensitivity is true positives / positive labels.

    Args:
        sensitivity: its required minimum, in [0, 1].
        num_thresholds: how many thresholds are tried, evenly from 0 to 1; one means 0.5.
        class_id: only this class is counted; None: all classes.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None means float32.

    >>> SpecificityAtSensitivity(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    Tensor(0.6666667, shape=(), dtype=float32)
    """

    best = "specificity"
    required = "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = self.value


@member()
class PrecisionAtRecall(Tradeoff):
    """The largest precision (true positives / positive predictions) at a given minimum recall.

    The recall is true positives / positive labels.

    Args:
        recall: its required minimum, in [0, 1].
        num_thresholds: how many thresholds are tried, evenly from 0 to 1; one means 0.5.
        class_id: only this class is counted; None: all classes.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None means float32.

    >>> PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    Tensor(0.5, shape=(), dtype=float32)
    """

    best = "precision"
    required = "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = self.value


@member()
class RecallAtPrecision(Tradeoff):
    """The largest recall (true positives / positive labels) at a given minimum precision.

    The precision is true positives / positive predictions.

    Args:
        precision: its required minimum, in [0, 1].
        num_thresholds: how many thresholds are tried, evenly from 0 to 1; one means 0.5.
        class_id: only this class is counted; None: all classes.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None means float32.

    >>> RecallAtPrecision(0.8)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    Tensor(0.5, shape=(), dtype=float32)
    """

    best = "recall"
    required = "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = self.value
