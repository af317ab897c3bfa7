"""Optimizers: how gradients change weights.  One optimizer a file; the names and numbers are Keras'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.base.absent import answer_for as _answer_for
from gradtape.base.config import custom_objects as objects_by_name
from gradtape.errors import ArgumentTypeError, show
from gradtape.optimizers import schedules
from gradtape.optimizers.adadelta import Adadelta
from gradtape.optimizers.adagrad import Adagrad
from gradtape.optimizers.adam import Adam
from gradtape.optimizers.adamax import Adamax
from gradtape.optimizers.adamw import AdamW
from gradtape.optimizers.base.optimizer import OPTIMIZERS, Optimizer
from gradtape.optimizers.base.update_terms import UpdateTerms
from gradtape.optimizers.lion import Lion
from gradtape.optimizers.nadam import Nadam
from gradtape.optimizers.rmsprop import RMSprop
from gradtape.optimizers.sgd import SGD

__all__ = [
    "NAMES",
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "UpdateTerms",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

NAMES = {name: made for name, made in OPTIMIZERS.members.items() if name.islower()}

serialize = OPTIMIZERS.serialize


def deserialize(config: object, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the optimizer that `serialize` wrote down; `custom_objects` are found by their names too.

    >>> deserialize(serialize(SGD(0.5, momentum=0.9))).momentum
    0.9
    """
    with objects_by_name(custom_objects or {}):
        return OPTIMIZERS.deserialize(config)


def get(identifier: object) -> Any:
    """Return the optimizer meant by a name in any case, a class, a configuration, or an optimizer itself.

    >>> get("rmsprop").name
    'rm_sprop'
    """
    if isinstance(identifier, str) and identifier.lower() in NAMES:
        return NAMES[identifier.lower()]()
    found = OPTIMIZERS.get(identifier)
    if found is None or isinstance(found, Optimizer):
        return found
    raise ArgumentTypeError(f"optimizer: needs a name, a class or an optimizer, got {show(identifier)}")


_answer_for(__name__)
