"""Loss classes made from functions: the options of the function become those of the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtape.base.checks import flag, text_or_none
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.losses.base.loss import Loss
from gradtape.losses.base.reduction import harmless

_FLAGS = ("from_logits", "apply_class_balancing")


class FunctionLoss(Loss):
    """A loss computed by a function; a subclass names the `function`, and its options if it has any.

    Args:
        name: its name; None takes the function's name.
        reduction: as for `Loss`.
        dtype: as for `Loss`.
        options: further arguments of the function, kept as attributes.
    """

    function: Callable[..., Tensor]

    def __init__(self, name: str | None, reduction: str | None, dtype: DTypeLike, **options: object) -> None:
        who = type(self).__name__
        super().__init__(text_or_none(name, who) or self.function.__name__, reduction, dtype)
        for option in _FLAGS:
            # "False", a string, would count as true.
            if option in options:
                flag(options[option], who, option)
        # Only the names: `call` reads the attributes, so that one changed later has an effect.
        self._options = tuple(options)
        vars(self).update(options)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the function of targets, predictions and the options."""
        return self.function(y_true, y_pred, **{option: getattr(self, option) for option in self._options})

    def _without_ignored(
        self, true: Tensor, predicted: Tensor, sample_weight: TensorLike
    ) -> tuple[Tensor, Tensor]:
        if getattr(self, "axis", -1) not in (-1, predicted.ndim - 1):
            return true, predicted  # the losses do not lie along the first axes of the predictions
        weights = as_tensor(sample_weight, None, self.name)
        return harmless(true, weights), harmless(predicted, weights)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), **{option: getattr(self, option) for option in self._options}}


class CrossentropyLoss(FunctionLoss):
    """A cross-entropy against smoothed targets, of probabilities or logits; its options are attributes."""

    from_logits: bool
    label_smoothing: float
    axis: int


class PlainLoss(FunctionLoss):
    """A loss computed by a function of targets and predictions, without options.

    Args:
        reduction: as for `Loss`.
        name: its name; None takes the function's name.
        dtype: as for `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
