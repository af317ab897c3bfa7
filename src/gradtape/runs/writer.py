"""RunWriter: writes a run during the training."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.workers import Workers
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.errors import CheckpointError, NotFiniteError, RunError
from gradtape.metrics.base.metric import Metric
from gradtape.runs.disk import faults
from gradtape.runs.disk.checkpoints import Checkpoints
from gradtape.runs.disk.faults import passed
from gradtape.runs.disk.files import identity, sync_file
from gradtape.runs.disk.journal import Journal
from gradtape.runs.disk.lock import Lock
from gradtape.runs.options import Recording
from gradtape.runs.retention import CheckpointInfo, Policy
from gradtape.runs.run_config import compared_digest
from gradtape.runs.state import CALLBACKS, snapshot, state_digest

# a commit for each step would cost more than a small step itself
_COMMIT_SECONDS = 0.5
_LEAST_SECONDS, _SHARE = 2.0, 50  # between checkpoints: at least that, and a fiftieth of what was done
_TIMES = 100  # and so many times what saving took: it costs a hundredth at most
_OF_THE_MACHINE = (
    *("engine", "version", "device", "threads", "blas"),
    *("gradtape", "numpy", "python", "processor", "cpu_features"),
)


@dataclass
class Position:
    """The position of a training.

    Attributes:
        step: updates done.
        epoch: the epoch that runs.
        batch: batches of it that are done.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0


