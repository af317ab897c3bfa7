"""Recorder: writes a run while it trains, and takes it up again where the last checkpoint left it."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.datasets.named import check_name
from gradtape.errors import CheckpointError, RunError, show
from gradtape.runs.checkpoints import Checkpoint, Checkpoints
from gradtape.runs.environment import environment
from gradtape.runs.journal import Journal
from gradtape.runs.keeping import Kept, Policy
from gradtape.runs.lock import Lock
from gradtape.runs.state import CALLBACKS, restore, snapshot, state_digest, variables_of
from gradtape.saving.files import write_whole

FORMAT = 1
_COMMIT_SECONDS = 0.5
_LEAST_SECONDS, _SHARE = 1.0, 50  # between checkpoints: at least a second, and a fiftieth of what was done


@dataclass
class Recording:
    """Where a run goes, how often it is saved, and what is kept.

    Args:
        folder: the run's folder.
        every_steps: a checkpoint after so many steps; None saves at the end of each epoch only.
        every_seconds: a checkpoint after so many seconds at the latest, at first more often: once a fiftieth
            of the time has passed since the last one, and saving it takes no fiftieth; None: never for that.
        keep_last: how many of the newest checkpoints are kept.
        keep_every: every so many epochs' checkpoint is kept for good; None keeps none for good.
        keep_best: the metric whose best checkpoint is kept, such as "val_loss"; None keeps none for that.
        keep_spread: how many checkpoints may be there at a time, spread over the whole training, so that any
            step can be done again from one not far before it; None keeps none but the above.
        on_save_error: "raise", or "warn" to go on training when a checkpoint cannot be written.
        allow_change: what may differ from the run when it is resumed: "epochs", "learning_rate", "data" ...
        about: what else run.json is to say of a new run, JSON values by name.
        data_name: how x and y are found again, if they are a data set of gradtape's: see
            `gradtape.datasets.named.name_of`; None: whoever reads the run must have them.
    """

    folder: str | os.PathLike[str]
    every_steps: int | None = None
    every_seconds: float | None = 60.0
    keep_last: int = 3
    keep_every: int | None = None
    keep_best: str | None = None
    keep_spread: int | None = 24
    on_save_error: str = "raise"
    allow_change: tuple[str, ...] = ()
    about: Mapping[str, Any] | None = None
    data_name: Mapping[str, str] | None = None


@dataclass
class Position:
    """How far a training is.

    Attributes:
        step: updates done.
        epoch: the epoch that runs.
        batch: batches of it that are done.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0


