"""What an optimizer did with the gradient of one weight before, and in, its update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape.core import hooks
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.explain.update_terms import OptimizerSlots, UpdateTerms, split
from gradtape.rerun.op_record import OpRecord

_CLIPPING = ("clipnorm", "global_clipnorm", "clipvalue")


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
        rate: the learning rate.
        split: the parts of the update; None for an optimizer that is not known.
    """

    kind: str
    given: float
    scale: float
    earlier: float
    clipped: float
    clipping: str
    rate: float
    split: UpdateTerms | None


def used(step: Any, path: str, index: tuple[int, ...]) -> GradientUse | None:
    """Return what the model's optimizer did with the gradient of a weight; None if it was given none.

    Args:
        step: an opened step.
        path: the path of the weight.
        index: which element.
    """
    if path not in step.gradients:
        return None
    optimizer = step.stage.model.optimizer
    with hooks.silence():
        scaled = _scaled(step, optimizer)
        clipped = dict(zip(scaled, optimizer._clipped(list(scaled.values())), strict=True))
        rate = as_tensor(_rate(step, optimizer), step.gradients[path].dtype)
        before, after = _at(scaled[path], index), _at(clipped[path], index)
        held = _held(step, path, index, (optimizer, rate, after))
        parts = split(held)
    given, steps = float(step.gradients[path][index]), optimizer.gradient_accumulation_steps
    scale = 1 / ((optimizer.loss_scale_factor or 1.0) * (steps or 1))
    return GradientUse(
        kind=type(optimizer).__name__,
        given=given,
        scale=scale,
        earlier=before - given * scale if steps else 0.0,
        clipped=after - before,
        clipping=", ".join(f"{n}={getattr(optimizer, n):g}" for n in _CLIPPING if getattr(optimizer, n)),
        rate=float(rate),
        split=parts,
    )


def _scaled(step: Any, optimizer: Any) -> dict[str, Tensor]:
    """Return all gradients as clipping gets them, by the operations of the optimizer."""
    factor, steps = optimizer.loss_scale_factor, optimizer.gradient_accumulation_steps
    found = {path: as_tensor(g) for path, g in step.gradients.items()}
    if factor is not None:
        found = {path: g / factor for path, g in found.items()}
    if steps is not None:
        sums = {p: g + step.before[f"optimizer.gradient_accumulator.{p}"] for p, g in found.items()}
        found = {path: total / steps for path, total in sums.items()}
    return found


def _rate(step: Any, optimizer: Any) -> Any:
    """Return the learning rate of the step: what it held, or what its schedule says."""
    if "optimizer.learning_rate" in step.before:
        return step.before["optimizer.learning_rate"]
    rate, updates = optimizer._rate, as_tensor(step.before["optimizer.iterations"])
    return rate(updates) if hasattr(rate, "get_config") else rate()


def _held(step: Any, path: str, index: tuple[int, ...], how: tuple[Any, Tensor, float]) -> OptimizerSlots:
    optimizer, rate, gradient = how
    count = np.asarray(step.before["optimizer.iterations"]) // (optimizer.gradient_accumulation_steps or 1)

    def changes(name: str, stage: str) -> list[OpRecord]:
        return [r for r in step.records if r.variable == f"optimizer.{name}" and r.stage == stage]

    def new(slot: str) -> float:
        name = f"{slot}.{path}"
        made = changes(name, "update_step")
        return _at(made[-1].output if made else step.before[f"optimizer.{name}"], index)

    return OptimizerSlots(
        optimizer=optimizer,
        rate=rate,
        gradient=gradient,
        updates=as_tensor(count),
        old=lambda slot: _at(step.before[f"optimizer.{slot}.{path}"], index),
        new=new,
        single=lambda name: changes(name, "begin_step")[-1].output,
    )


def _at(array: Any, index: tuple[int, ...]) -> float:
    return float(np.asarray(array)[index])
