"""Loss: the base class of all losses, and the table of their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.base.checks import text_or_none
from gradtape.base.config import Configurable, Family
from gradtape.base.config import custom_objects as known_as
from gradtape.base.names import snake_case
from gradtape.core.dtypes import (
    FLOAT,
    DTypeLike,
    as_dtype,
    is_floating,
)
from gradtape.core.hooks import LOSS, local, needs_phase, phase, put_in_phase
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.errors import ArgumentTypeError, DtypeError
from gradtape.losses.base.inputs import cast_to
from gradtape.losses.base.reduction import (
    known_reduction,
    reduced,
    reduced_by_weight,
    weights_like,
)
from gradtape.ops.numpy.shapes import cast


class Loss(Configurable):
    """The base of all losses: `call` computes one loss per sample, `reduction` combines them.

    Args:
        name: its name; None takes the class's name, in small letters.
        reduction: ``"sum_over_batch_size"`` or ``"mean"``, the mean of the losses, each multiplied by its
            weight; ``"mean_with_sample_weight"``, divided by the sum of the weights instead of their
            number; ``"sum"``; ``"none"`` or None, the losses themselves.
        dtype: the floating dtype it is computed in; None means float32.

    >>> class MeanError(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return abs(y_pred - y_true)
    >>> MeanError()([1.0, 2.0], [1.5, 2.0])
    Tensor(0.25, shape=(), dtype=float32)
    """

    _set_by_init = "reduction"

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: DTypeLike = None,
    ) -> None:
        who = type(self).__name__
        self.name = text_or_none(name, who) or snake_case(who)
        self.reduction = known_reduction(who, reduction)
        self.dtype = FLOAT if dtype is None else as_dtype(dtype, who)
        if not is_floating(self.dtype):
            raise DtypeError(f"{who}: dtype must be floating, got {self.dtype}")

    def __init_subclass__(cls, **options: object) -> None:
        """Make a `__call__` that a subclass defines the loss phase too."""
        super().__init_subclass__(**options)
        put_in_phase(cls, LOSS, ("__call__",))

    def __call__(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """Return the loss of the predictions, reduced.

        Args:
            y_true: the targets; brought to the loss's dtype (but class numbers stay whole numbers).
            y_pred: the predictions; brought to the loss's dtype.
            sample_weight: the factor of each loss: a number, or an array in the shape of the losses, or of
                their first axes.  A weight of 0 leaves a loss out.
        """
        # Asked here, for the wrapper of `in_phase` would cost more in every step.
        if local.phase and needs_phase(LOSS, self):
            with phase(LOSS, self):
                return Loss.__call__(self, y_true, y_pred, sample_weight)
        true, predicted = self._targets(y_true), cast_to(self.dtype, y_pred)
        # Before `call`: where a loss is NaN its gradient is too, even if a weight of 0 follows.
        if sample_weight is not None:
            true, predicted = self._without_ignored(true, predicted, sample_weight)
        values = self.call(true, predicted)
        if values is None:
            raise ArgumentTypeError(f"{self.name}: call returned None; it must return the losses")
        if not isinstance(values, Tensor) or values.dtype != self.dtype:
            values = cast(values, self.dtype)
        counted = self._counted(true, values)
        if sample_weight is None and counted is None:
            return reduced(values, self.reduction)
        weights = None if sample_weight is None else weights_like(self.name, sample_weight, values)
        return reduced_by_weight(values, weights, counted, self.reduction)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Return the losses, one per sample; each subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__}: a loss must define call(y_true, y_pred)")

    def _targets(self, y_true: TensorLike) -> Tensor:
        return cast_to(self.dtype, y_true)

    def _without_ignored(
        self, true: Tensor, predicted: Tensor, sample_weight: TensorLike
    ) -> tuple[Tensor, Tensor]:
        """Return targets and predictions; rows of weight 0 are replaced if each loss has its own row."""
        return true, predicted

    def _counted(self, true: Tensor, values: Tensor) -> Tensor | None:
        """Return which losses take part, as booleans in their shape; None means all."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor; the dtype only if it is not float32."""
        dtype = {} if self.dtype == FLOAT else {"dtype": self.dtype.name}
        return {"name": self.name, "reduction": self.reduction, **dtype}


LOSSES = Family("loss", Loss)


def get(identifier: object) -> Any:
    """Return the loss for a name, a class, a configuration, or a loss or function itself.

    Args:
        identifier: as for `Family.get`; the name of a function gives the function.

    >>> get("mse").__name__, get("MeanSquaredError").reduction
    ('mean_squared_error', 'sum_over_batch_size')
    """
    return LOSSES.get(identifier)


def serialize(loss: object) -> Any:
    """Return what `deserialize` makes `loss` again from: a function's name, or a configuration.

    >>> serialize(get("Poisson"))["class_name"]
    'Poisson'
    """
    return LOSSES.serialize(loss)


def deserialize(name: object, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the loss that `serialize` wrote down.

    Args:
        name: a function's name, or a configuration.
        custom_objects: classes and functions of your own that it may name.

    >>> deserialize({"class_name": "Huber", "config": {"delta": 2.0}}).delta
    2.0
    """
    with known_as(custom_objects or {}):
        return LOSSES.deserialize(name)
