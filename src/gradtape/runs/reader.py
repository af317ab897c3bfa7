"""RunReader: reads the files of a recorded training."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.data import ArraySource, Source
from gradtape.errors import CheckpointError, RunError, show
from gradtape.runs.data import source_of
from gradtape.runs.disk.checkpoints import Checkpoint, Checkpoints
from gradtape.runs.disk.journal import Journal
from gradtape.runs.disk.lock import Lock, is_held
from gradtape.runs.run_config import first_step, read_config

_STATES = {"end": "finished", "stop": "stopped", "failure": "failed"}


class RunReader:
    """Reads a recorded training; `gradtape.replay.Run` can replay its steps too.

    Args:
        path: its folder.
        x: the inputs, as passed to `fit`; None: they are found by their recorded name.
        y: the targets that belong to them.
        sample_weight: their weights.

    Attributes:
        config: the contents of run.json: model, compile, fit, data, seed, environment.
    """

    def __init__(self, path: Path, x: object = None, y: object = None, sample_weight: object = None) -> None:
        self.path = Path(path)
        self._given = (x, y, sample_weight)
        self._source: Source | None = None
        self.config: dict[str, Any] = read_config(self.path)
        self._checkpoints = Checkpoints(self.path / "checkpoints", self.config.get("id"))
        self._ask(Journal.check)  # what is damaged is said at once

    def _journal(self) -> Journal:
        return Journal(self.path / "run.db")

    def _ask(self, question: Callable[[Journal], Any]) -> Any:
        journal = self._journal()
        try:
            return question(journal)
        finally:
            journal.close()

    @property
    def steps(self) -> Any:
        """All steps: a structured array of step, epoch, batch, loss, learning_rate, wall_seconds ..."""
        return Table(self._ask(Journal.steps))

    @property
    def superseded(self) -> Any:
        """The steps that were ahead of the last checkpoint when the training broke, and were done again."""
        return Table(self._ask(Journal.superseded))

    @property
    def epochs(self) -> Any:
        """All epochs that have ended: a structured array of epoch, step, wall_seconds and the metrics.

        A metric with several numbers has a column with more axes.  One that is called as a column is, such as
        "step", has the column ``step_metric``.
        """
        rows = self._ask(Journal.epochs)
        columns = [("epoch", "i8"), ("step", "i8"), ("wall_seconds", "f8")]
        shapes = {name: np.shape(value) for *_, logs in rows for name, value in logs.items()}
        own = {name for name, _ in columns}
        dtype = [(f"{n}_metric" if n in own else n, "f8", shape) for n, shape in shapes.items()]
        nothing = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
        values = [(e, s, w, *[logs.get(n, nothing[n]) for n in shapes]) for e, s, w, logs in rows]
        return Table(np.array(values, [*columns, *dtype]))

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events: start, resume, checkpoint, stop, failure, end; seconds are since 1970."""
        found: list[dict[str, Any]] = self._ask(Journal.events)
        return found

    @property
    def checkpoints(self) -> list[int]:
        """The steps after which there is a checkpoint."""
        return self._checkpoints.steps()

    @property
    def state(self) -> str:
        """training, finished, stopped (asked to), failed (an error), or killed."""
        if is_held(self.path):
            return "training"
        last = [e["kind"] for e in self.events if e["kind"] in (*_STATES, "start", "resume")]
        return _STATES.get(last[-1], "killed") if last else "killed"

    def note(self, kind: str, **about: object) -> None:
        """Add an event to the run, such as a test, after its last step.

        Args:
            kind: its name.
            **about: its details, JSON values.

        Raises RunError while a training writes to the run, or if nobody can.
        """
        try:
            lock = Lock(self.path)
        except OSError as error:
            raise RunError(f"run: {self.path} cannot be written: {error.strerror or error}") from None
        try:
            with closing(Journal(self.path / "run.db", "write")) as journal:
                journal.add_event(kind, journal.end(first_step(self.config)), about)
        finally:
            lock.release()

    def checkpoint(self, step: int | None = None) -> Checkpoint:
        """Return the checkpoint after `step` updates, checked; None takes the newest that is whole.

        Newer ones that are damaged are named in a warning.
        """
        if step is not None:
            if step not in self.checkpoints:
                known = ", ".join(map(str, self.checkpoints)) or "none"
                raise CheckpointError(f"run: there is no checkpoint of step {show(step)}; there are {known}")
            return self._checkpoints.load(step)
        found, faults = self.newest()
        if found is None:
            raise CheckpointError(f"run: {self.path} has no whole checkpoint; {'; '.join(faults)}")
        for fault in faults:
            warnings.warn(f"{fault}; this is the one of step {found.step}", stacklevel=2)
        return found

    def newest(self, step: int | None = None) -> tuple[Checkpoint | None, list[str]]:
        """Return the newest whole checkpoint of at most `step` updates, and the faults of newer ones."""
        return self._checkpoints.latest(before=step)

    def variable_digests(self, step: int) -> dict[str, str]:
        """Return the SHA-256 of each Variable after `step` updates; empty if there is no checkpoint of it."""
        if step not in self.checkpoints:
            return {}
        return {name: one["sha256"] for name, one in self._checkpoints.manifest(step)["arrays"].items()}

    @property
    def digests(self) -> dict[int, str]:
        """The SHA-256 of all Variables by step, wherever a checkpoint was made, also one that is gone since.

        `gradtape.runs.state.state_digest` says what it is of.
        """
        found = [e for e in self.events if e["kind"] == "checkpoint" and "state_sha256" in e]
        return {event["step"]: event["state_sha256"] for event in found}

    def source(self) -> Source:
        """Return the source of the batches it was trained on: `source().order(seed, epoch)` and so on.

        Raises RunError if the data is not given, not known by name, or not that of the run.
        """
        if self._source is None:
            self._source = source_of(self.config, self._given, self.path)
        return self._source

    def data(self) -> tuple[Any, Any]:
        """Return the (x, y) it was trained on: those passed, or those found by the recorded name.

        Raises RunError as `source` does, and where the run was not trained on arrays.
        """
        source = self.source()
        if not isinstance(source, ArraySource):
            raise RunError(f"run: {self.path} was not trained on arrays; source() gives its batches")
        return source.structure.rebuild(source.arrays)[:2]

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss of each step, and of each epoch if it was validated.

        Args:
            ax: matplotlib Axes to draw in; None makes new ones.

        Returns:
            The Axes; nothing is shown.
        """
        from matplotlib.figure import Figure

        axes = Figure(layout="constrained").add_subplot() if ax is None else ax
        steps, epochs = self.steps, self.epochs
        axes.plot(steps["step"], steps["loss"], linewidth=0.6, alpha=0.5, label="loss of each step")
        for name in ("loss", "val_loss"):
            if name in (epochs.dtype.names or ()):
                axes.plot(
                    epochs["step"], epochs[name], marker="o", markersize=3, label=f"{name} of each epoch"
                )
        axes.set(xlabel="step", ylabel="loss", title=self.path.name)
        axes.legend()
        return axes

    def __repr__(self) -> str:
        return f"<Run {self.path} {self.state}, {len(self.epochs)} epochs>"


class Table(np.ndarray[Any, Any]):
    """A NumPy structured array that pandas can take."""

    def __new__(cls, rows: object) -> Table:
        return np.asarray(rows).view(cls)

    def to_pandas(self) -> Any:
        """Return it as a data frame; needs pandas."""
        import pandas  # type: ignore[import-untyped]

        return pandas.DataFrame({name: np.asarray(self[name]) for name in self.dtype.names or ()})
