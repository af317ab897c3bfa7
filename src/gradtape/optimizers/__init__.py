"""Optimizers: how gradients change weights.  One optimizer a file; the names and numbers are Keras'."""

from __future__ import annotations

from collections.abc import Callable

from gradtape.errors import ArgumentError
from gradtape.optimizers.adam import Adam
from gradtape.optimizers.optimizer import Optimizer
from gradtape.optimizers.rmsprop import RMSprop
from gradtape.optimizers.sgd import SGD

__all__ = ["NAMES", "SGD", "Adam", "Optimizer", "RMSprop", "get"]

NAMES: dict[str, Callable[[], Optimizer]] = {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam}


def get(identifier: str | Optimizer) -> Optimizer:
    """Return the optimizer named `identifier` with its defaults, or `identifier` if it is one already.

    >>> get("rmsprop").name
    'rmsprop'
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if not isinstance(identifier, str) or identifier.lower() not in NAMES:
        raise ArgumentError(f"optimizer: must be one of {', '.join(NAMES)}, got {identifier!r}")
    return NAMES[identifier.lower()]()
