"""Forking: a new run that goes on from any step of another one, with something changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from gradtape.callbacks import CallbackList
from gradtape.data import Source
from gradtape.errors import RunError, show
from gradtape.rerun.session import ReplaySession
from gradtape.runs.data import adapted
from gradtape.runs.fit_recorded import recorded
from gradtape.runs.options import Origin, Recording
from gradtape.training import loop
from gradtape.training.signals import stop_on_signals


@dataclass
class Change:
    """What is otherwise than in the run that is forked; None leaves it as it was.

    Attributes:
        learning_rate: the optimizer's new learning rate.
        optimizer: another optimizer, which begins with fresh slots.
        seed: decides the order of the samples from here on.
        data: x, y and sample_weight in place of the run's own.
        epochs: the epoch at which to stop, counted from the beginning of the first run.
    """

    learning_rate: Any = None
    optimizer: Any = None
    seed: int | None = None
    data: tuple[Any, Any, Any] | None = None
    epochs: int | None = None


def fork(
    stage: ReplaySession,
    step: int,
    folder: str | os.PathLike[str],
    change: Change,
    callbacks: Iterable[Any] | None,
    verbose: Any,
    resume: bool,
) -> None:
    """Train on from a step of the stage's run, on record in `folder`.

    Args:
        stage: a copy of the training for this alone.
        step: after how many updates the new run begins.
        folder: where the new run goes.
        change: what is otherwise.
        callbacks: told of the training; those of the first run are not.
        verbose: as for `fit`.
        resume: whether a fork that was broken off in `folder` goes on.
    """
    if not stage.first <= step <= stage.last + 1:
        raise RunError(f"run: fork: step must be in [{stage.first}, {stage.last + 1}], got {show(step)}")
    stage.go_to(step)
    stage.begin()
    source = stage.source if change.data is None else _other_batches(stage, change.data)
    _check_length(stage, source)
    _apply(stage, change)
    config, model = stage.run.config, stage.model
    epochs = int(config["fit"]["epochs"]) if change.epochs is None else change.epochs
    seed = stage.seed if change.seed is None else change.seed
    plan = loop.Plan(source, seed, epochs, stage.epoch, None, None, 1)
    origin = Origin(str(config["id"]), str(stage.run.path), step, stage.epoch, stage.batch)
    about = {**_fit_arguments(config), "epochs": epochs}
    recording = Recording(folder, data_name=config.get("data_name") if change.data is None else None)
    told = CallbackList.of(callbacks, model, verbose, epochs=epochs, steps=source.steps)
    with closing(told), stop_on_signals() as plan.stop:
        with recorded(model, plan, told, recording, resume, about, origin) as start:
            loop.fit(model, plan, told, start)


def _other_batches(stage: ReplaySession, data: tuple[Any, Any, Any]) -> Source:
    """Return batches of other data; as many in an epoch as make a turn of it, if that was so before."""
    config, before = stage.run.config, stage.source
    size, samples = before.batch_size, before.samples
    if size is not None and samples is not None and before.steps == -(-samples // size):
        config = {**config, "fit": {**config["fit"], "steps": None}}
    return adapted(config, data)


def _check_length(stage: ReplaySession, source: Source) -> None:
    if source.steps is not None and stage.batch >= source.steps:
        raise RunError(
            f"run: fork: an epoch of the new data has {source.steps} batches, but {stage.batch} are done; "
            "fork at the beginning of an epoch"
        )


def _apply(stage: ReplaySession, change: Change) -> None:
    """Change optimizer and learning rate; metrics keep what they have gathered in this epoch."""
    model = stage.model
    if change.optimizer is not None:
        kept = {name: a for name, a in stage.snapshot().items() if not name.startswith("optimizer.")}
        model.compile(change.optimizer, **model.training_state.arguments)
        stage.made_anew()
        stage.put(kept)
    if change.learning_rate is not None:
        model.optimizer.learning_rate = change.learning_rate


def _fit_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `fit` was told, without what follows from the data."""
    return {name: value for name, value in config["fit"].items() if name not in ("batch_size", "steps")}