class Recorder:
    """Writes one run; made by `begin` or `resume`.

    Args:
        options: where to, and how often.
        model: the model that is trained, built and compiled.
        config: what goes into run.json.
        lock: the right to write.
        journal: the database.

    Attributes:
        position: how far the training is.
        callbacks: the CallbackList whose state is part of each checkpoint.
        callback_state: that of the checkpoint from which the training goes on.
        callback_arrays: the arrays that belong to it.
    """

    def __init__(
        self, options: Recording, model: Any, config: dict[str, Any], lock: Lock, journal: Journal
    ) -> None:
        self.options, self.config, self.lock, self.journal = options, config, lock, journal
        self.folder = Path(options.folder)
        self.checkpoints = Checkpoints(self.folder / "checkpoints")
        self.position = Position()
        self.callbacks: Any = None
        self.callback_state: Any = None
        self.callback_arrays: dict[str, Any] = {}
        self._variables = variables_of(model)
        self._kept: list[Kept] = []
        self._begun_at = self._saved_at = time.monotonic()
        self._save_seconds = self._committed_at = 0.0
        self._writer = ThreadPoolExecutor(1, "checkpoint")
        self._writing: Future[Any] | None = None

    @property
    def seed(self) -> int:
        """What decides, with the epoch, the order of the samples."""
        return int(self.config["seed"])

    # While it trains

    def steps(self, epoch: int, results: Mapping[str, Any], seconds: float) -> None:
        """Add the steps that one call did."""
        losses = np.asarray(results["loss"], "float64").reshape(-1)
        rates = np.asarray(results["learning_rate"], "float64").reshape(-1)
        at, each = self.position, seconds / max(len(losses), 1)
        rows = [
            (at.step + i, epoch, at.batch + i, loss, rate, None, each)
            for i, (loss, rate) in enumerate(zip(losses.tolist(), rates.tolist(), strict=True))
        ]
        self.journal.add_steps(rows)
        self.position = Position(at.step + len(rows), epoch, at.batch + len(rows))
        now = time.monotonic()
        if now - self._committed_at > _COMMIT_SECONDS:
            self.journal.commit()
            self._committed_at = now

    def pause(self) -> tuple[int, int] | None:
        """Return after which multiple of steps a checkpoint is due, and how many are done; None: never."""
        every = self.options.every_steps
        return None if every is None else (every, self.position.step)

    def is_due(self) -> bool:
        """Tell whether a checkpoint is to be made in the middle of an epoch."""
        every, seconds = self.options.every_steps, self.options.every_seconds
        by_steps = every is not None and self.position.step % every == 0
        if seconds is None or by_steps:
            return by_steps
        now = time.monotonic()
        enough = max(_LEAST_SECONDS, (now - self._begun_at) / _SHARE, self._save_seconds * _SHARE)
        return now - self._saved_at >= min(seconds, enough)

    def _last_step(self) -> int:
        return self._kept[-1].step if self._kept else 0

    def end_epoch(self, epoch: int, logs: Mapping[str, float], seconds: float) -> None:
        """Add what the metrics said, and save; called when the callbacks have been told."""
        self.journal.add_epoch(epoch, self.position.step, seconds, logs)
        self.position = Position(self.position.step, epoch + 1, 0)
        monitor = self.options.keep_best
        self.save(epoch, None if monitor is None else logs.get(monitor))

    def save(self, epoch_ended: int | None = None, score: float | None = None) -> None:
        """Make a checkpoint of this moment; it is written while the training goes on."""
        self.wait()
        self.journal.commit()
        at = self.position
        told = self.callbacks
        state = None if told is None else told.get_state()
        about = {"epoch": at.epoch, "batch": at.batch, "callbacks": state}
        arrays = snapshot(self._variables)
        if told is not None:
            arrays |= {f"{CALLBACKS}{name}": np.array(a) for name, a in told.get_arrays().items()}
        self._kept.append(Kept(at.step, epoch_ended, score))
        self._saved_at = time.monotonic()
        self._writing = self._writer.submit(self._write, at.step, arrays, about)

    def _write(self, step: int, arrays: dict[str, Any], about: dict[str, Any]) -> None:
        """Write a checkpoint, in a second thread, and note how long it took since its moment."""
        self.checkpoints.save(step, arrays, about)
        self._save_seconds = time.monotonic() - self._saved_at

    def wait(self) -> None:
        """Wait until the last checkpoint is on the disk; CheckpointError if it could not be written."""
        if self._writing is None:
            return
        writing, self._writing = self._writing, None
        step = self._kept[-1].step
        try:
            writing.result()
        except CheckpointError as error:
            self._kept.pop()
            self.journal.add_event("save_failed", step, {"error": str(error)})
            if self.options.on_save_error == "raise":
                raise
            print(f"warning: {error}", file=sys.stderr)
            return
        digest = state_digest(self.checkpoints.manifest(step)["arrays"])
        self.journal.add_event("checkpoint", step, {"state_sha256": digest})
        self._drop_old()

    def _drop_old(self) -> None:
        """Delete the checkpoints that are not to be kept."""
        options = self.options
        policy = Policy(options.keep_last, options.keep_every, options.keep_best, options.keep_spread)
        for kept in policy.dropped(self._kept):
            self._kept.remove(kept)
            self.checkpoints.remove(kept.step)

    def finish(self, kind: str, about: Mapping[str, Any] | None = None) -> None:
        """End the run: "end", "stop" or "failure"; all that was done is on the disk afterwards."""
        try:
            if kind == "stop" and self.position.step != self._last_step():
                self.save()
            self.wait()
        finally:
            self._writer.shutdown()
            self.journal.add_event(kind, self.position.step, about)
            self.journal.close()
            self.lock.release()


def begin(options: Recording, model: Any, config: dict[str, Any]) -> Recorder:
    """Return the recorder of a new run; RunError if there is one in the folder already."""
    folder = Path(options.folder)
    _check_options(options)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = Lock(folder)
    except OSError as error:
        raise RunError(f"run: {folder} cannot be written: {error.strerror or error}") from None
    if (folder / "run.json").exists():
        lock.release()
        raise RunError(
            f"run: {folder} holds a run already; resume=True (or `gradtape resume {folder}`) continues it, "
            "or choose another folder"
        )
    try:
        return _begun(options, model, config, lock)
    except BaseException:
        lock.release()
        raise


def _begun(options: Recording, model: Any, config: dict[str, Any], lock: Lock) -> Recorder:
    """Write run.json and the first checkpoint."""
    folder = Path(options.folder)
    config = {"format": FORMAT, "id": secrets.token_hex(8), "created_seconds": time.time(), **config}
    config |= {"environment": environment(), "about": dict(options.about or {})}
    config |= {"data_name": None if options.data_name is None else dict(options.data_name)}
    write_whole(folder / "run.json", json.dumps(config, indent=1).encode())
    journal = Journal(folder / "run.db", writing=True)
    recorder = Recorder(options, model, config, lock, journal)
    journal.add_event("start", 0, {"pid": os.getpid()})
    recorder.save()
    recorder.wait()
    return recorder


def _check_options(options: Recording) -> None:
    if options.on_save_error not in ("raise", "warn"):
        raise RunError(f"run: on_save_error must be 'raise' or 'warn', got {show(options.on_save_error)}")
    if options.keep_last < 1:
        raise RunError(f"run: keep_last must be at least 1, got {options.keep_last}")
    if options.data_name is not None:
        check_name(options.data_name)


