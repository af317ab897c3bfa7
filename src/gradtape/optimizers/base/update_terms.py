"""Terms of an update: the sum that a weight's change is made of, as the optimizer itself gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gradtape.core.hooks import local, silence, tell, tell_part
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable

# The parts of the update phase, as hooks are told of them.
SCALING, ACCUMULATION, CLIPPING = "loss scale", "accumulation", "clipping"
LEARNING_RATE, BEGIN_STEP, UPDATE_STEP = "learning rate", "begin_step", "update_step"
WEIGHT_DECAY, AVERAGING, CONSTRAINT, COUNTING = "weight decay", "moving average", "constraint", "iterations"


@dataclass(frozen=True)
class UpdateTerms:
    """The terms of which an update is the sum: ``coefficient * gradient``, and others.

    Once the state after the update is known, every update of ours is of this form: what it divides by
    belongs to the coefficient.

    Args:
        coefficient: what the gradient is multiplied by, learning rate and scaling included; it broadcasts to
            the weight's shape.
        formula: the whole update in a line, such as ``"-learning_rate * g"``.
        others: the other terms by name, such as ``{"momentum": ...}``, each of the weight's shape.
    """

    coefficient: Tensor
    formula: str
    others: Mapping[str, Tensor] = field(default_factory=dict)


class UpdatingOptimizer(Protocol):
    """What is asked of an optimizer to change one weight and to explain the change; `Optimizer` is one.

    Attributes:
        gradient_accumulation_steps: over how many steps gradients are summed; None: over one.
    """

    gradient_accumulation_steps: int | None

    @property
    def gradient_scale(self) -> float:
        """What gradients are multiplied by before clipping."""

    @property
    def clipping(self) -> str:
        """Which clipping was asked for; "" if none was."""

    def slot_values(self, variable: Variable) -> dict[str, Tensor]:
        """Return what the slots of a weight hold now."""

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Change one weight and its slots by its gradient."""

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms | None:
        """Return the terms of the change that `update_step` has just made."""


@dataclass(frozen=True)
class WeightUpdate:
    """How one weight was changed by `update_step`.

    Attributes:
        optimizer: the optimizer.
        incoming: the gradient before it was clipped, of the weight's shape.
        gradient: the gradient as `update_step` was given it.
        learning_rate: () in the weight's dtype.
        terms: the terms of the change; None for an optimizer that does not give them.
    """

    optimizer: UpdatingOptimizer
    incoming: Tensor
    gradient: Tensor
    learning_rate: Tensor
    terms: UpdateTerms | None


def told_update(
    optimizer: UpdatingOptimizer,
    gradient: Tensor,
    variable: Variable,
    learning_rate: Tensor,
    incoming: Tensor,
) -> None:
    """Change a weight by `update_step`, and tell the hooks, with the terms of the change if they want them.

    Args:
        optimizer: whose `update_step`.
        gradient: of the weight's shape and dtype.
        variable: the weight.
        learning_rate: () in the weight's dtype.
        incoming: the gradient before it was clipped.
    """
    tell_part(UPDATE_STEP)
    if not local.update:
        optimizer.update_step(gradient, variable, learning_rate)
        return
    # `update_step` overwrites the slots, and a term such as momentum * m needs the old m
    before = optimizer.slot_values(variable)
    optimizer.update_step(gradient, variable, learning_rate)
    terms = None
    if _gives_terms(type(optimizer)):
        with silence():  # what is computed to explain a step is no part of it
            terms = optimizer.update_terms(gradient, variable, learning_rate, before)
    update = WeightUpdate(optimizer, incoming, gradient, learning_rate, terms)
    tell("update", variable, update)


def _gives_terms(kind: type) -> bool:
    """Tell whether a class has terms of its own update: a new `update_step` makes inherited ones void."""
    for base in kind.__mro__:
        if "update_terms" in vars(base):
            return True
        if "update_step" in vars(base):
            return False
    return False
