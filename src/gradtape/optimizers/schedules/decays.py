"""Schedules that fall all the time: exponentially, as one over time, as a power of what is left."""

from __future__ import annotations

from gradtape.base.checks import flag
from gradtape.core.tensor import Tensor
from gradtape.ops.numpy.arithmetic import power
from gradtape.ops.numpy.integer_parts import ceil, floor
from gradtape.ops.numpy.selection import maximum, minimum
from gradtape.optimizers.schedules.schedule import SCHEDULES, Decay


@SCHEDULES.member()
class ExponentialDecay(Decay):
    """A learning rate that is multiplied by `decay_rate` every `decay_steps` steps.

        rate(step) = initial_learning_rate * decay_rate ** (step / decay_steps)

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: how many steps one factor takes, above 0.
        decay_rate: the factor.
        staircase: whether the exponent is rounded down, so that the rate falls in jumps.
        name: how the schedule is called.

    >>> [f"{ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)(step):.3f}" for step in (0, 10, 20)]
    ['0.100', '0.050', '0.025']
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = self.number("initial_learning_rate", initial_learning_rate)
        self.decay_steps = self.number("decay_steps", decay_steps, "(0, inf)")
        self.decay_rate = self.number("decay_rate", decay_rate)
        self.staircase = flag(staircase, type(self).__name__, "staircase")
        self.name = name

    def rate(self, step: Tensor) -> Tensor:
        """Apply the formula of the class."""
        exponent = step / self.decay_steps
        exponent = floor(exponent) if self.staircase else exponent
        return self.initial_learning_rate * power(self.decay_rate, exponent)


@SCHEDULES.member()
class InverseTimeDecay(Decay):
    """A learning rate that falls as one over the number of steps.

        rate(step) = initial_learning_rate / (1 + decay_rate * step / decay_steps)

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: how many steps add `decay_rate` to the divisor, above 0.
        decay_rate: what they add.
        staircase: whether step / decay_steps is rounded down, so that the rate falls in jumps.
        name: how the schedule is called.

    >>> [f"{InverseTimeDecay(0.1, decay_steps=10, decay_rate=1.0)(step):.3f}" for step in (0, 10, 30)]
    ['0.100', '0.050', '0.025']
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = self.number("initial_learning_rate", initial_learning_rate)
        self.decay_steps = self.number("decay_steps", decay_steps, "(0, inf)")
        self.decay_rate = self.number("decay_rate", decay_rate)
        self.staircase = flag(staircase, type(self).__name__, "staircase")
        self.name = name

    def rate(self, step: Tensor) -> Tensor:
        """Apply the formula of the class."""
        time = step / self.decay_steps
        time = floor(time) if self.staircase else time
        return self.initial_learning_rate / (1 + self.decay_rate * time)


@SCHEDULES.member()
class PolynomialDecay(Decay):
    """A learning rate that falls to `end_learning_rate` in `decay_steps` steps, and stays there.

        rate(step) = (initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ** power
                     + end_learning_rate

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: how many steps the fall takes, above 0.
        end_learning_rate: the rate after that.
        power: 1 falls in a straight line, 2 faster first, 0.5 faster at last.
        cycle: whether it starts again instead of staying: the end then lies at the next multiple of
            `decay_steps`, and each start is lower than the one before.
        name: how the schedule is called.

    >>> linear = PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.0)
    >>> [f"{linear(step):.3f}" for step in (0, 5, 10, 15)]
    ['0.100', '0.050', '0.000', '0.000']
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = self.number("initial_learning_rate", initial_learning_rate)
        self.decay_steps = self.number("decay_steps", decay_steps, "(0, inf)")
        self.end_learning_rate = self.number("end_learning_rate", end_learning_rate)
        self.power = self.number("power", power)
        self.cycle = flag(cycle, type(self).__name__, "cycle")
        self.name = name

    def rate(self, step: Tensor) -> Tensor:
        """Apply the formula of the class."""
        # at least one cycle: in step 0 the ceil is 0, and `left` would be 0 / 0
        end = self.decay_steps * (maximum(ceil(step / self.decay_steps), 1.0) if self.cycle else 1.0)
        left = 1 - minimum(step, end) / end
        span = self.initial_learning_rate - self.end_learning_rate
        return span * power(left, self.power) + self.end_learning_rate
