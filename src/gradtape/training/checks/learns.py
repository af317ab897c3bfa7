"""Refuses trainings that could not change any weight."""

from __future__ import annotations

import warnings

from gradtape.errors import ArgumentError
from gradtape.training.checks.checked_model import CheckedModel
from gradtape.training.checks.shapes import TrialResult


def check_learns(model: CheckedModel, found: TrialResult, who: str) -> None:
    """Raise if the model has nothing that a training could change; warn if all of it is frozen.

    Args:
        model: built.
        found: what a trial of it showed.
        who: named in the error.
    """
    if found.made_in_call:
        names = ", ".join(map(repr, found.made_in_call))
        raise ArgumentError(
            f"{who}: {model.name}: call makes the layer {names} anew each time, with new weights, so that "
            "nothing is learned; make layers in __init__, as attributes"
        )
    if not model.weights:
        raise ArgumentError(f"{who}: {model.name} has no weights, so there is nothing to train")
    if not model.trainable_weights:
        warnings.warn(
            f"{who}: {model.name}: all weights are frozen (trainable=False), so none of them will change",
            stacklevel=2,
        )
