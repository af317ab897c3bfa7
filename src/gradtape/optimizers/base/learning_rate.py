"""The learning rate: a number that can be changed, or a function of the number of updates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape.base.checks import number
from gradtape.core.hooks import UPDATE, phase
from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.optimizers.base.slots import State
from gradtape.optimizers.schedules.schedule import SCHEDULES, LearningRateSchedule

_ASKED = 8  # about so many of the steps to come a schedule is asked before an epoch
Rate = float | LearningRateSchedule | Callable[[], Any]


class HasLearningRate(State):
    """What is changed at a rate.

    Args:
        learning_rate: a number, 0 or more; a schedule; or a function without arguments.
        name: the name of the optimizer.
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
    def learning_rate(self, value: object) -> None:
        rate = self._checked_rate(value.item() if isinstance(value, ArrayLike) else value)
        if not isinstance(rate, float):
            # a schedule follows from the iterations, so there is no rate left to be saved or restored
            self._single.pop("learning_rate", None)
            self._rate = rate
        elif isinstance(self._rate, Variable):
            self._rate.assign(rate)
        else:
            raise ArgumentTypeError(
                f"{type(self).__name__}: the learning rate follows {self._rate_name()} and cannot be set to "
                f"{rate:g}; make the optimizer with a number to change it later"
            )

    def check_rate(self, steps: int = 1) -> None:
        """Raise ArgumentError if the learning rate is below 0, NaN or infinite, now or in the next steps.

        Args:
            steps: as many updates are to come; a schedule is asked about some of them, the first and the last
                among them.
        """
        if isinstance(self._rate, Variable):
            self._checked_rate(self._rate.item())
        elif not isinstance(self._rate, LearningRateSchedule):
            self._check_value(self._rate(), self._rate_name())
        else:
            now = self._iterations.item()
            # from the next step to the last one; a set, as with few steps the same number comes twice
            for step in sorted({now + k * max(steps - 1, 0) // (_ASKED - 1) for k in range(_ASKED)}):
                self._check_value(self._rate(as_tensor(step, "int64")), f"{self._rate_name()} in step {step}")

    def _check_value(self, value: object, where: str) -> None:
        who = f"{type(self).__name__}: learning_rate"
        rate = as_tensor(value, "float32", who).item()
        if not 0 <= rate < math.inf:
            raise ArgumentError(f"{who} must be in [0, inf), {where} gave {rate:g}")

    def _checked_rate(self, value: object) -> Any:
        """Return the number, as a float, or the function to ask."""
        # a class is callable too, but SGD(CosineDecay) is a schedule that nobody has made
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
            # NumPy prints the shortest digits of a float32: 0.001, where item() gives 0.0010000000474974513
            return float(str(np.float32(self._rate.item())))
        return SCHEDULES.serialize(self._rate)
