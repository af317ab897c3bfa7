"""What an optimizer did with the gradient of one weight before, and in, its update: one element of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape.optimizers.base.update_terms import WeightUpdate


@dataclass
class GradientUse:
    """The way of one element of a gradient into the update.

    Attributes:
        kind: the class of the optimizer.
        given: the element as the optimizer was given it.
        scale: what it was multiplied by first: undoing loss_scale_factor, the mean of accumulated steps.
        earlier: what accumulated gradients of the steps before added.
        clipped: what clipping added.
        clipping: which clipping, as it was asked for.
        learning_rate: of the step.
        coefficient: what the update multiplied the gradient by; None for an optimizer that gives no terms.
        formula: the update in a line; "" without terms.
        others: the other terms of the update, by name.
    """

    kind: str
    given: float
    scale: float
    earlier: float
    clipped: float
    clipping: str
    learning_rate: float
    coefficient: float | None
    formula: str
    others: dict[str, float]


def gradient_use(step: Any, path: str, index: tuple[int, ...]) -> GradientUse | None:
    """Return what the model's optimizer did with the gradient of a weight; None if it was given none.

    Args:
        step: an opened step.
        path: the path of the weight.
        index: which element.
    """
    gradient = step.gradients.get(path)
    update: WeightUpdate | None = step.updates.get(path)
    if gradient is None or update is None:
        return None
    optimizer, terms = update.optimizer, update.terms
    given, scale = float(gradient[index]), optimizer.gradient_scale
    incoming, used = _at(update.incoming, index), _at(update.gradient, index)
    shape = update.gradient.shape
    return GradientUse(
        kind=type(optimizer).__name__,
        given=given,
        scale=scale,
        # the accumulated sum is all that is recorded, so the earlier part is what remains of it
        earlier=incoming - given * scale if optimizer.gradient_accumulation_steps else 0.0,
        clipped=used - incoming,
        clipping=optimizer.clipping,
        learning_rate=float(update.learning_rate),
        coefficient=None if terms is None else _at(np.broadcast_to(terms.coefficient, shape), index),
        formula="" if terms is None else terms.formula,
        others={} if terms is None else {n: _at(t, index) for n, t in terms.others.items()},
    )


def _at(array: object, index: tuple[int, ...]) -> float:
    return float(np.asarray(array)[index])
