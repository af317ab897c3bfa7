"""Training: the article's system, its runs, and the losses and weights that they give."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TypeAlias

import keras  # type: ignore[import-not-found, import-untyped, unused-ignore]
import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]

from tools.tensorflow_cases.values import (
    NAMES,
    Array,
    Json,
    Tensor,
    numbers,
)

Batch: TypeAlias = tuple[Array, Array]

SEED = 20_240
SAMPLING_SEED = 7
BATCH_SIZE = 128
LAYERS = ((784, 512), (512, 10))
LEARNING_RATE = 1e-3


class NaiveDense:
    """The article's layer, with given weights."""

    def __init__(self, kernel: Array, activation: Callable[[Tensor], Tensor]) -> None:
        self.activation = activation
        self.W = tf.Variable(kernel)
        self.b = tf.Variable(tf.zeros(kernel.shape[1:], kernel.dtype))

    def __call__(self, inputs: Tensor) -> Tensor:
        return self.activation(tf.matmul(inputs, self.W) + self.b)

    @property
    def weights(self) -> list[Tensor]:
        """The kernel and the bias."""
        return [self.W, self.b]


class NaiveSequential:
    """The article's model."""

    def __init__(self, layers: Sequence[NaiveDense]) -> None:
        self.layers = layers

    def __call__(self, inputs: Tensor) -> Tensor:
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self) -> list[Tensor]:
        """The weights of all layers, in order."""
        return [weight for layer in self.layers for weight in layer.weights]


class BatchGenerator:
    """The article's batches."""

    def __init__(self, images: Array, labels: Array, batch_size: int = BATCH_SIZE) -> None:
        self.index = 0
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = math.ceil(len(images) / batch_size)

    def next(self) -> Batch:
        """Return the next images and labels."""
        here = slice(self.index, self.index + self.batch_size)
        self.index += self.batch_size
        return self.images[here], self.labels[here]


