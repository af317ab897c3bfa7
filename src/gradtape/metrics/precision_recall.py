"""Counts of true and false positives and negatives, and precision and recall."""

from __future__ import annotations

import math
from typing import Any

from gradtape.base.checks import whole_or_none
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.metrics.base.metric import member
from gradtape.metrics.base.sums import average
from gradtape.metrics.confusion import Confusion, as_thresholds, only_class, only_top_k, pair
from gradtape.ops.numpy.shapes import cast


class PositivesCount(Confusion):
    """The weighted number of true or false positives or negatives, at each threshold.

    Args:
        thresholds: one or several in [0, 1]: larger predictions are positive; None means 0.5.
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None means float32.
    """

    def __init__(self, thresholds: object = None, name: str | None = None, dtype: DTypeLike = None) -> None:
        super().__init__(dtype, name)
        # As it was given, for the configuration; in `thresholds` None is replaced.
        self.init_thresholds = thresholds
        self.thresholds = as_thresholds(type(self).__name__, thresholds, 0.5)
        self.count_at(self.thresholds)

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch.

        Args:
            y_true: 0 or 1.
            y_pred: in [0, 1], of the same shape.
            sample_weight: the weight of each sample; None means 1.
        """
        self.count(*pair(self.name, y_true, y_pred, sample_weight))

    def result(self) -> Tensor:
        """Return the weight so far: () for one threshold, else (thresholds,)."""
        return _one_or_all(cast(self.variables[0], self._dtype))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {**super().get_config(), "thresholds": _plain(self.init_thresholds)}


@member()
class TruePositives(PositivesCount):
    """How many positive predictions have a positive label.

    >>> TruePositives()([0, 1, 1, 1], [1, 0, 1, 1])
    Tensor(2., shape=(), dtype=float32)
    """

    counted = {"accumulator": "true_positives"}


@member()
class FalsePositives(PositivesCount):
    """How many positive predictions have a negative label.

    >>> FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1])
    Tensor(2., shape=(), dtype=float32)
    """

    counted = {"accumulator": "false_positives"}


@member()
class TrueNegatives(PositivesCount):
    """How many negative predictions have a negative label.

    >>> TrueNegatives()([0, 1, 0, 0], [1, 1, 0, 0])
    Tensor(2., shape=(), dtype=float32)
    """

    counted = {"accumulator": "true_negatives"}


@member()
class FalseNegatives(PositivesCount):
    """How many negative predictions have a positive label.

    >>> FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0])
    Tensor(2., shape=(), dtype=float32)
    """

    counted = {"accumulator": "false_negatives"}


class _Rate(Confusion):
    """True positives divided by their sum with the second count that `counted` names."""

    direction = "up"

    def __init__(
        self,
        thresholds: object = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(dtype, name)
        who = type(self).__name__
        self.init_thresholds = thresholds
        self.top_k = whole_or_none(top_k, who, "top_k", 1)
        self.class_id = whole_or_none(class_id, who, "class_id", 0)
        # With top_k all but the k largest become -inf, and every number above -inf is one of them.
        self.thresholds = as_thresholds(who, thresholds, 0.5 if top_k is None else -math.inf)
        self.count_at(self.thresholds)

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch.

        Args:
            y_true: 0 or 1.
            y_pred: of the same shape.
            sample_weight: the weight of each sample; None means 1.
        """
        true, predicted, weights = pair(self.name, y_true, y_pred, sample_weight)
        if self.top_k is not None:
            predicted = only_top_k(self.name, predicted, self.top_k)
        if self.class_id is not None:
            true, predicted, weights = only_class(self.name, true, predicted, weights, self.class_id)
        self.count(true, predicted, weights)

    def result(self) -> Tensor:
        """Return the rate so far, 0 where there is none: () for one threshold, else (thresholds,)."""
        right, wrong = self.variables
        return _one_or_all(average(right, right + wrong, dtype=self._dtype))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        own = {"thresholds": _plain(self.init_thresholds), "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


@member()
class Precision(_Rate):
    """How many of the positive predictions are right: true positives / (true + false positives).

    Args:
        thresholds: one or several in [0, 1]: larger predictions are positive; None means 0.5, or with
            `top_k` none.
        top_k: only the k largest predictions of each sample can be positive; None: all.
        class_id: only this class is counted; None: all classes.
        name: its name in a history; None means "precision".
        dtype: the dtype of the result; None means float32.

    >>> Precision()([0, 1, 1, 1], [1, 0, 1, 1])
    Tensor(0.6666667, shape=(), dtype=float32)
    """

    counted = {"true_positives": "true_positives", "false_positives": "false_positives"}


@member()
class Recall(_Rate):
    """How many of the positive labels are found: true positives / (true positives + false negatives).

    Args:
        thresholds: one or several in [0, 1]: larger predictions are positive; None means 0.5, or with
            `top_k` none.
        top_k: only the k largest predictions of each sample can be positive; None: all.
        class_id: only this class is counted; None: all classes.
        name: its name in a history; None means "recall".
        dtype: the dtype of the result; None means float32.

    >>> Recall()([0, 1, 1, 1], [1, 0, 1, 1])
    Tensor(0.6666667, shape=(), dtype=float32)
    """

    counted = {"true_positives": "true_positives", "false_negatives": "false_negatives"}


def _one_or_all(values: Tensor) -> Tensor:
    # As in Keras one threshold gives a number, not an array of one.
    return values[0] if values.shape == (1,) else values


def _plain(thresholds: object) -> Any:
    """Return the thresholds as they were given, arrays as lists."""
    return thresholds.tolist() if hasattr(thresholds, "tolist") else thresholds
