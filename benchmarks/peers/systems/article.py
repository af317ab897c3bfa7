"""The article's own system on TensorFlow, its step run eagerly or as a `tf.function`; RMSprop for SGD."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.peers.systems.contract import LEARNING_RATE, Task, threads


class NaiveDense:
    """activation(inputs @ W + b)."""

    def __init__(self, kernel: Any, bias: Any, activation: Callable[[Any], Any]) -> None:
        self.weights = [tf.Variable(kernel), tf.Variable(bias)]
        self.activation = activation

    def __call__(self, inputs: Any) -> Any:
        return self.activation(tf.matmul(inputs, self.weights[0]) + self.weights[1])


class Article:
    """Two layers, and the article's loop over slices in the order of the data."""

    def __init__(self, task: Task) -> None:
        w1, b1, w2, b2 = task.weights
        self.task = task
        self.layers = [NaiveDense(w1, b1, tf.nn.relu), NaiveDense(w2, b2, tf.nn.softmax)]
        self.weights = [w for layer in self.layers for w in layer.weights]
        self.optimizer = tf.keras.optimizers.RMSprop(LEARNING_RATE)
        self.optimizer.build(self.weights)
        self.step: Any = self.one_training_step
        if task.variant == "function":
            self.step = tf.function(self.step)

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def one_training_step(self, images: Any, labels: Any) -> Any:
        """Change the weights by one batch; return its mean loss."""
        with tf.GradientTape() as tape:
            predictions = self(images)
            losses = tf.keras.losses.sparse_categorical_crossentropy(labels, predictions)
            average_loss = tf.reduce_mean(losses)
        gradients = tape.gradient(average_loss, self.weights)
        self.optimizer.apply_gradients(zip(gradients, self.weights, strict=True))
        return average_loss

    def epoch(self) -> float:
        """Train for one epoch; return its seconds."""
        batch = self.task.work.batch
        loss: Any = None
        start = time.perf_counter()
        for first in range(0, len(self.task.x), batch):
            rows = slice(first, first + batch)
            loss = self.step(tf.constant(self.task.x[rows]), tf.constant(self.task.y[rows]))
        assert np.isfinite(float(loss))
        return time.perf_counter() - start

    def accuracy(self, x: Any, y: Any) -> float:
        """Return the share of samples put in the right class."""
        return float(np.mean(np.argmax(self(x).numpy(), axis=1) == y))


def start(task: Task) -> Article:
    """Return the training of `task`."""
    tf.config.threading.set_intra_op_parallelism_threads(threads())
    tf.config.threading.set_inter_op_parallelism_threads(threads())
    return Article(task)