class RunWriter:
    """Writes one run; made by `begin` or `resume`.

    Args:
        options: the `Recording`.
        variables: all Variables that take part in a step, by path.
        config: the contents of run.json.
        lock: the run's lock.
        journal: the run's journal.

    Attributes:
        position: the position of the training.
        metrics: returns the metrics of the model by their names in logs; the first step may make some.
        best_mode: whether the best score is the highest or the lowest; None until an epoch has ended.
        callbacks: the CallbackList whose state is part of each checkpoint.
        callback_state: that of the checkpoint from which the training goes on.
        callback_arrays: the arrays that belong to it.
        is_finite: whether the losses of the last steps are.
    """

    is_finite = True

    def __init__(
        self,
        options: Recording,
        variables: Mapping[str, Variable],
        config: dict[str, Any],
        lock: Lock,
        journal: Journal,
    ) -> None:
        self.options, self.config, self.lock, self.journal = options, config, lock, journal
        self.folder = Path(options.folder)
        self.checkpoints = Checkpoints(self.folder / "checkpoints", config.get("id"))
        self.position = Position()
        self.callbacks: Any = None
        self.metrics: Callable[[], Mapping[str, Metric]] = dict
        self.best_mode: str | None = None
        self.callback_state: Any = None
        self.callback_arrays: dict[str, Any] = {}
        self.variables = variables
        self.kept: list[CheckpointInfo] = []
        self.made_by = _made_by(config)
        self._begun_at = self._saved_at = time.monotonic()
        self._save_seconds = self._committed_at = 0.0
        # one thread: checkpoints are finished in the order of their steps
        self._writer = Workers(1, "checkpoint")
        self._writing: Future[Any] | None = None
        self._has_warned = False
        # by device and inode, which a rename of the folder does not change
        self._files = {path: identity(path) for path in (lock.path, journal.path)}

    @property
    def seed(self) -> int:
        """The seed that determines, with the epoch, the order of the samples."""
        return int(self.config["seed"])

    # While it trains

    def steps(self, epoch: int, results: Mapping[str, Any], seconds: float) -> None:
        """Add the steps that one call did."""
        rates = _floats(results["learning_rate"])
        losses, norms = [  # a step of a user's own may not tell its loss
            _floats(results[name]) if name in results else None for name in ("loss", "gradient_norm")
        ]
        at, none, each = self.position, repeat(None), repeat(seconds / max(len(rates), 1))
        columns = (count(at.step), repeat(epoch), count(at.batch), losses or none, rates, norms or none, each)
        rows = list(zip(*columns, strict=False))  # this is done between any two steps: few calls, all in C
        self.journal.add_steps(rows)
        self.is_finite = losses is None or all(map(math.isfinite, losses))
        self.position = Position(at.step + len(rows), epoch, at.batch + len(rows))
        now = time.monotonic()
        if now - self._committed_at > _COMMIT_SECONDS:
            self._commit()
            self._committed_at = now
        if faults.is_watched():
            for _ in rows:
                passed("step")

    def check_finite(self) -> None:
        """Raise NotFiniteError if the loss of the last steps is not finite and the run is to end then."""
        if not self.is_finite and self.options.stop_on_nonfinite:
            raise NotFiniteError(f"fit: the loss is not finite after step {self.position.step}")

    def _commit(self) -> None:
        """Commit the journal; a failure is an error or, if so chosen, a warning."""
        try:
            self.journal.commit()
        except RunError as error:
            if self.options.on_save_error == "raise":
                raise
            if not self._has_warned:
                print(f"warning: {error}; what is not written yet is kept in memory", file=sys.stderr)
            self._has_warned = True

    def pause(self) -> tuple[int, int] | None:
        """Return after which multiple of steps a checkpoint is due, and how many are done; None: never."""
        every = self.options.every_steps
        return None if every is None else (every, self.position.step)

    def is_due(self) -> bool:
        """Tell whether a checkpoint is to be made in the middle of an epoch."""
        every, seconds = self.options.every_steps, self.options.every_seconds
        if not self.is_finite and self.options.stop_on_nonfinite:
            return False  # the checkpoints before it are worth more
        by_steps = every is not None and self.position.step % every == 0
        if seconds is None or by_steps:
            return by_steps
        now = time.monotonic()
        enough = max(_LEAST_SECONDS, (now - self._begun_at) / _SHARE, self._save_seconds * _TIMES)
        return now - self._saved_at >= min(seconds, enough)

    def _last_step(self) -> int:
        return self.kept[-1].step if self.kept else 0

    def end_epoch(self, epoch: int, logs: Mapping[str, float], seconds: float) -> None:
        """Add the metrics of the epoch, and save; called after the callbacks."""
        self.journal.add_epoch(epoch, self.position.step, seconds, logs)
        self.position = Position(self.position.step, epoch + 1, 0)
        monitor = self.options.keep_best
        self.best_mode = self.options.best_mode(self.metrics())
        self.save(epoch, None if monitor is None else logs.get(monitor))

    def save(self, epoch_ended: int | None = None, score: float | None = None) -> None:
        """Make a checkpoint of this moment; it is written while the training goes on."""
        self.wait()
        self._commit()
        at, told = self.position, self.callbacks
        about = {
            "epoch": at.epoch,
            "batch": at.batch,
            "callbacks": None if told is None else told.get_state(),
            "run": self.made_by,
        }
        # copied now, in this thread: the next step changes the Variables
        arrays = snapshot(self.variables)
        if told is not None:
            arrays |= {f"{CALLBACKS}{name}": np.array(a) for name, a in told.get_arrays().items()}
        self.kept.append(CheckpointInfo(at.step, epoch_ended, score))
        self._saved_at = time.monotonic()
        self._writing = self._writer.submit(self._write, at.step, arrays, about)

    def _write(self, step: int, arrays: dict[str, Any], about: dict[str, Any]) -> None:
        """Write a checkpoint, in a second thread, and note how long it took since its moment.

        The journal goes to the disk first: no checkpoint is ahead of it, even where the power fails.
        """
        self._check_place()
        log = self.journal.path.with_name(f"{self.journal.path.name}-wal")
        try:
            sync_file(log)
        except OSError as error:
            raise CheckpointError(
                f"checkpoint: {log} cannot be brought to the disk: {error.strerror or error}; "
                f"so there is none of step {step}, those before it are unharmed"
            ) from error
        self.checkpoints.save(step, arrays, about)
        self._save_seconds = time.monotonic() - self._saved_at

    def _check_place(self) -> None:
        """Raise CheckpointError if the run has been moved or deleted: what is saved would lie beside it."""
        for path, known in self._files.items():
            if identity(path) != known:
                raise CheckpointError(
                    f"checkpoint: {path} is no longer the file that this training writes; the run was moved "
                    "or deleted; in its new place, resume continues it from its last checkpoint"
                )

    def wait(self) -> None:
        """Wait until the last checkpoint is on the disk; CheckpointError if it could not be written."""
        if self._writing is None:
            return
        # set first: an error of this checkpoint is not raised again by the next call
        writing, self._writing = self._writing, None
        step = self.kept[-1].step
        try:
            try:
                writing.result()
            finally:
                self._check_place()  # says more than what came of it
            digest = state_digest(self.checkpoints.manifest(step)["arrays"])
            self.journal.add_event("checkpoint", step, {"state_sha256": digest})
            self._commit()
            self._drop_old()
        except CheckpointError as error:
            self._not_saved(step, error)

    def _not_saved(self, step: int, error: CheckpointError) -> None:
        """Record that a checkpoint could not be written, and raise or warn as chosen."""
        # it may be whole all the same, if only the last sync or the journal failed
        if not self.checkpoints.is_whole(step):
            self.kept = [k for k in self.kept if k.step != step]
        self.journal.add_event("save_failed", step, {"error": str(error)})
        with suppress(RunError):  # the disk may take the journal no more than the checkpoint
            self.journal.commit()
        if self.options.on_save_error == "raise":
            raise error
        print(f"warning: {error}", file=sys.stderr)

    def _drop_old(self) -> None:
        """Delete the checkpoints that are not to be kept."""
        options = self.options
        policy = Policy(options.keep_last, options.keep_every, self.best_mode, options.keep_spread)
        for kept in policy.dropped(self.kept):
            self.kept.remove(kept)
            self.checkpoints.remove(kept.step)

    def finish(self, kind: str, about: Mapping[str, Any] | None = None) -> None:
        """End the run: "end", "stop" or "failure"; all that was done is on the disk afterwards."""
        try:
            # after a failure the state is not saved: it may be what the failure comes from
            if kind == "stop" and self.position.step != self._last_step():
                self.save()
            self.wait()
        finally:
            self._writer.shutdown()
            self.journal.add_event(kind, self.position.step, about)
            self.abandon()

    def abandon(self) -> None:
        """Close everything, and let others write."""
        self._writer.shutdown()
        try:
            self.journal.close()
        finally:
            self.lock.release()


def _floats(values: object) -> list[float]:
    array = engine.active.to_numpy(values._array) if isinstance(values, Tensor) else np.asarray(values)
    if array.dtype.kind != "f":  # such as bfloat16, whose elements are no Python numbers
        array = array.astype("float64")
    found: list[float] = array.ravel().tolist()
    return found


def _made_by(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each manifest says of the run: which one, how and on what it was made."""
    around, data = config["environment"], config.get("data")
    return {
        "id": config["id"],
        "config_sha256": compared_digest(config),
        "data_sha256": data["sha256"] if isinstance(data, dict) else None,
        "environment": {name: around.get(name) for name in _OF_THE_MACHINE},
    }
