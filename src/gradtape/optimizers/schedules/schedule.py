"""What all learning-rate schedules share, and the family by whose names they are found."""

from __future__ import annotations

from typing import Any

from gradtape.base.checks import number
from gradtape.base.config import Configurable, Family, arguments
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.errors import ArgumentTypeError
from gradtape.ops.numpy.shapes import cast


class LearningRateSchedule(Configurable):
    """The base of all schedules: called with the number of updates so far, it returns the learning rate.

    A subclass defines ``__call__(step)``, with operations so that it can be compiled, and `get_config` if its
    constructor takes arguments.

    >>> class Slower(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 / (step + 1)
    >>> from gradtape import Variable
    >>> from gradtape.optimizers import SGD
    >>> w, optimizer = Variable([1.0]), SGD(learning_rate=Slower())
    >>> for _ in range(2):
    ...     _ = optimizer.apply_gradients([([1.0], w)])
    >>> w.tolist()  # 1 - 0.5 - 0.25
    [0.25]
    """

    def __call__(self, step: TensorLike) -> Tensor:
        """Return the learning rate of update number `step`, which counts from 0."""
        raise ArgumentTypeError(f"{type(self).__name__}: a schedule must define __call__(step)")


class Decay(LearningRateSchedule):
    """A schedule given by a formula, `rate`; it is computed in float64, in which any step can be counted."""

    def __call__(self, step: TensorLike) -> Tensor:
        """Return the learning rate of update number `step`, () float32."""
        return cast(self.rate(cast(step, "float64")), "float32")

    def rate(self, step: Tensor) -> Tensor:
        """Return the learning rate for a step in float64."""
        raise ArgumentTypeError(f"{type(self).__name__}: a decay must define rate(step)")

    def number(self, argument: str, value: float, interval: str = "[0, inf)") -> float:
        """Return `value` as it came if it is a number in `interval`, or raise naming the argument."""
        # the checked float is dropped: get_config gives back the 10 that was passed, not 10.0
        number(value, type(self).__name__, argument, interval)
        return value

    def get_config(self) -> dict[str, Any]:
        """Return the arguments it was made with."""
        return arguments(self)


SCHEDULES = Family("learning-rate schedule", LearningRateSchedule)
