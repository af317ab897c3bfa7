"""Learning-rate schedules: the learning rate as a function of the number of updates.  The names are Keras'.

An optimizer takes one in the place of a number: ``SGD(learning_rate=CosineDecay(0.1, 1000))``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.base.absent import answer_for as _answer_for
from gradtape.base.config import custom_objects as objects_by_name
from gradtape.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from gradtape.optimizers.schedules.decays import ExponentialDecay, InverseTimeDecay, PolynomialDecay
from gradtape.optimizers.schedules.piecewise import PiecewiseConstantDecay
from gradtape.optimizers.schedules.schedule import SCHEDULES, LearningRateSchedule

__all__ = [
    "SCHEDULES",
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

serialize = SCHEDULES.serialize


def deserialize(config: object, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the schedule that `serialize` wrote down; `custom_objects` are found by their names too.

    >>> deserialize(serialize(InverseTimeDecay(0.1, 10, 0.5))).decay_steps
    10
    """
    with objects_by_name(custom_objects or {}):
        return SCHEDULES.deserialize(config)


_answer_for(__name__)
