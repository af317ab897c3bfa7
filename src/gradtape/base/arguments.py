"""What optimizers and schedules ask of the arguments they are made with."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradtape.errors import ArgumentError, ArgumentTypeError, closest, show

_INSTEAD = {
    "lr": "write learning_rate",
    "decay": "give a schedule as the learning_rate (gradtape.optimizers.schedules), or write weight_decay",
}


def whole(value: object, who: str, argument: str, least: int) -> int:
    """Return `value` if it is a whole number from `least` on, or raise naming the argument.

    >>> whole(3, "CosineDecay", "warmup_steps", 0)
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ArgumentTypeError(f"{who}: {argument} must be a whole number, got {show(value)}")
    if value < least:
        raise ArgumentError(f"{who}: {argument} must be at least {least}, got {value}")
    return int(value)


def refuse_unknown(given: Mapping[str, Any], who: str, known: Iterable[str]) -> None:
    """Raise ArgumentTypeError for the first argument in `given`, naming the nearest one that is known."""
    for name in given:
        near = closest(name, known)
        advice = _INSTEAD.get(name) or (f"did you mean {near!r}?" if near else "")
        raise ArgumentTypeError(f"{who}: unknown argument {name!r}" + (f"; {advice}" if advice else ""))


def arguments(piece: Any) -> dict[str, Any]:
    """Return what `piece` was made with: its attributes that are called as its constructor's arguments.

    >>> from gradtape.optimizers.schedules import InverseTimeDecay
    >>> arguments(InverseTimeDecay(0.1, 10, 0.5))["decay_rate"]
    0.5
    """
    names = inspect.signature(type(piece)).parameters
    return {name: getattr(piece, name) for name in names if hasattr(piece, name)}


def snake_case(name: str) -> str:
    """Return the name of a class as the name of one of its instances.

    >>> snake_case("AdamW"), snake_case("RMSprop"), snake_case("LossScaleOptimizer")
    ('adam_w', 'rmsprop', 'loss_scale_optimizer')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
