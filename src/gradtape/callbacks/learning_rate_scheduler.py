"""LearningRateScheduler: a learning rate for each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradtape.callbacks.callback import Callback, Logs
from gradtape.display.terminal import say
from gradtape.errors import ArgumentError, ArgumentTypeError, show


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch, and adds it to the metrics after it.

    Args:
        schedule: a function of the epoch, from 0, and the present learning rate, or of the epoch alone, that
            returns the learning rate.
        verbose: whether to say which one.

    >>> scheduler = LearningRateScheduler(lambda epoch, rate: rate * 0.5 if epoch else rate)

    Source: keras.callbacks.LearningRateScheduler.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        if not callable(schedule):
            raise ArgumentTypeError(
                f"LearningRateScheduler: schedule must be a function, got {show(schedule)}"
            )
        self.schedule = schedule
        self.verbose = verbose
        # By its signature: Keras tries two arguments, and a TypeError inside the function makes it try one.
        self._takes_rate = _takes_two(schedule)
        self._epoch: int | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin anew."""
        self._epoch = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Set the learning rate, unless the training goes on in the middle of this epoch."""
        if epoch != self._epoch:
            self._set(epoch)
        self._epoch = epoch

    def _set(self, epoch: int) -> None:
        optimizer = self.model.optimizer
        present = (float(optimizer.learning_rate),) if self._takes_rate else ()
        rate = self.schedule(epoch, *present)
        if isinstance(rate, bool) or not isinstance(rate, int | float | np.number):
            raise ArgumentTypeError(f"LearningRateScheduler: schedule must return a number, got {show(rate)}")
        if not (rate >= 0 and np.isfinite(rate)):
            raise ArgumentError(
                f"LearningRateScheduler: schedule must return a finite number >= 0, got {rate} "
                f"for epoch {epoch + 1}"
            )
        optimizer.learning_rate = float(rate)
        if self.verbose:
            say(f"Epoch {epoch + 1}: LearningRateScheduler: learning rate {float(rate):g}")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Add the learning rate to the metrics."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)

    def get_state(self) -> dict[str, Any]:
        """Return the epoch whose learning rate has been set."""
        return {"epoch": self._epoch}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Do not set the learning rate of this epoch again."""
        self._epoch = state["epoch"]


def _takes_two(function: Callable[..., Any]) -> bool:
    """Tell whether the function can be called with two arguments."""
    try:
        inspect.signature(function).bind(0, 0.1)
    except TypeError:
        return False
    except ValueError:  # it says nothing of its parameters, as some built-in functions
        return True
    return True
