"""fork: a new run that continues from any step of another one, with something changed."""

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
    """What the fork changes; None leaves it unchanged.

    Attributes:
        learning_rate: the optimizer's new learning rate.
        optimizer: another optimizer, which begins with fresh slots.
        seed: decides the order of the samples from here on.
        data: x, y and sample_weight in place of the run's own.
        epochs: how many epochs there are in all, those of the first run included.
    """

    learning_rate: Any = None
    optimizer: Any = None
    seed: int | None = None
    data: tuple[Any, Any, Any] | None = None
    epochs: int | None = None


def fork(
    session: ReplaySession,
    step: int,
    folder: str | os.PathLike[str],
    change: Change,
    callbacks: Iterable[Any] | None,
    verbose: Any,
    resume: bool,
) -> None:
    """Continue the training from a step of the session's run, recorded in `folder`.

    Args:
        session: a copy of the training that nothing else uses.
        step: after how many updates the new run begins.
        folder: where the new run goes.
        change: what is changed.
        callbacks: told of the training; those of the first run are not.
        verbose: as for `fit`.
        resume: whether an interrupted fork in `folder` is resumed.
    """
    if not session.first <= step <= session.last + 1:
        raise RunError(f"run: fork: step must be in [{session.first}, {session.last + 1}], got {show(step)}")
    session.go_to(step)
    # the recorded learning rate, which a callback may have set; a change by the fork comes after it
    session.begin()
    source = session.source if change.data is None else _other_batches(session, change.data)
    _check_length(session, source)
    _apply(session, change)
    config, model = session.run.config, session.model
    epochs = int(config["fit"]["epochs"]) if change.epochs is None else change.epochs
    seed = session.seed if change.seed is None else change.seed
    plan = loop.Plan(source, seed, epochs, session.epoch, None, None, 1)
    origin = Origin(str(config["id"]), str(session.run.path), step, session.epoch, session.batch)
    about = {**_fit_arguments(config), "epochs": epochs}
    recording = Recording(folder, data_name=config.get("data_name") if change.data is None else None)
    told = CallbackList.of(callbacks, model, verbose, epochs=epochs, steps=source.steps)
    with closing(told), stop_on_signals() as plan.stop:
        with recorded(model, plan, told, recording, resume, about, origin) as start:
            loop.fit(model, plan, told, start)


def _other_batches(session: ReplaySession, data: tuple[Any, Any, Any]) -> Source:
    """Return batches of other data; as many in an epoch as make a turn of it, if that was so before."""
    config, before = session.run.config, session.source
    size, samples = before.batch_size, before.samples
    # the run counted the batches from its own data: other data of another size has its own count
    if size is not None and samples is not None and before.steps == -(-samples // size):
        config = {**config, "fit": {**config["fit"], "steps": None}}
    return adapted(config, data)


def _check_length(session: ReplaySession, source: Source) -> None:
    if source.steps is not None and session.batch >= source.steps:
        raise RunError(
            f"run: fork: an epoch of the new data has {source.steps} batches, but {session.batch} are done; "
            "fork at the beginning of an epoch"
        )


def _apply(session: ReplaySession, change: Change) -> None:
    """Change optimizer and learning rate; metrics keep what they have gathered in this epoch."""
    model = session.model
    if change.optimizer is not None:
        kept = {name: a for name, a in session.snapshot().items() if not name.startswith("optimizer.")}
        # compile makes the metrics anew too: `kept` has what they gathered in this epoch
        model.compile(change.optimizer, **model.training_state.arguments)
        session.made_anew()
        session.put(kept)
    if change.learning_rate is not None:
        model.optimizer.learning_rate = change.learning_rate


def _fit_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `fit` was told, without what follows from the data."""
    return {name: value for name, value in config["fit"].items() if name not in ("batch_size", "steps")}
