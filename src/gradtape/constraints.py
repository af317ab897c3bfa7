"""Constraints: functions applied to weights after each update.  The names and numbers are Keras'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradtape.base.absent import answer_for as _answer_for
from gradtape.base.checks import number
from gradtape.base.config import Configurable, Family
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.ops.numpy.reductions import Axis, sum
from gradtape.ops.numpy.selection import clip, maximum

__all__ = [
    "CONSTRAINTS",
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

EPSILON = 1e-7


class Constraint(Configurable):
    """The base of all constraints: called with a weight, it returns the weight to use instead.

    A subclass defines ``__call__(w)``, and `get_config` if its constructor takes arguments.
    """

    def __call__(self, w: TensorLike) -> Tensor:
        """Return the constrained weight, in the shape and dtype of `w`."""
        raise ArgumentTypeError(f"{type(self).__name__}: a constraint must define __call__")


# What is accepted as a constraint: one, a function, its class, name or configuration.
ConstraintLike = Constraint | Callable[..., Any] | type | str | Mapping[str, Any] | None


CONSTRAINTS = Family("constraint", Constraint)
get = CONSTRAINTS.get
serialize = CONSTRAINTS.serialize
deserialize = CONSTRAINTS.deserialize


def _lengths(w: Tensor, axis: Axis) -> Tensor:
    return sqrt(sum(square(w), axis, keepdims=True))


@CONSTRAINTS.member("max_norm")
class MaxNorm(Constraint):
    """Weights whose norm along `axis` is at most max_value:  w * min(norm, max_value) / (norm + 1e-7).

    Args:
        max_value: the largest norm, not negative.
        axis: the axes that belong to one unit; 0 for a Dense kernel.

    >>> MaxNorm(1.0)([3.0, 4.0])
    Tensor([0.6, 0.8], shape=(2,), dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value = number(max_value, "MaxNorm", "max_value", "[0, inf)")
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        """Return the constrained weight."""
        weight = as_tensor(w, None, "MaxNorm")
        norms = _lengths(weight, self.axis)
        # A weight inside the limit is still scaled by norm / (norm + 1e-7), as in Keras; at norm 0 nothing is
        # divided by 0.
        return weight * (clip(norms, 0.0, self.max_value) / (EPSILON + norms))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"max_value": self.max_value, "axis": self.axis}


@CONSTRAINTS.member("min_max_norm")
class MinMaxNorm(Constraint):
    """Weights whose norm along `axis` moves into [min_value, max_value].

        w * (rate * clip(norm, min_value, max_value) + (1 - rate) * norm) / (norm + 1e-7)

    Args:
        min_value: the smallest norm, not negative.
        max_value: the largest norm, not below `min_value`.
        rate: how far the norm moves into the interval in each update; 1 is all the way.
        axis: the axes that belong to one unit; 0 for a Dense kernel.

    >>> MinMaxNorm(0.0, 1.0, rate=0.5)([0.0, 5.0])
    Tensor([0., 3.], shape=(2,), dtype=float32)
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0
    ) -> None:
        self.min_value = number(min_value, "MinMaxNorm", "min_value", "[0, inf)")
        self.max_value = number(max_value, "MinMaxNorm", "max_value", "[0, inf)")
        if self.max_value < self.min_value:
            raise ArgumentError(
                f"MinMaxNorm: max_value must not be below min_value {min_value}, got {max_value}"
            )
        self.rate = number(rate, "MinMaxNorm", "rate", "[0, 1]")
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        """Return the constrained weight."""
        weight = as_tensor(w, None, "MinMaxNorm")
        norms = _lengths(weight, self.axis)
        wanted = self.rate * clip(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return weight * (wanted / (EPSILON + norms))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


@CONSTRAINTS.member("non_neg")
class NonNeg(Constraint):
    """Weights that are not negative:  max(w, 0).

    >>> NonNeg()([3.0, -4.0])
    Tensor([3., 0.], shape=(2,), dtype=float32)
    """

    def __call__(self, w: TensorLike) -> Tensor:
        """Return the constrained weight."""
        return maximum(w, 0.0)


@CONSTRAINTS.member("unit_norm")
class UnitNorm(Constraint):
    """Weights whose norm along `axis` is 1:  w / (norm + 1e-7).

    Args:
        axis: the axes that belong to one unit; 0 for a Dense kernel.

    >>> UnitNorm()([3.0, 4.0])
    Tensor([0.6, 0.8], shape=(2,), dtype=float32)
    """

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        """Return the constrained weight."""
        weight = as_tensor(w, None, "UnitNorm")
        return weight / (EPSILON + _lengths(weight, self.axis))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"axis": self.axis}


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

_answer_for(__name__)
