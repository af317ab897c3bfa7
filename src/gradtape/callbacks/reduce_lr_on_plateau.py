"""ReduceLROnPlateau: a smaller learning rate when a metric has stopped improving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.base.checks import number
from gradtape.callbacks.callback import Logs
from gradtape.callbacks.monitor import MonitorCallback
from gradtape.display.terminal import say


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` after `patience` epochs in a row without improvement.

    ``learning_rate = max(learning_rate * factor, min_lr)``

    Args:
        monitor: the name of the metric.
        factor: the factor of the learning rate, in (0, 1).
        patience: the number of epochs without improvement before a reduction.
        verbose: whether to print a message at each reduction.
        mode: "min" if smaller values are better, "max" if larger, "auto" asks the metric.
        min_delta: the smallest change that counts as an improvement.
        cooldown: the number of epochs after a reduction in which it does nothing.
        min_lr: the smallest learning rate.

    It adds the learning rate to the metrics of each epoch.

    >>> ReduceLROnPlateau("loss", factor=0.5).in_cooldown()
    False

    Source: keras.callbacks.ReduceLROnPlateau, except that an epoch whose metric is NaN is no improvement.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        who = "ReduceLROnPlateau"
        super().__init__(monitor, mode, min_delta=min_delta)
        self.factor = number(factor, who, "factor", "(0, 1)")
        number(patience, who, "patience", "[0, inf]")
        number(cooldown, who, "cooldown", "[0, inf)")
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = number(min_lr, who, "min_lr", "[0, inf)")
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.wait = 0
        self.cooldown_counter = 0

    def in_cooldown(self) -> bool:
        """Tell whether it is in the cooldown."""
        return self.cooldown_counter > 0

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin anew."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Compare the metric with the best so far."""
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        current = self.current(logs)
        if current is None:
            return
        # As in Keras: the epoch that ends the cooldown is the first that counts for patience again.
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_better(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        """Make the learning rate smaller, if it is above the smallest."""
        optimizer = self.model.optimizer
        rate = float(optimizer.learning_rate)
        # At the limit there is nothing to reduce, and no message or cooldown either.
        if rate <= self.min_lr:
            return
        optimizer.learning_rate = max(rate * self.factor, self.min_lr)
        if self.verbose:
            say(f"Epoch {epoch + 1}: ReduceLROnPlateau: learning rate {float(optimizer.learning_rate):g}")
        self.cooldown_counter = self.cooldown
        self.wait = 0

    def get_state(self) -> dict[str, Any]:
        """Return the counters of patience and cooldown, and the best value so far."""
        return {"wait": self.wait, "cooldown_counter": self.cooldown_counter, "best": self.best}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore the state."""
        self.wait, self.best = state["wait"], state["best"]
        self.cooldown_counter = state["cooldown_counter"]
