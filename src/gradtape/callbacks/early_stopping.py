"""EarlyStopping: stop when a metric has stopped improving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.base.checks import number
from gradtape.callbacks.callback import Logs
from gradtape.callbacks.monitor import MonitorCallback
from gradtape.display.terminal import say


class EarlyStopping(MonitorCallback):
    """Stops the training after `patience` epochs in a row without improvement.

    Args:
        monitor: the name of the metric.
        min_delta: the smallest change that counts as an improvement.
        patience: the number of epochs without improvement before it stops.
        verbose: whether to print a message when it stops.
        mode: "min" if smaller values are better, "max" if larger, "auto" asks the metric.
        baseline: a value that an improvement must exceed too.
        restore_best_weights: whether the model gets the weights of the best epoch at the end.
        start_from_epoch: the first epoch that is considered.

    Attributes:
        best: the best value so far.
        best_epoch: its epoch, from 0.
        wait: how many epochs have passed without improvement.
        stopped_epoch: the epoch after which it stopped; 0 if it did not.

    >>> stopping = EarlyStopping("loss", patience=2)
    >>> stopping.patience, stopping.wait
    (2, 0)

    Source: keras.callbacks.EarlyStopping.  An epoch whose metric is NaN never counts as improvement.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        number(patience, "EarlyStopping", "patience", "[0, inf]")
        number(start_from_epoch, "EarlyStopping", "start_from_epoch", "[0, inf)")
        self.patience = patience
        self.verbose = verbose
        self.baseline = None if baseline is None else number(baseline, "EarlyStopping", "baseline")
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin anew."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare the metric with the best so far."""
        current = self.current(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        # As in Keras: should every epoch be NaN, there is something to go back to.
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)
        self.wait += 1
        if self.is_better(current, self.best):
            self.best = current
            self._keep(epoch)
            # Better than before but not than the baseline: kept as best, and patience still runs.
            if self.baseline is None or self.is_better(current, self.baseline):
                self.wait = 0
        # epoch > 0, as in Keras: with patience=0 the first epoch has nothing to be compared with.
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: Logs = None) -> None:
        """Give the best weights back."""
        if self.stopped_epoch > 0 and self.verbose:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                say(f"Restoring the weights of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def get_state(self) -> dict[str, Any]:
        """Return how long it has waited, and the best so far."""
        names = ("wait", "stopped_epoch", "best", "best_epoch")
        return {name: getattr(self, name) for name in names}

    def get_arrays(self) -> dict[str, Any]:
        """Return the best weights by their number."""
        return {str(i): weight for i, weight in enumerate(self.best_weights or [])}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore the state; a training that had been stopped stays stopped."""
        for name, value in state.items():
            setattr(self, name, value)
        if self.stopped_epoch > 0:
            self.model.stop_training = True

    def set_arrays(self, arrays: Mapping[str, Any]) -> None:
        """Take the best weights back."""
        self.best_weights = [arrays[str(i)] for i in range(len(arrays))]
