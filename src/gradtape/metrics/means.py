"""Sums and means over all batches, and the mean of any function of labels and predictions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from gradtape.base.config import Family
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentTypeError, show
from gradtape.losses import LOSSES
from gradtape.metrics.base.metric import Metric, member
from gradtape.metrics.base.sums import (
    as_wide,
    average,
    total,
    total_of_batch,
    weighted_total,
    weights_over,
)
from gradtape.ops.numpy.shapes import cast

FUNCTIONS = Family("metric function")  # what MeanMetricWrapper finds by name: losses, and our own
FUNCTIONS.members.update(LOSSES.members)


@member()
class Sum(Metric):
    """The weighted sum of all values: sum(values * sample_weight).

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> metric = Sum()
    >>> metric.update_state([1.0, 2.0, 3.0])
    >>> metric([10.0], sample_weight=[0.5])
    Tensor(11., shape=(), dtype=float32)
    """

    def __init__(self, name: str = "sum", dtype: DTypeLike = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")

    def update_state(self, values: TensorLike, sample_weight: TensorLike = None) -> None:
        """Add one batch of values.

        Args:
            values: any shape.
            sample_weight: the weight of each value, row or sample; None means 1.
        """
        values = as_tensor(values, None, self.name)
        if sample_weight is None:
            self.total.assign_add(total(values))
        else:
            weights = weights_over(self.name, sample_weight, values.shape)
            self.total.assign_add(weighted_total(values, weights))

    def result(self) -> Tensor:
        """Return the sum so far."""
        return cast(self.total, self._dtype)


@member()
class Mean(Metric):
    """The weighted mean of all values: sum(values * sample_weight) / sum(sample_weight).

    All samples count equally, however they are divided into batches: a short last batch counts less.  Axes
    after the first are averaged within a sample.  Without any sample, or with weights that sum to 0,
    the mean is 0.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> metric = Mean()
    >>> metric.update_state([1.0, 2.0, 3.0])
    >>> metric([10.0])
    Tensor(4., shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "mean", dtype: DTypeLike = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    def update_state(self, values: TensorLike, sample_weight: TensorLike = None) -> None:
        """Update the metric with one batch of values.

        Args:
            values: one number per sample, (samples, ...), or a single number.
            sample_weight: the weight of each value, row or sample; None means 1.
        """
        values = as_tensor(values, None, self.name)
        shape = values.shape
        samples = shape[0] if shape else 1
        inner = shape[1:]
        if sample_weight is None:
            amount, count = total(values), as_wide(samples)
        elif type(sample_weight) is float and not shape and sample_weight > 0:  # the loss of a batch
            # A batch's mean loss and its number of samples, from `fit`: one operation instead of three.
            amount = total_of_batch.operation.apply((values,), {"samples": sample_weight})
            count = as_wide(sample_weight)
        else:
            own_weight = as_tensor(sample_weight, None, self.name)
            weights = weights_over(self.name, own_weight, shape)
            # The axes after the first are averaged within each sample, as in Keras: the total is divided by
            # their lengths, and a weight per element counts for its part of a sample.
            amount, count = weighted_total(values, weights), total(weights)
            if own_weight.ndim:
                count = _times(count, samples, weights.size)
            else:  # a single weight: the batch counts as one sample
                inner = shape
        self.total.assign_add(_times(amount, 1, math.prod(inner)) if inner else amount)
        self.count.assign_add(count)

    def result(self) -> Tensor:
        """Return the mean so far."""
        # Without the conversion of arguments, which are tensors already.
        return average.operation.apply((self.total.value, self.count.value), {"dtype": self._dtype})


def _times(x: Tensor, numerator: int, denominator: int) -> Tensor:
    return x if numerator == denominator else x * numerator / denominator


@member()
class MeanMetricWrapper(Mean):
    """The weighted mean of a function of labels and predictions.

    Args:
        fn: a function of y_true and y_pred that returns one number per sample, (samples, ...).
        name: its name in a history; None takes the name of the class.
        dtype: the dtype of the result; None means float32.
        kwargs: further arguments that `fn` is called with.

    >>> def error(y_true, y_pred, power):
    ...     return abs(as_tensor(y_true) - y_pred) ** power
    >>> MeanMetricWrapper(error, name="error", power=2)([1.0, 2.0], [1.0, 4.0])
    Tensor(2., shape=(), dtype=float32)
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: DTypeLike = None, **kwargs: object
    ) -> None:
        if not callable(fn):
            raise ArgumentTypeError(f"{type(self).__name__}: fn must be a function, got {show(fn)}")
        super().__init__(name, dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        # Of a loss, whatever the metric is called, less is better.
        if self.direction is None and any(fn is loss for loss in LOSSES.members.values()):
            self.direction = "down"

    def update_state(  # type: ignore[override]  # Keras' classes inherit alike
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Update the metric with one batch of labels and predictions.

        Args:
            y_true: the labels.
            y_pred: the predictions.
            sample_weight: the weight of each sample; None means 1.
        """
        super().update_state(self._fn(y_true, y_pred, **self._fn_kwargs), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor; `fn` must be known by name or registered."""
        return {**super().get_config(), "fn": FUNCTIONS.serialize(self._fn), **self._fn_kwargs}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Return a new one, made with the arguments in `config`."""
        if "fn" in config:
            return cls(**{**config, "fn": FUNCTIONS.deserialize(config["fn"])})
        return cls(**config)


class MeanOfFunction(MeanMetricWrapper):
    """The mean of a function that its class fixes; the function's arguments are those of the class."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {**Metric.get_config(self), **self._fn_kwargs}


class MeanOfLoss(MeanOfFunction):
    """The mean of a loss over all samples: less of it is better."""

    direction = "down"
