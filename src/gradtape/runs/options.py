"""Recording: what is recorded of a training, and where."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradtape.base.checks import whole
from gradtape.datasets.by_name import check_name
from gradtape.errors import ArgumentError, ArgumentTypeError, RunError, show
from gradtape.metrics.base.metric import Metric, more_is_better

ALIASES = {"lr": "learning_rate"}


@dataclass(frozen=True)
class Origin:
    """The step of another run that a fork continues.

    Attributes:
        run: the other run's id.
        folder: where it was.
        step: after how many updates of it this run begins.
        epoch: the epoch of the next step.
        batch: how many batches of it were done.
    """

    run: str
    folder: str
    step: int
    epoch: int
    batch: int


@dataclass
class Recording:
    """The options of a recorded training: its folder, when checkpoints are made, and which are kept.

    Args:
        folder: the run's folder.
        every_steps: a checkpoint after this many steps; None makes one at the end of each epoch only.
        every_seconds: the longest time between checkpoints.  Early on they come sooner: after 2 % of the time
            so far, and never before 100 times what one save takes.  None makes none by time.
        keep_last: how many of the newest checkpoints are kept.
        keep_every: the checkpoint of every n-th epoch is kept permanently; None keeps none of them.
        keep_best: the metric whose best checkpoint is kept, such as "val_loss"; None keeps none of them.
        keep_spread: the largest number of checkpoints, spread over the whole training, so that every step has
            one not far before it; None keeps only the above.
        on_save_error: "raise", or "warn" to go on training when checkpoint or journal cannot be written.
        allow_change: what may differ from the run when it is resumed: "epochs", "learning_rate" (or "lr"),
            "data" ...
        about: further entries of a new run's run.json, JSON values by name.
        data_name: the name of x and y, if they are a data set of gradtape, see
            `gradtape.datasets.by_name.name_of`; None: a reader of the run must pass the data.
        stop_on_nonfinite: whether a training whose loss becomes NaN or infinite ends, with a report of the
            cause.
        gradient_norms: whether the norm of all gradients together is recorded for each step.
        strict: whether a damaged newest checkpoint is an error when the run is resumed; otherwise the one
            before it is used, with a warning.
        private: whether only the user can read a new run's folder (mode 0700).
        keep_best_mode: "max" if larger values of the metric in `keep_best` are better, "min" if smaller;
            "auto" asks the metric.
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
    stop_on_nonfinite: bool = True
    gradient_norms: bool = False
    strict: bool = False
    private: bool = False
    keep_best_mode: str = "auto"

    def check(self) -> None:
        """Raise RunError or DatasetError for what cannot be."""
        if self.keep_best_mode not in ("auto", "min", "max"):
            raise RunError(
                f"run: keep_best_mode must be 'auto', 'min' or 'max', got {show(self.keep_best_mode)}"
            )
        if self.on_save_error not in ("raise", "warn"):
            raise RunError(f"run: on_save_error must be 'raise' or 'warn', got {show(self.on_save_error)}")
        allowed: object = self.allow_change
        if isinstance(allowed, str):
            raise RunError(
                f"run: allow_change must be a tuple of names, such as ({allowed!r},), got a string"
            )
        counts = {
            "every_steps": self.every_steps,
            "keep_every": self.keep_every,
            "keep_spread": self.keep_spread,
            "keep_last": self.keep_last,
        }
        for name, value in counts.items():
            if value is None and name != "keep_last":
                continue
            try:
                whole(value, "run", name, 1)
            except (ArgumentError, ArgumentTypeError) as error:
                raise RunError(str(error)) from None
        seconds = self.every_seconds
        if seconds is not None and not (isinstance(seconds, int | float) and seconds > 0):
            raise RunError(f"run: every_seconds must be a number above 0 or None, got {show(seconds)}")
        if self.data_name is not None:
            check_name(self.data_name)

    def best_mode(self, metrics: Mapping[str, Metric]) -> str | None:
        """Return whether the best score is the highest ("max") or the lowest ("min"); None: none is kept.

        Args:
            metrics: those of the model by their names in logs, which know.

        Raises:
            RunError: if the metric does not say.
        """
        if self.keep_best is None or self.keep_best_mode != "auto":
            return None if self.keep_best is None else self.keep_best_mode
        more = more_is_better(self.keep_best, metrics)
        if more is None:
            raise RunError(
                f"run: keep_best: {self.keep_best!r} does not say whether more or less of it is better; "
                'pass keep_best_mode="max" or keep_best_mode="min"'
            )
        return "max" if more else "min"

    @property
    def allowed(self) -> tuple[str, ...]:
        """What may differ, without the short names."""
        return tuple(ALIASES.get(name, name) for name in self.allow_change)