def resume(options: Recording, model: Any, config: dict[str, Any]) -> Recorder:
    """Return the recorder of a run that is there, and bring the model to its last whole checkpoint.

    Raises:
        RunError: if it was made with another model, other data or otherwise, or another process writes it.
        CheckpointError: if none of its checkpoints is whole.
    """
    folder = Path(options.folder)
    _check_options(options)
    before = read_config(folder)
    lock = Lock(folder)
    try:
        changed = compare(before, {**config, "environment": environment()}, options.allow_change, folder)
        checkpoints = Checkpoints(folder / "checkpoints")
        checkpoints.sweep()
        found, faults = checkpoints.latest()
        if found is None:
            raise CheckpointError(f"run: {folder} has no whole checkpoint: {'; '.join(faults) or 'none'}")
        journal = Journal(folder / "run.db", writing=True)
        recorder = Recorder(options, model, before, lock, journal)
        _take_up(recorder, found, faults, changed)
    except BaseException:
        lock.release()
        raise
    return recorder


def _take_up(recorder: Recorder, found: Checkpoint, faults: list[str], changed: list[Any]) -> None:
    own = {name: a for name, a in found.arrays.items() if not name.startswith(CALLBACKS)}
    restore(recorder._variables, own, f"run: {found.path}")
    recorder.callback_arrays = {
        name.removeprefix(CALLBACKS): a for name, a in found.arrays.items() if name.startswith(CALLBACKS)
    }
    at = recorder.position = Position(found.step, found.about["epoch"], found.about["batch"])
    recorder.callback_state = found.about.get("callbacks")
    lost = recorder.journal.supersede(at.step, at.epoch)
    recorder._kept = _kept_before(recorder)
    for fault in faults:
        print(f"warning: {fault}; going back to step {at.step}", file=sys.stderr)
    about = {"pid": os.getpid(), "steps_done_again": lost, "faults": faults, "changed": changed}
    recorder.journal.add_event("resume", at.step, about)


def _kept_before(recorder: Recorder) -> list[Kept]:
    """Return the checkpoints that are there, with what the journal knows of the epochs they ended."""
    monitor = str(recorder.options.keep_best)
    ends = {step: (epoch, logs.get(monitor)) for epoch, step, _, logs in recorder.journal.epochs()}
    steps = [step for step in recorder.checkpoints.steps() if step <= recorder.position.step]
    return [Kept(step, *ends.get(step, (None, None))) for step in steps]


def read_config(folder: Path) -> dict[str, Any]:
    """Return what run.json says, or raise RunError."""
    path = folder / "run.json"
    try:
        config = json.loads(path.read_bytes())
        version = config["format"]
    except FileNotFoundError:
        raise RunError(f"run: there is no run in {folder} (no file run.json)") from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(f"run: {path} cannot be read: {show(str(error))}") from None
    if not isinstance(version, int) or version > FORMAT:
        raise RunError(
            f"run: {path} has the format {show(version)}; this version of gradtape reads up to {FORMAT}"
        )
    return dict(config)


def compare(
    before: Mapping[str, Any], now: Mapping[str, Any], allowed: tuple[str, ...], folder: Path
) -> list[tuple[str, Any, Any]]:
    """Return what is otherwise than it began, (path, before, now); RunError if that is not `allowed`."""
    found = _differences(_compared(before), _compared(now), "")
    differences = [d for d in found if not _is_allowed(d[0], allowed)]
    if differences:
        lines = "; ".join(f"{path}: {show(a)} before, {show(b)} now" for path, a, b in differences[:8])
        names = ",".join(path.rpartition(".")[2] for path, _, _ in differences[:8])
        raise RunError(
            f"run: {folder} was made otherwise: {lines}; allow_change (--allow-change {names}) lets it differ"
        )
    return [d for d in found if not _is_a_name(d[0])]


def _compared(config: Mapping[str, Any]) -> dict[str, Any]:
    around = config["environment"]
    return {
        **{part: config.get(part) for part in ("model", "compile", "fit", "data")},
        "engine": around["engine"],
        "device": around["device"],
    }


def _differences(a: Any, b: Any, path: str) -> list[tuple[str, Any, Any]]:
    if isinstance(a, dict) and isinstance(b, dict):
        keys = list(dict.fromkeys([*a, *b]))
        return [d for k in keys for d in _differences(a.get(k), b.get(k), f"{path}.{k}".lstrip("."))]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = enumerate(zip(a, b, strict=True))
        return [d for i, (v, w) in pairs for d in _differences(v, w, f"{path}.{i}")]
    return [] if a == b else [(path, a, b)]


def _is_allowed(path: str, allowed: tuple[str, ...]) -> bool:
    parts = path.split(".")
    return _is_a_name(path) or any(name in parts for name in allowed)


def _is_a_name(path: str) -> bool:
    return path.startswith("model.") and path.endswith(".name")  # dense_1 instead of dense means nothing
