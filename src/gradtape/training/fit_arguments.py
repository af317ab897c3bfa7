"""FitArguments: what `fit` was called with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FitArguments:
    """The arguments of `gradtape.models.Model.fit` that decide what is trained, how long, and on what.

    Attributes:
        x: the inputs.
        y: the targets.
        batch_size: samples per step; None means 32.
        epochs: the epoch at which to stop, from 0.
        validation_split: the share of the samples kept for validation.
        validation_data: (x, y) or (x, y, sample_weight); None if there is none.
        shuffle: whether each epoch has an order of its own.
        class_weight: how much the samples of each class count.
        sample_weight: how much each sample counts.
        initial_epoch: the epoch to start with.
        steps_per_epoch: how many batches make an epoch.
        validation_steps: how many batches are tested; None tests all.
        validation_batch_size: samples per batch there; None takes `batch_size`.
        validation_freq: after which epochs to test.
        check_finite: the dtype into which finite data must fit, or False.
        run: the folder or `Recording`; None records nothing.
        resume: whether a run that is there goes on.
        unknown: arguments that `fit` does not have; they are refused.
    """

    x: Any
    y: Any
    batch_size: int | None
    epochs: int
    validation_split: float
    validation_data: Any
    shuffle: bool
    class_weight: Any
    sample_weight: Any
    initial_epoch: int
    steps_per_epoch: int | None
    validation_steps: int | None
    validation_batch_size: int | None
    validation_freq: Any
    check_finite: bool | str
    run: Any
    resume: bool
    unknown: Mapping[str, Any]
