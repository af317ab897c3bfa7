"""ModelCheckpoint: saves the model or its weights regularly, or only the best."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from gradtape.base.checks import path_text, whole_or_one_of
from gradtape.callbacks.callback import Logs
from gradtape.callbacks.metric_names import unknown_metric
from gradtape.callbacks.monitor import MonitorCallback
from gradtape.display.terminal import say
from gradtape.errors import ArgumentError


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights only, after each epoch or after a number of batches.

    Args:
        filepath: the file.  It may hold ``{epoch}``, counted from 1, ``{batch}`` and the metrics, with
            formats such as ``{epoch:02d}`` or ``{val_loss:.2f}``.
        monitor: the metric by which the best is found.
        verbose: whether to print a message at each save.
        save_best_only: whether to save only where the metric is better than ever before.
        save_weights_only: whether to save the weights only.
        mode: "min" if smaller values are better, "max" if larger, "auto" asks the metric.
        save_freq: "epoch", or a number of batches.
        initial_value_threshold: a value that the first saved one must improve on.

    >>> checkpoint = ModelCheckpoint("{epoch:02d}-{val_loss:.2f}.keras", save_best_only=True)
    >>> checkpoint.path(0, None, {"val_loss": 0.5})
    '01-0.50.keras'

    Source: keras.callbacks.ModelCheckpoint.  Any ending is right here, as there is one format of files.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = path_text(filepath, "ModelCheckpoint", "filepath")
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = whole_or_one_of(save_freq, "ModelCheckpoint", "save_freq", ("epoch",), 1)
        self._check_is_known_in_time()
        self._epoch = -1
        self._waiting = 0  # batches since the last saving
        self._batch = -1

    @property
    def monitored(self) -> tuple[str, ...]:
        """The metric that decides, and those in the name of the file."""
        named = [
            name for _, name, _, _ in Formatter().parse(self.filepath) if name not in (None, "epoch", "batch")
        ]
        return (*([self.monitor] if self.save_best_only else []), *map(str, named))

    def _check_is_known_in_time(self) -> None:
        """Raise ArgumentError for a metric of validation where it is asked for after batches."""
        late = [name for name in self.monitored if name.startswith("val_")]
        if late and self.save_freq != "epoch":
            raise ArgumentError(
                f"ModelCheckpoint: {late[0]!r} is known at the end of an epoch only, and save_freq="
                f"{self.save_freq} saves after batches; write save_freq='epoch', or "
                f"{late[0].removeprefix('val_')!r}"
            )

    def check_metrics(self, names: Any, validates: bool = False) -> None:
        """Raise ArgumentError if a metric that it needs is not among `names`.

        Args:
            names: the metrics that an epoch will have.
            validates: whether `fit` was given validation data.
        """
        if self.save_best_only:
            super().check_metrics(names, validates)
        else:
            # Past MonitorCallback, which asks what is better, as nobody needs to know without save_best_only.
            super(MonitorCallback, self).check_metrics(names, validates)

    def needs_every(self, what: str) -> bool:
        """It must be told of each batch if it counts them."""
        return what == "train" and self.save_freq != "epoch"

    def reads_logs(self, what: str) -> bool:
        """Whether it would look at the metrics after a batch."""
        return self.needs_every(what)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin to count batches; those since the last saving still count."""
        self._epoch = self._batch = -1

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Count batches from 0, unless the training goes on in the middle of this epoch."""
        if epoch != self._epoch:
            self._epoch, self._batch = epoch, -1

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Save, if it is time to."""
        if self.save_freq == "epoch":
            return
        # As in Keras, by the batch's number and not by calls: a loop may tell of several steps at once.
        self._waiting += batch - self._batch
        self._batch = batch
        if self._waiting >= int(self.save_freq):
            self._waiting = 0
            self._save_if_due(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Save, if it is time to."""
        if self.save_freq == "epoch":
            self._save_if_due(epoch, None, logs or {})

    def _save_if_due(self, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> None:
        if self.save_best_only:
            current = self.current(logs)
            if current is None or not self.is_better(current, self.best):
                return
            self.best = current
        path = self.path(epoch, batch, logs)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        if self.verbose:
            found = f": {self.monitor} {self.best:.5f}" if self.save_best_only else ""
            say(f"Epoch {epoch + 1}{found}: saved to {path}")

    def path(self, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> str:
        """Return the file for these metrics.

        Args:
            epoch: the epoch, from 0.
            batch: the batch, from 0; None at the end of an epoch.
            logs: the metrics.
        """
        known = {"epoch": epoch + 1, **({} if batch is None else {"batch": batch + 1}), **logs}
        try:
            return self.filepath.format(**known)
        except KeyError as error:
            raise ArgumentError(
                unknown_metric("ModelCheckpoint: filepath", str(error.args[0]), known)
            ) from None

    def get_state(self) -> dict[str, Any]:
        """Return the best so far, and how many batches have passed since the last saving."""
        return {"best": self.best, "waiting": self._waiting, "batch": self._batch, "epoch": self._epoch}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on with the best so far and the batches counted."""
        self.best, self._waiting = state["best"], state["waiting"]
        self._batch, self._epoch = state["batch"], state["epoch"]
