"""gradtape through `compile` and `fit`, with its defaults; GRADTAPE_ENGINE says on what."""

from __future__ import annotations

import time
from typing import Any

import gradtape
from benchmarks.peers.systems.contract import LEARNING_RATE, Task


class WithGradtape:
    """A Sequential model; an epoch is a call of `fit`, timed between the callbacks of its begin and end."""

    def __init__(self, task: Task) -> None:
        inputs, hidden, classes = task.work.sizes
        self.task = task
        self.model = gradtape.Sequential(
            [
                gradtape.Input((inputs,)),
                gradtape.layers.Dense(hidden, activation="relu"),
                gradtape.layers.Dense(classes, activation="softmax"),
            ]
        )
        self.model.set_weights(task.weights)
        self.model.compile(
            optimizer=gradtape.optimizers.RMSprop(LEARNING_RATE),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )

    def epoch(self) -> float:
        """Train for one epoch; return the seconds between its first and its last step."""
        clock = Clock()
        batch = self.task.work.batch
        self.model.fit(self.task.x, self.task.y, batch_size=batch, verbose=0, callbacks=[clock])
        return clock.seconds

    def accuracy(self, x: Any, y: Any) -> float:
        """Return the share of samples put in the right class."""
        return float(self.model.evaluate(x, y, batch_size=1000, verbose=0, return_dict=True)["accuracy"])


class Clock(gradtape.callbacks.Callback):
    """Keeps the seconds of an epoch."""

    seconds = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start."""
        self.seconds = -time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop."""
        self.seconds += time.perf_counter()


def start(task: Task) -> WithGradtape:
    """Return the training of `task`."""
    return WithGradtape(task)
