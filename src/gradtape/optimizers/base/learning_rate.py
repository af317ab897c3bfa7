"""The learning rate: a number that can be changed, or a function of the number of updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape.base.checks import number
from gradtape.core.hooks import UPDATE, phase
from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentTypeError, show
from gradtape.optimizers.base.slots import State
from gradtape.optimizers.schedules.schedule import SCHEDULES, LearningRateSchedule

Rate = float | LearningRateSchedule | Callable[[], Any]


class HasLearningRate(State):
    """What is changed at a rate.

    Args:
        learning_rate: a number, 0 or more; a schedule; or a function without arguments.
        name: how the optimizer is called.
    """

    def __init__(self, learning_rate: Rate, name: str) -> None:
        super().__init__(name)
        self._rate = self._checked_rate(learning_rate)
        if isinstance(self._rate, float):
            made = self.add_variable((), dtype="float32", name="learning_rate")
            self._rate = made.assign(self._rate)

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the next step: a Variable, or a tensor where a schedule or function gives it.

        Assigning a number changes the Variable; assigning a schedule puts it in the Variable's place, which
        `fit` sees, and a step of your own that has been compiled before does not.
        """
        if isinstance(self._rate, Variable):
            return self._rate
        with phase(UPDATE, self):
            return self._rate_now()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        rate = self._checked_rate(value.item() if isinstance(value, ArrayLike) else value)
        if not isinstance(rate, float):
            self._single.pop("learning_rate", None)
            self._rate = rate
        elif isinstance(self._rate, Variable):
            self._rate.assign(rate)
        else:
            raise ArgumentTypeError(
                f"{type(self).__name__}: the learning rate follows {self._rate_name()} and cannot be set to "
                f"{rate:g}; make the optimizer with a number to change it later"
            )

    def check_rate(self) -> None:
        """Raise ArgumentError if the Variable was assigned a rate below 0, or NaN."""
        if isinstance(self._rate, Variable):
            self._checked_rate(self._rate.item())

    def _checked_rate(self, value: Any) -> Any:
        """Return the number, as a float, or the function to ask."""
        if isinstance(value, type) or (not callable(value) and isinstance(value, bool | str)):
            raise ArgumentTypeError(
                f"{type(self).__name__}: learning_rate must be a number or a schedule, got {show(value)}"
            )
        return value if callable(value) else number(value, type(self).__name__, "learning_rate", "[0, inf)")

    def _rate_now(self) -> Tensor:
        """Return the learning rate of this step, () float32."""
        if isinstance(self._rate, Variable):
            return self._rate.value
        value = self._rate(self._iterations) if isinstance(self._rate, LearningRateSchedule) else self._rate()
        return as_tensor(value, "float32", f"{type(self).__name__}: learning_rate")

    def _rate_name(self) -> str:
        rate = self._rate
        return str(getattr(rate, "name", None) or getattr(rate, "__name__", type(rate).__name__))

    def _rate_config(self) -> Any:
        """Return the learning rate as JSON: a schedule, or the shortest number with the same float32."""
        if isinstance(self._rate, Variable):
            return float(str(np.float32(self._rate.item())))
        return SCHEDULES.serialize(self._rate)
