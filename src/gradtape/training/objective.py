"""Objective: the function that a training minimises: one loss per output, weighted and added up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape import losses
from gradtape.base.trees import leaves
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import ArgumentError, show
from gradtape.losses import LOSSES, Loss
from gradtape.metrics import Mean
from gradtape.training.checks.per_output import per_output


class Objective:
    """The losses of a compiled model.

    Args:
        loss: a loss by name, class or function, or a list or dict of them, one for each output.
        loss_weights: how much each counts, in the same structure; None counts all alike.
        names: the names of the outputs.

    Attributes:
        trackers: with several outputs, the mean of each one's loss, under ``<output>_loss``.
    """

    def __init__(self, loss: object, loss_weights: object, names: list[str]) -> None:
        self.names = names
        self.losses = [as_loss(one) for one in per_output(loss, names, "loss")]
        weights = per_output(loss_weights, names, "loss_weights")
        self.weights = [None if w is None else _number(w) for w in weights]
        self.trackers = [Mean(name=f"{n}_loss") for n in names] if len(names) > 1 else []
        if all(one is None for one in self.losses):
            raise ArgumentError("compile: loss must be given for one output at least")
        # One output, no weights: the path of nearly every step, without lists and structures.
        self._only = self.losses[0] if self.weights == [None] else None

    def __call__(self, y_true: object, y_pred: object, sample_weight: object = None) -> Tensor:
        """Return the weighted sum of the outputs' losses, ()."""
        if self._only is not None and sample_weight is None and isinstance(y_pred, Tensor):
            if type(y_true) is Tensor:  # by far the most frequent
                return self._only(y_true, y_pred, None)  # type: ignore[no-any-return]
        true, predicted = per_output(y_true, self.names, "y"), leaves(y_pred)
        weights = per_output(sample_weight, self.names, "sample_weight", spread=True)
        total: Any = None
        for i, loss in enumerate(self.losses):
            if loss is None:
                continue
            value = loss(true[i], predicted[i], weights[i])
            if self.trackers:
                # By samples, as for the whole loss: the last batch may be smaller.
                self.trackers[i].update_state(value, float(predicted[i].shape[0]))
            scaled = value if self.weights[i] is None else value * self.weights[i]
            total = scaled if total is None else total + scaled
        return total  # type: ignore[no-any-return]


def as_loss(identifier: object) -> Any:
    """Return the loss meant by `identifier`, reduced to one number; None stays None."""
    found = losses.get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    # losses.mean_squared_error, the function, stands for MeanSquaredError: both spellings train alike.
    plain = getattr(found, "__name__", "").replace("_", "")
    for name, made in LOSSES.members.items():
        if name.lower() == plain and isinstance(made, type) and LOSSES.members.get(found.__name__) is found:
            return made()
    return LossOfFunction(found)


class LossOfFunction(Loss):
    """The mean of what a function of targets and predictions returns.

    Args:
        function: returns one loss per sample.
    """

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        super().__init__(getattr(function, "__name__", "loss"))
        self.function = function

    def __call__(self, y_true: object, y_pred: object, sample_weight: object = None) -> Tensor:
        """Return the mean; the targets reach the function as they are."""
        values = as_tensor(self.function(y_true, y_pred))
        return PrecomputedLoss(self.name)(values, values, sample_weight)


class PrecomputedLoss(Loss):
    """Losses that are computed already; only the reduction is left."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the losses."""
        return y_pred


def _number(weight: Any) -> float:
    is_number = isinstance(weight, int | float | np.number) and not isinstance(weight, bool)
    if not is_number or not math.isfinite(weight):
        raise ArgumentError(f"compile: loss_weights must be finite numbers, got {show(weight)}")
    return float(weight)
