"""Schedules that fall along half a cosine, once or again and again, with a warm-up if wanted."""

from __future__ import annotations

import math

from gradtape.base.checks import whole
from gradtape.core.tensor import Tensor
from gradtape.ops.numpy.arithmetic import power
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.integer_parts import floor
from gradtape.ops.numpy.selection import minimum, where
from gradtape.ops.numpy.trigonometry import cos
from gradtape.optimizers.schedules.schedule import SCHEDULES, Decay

_ROUNDING = 1e-9  # by how much log(x) / log(t) of a whole power of t may miss a whole number


@SCHEDULES.member()
class CosineDecay(Decay):
    """A learning rate that falls along half a cosine in `decay_steps` steps, after a straight warm-up.

        rate(step) = initial_learning_rate + (top - initial_learning_rate) * step / warmup_steps
                                                                                    (step < warmup_steps)
        rate(step) = top * ((1 - alpha) * (1 + cos(pi * done)) / 2 + alpha),
        done = min((step - warmup_steps) / decay_steps, 1)

    with top = warmup_target, or the initial rate and no warm-up if that is None.

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: how many steps the fall takes, above 0.
        alpha: the share of the highest rate that is left in the end.
        name: how the schedule is called.
        warmup_target: the rate at the end of the warm-up; None: there is none.
        warmup_steps: how many steps the warm-up takes.

    >>> schedule = CosineDecay(0.0, decay_steps=10, warmup_target=0.1, warmup_steps=5)
    >>> [f"{schedule(step):.3f}" for step in (0, 4, 5, 10, 15, 20)]
    ['0.000', '0.080', '0.100', '0.050', '0.000', '0.000']

    Source: Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with warm restarts".
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = self.number("initial_learning_rate", initial_learning_rate)
        self.decay_steps = self.number("decay_steps", decay_steps, "(0, inf)")
        self.alpha = self.number("alpha", alpha)
        self.name = name
        self.warmup_target = None if warmup_target is None else self.number("warmup_target", warmup_target)
        self.warmup_steps = whole(warmup_steps, type(self).__name__, "warmup_steps", 0)

    def rate(self, step: Tensor) -> Tensor:
        """Apply the formulas of the class."""
        start, top = self.initial_learning_rate, self.warmup_target
        # as in Keras: warmup_steps alone change nothing
        if top is None:
            return start * _half_cosine(minimum(step / self.decay_steps, 1.0), self.alpha)
        done = minimum((step - self.warmup_steps) / self.decay_steps, 1.0)
        fall = top * _half_cosine(done, self.alpha)
        # without a warm-up `rise` would divide by 0, even where no step takes it
        if not self.warmup_steps:
            return fall
        rise = start + (top - start) * (step / self.warmup_steps)
        return where(step < self.warmup_steps, rise, fall)


@SCHEDULES.member()
class CosineDecayRestarts(Decay):
    """A learning rate that falls along half a cosine, then starts again: longer, and lower if wanted.

        rate(step) = initial_learning_rate * ((1 - alpha) * m_mul**i * (1 + cos(pi * done)) / 2 + alpha)

    in fall number i, of first_decay_steps * t_mul**i steps, of which the share `done` has passed.

    Args:
        initial_learning_rate: the rate of step 0.
        first_decay_steps: how many steps the first fall takes, above 0.
        t_mul: how much longer each fall is than the one before, at least 1.
        m_mul: how much higher each fall starts.
        alpha: the share of the initial rate that is left at the end of a fall.
        name: how the schedule is called.

    >>> schedule = CosineDecayRestarts(0.1, first_decay_steps=10)
    >>> [f"{schedule(step):.3f}" for step in (0, 5, 10, 20, 30)]
    ['0.100', '0.050', '0.100', '0.050', '0.100']

    Source: Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with warm restarts".
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = self.number("initial_learning_rate", initial_learning_rate)
        self.first_decay_steps = self.number("first_decay_steps", first_decay_steps, "(0, inf)")
        self.t_mul = self.number("t_mul", t_mul, "[1, inf)")
        self.m_mul = self.number("m_mul", m_mul)
        self.alpha = self.number("alpha", alpha)
        self.name = name

    def rate(self, step: Tensor) -> Tensor:
        """Apply the formula of the class."""
        fall, done = self._fall(step / self.first_decay_steps)
        return self.initial_learning_rate * _half_cosine(done, self.alpha, power(float(self.m_mul), fall))

    def _fall(self, time: Tensor) -> tuple[Tensor, Tensor]:
        """Return which fall it is at `time`, in lengths of the first one, and which share of it is done."""
        t = float(self.t_mul)
        # the formula below would divide by t - 1 = 0
        if t == 1:
            return floor(time), time - floor(time)
        # i falls take 1 + t + ... + t**(i - 1) = (t**i - 1) / (t - 1)
        i = floor(log(1 + time * (t - 1)) / math.log(t) + _ROUNDING)
        return i, (time - (power(t, i) - 1) / (t - 1)) / power(t, i)


def _half_cosine(done: Tensor, alpha: float, height: Tensor | float = 1.0) -> Tensor:
    """Return the curve from `height` down to alpha while `done` goes from 0 to 1."""
    # equation 5 of Loshchilov and Hutter with eta_min = alpha, and with eta_max = 1 where height is 1
    return (1 - alpha) * (0.5 * height * (1 + cos(math.pi * done))) + alpha
