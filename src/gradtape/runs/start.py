"""Creates the writer of a new run, or of a resumed one from its last whole checkpoint."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.config import noted_objects
from gradtape.core.variable import Variable
from gradtape.data import ArraySource, Source
from gradtape.errors import CheckpointError, GradtapeError, RunError, nearest
from gradtape.formats.model_config import built_for, compile_config
from gradtape.layers.base.layer import LAYERS
from gradtape.ops.random.seeds import given_seed
from gradtape.runs.disk.checkpoints import Checkpoint, Checkpoints
from gradtape.runs.disk.files import make_folder, write_whole
from gradtape.runs.disk.journal import Journal, holds_nothing
from gradtape.runs.disk.lock import Lock
from gradtape.runs.environment import environment, fingerprint
from gradtape.runs.options import Origin, Recording
from gradtape.runs.own_classes import keep_own_classes
from gradtape.runs.retention import CheckpointInfo
from gradtape.runs.run_config import (
    FORMAT,
    compare,
    first_step,
    other_bits,
    read_config,
)
from gradtape.runs.state import CALLBACKS, restore, variables_of
from gradtape.runs.writer import Position, RunWriter
from gradtape.training.trainable import TrainableModel

Variables = Mapping[str, Variable]
_RATE = "learning_rate"


def start(
    run: object,
    is_resumed: bool,
    model: TrainableModel,
    sources: tuple[Source, Source | None],
    seed: int,
    fit: dict[str, Any],
    origin: Origin | None = None,
) -> RunWriter:
    """Return the writer of the run of `fit`.

    Args:
        run: the folder, or a `Recording`.
        is_resumed: whether an existing run is resumed; if there is none, a new one begins.
        model: built and compiled.
        sources: where the batches for training and for validation come from.
        seed: the seed of a new run, for the order of the samples; a resumed run keeps its own.
        fit: the arguments of `fit` that decide what happens, as JSON values.
        origin: the step of another run that a fork continues.
    """
    source, validation = sources
    options = run if isinstance(run, Recording) else Recording(_folder(run))
    options.check()
    _check_monitor(options, model, validation is not None)
    with noted_objects() as own:
        made_with = _written_model(model)
    config = {
        **made_with,
        "fit": {**fit, "batch_size": source.batch_size, "steps": source.steps},
        "data": _fingerprint(source),
        "validation_data": _fingerprint(validation),
        "seed": seed,
        "global_seed": given_seed(),
        "parent": None if origin is None else asdict(origin),
    }
    # so that one command, started again and again, begins and continues
    if not is_resumed or not (Path(options.folder) / "run.json").exists():
        at = None if origin is None else Position(origin.step, origin.epoch, origin.batch)
        return _with_metrics(begin(options, variables_of(model), config, at), model, own)
    if not source.is_resumable:
        raise RunError(
            "run: a generator cannot be resumed where it stopped; pass arrays, or an object with "
            "__len__ and __getitem__"
        )
    return _with_metrics(resume(options, variables_of(model), config), model, own)


def _written_model(model: TrainableModel) -> dict[str, Any]:
    """Return what run.json says of the model and of the arguments of `compile`."""
    decides_bits = model.run_eagerly and engine.active.compiles
    return {
        "model": _written(lambda: LAYERS.serialize(model)),
        "built_for": _written(lambda: built_for(model)),
        "compile": _written(lambda: compile_config(model, decides_bits)),
    }


def _with_metrics(writer: RunWriter, model: TrainableModel, own: Mapping[str, Any]) -> RunWriter:
    """Tell the writer how to ask the model which way its metrics are better, and keep its own classes."""
    writer.metrics = model.named_metrics
    keep_own_classes(writer.config, own)
    return writer


def _check_monitor(options: Recording, model: TrainableModel, validates: bool) -> None:
    """Raise RunError if `keep_best` names a metric that no epoch will have, or one with several numbers.

    Nothing is said yet where only the first step can tell which metrics there are.
    """
    monitor, names = options.keep_best, model.log_names()
    known = names + [f"val_{name}" for name in names if validates]
    if monitor is None or not names:
        return
    if monitor not in known:
        raise RunError(f"run: keep_best: an epoch has no metric {monitor!r}{nearest(monitor, known)}")
    shape = np.shape(model.get_metrics_result()[monitor.removeprefix("val_")])
    if shape:
        raise RunError(
            f"run: keep_best: {monitor!r} must be one number, its shape is {shape}; give the metric "
            "average='macro', or another that makes one number of several"
        )
    options.best_mode(model.named_metrics())


def _fingerprint(source: Source | None) -> Any:
    return fingerprint(source.arrays) if isinstance(source, ArraySource) else None


def _folder(run: object) -> Any:
    if not isinstance(run, str | os.PathLike) or not os.fspath(run):
        raise RunError(f"run: must be the path of a folder or a Recording, got {run!r}")
    return run


def _written(make: Any) -> Any:
    """Return what `make` gives, or why it cannot be written down: the run is recorded all the same."""
    try:
        return make()
    except GradtapeError as error:
        return {"unwritten": str(error)}


def begin(
    options: Recording, variables: Variables, config: dict[str, Any], at: Position | None = None
) -> RunWriter:
    """Return the writer of a new run; RunError if the folder already contains one.

    Args:
        options: the `Recording`.
        variables: all Variables, by path.
        config: what run.json says of it.
        at: the position of the training, if it continues another run.
    """
    folder = Path(options.folder)
    options.check()
    with _locked(folder, options.private) as lock:
        if (folder / "run.json").exists():
            raise RunError(
                f"run: {folder} already contains a run; resume=True continues it, or choose another folder"
            )
        _clear(folder)
        return _begun(options, variables, config, at or Position(), lock)


@contextmanager
def _locked(folder: Path, private: bool = False) -> Iterator[Lock]:
    """Give the right to write to the folder, made if need be; given back if the block fails."""
    try:
        make_folder(folder, 0o700 if private else 0o777)
        lock = Lock(folder)
    except OSError as error:
        raise RunError(f"run: {folder} cannot be written: {error.strerror or error}") from None
    try:
        yield lock
    except OSError as error:
        lock.release()
        raise RunError(f"run: {folder} cannot be written: {error.strerror or error}") from error
    except BaseException:
        lock.release()
        raise


def _clear(folder: Path) -> None:
    """Remove the remains of a run that ended before its run.json was written; RunError if there is more."""
    file, checkpoints = folder / "run.db", Checkpoints(folder / "checkpoints")
    # one checkpoint without steps is what a start leaves that was killed; anything more may be of value
    if len(checkpoints.steps()) > 1 or (file.exists() and not holds_nothing(file)):
        raise RunError(
            f"run: {folder} has a run's data but no run.json; choose another folder, or restore it"
        )
    for step in checkpoints.steps():
        checkpoints.remove(step)
    checkpoints.sweep()
    # SQLite would apply a log that was left to the new database
    for name in ("run.db", "run.db-wal", "run.db-shm"):
        (folder / name).unlink(missing_ok=True)


def _begun(
    options: Recording, variables: Variables, config: dict[str, Any], at: Position, lock: Lock
) -> RunWriter:
    """Write the journal, the first checkpoint and, last, the run.json that makes a run of it."""
    folder = Path(options.folder)
    config = {"format": FORMAT, "id": secrets.token_hex(8), "created_seconds": time.time(), **config}
    config |= {"environment": environment(), "about": dict(options.about or {})}
    config |= {"data_name": None if options.data_name is None else dict(options.data_name)}
    journal = Journal(folder / "run.db", "make")
    recorder = RunWriter(options, variables, config, lock, journal)
    recorder.position = at
    try:
        journal.add_event("start", at.step, {"pid": os.getpid()})
        recorder.save()
        # on the disk before run.json: every run that can be found has a checkpoint to begin with
        recorder.wait()
        write_whole(folder / "run.json", json.dumps(config, indent=1).encode())
    except BaseException:
        recorder.abandon()
        raise
    return recorder


def resume(options: Recording, variables: Variables, config: dict[str, Any]) -> RunWriter:
    """Return the writer of an existing run, and restore its last undamaged checkpoint.

    Raises:
        RunError: if it was made with another model, data or configuration, if its journal is damaged, or
            if another process writes it.
        CheckpointError: if none of its checkpoints is whole; with `strict`, if the newest is not.
    """
    folder = Path(options.folder)
    options.check()
    before, now = read_config(folder), {**config, "environment": environment()}
    with _locked(folder) as lock:
        # under the lock: before it, another process could still have changed the run
        changed = compare(before, now, options.allowed, folder)
        journal = Journal(folder / "run.db", "write")
        try:
            journal.check()
            _ = journal.epochs(), journal.events()  # what cannot be read is told before anything is written
            recorded = journal.end(first_step(before))
            kept = Checkpoints(folder / "checkpoints", before.get("id"))
            found, faults = _newest(kept, recorded, options.strict)
            recorder = RunWriter(options, variables, before, lock, journal)
            _take_up(recorder, found, faults, changed, other_bits(before, now))
        except BaseException:
            journal.close()
            raise
    return recorder


def _newest(checkpoints: Checkpoints, recorded: int, is_strict: bool) -> tuple[Checkpoint, list[str]]:
    """Return the newest whole checkpoint whose steps are all on record, and what is wrong with newer ones."""
    # one that is ahead of the journal would leave a gap in the recorded steps
    found, faults = checkpoints.latest(before=recorded)
    if found is None:  # after the machine lost its power the journal may lack steps that a checkpoint has
        found, faults = checkpoints.latest()
    if found is None:
        where = checkpoints.folder.parent
        raise CheckpointError(f"run: {where} has no whole checkpoint: {'; '.join(faults) or 'none'}")
    if faults and is_strict:
        raise CheckpointError(
            f"{faults[0]}; without strict (--strict) training continues from step {found.step}"
        )
    return found, faults


def _take_up(
    recorder: RunWriter, found: Checkpoint, faults: list[str], changed: list[Any], bits: list[Any]
) -> None:
    own = {name: a for name, a in found.arrays.items() if not name.startswith(CALLBACKS)}
    with_another_rate = any(path.endswith(f".{_RATE}") for path, _, _ in changed)
    rate = recorder.variables[f"optimizer.{_RATE}"].numpy() if with_another_rate else None
    restore(recorder.variables, own, f"run: {found.path}")
    if rate is not None:  # asked for, and allowed: it takes the place of the one that was kept
        recorder.variables[f"optimizer.{_RATE}"].assign(rate)
    recorder.checkpoints.sweep()
    recorder.callback_arrays = {
        name.removeprefix(CALLBACKS): a for name, a in found.arrays.items() if name.startswith(CALLBACKS)
    }
    at = recorder.position = Position(found.step, found.about["epoch"], found.about["batch"])
    recorder.callback_state = found.about.get("callbacks")
    # moved aside, not deleted: what was seen on the screen stays on record
    again = recorder.journal.supersede(at.step, at.epoch)
    recorder.kept = _kept_before(recorder)
    lacking = at.step - recorder.journal.end(first_step(recorder.config))
    _warn(recorder, faults, lacking, bits)
    about = {"pid": os.getpid(), "steps_done_again": again, "faults": faults, "changed": changed}
    recorder.journal.add_event("resume", at.step, about | {"steps_lacking": lacking, "other_bits": bits})
    recorder.journal.commit()


def _warn(recorder: RunWriter, faults: list[str], lacking: int, bits: list[Any]) -> None:
    """Print warnings about damaged checkpoints and changed environments."""
    step, newest = recorder.position.step, max([*recorder.checkpoints.steps(), 0])
    lines = [f"{fault}; going back to step {step}, {newest - step} steps are lost" for fault in faults]
    if lacking:
        lines.append(f"run: {recorder.folder}: the journal lacks {lacking} steps before step {step}")
    for name, before, now in bits:
        lines.append(f"run: {name} was {before}, is {now}: the last bits of results may differ")
    for line in lines:
        print(f"warning: {line}", file=sys.stderr)


def _kept_before(recorder: RunWriter) -> list[CheckpointInfo]:
    """Return the checkpoints that are there, with what the journal knows of the epochs they ended."""
    monitor = str(recorder.options.keep_best)
    ends = {step: (epoch, logs.get(monitor)) for epoch, step, _, logs in recorder.journal.epochs()}
    steps = [step for step in recorder.checkpoints.steps() if step <= recorder.position.step]
    return [CheckpointInfo(step, *ends.get(step, (None, None))) for step in steps]
