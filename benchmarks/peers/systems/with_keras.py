"""Keras 3 through `compile` and `fit`, on the backend that KERAS_BACKEND names, with its defaults."""

from __future__ import annotations

import time
from typing import Any

import keras

from benchmarks.peers.systems.contract import LEARNING_RATE, Task, threads


class WithKeras:
    """A Sequential model; an epoch is a call of `fit`, timed between the callbacks of its begin and end."""

    def __init__(self, task: Task) -> None:
        _limit(task.variant)
        inputs, hidden, classes = task.work.sizes
        self.task = task
        self.model = keras.Sequential(
            [
                keras.Input((inputs,)),
                keras.layers.Dense(hidden, activation="relu"),
                keras.layers.Dense(classes, activation="softmax"),
            ]
        )
        self.model.set_weights(task.weights)
        self.model.compile(
            optimizer=keras.optimizers.RMSprop(LEARNING_RATE),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )

    def epoch(self) -> float:
        """Train for one epoch; return the seconds between its first and its last step."""
        times: list[float] = []

        def now(*_: Any) -> None:
            times.append(time.perf_counter())

        clock = keras.callbacks.LambdaCallback(on_epoch_begin=now, on_epoch_end=now)
        batch = self.task.work.batch
        self.model.fit(self.task.x, self.task.y, batch_size=batch, verbose=0, callbacks=[clock])
        return times[1] - times[0]

    def accuracy(self, x: Any, y: Any) -> float:
        """Return the share of samples put in the right class."""
        return float(self.model.evaluate(x, y, batch_size=1000, verbose=0, return_dict=True)["accuracy"])


def _limit(backend: str) -> None:
    """Hold the backend to the threads of this process."""
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads())
        tf.config.threading.set_inter_op_parallelism_threads(threads())
    elif backend == "torch":
        import torch

        torch.set_num_threads(threads())


def start(task: Task) -> WithKeras:
    """Return the training of `task`."""
    return WithKeras(task)
