"""The area under a curve of rates over all thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.base.checks import number, one_of, whole, whole_or_none
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, ShapeError
from gradtape.metrics.base.metric import member
from gradtape.metrics.base.sums import (
    WIDE,
    average,
    total,
    weighted_total,
)
from gradtape.metrics.confusion import Confusion, as_thresholds, even_thresholds, pair
from gradtape.ops.nn.activations import sigmoid
from gradtape.ops.numpy.comparison import equal, greater, logical_and
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.selection import (
    clip,
    maximum,
    minimum,
    where,
)
from gradtape.ops.numpy.shapes import cast

_MARGIN = 1e-7  # the outermost thresholds lie that far outside [0, 1], as in Keras


@member()
class AUC(Confusion):
    """The area under a curve of two rates, a trapezoid or rectangle between each two thresholds.

    Args:
        num_thresholds: how many thresholds, evenly over [0, 1]: the more, the closer to the true area.
        curve: "ROC": true positive rate over false positive rate; "PR": precision over recall; "PRGAIN":
            precision gain over recall gain.
        summation_method: "interpolation": trapezoids, and for "PR" the interpolation by Davis and Goadrich;
            "minoring" or "majoring": rectangles of the smaller or the larger side.
        name: its name in a history; None means "auc".
        dtype: the dtype of the result; None means float32.
        thresholds: the thresholds inside (0, 1), in place of `num_thresholds`.
        multi_label: whether each label is a curve of its own; the result is the mean of their areas.
        num_labels: how many labels there are; None takes it from the first batch.
        label_weights: the weight of each label; None means 1.
        from_logits: whether predictions are logits, to which sigmoid has not been applied yet.

    Predictions outside [0, 1] count as 0 or 1.

    >>> AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    Tensor(0.75, shape=(), dtype=float32)

    Source: Davis and Goadrich 2006, "The relationship between precision-recall and ROC curves"; Flach and
    Kull 2015, "Precision-recall-gain curves", for PRGAIN.
    """

    direction = "up"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: DTypeLike = None,
        thresholds: object = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: object = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        self.curve = one_of(str(curve).upper(), "AUC", "curve", ("ROC", "PR", "PRGAIN"))
        methods = ("interpolation", "majoring", "minoring")
        self.summation_method = one_of(str(summation_method).lower(), "AUC", "summation_method", methods)
        self.init_thresholds = None if thresholds is None else sorted(as_thresholds("AUC", thresholds, 0.5))
        self.thresholds = _thresholds(num_thresholds, self.init_thresholds)
        self.num_thresholds = len(self.thresholds)
        self.multi_label = bool(multi_label)
        self.num_labels = whole_or_none(num_labels, "AUC", "num_labels", 1)
        self.label_weights = None if label_weights is None else _label_weights(label_weights)
        self.from_logits = bool(from_logits)
        if num_labels is not None and not multi_label:
            raise ArgumentError(f"AUC: num_labels needs multi_label=True, got num_labels={num_labels}")
        if num_labels is not None or not multi_label:
            self.count_at(self.thresholds, self.num_labels)

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch.

        Args:
            y_true: 0 or 1.
            y_pred: in [0, 1] (or logits), of the same shape; with `multi_label` (samples, labels).
            sample_weight: the weight of each sample; None means 1.
        """
        true, predicted, weights = pair(self.name, y_true, y_pred, sample_weight)
        if self.from_logits:
            predicted = sigmoid(predicted)
        if self.multi_label:
            self._check_labels(predicted.shape)
            self.build(true.shape, predicted.shape)
        elif self.label_weights is not None:
            # As in Keras: where labels are not counted apart, their weights are weights of the predictions.
            weights = weights * as_tensor(self.label_weights, WIDE, self.name)
        # Clipped, so that every prediction lies between the outermost thresholds.
        self.count(true, clip(predicted, 0.0, 1.0), weights)

    def build(self, y_true_shape: tuple[int | None, ...], y_pred_shape: tuple[int | None, ...]) -> None:
        """Make the accumulators for each label of predictions (samples, labels), if `multi_label`.

        Args:
            y_true_shape: the shape of a batch of labels.
            y_pred_shape: the shape of a batch of predictions.
        """
        if len(y_pred_shape) == 2 and not self.variables:
            self.count_at(self.thresholds, y_pred_shape[1])

    def _check_labels(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 2 or self.num_labels not in (None, shape[1]):
            labels = "labels" if self.num_labels is None else self.num_labels
            raise ShapeError(f"AUC: with multi_label y_pred must be (samples, {labels}), got {shape}")

    def result(self) -> Tensor:
        """Return the area so far, ()."""
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = self._interpolated()
        else:
            areas = self._pieces(*getattr(self, f"_{self.curve.lower()}")())
        if not self.multi_label:
            return cast(total(areas), self._dtype)
        if self.label_weights is None:
            return cast(total(areas) / areas.shape[1], self._dtype)
        weights = as_tensor(self.label_weights, WIDE, self.name)
        return average(weighted_total(sum(areas, axis=0), weights), total(weights), dtype=self._dtype)

    def _pieces(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the area between each two thresholds."""
        left, right = y[:-1], y[1:]
        if self.summation_method == "interpolation":
            heights = (left + right) / 2.0
        else:
            heights = (minimum if self.summation_method == "minoring" else maximum)(left, right)
        # Thresholds rise, so x falls: each piece reaches from the next point to this one.
        return (x[:-1] - x[1:]) * heights

    def _counts(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return tuple([getattr(self, name).value for name in self.counted])

    def _roc(self) -> tuple[Tensor, Tensor]:
        tp, fp, tn, fn = self._counts()
        return _share(fp, fp + tn), _share(tp, tp + fn)

    def _pr(self) -> tuple[Tensor, Tensor]:
        tp, fp, _, fn = self._counts()
        return _share(tp, tp + fn), _share(tp, tp + fp)

    def _prgain(self) -> tuple[Tensor, Tensor]:
        """Return the gains: 1 - odds * wrong / right; without true positives 0 and 1."""
        tp, fp, tn, fn = self._counts()
        # Precision gain (precision - pi) / ((1 - pi) * precision), pi being the share of positive labels, is
        # 1 - pi / (1 - pi) * fp / tp; recall gain is the same with fn for fp.
        odds, none = _share(tp + fn, tn + fp), equal(tp, 0.0)
        recall = where(none, 0.0, 1.0 - odds * _share(fn, tp))
        return maximum(recall, 0.0), where(none, 1.0, 1.0 - odds * _share(fp, tp))

    def _interpolated(self) -> Tensor:
        """Return the area between each two thresholds under precision over recall.

        Between two thresholds the true positives are taken to grow in a straight line with all positives p:
        tp = intercept + slope * p.  Precision is tp / p, of which the integral over tp is
        slope * (dtp + intercept * log(p / p_before)), by the number of positive labels.
        """
        tp, fp, _, fn = self._counts()
        p = tp + fp
        gained, larger, smaller = tp[:-1] - tp[1:], p[:-1], p[1:]
        # Where no prediction lies between two thresholds nothing is gained, and the share is 0.
        slope = _share(gained, maximum(larger - smaller, 0.0))
        intercept = tp[1:] - slope * smaller
        # Without predicted positives on one side the logarithm is infinite; there it counts as log(1) = 0.
        both = logical_and(greater(larger, 0.0), greater(smaller, 0.0))
        growth = where(both, _share(larger, smaller), 1.0)
        return _share(slope * (gained + intercept * log(growth)), (tp + fn)[1:])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        own = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self.from_logits,
        }
        if self.init_thresholds is not None:
            own["thresholds"] = self.init_thresholds
        return {**super().get_config(), **own}


def _share(part: Tensor, whole: Tensor) -> Tensor:
    return average(part, whole, dtype=WIDE)


def _thresholds(count: object, inner: list[float] | None) -> tuple[float, ...]:
    if inner is not None:
        # Every prediction is above the first one, and none above the last.
        return (-_MARGIN, *inner, 1.0 + _MARGIN)
    return even_thresholds(whole(count, "AUC", "num_thresholds", 2), _MARGIN)


def _label_weights(weights: object) -> list[float]:
    return [number(weight, "AUC", "label_weights", "[0, inf)") for weight in np.asarray(weights).tolist()]
