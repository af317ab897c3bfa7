"""Run: a recorded training; any of its steps can be opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gradtape.base.deprecation import warn_renamed
from gradtape.display.html import bundle
from gradtape.errors import ArgumentTypeError, RunError, show
from gradtape.explain.first_nan import NonFinite, find_nonfinite
from gradtape.explain.run_diff import RunDiff, diff
from gradtape.export.eject import eject
from gradtape.replay.fork import Change, fork
from gradtape.replay.step import Step
from gradtape.rerun.model_from_run import made_ready, model_at, model_of
from gradtape.rerun.open_step import open_step
from gradtape.rerun.session import ReplaySession
from gradtape.runs.reader import RunReader
from gradtape.runs.run_config import differences
from gradtape.views.step.notebook import run_html

_ASKED = ("model", "compile", "fit", "data", "seed")
# what can change bits: host, command and revision differ between runs that are the same
_AROUND = ("engine", "version", "device", "threads", "blas", "numpy", "processor")


def open_run(
    path: str | os.PathLike[str],
    x: object = None,
    y: object = None,
    sample_weight: object = None,
    model: object = None,
    custom: Mapping[str, Any] | None = None,
) -> Run:
    """Return the run in the folder `path`, which may still be training.

    Args:
        path: the folder.
        x: the inputs as `fit` was given them, needed to open steps if the run cannot find them by name.
        y: the targets that belong to them.
        sample_weight: their weights, if `fit` was given some.
        model: a model compiled as the run's was, if that could not be written down; opening a step changes
            its weights.
        custom: classes and functions of your own that the run's model needs, by name.

    Raises:
        RunError: if there is no run, or it is damaged or of a newer format, or x and y are not the ones it
            was trained on.
    """
    if not isinstance(path, str | os.PathLike):
        raise ArgumentTypeError(f"open_run: path must be that of a run's folder, got {show(path)}")
    run = Run(Path(path), x, y, sample_weight, model, custom)
    # now, so that arrays that are not the ones of the run are refused before the first step is opened
    if x is not None:
        run.source()
    return run


class Run(RunReader):
    """A recorded training, to read and to replay.

    Args:
        path: its folder.
        x: the inputs as `fit` was given them; None: the run finds them by name if it can.
        y: the targets that belong to them.
        sample_weight: their weights.
        model: a model compiled as the run's was; None makes it from what the run wrote down.
        custom: classes and functions of the user's own, by name.

    Attributes:
        config: the contents of run.json: model, compile, fit, data, seed, environment.
    """

    def __init__(
        self,
        path: Path,
        x: Any = None,
        y: Any = None,
        sample_weight: Any = None,
        model: Any = None,
        custom: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(path, x, y, sample_weight)
        self._compiled, self._custom = model, dict(custom or {})
        self._session: ReplaySession | None = None

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return the run for a notebook: as text, and as HTML without scripts."""
        return bundle(repr(self), lambda: run_html(self))

    def model(self, step: int | None = None, custom: Mapping[str, Any] | None = None) -> Any:
        """Return the model with the weights it had after `step` updates; the article's for a run by hand.

        Args:
            step: of which there is a checkpoint; None takes the newest.
            custom: classes and functions of your own that the model needs, by name.
        """
        return model_at(self, step, {**self._custom, **(custom or {})})

    def at(self, step: int) -> Step:
        """Return a step with everything that happens in it; the step is computed again.

        Args:
            step: its number: how many updates come before it; negative numbers count from the end.

        Raises:
            RunError: if the run has no such step, or its data or model cannot be had.
            CheckpointError: if no checkpoint before it is whole.
        """
        if isinstance(step, bool) or not hasattr(step, "__index__"):
            raise RunError(f"run: at: step must be a whole number, got {show(step)}")
        session = self.session()
        opened = open_step(session, session.last + 1 + int(step) if step < 0 else int(step))
        assert isinstance(opened, Step)  # the session was made with this class
        return opened

    def find_nonfinite(self) -> NonFinite | None:
        """Return where the first NaN or infinity of the training came from; None if there is none.

        The steps since the last checkpoint in which all is finite are done again.
        """
        return find_nonfinite(self.session())

    def eject(self, path: str | os.PathLike[str] = "loop.py", overwrite: bool = False) -> Path:
        """Write the plain training loop that the run executed as a short program; return its path.

        Run as it stands, on the run's machine, its losses have the run's bits.

        Args:
            path: the file to write.
            overwrite: whether a file that is there already is replaced.

        Raises:
            RunError: if the training cannot be written as a plain loop, or the file is there.
        """
        return eject(self, path, overwrite)

    def fork(
        self,
        step: int,
        folder: str | os.PathLike[str],
        learning_rate: object = None,
        optimizer: object = None,
        seed: int | None = None,
        x: object = None,
        y: object = None,
        sample_weight: object = None,
        epochs: int | None = None,
        callbacks: Iterable[Any] | None = None,
        verbose: object = 0,
        resume: bool = False,
    ) -> Run:
        """Continue from any step with something changed, as a run of its own; return that run.

        The new run begins with the state after `step` updates, in the middle of an epoch too, and counts on
        from there.  Its run.json names this run as its parent.  What is not given stays as it was.

        Args:
            step: how many updates are taken over.
            folder: the new run's folder.
            learning_rate: a number, where the optimizer follows no schedule.
            optimizer: another one, by name or as such; its slots begin anew.
            seed: decides the order of the samples from here on, the rest of this epoch included.
            x: other inputs.
            y: other targets.
            sample_weight: their weights.
            epochs: how many epochs there are in all, those of this run included.
            callbacks: told of the training.
            verbose: as for `fit`.
            resume: whether the new run goes on, if it is there already.

        Raises:
            RunError: if there is no such step, or a run in `folder` already.
        """
        given = None if x is None else (x, y, sample_weight)
        change = Change(learning_rate, optimizer, seed, given, epochs)
        # a copy of its own, as the fork trains on in it, and `at` must not go on from there
        fork(self.new_session(), step, folder, change, callbacks, verbose, resume)
        data = self._given if given is None else given
        return Run(Path(folder), *data, custom=self._custom)

    def differences(self, other: Run) -> list[tuple[str, Any, Any]]:
        """Return what run.json says of both runs otherwise: (path, here, in the other)."""
        return differences(_told(self.config), _told(other.config))

    def diff(self, other: Run) -> RunDiff:
        """Return where this run and another diverge, and why; see `gradtape.diff`.

        Args:
            other: another run, opened with the data it needs.
        """
        return diff(self, other)

    def session(self) -> ReplaySession:
        """Return the training, ready to be put before any step."""
        if self._session is None:
            self._session = self.new_session()
        return self._session

    def new_session(self, source: Any = None, model: Any = None) -> ReplaySession:
        """Return another copy of the training.

        Args:
            source: the batches; None takes those of the run.
            model: what was trained, with all its Variables; None makes it from what the run wrote down.
        """
        batches = self.source() if source is None else source
        if model is None:
            model = made_ready(self._compiled or model_of(self.config, self._custom), batches)
        return ReplaySession(self, model, batches, Step)

    def stage(self) -> ReplaySession:
        """Return the training: the old name of `session`."""
        warn_renamed("Run.stage", "Run.session")
        return self.session()

    def new_stage(self, source: object = None, model: object = None) -> ReplaySession:
        """Return another copy of the training: the old name of `new_session`.

        Args:
            source: as there.
            model: as there.
        """
        warn_renamed("Run.new_stage", "Run.new_session")
        return self.new_session(source, model)


def _told(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of run.json in which two runs of one training are alike, without names of layers."""
    around = config["environment"]
    told: dict[str, Any] = _without_names({name: config.get(name) for name in _ASKED})
    return told | {"environment": {name: around.get(name) for name in _AROUND}}


def _without_names(value: object) -> Any:
    if isinstance(value, Mapping):
        # layers are named by a count over the process (dense, dense_1): the same model may get other names
        return {key: _without_names(v) for key, v in value.items() if key != "name"}
    return [_without_names(v) for v in value] if isinstance(value, list) else value