class Trainer:
    """The article's training step on one model, with one way to update its weights."""

    def __init__(
        self, start: str, optimizer: str | None, dtype: str = "float32", graph: bool = False
    ) -> None:
        kernels = [kernel.astype(dtype) for kernel in starting_kernels(start)]
        self.model = NaiveSequential(
            [NaiveDense(kernels[0], tf.nn.relu), NaiveDense(kernels[1], tf.nn.softmax)]
        )
        self.optimizer = eval(optimizer, NAMES) if optimizer else None
        if self.optimizer:
            self.optimizer.build(self.model.weights)
        self.step = tf.function(self.one_training_step) if graph else self.one_training_step
        self.epoch_losses: list[list[Tensor]] = []

    def one_training_step(self, images_batch: Tensor, labels_batch: Tensor) -> Tensor:
        """Change the weights by one batch and return the loss it had before."""
        with tf.GradientTape() as tape:
            predictions = self.model(images_batch)
            per_sample_losses = tf.keras.losses.sparse_categorical_crossentropy(labels_batch, predictions)
            average_loss = tf.reduce_mean(per_sample_losses)
        gradients = tape.gradient(average_loss, self.model.weights)
        self.update_weights(gradients, self.model.weights)
        return average_loss

    def update_weights(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Update the weights with the optimizer or, without one, by hand."""
        if self.optimizer:
            self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
            return
        for g, w in zip(gradients, weights, strict=True):
            w.assign_sub(g * LEARNING_RATE)

    def fit(self, images: Array, labels: Array, epochs: int, batch_size: int = BATCH_SIZE) -> None:
        """Train as the article does, and print what it prints."""
        for epoch_counter in range(epochs):
            print(f"Epoch {epoch_counter}")
            self.epoch_losses.append([])
            batch_generator = BatchGenerator(images, labels, batch_size)
            for batch_counter in range(batch_generator.num_batches):
                loss = self.step(*batch_generator.next())
                if batch_counter % 100 == 0:
                    print(f"loss at batch {batch_counter}: {loss:.2f}")
                    self.epoch_losses[-1].append(loss)

    def accuracy(self, images: Array, labels: Array) -> float:
        """Return the share of samples whose likeliest class is the true one."""
        predictions = self.model(images).numpy()
        return float((np.argmax(predictions, axis=1) == labels).mean())


def starting_kernels(start: str) -> list[Array]:
    """Return W1 and W2, drawn in this order from one generator."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    kernels = []
    for rows, columns in LAYERS:
        limit = math.sqrt(6 / (rows + columns))
        low, high = (0.0, 0.1) if start == "uniform" else (-limit, limit)
        kernels.append(generator.uniform(low, high, (rows, columns)).astype("float32"))
    return kernels


def load_mnist(path: Path) -> tuple[Batch, Batch]:
    """Return the training and the test set as the article prepares them."""
    with np.load(path, allow_pickle=False) as arrays:
        splits = [(arrays[f"x_{split}"], arrays[f"y_{split}"]) for split in ("train", "test")]
    train, test = ((x.reshape((len(x), 28 * 28)).astype("float32") / 255, y) for x, y in splits)
    return train, test


RUNS: dict[str, tuple[str, str | None, int]] = {
    "article_by_hand": ("uniform", None, 200),
    "article_sgd": ("uniform", "tf.keras.optimizers.SGD(learning_rate=1e-3)", 200),
    "glorot_rmsprop": ("glorot", "tf.keras.optimizers.RMSprop()", 100),
    "glorot_adam": ("glorot", "tf.keras.optimizers.Adam()", 100),
}


def recorded_training(train: Batch, test: Batch) -> Json:
    """Return the section `training`."""
    runs = {}
    for name, (start, optimizer, steps) in RUNS.items():
        print(name, flush=True)
        runs[name] = recorded_run(start, optimizer, steps, train, test)
        if name.startswith("article"):
            runs[name] |= recorded_epochs(start, optimizer, 2, train, test)
    return {
        "seed": SEED,
        "sampling_seed": SAMPLING_SEED,
        "batch_size": BATCH_SIZE,
        "layers": LAYERS,
        "runs": runs,
    }


def recorded_run(start: str, optimizer: str | None, steps: int, train: Batch, test: Batch) -> Json:
    """Return one run's first steps in all modes, and the weights after them."""
    losses = {}
    for graph in (False, True):
        for dtype in ("float32", "float64"):
            trainer = Trainer(start, optimizer, dtype, graph)
            values = [trainer.step(*batch) for batch in batches(steps, dtype, train)]
            losses[f"{'graph' if graph else 'eager'}_{dtype}"] = numbers(np.asarray(values))
    trainer = Trainer(start, optimizer)
    clipped = []
    for images, labels in batches(steps, "float32", train):
        clipped.append(clipped_samples(trainer.model, images, labels))
        trainer.step(images, labels)
    return {
        "start": start,
        "optimizer": optimizer,
        "losses": losses,
        "clipped": clipped,
        "weights": summaries(trainer.model),
        "accuracy": trainer.accuracy(*test),
    }


def batches(steps: int, dtype: str, train: Batch) -> Iterator[Batch]:
    """Give the first batches of the training set."""
    generator = BatchGenerator(*train)
    for _ in range(steps):
        images, labels = generator.next()
        yield images.astype(dtype), labels


def clipped_samples(model: NaiveSequential, images: Array, labels: Array) -> int:
    """Return how many samples give their label a probability below Keras' epsilon."""
    predicted = model(images).numpy()[np.arange(len(labels)), labels]
    return int((predicted < keras.backend.epsilon()).sum())


def summaries(model: NaiveSequential) -> Json:
    """Return the sums and some entries of each weight."""
    return {
        name: summary(weight.numpy())
        for name, weight in zip(("W1", "b1", "W2", "b2"), model.weights, strict=True)
    }


def summary(weight: Array) -> Json:
    """Return the sum, the sum of squares and 20 entries of an array."""
    wide = weight.astype("float64")
    positions = np.random.Generator(np.random.PCG64(SAMPLING_SEED)).integers(weight.size, size=20)
    return {
        "sum": float(wide.sum()),
        "sum_of_squares": float((wide**2).sum()),
        "positions": positions.tolist(),
        "entries": numbers(weight.ravel()[positions]),
    }


def recorded_epochs(start: str, optimizer: str | None, epochs: int, train: Batch, test: Batch) -> Json:
    """Return what the article's text prints, and the numbers before they are rounded."""
    trainer = Trainer(start, optimizer)
    printed = io.StringIO()
    with redirect_stdout(printed):
        trainer.fit(*train, epochs=epochs)
        accuracy = trainer.accuracy(*test)
        print(f"accuracy: {accuracy:.2f}")
    return {
        "lines": printed.getvalue().splitlines(),
        "epoch_losses": [numbers(np.asarray(losses)) for losses in trainer.epoch_losses],
        "epoch_accuracy": accuracy,
    }
