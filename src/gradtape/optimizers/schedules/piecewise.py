"""A schedule of steps: one learning rate after another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.ops.numpy.gather import take
from gradtape.ops.numpy.reductions import sum
from gradtape.optimizers.schedules.schedule import SCHEDULES, Decay


@SCHEDULES.member()
class PiecewiseConstantDecay(Decay):
    """A learning rate that stays as it is between boundaries.

        rate(step) = values[how many of the boundaries lie below step]

    Args:
        boundaries: rising steps; up to and with `boundaries[0]` the rate is `values[0]`.
        values: the rates, one more than boundaries.
        name: how the schedule is called.

    >>> schedule = PiecewiseConstantDecay([10, 20], [0.1, 0.05, 0.01])
    >>> [f"{schedule(step):.2f}" for step in (0, 10, 11, 21)]
    ['0.10', '0.10', '0.05', '0.01']
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        who = type(self).__name__
        for argument, given in (("boundaries", boundaries), ("values", values)):
            if not isinstance(given, Sequence | np.ndarray):
                raise ArgumentTypeError(f"{who}: {argument} must be a list of numbers, got {show(given)}")
        self.boundaries = [self.number("boundaries", b, "(-inf, inf)") for b in boundaries]
        self.values = [self.number("values", v) for v in values]
        self.name = name
        if len(self.values) != len(self.boundaries) + 1:
            raise ArgumentError(
                f"{who}: values must be one more than boundaries, "
                f"got {len(self.values)} values and {len(self.boundaries)} boundaries"
            )
        if any(a >= b for a, b in pairwise(self.boundaries)):
            raise ArgumentError(f"{who}: boundaries must rise, got {self.boundaries}")

    def rate(self, step: Tensor) -> Tensor:
        """Apply the formula of the class."""
        # a sum of comparisons, not bisect: while it is compiled a step has no number yet
        return take(np.array(self.values, "float64"), sum(step > np.array(self.boundaries, "float64")))
