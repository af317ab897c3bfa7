"""The article's system on one page: a model, a batch generator, a training step, and fit().

The rest of the library grew from this page, but does not use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gradtape.core.tensor import Tensor, TensorLike
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError, ShapeError
from gradtape.losses import sparse_categorical_crossentropy
from gradtape.ops.linalg.linear_algebra import matmul
from gradtape.ops.numpy.statistics import mean
from gradtape.ops.random.host import uniform
from gradtape.ops.random.seeds import next_seed
from gradtape.tape.gradient_tape import GradientTape

LEARNING_RATE = 1e-3


class NaiveDense:
    """A layer that computes activation(inputs @ W + b), W of shape (input_size, output_size)."""

    def __init__(self, input_size: int, output_size: int, activation: Callable[[Tensor], Tensor]) -> None:
        self.activation = activation
        self.W = Variable(uniform((input_size, output_size), 0.0, 0.1, seed=next_seed()), name="W")
        self.b = Variable(np.zeros(output_size, "float32"), name="b")
        self.weights = [self.W, self.b]

    def __call__(self, inputs: TensorLike) -> Tensor:
        return self.activation(matmul(inputs, self.W) + self.b)


class NaiveSequential:
    """A model that calls its layers in turn; its weights are theirs, in order."""

    def __init__(self, layers: Sequence[NaiveDense]) -> None:
        self.layers = list(layers)
        self.weights = [weight for layer in layers for weight in layer.weights]

    def __call__(self, inputs: TensorLike) -> Tensor:
        x: Tensor = inputs
        for layer in self.layers:
            x = layer(x)
        return x


class BatchGenerator:
    """Returns the samples batch by batch, once; the last batch may be smaller."""

    def __init__(self, images: Any, labels: Any, batch_size: int = 128) -> None:
        if len(images) != len(labels):
            raise ShapeError(
                f"BatchGenerator: images and labels must be equally many, got {len(images)} and {len(labels)}"
            )
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ArgumentError(f"BatchGenerator: batch_size must be a whole number > 0, got {batch_size!r}")
        self.index = 0
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = -(-len(images) // batch_size)

    def next(self) -> tuple[Any, Any]:
        """Return the next images and labels, or raise ArgumentError when all have been given."""
        if self.index >= len(self.images):
            raise ArgumentError(
                f"BatchGenerator.next: all {self.num_batches} batches have been given; make a new generator"
            )
        here = slice(self.index, self.index + self.batch_size)
        self.index += self.batch_size
        return self.images[here], self.labels[here]

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        while self.index < len(self.images):
            yield self.next()


def one_training_step(model: NaiveSequential, images_batch: TensorLike, labels_batch: TensorLike) -> Tensor:
    """Change the model's weights by one batch and return the loss it had before."""
    with GradientTape() as tape:
        predictions = model(images_batch)
        average_loss = mean(sparse_categorical_crossentropy(labels_batch, predictions))
    gradients = tape.gradient(average_loss, model.weights)
    update_weights(gradients, model.weights)
    return average_loss


def update_weights(gradients: Sequence[Tensor], weights: Sequence[Variable]) -> None:
    """Move each weight a small distance against its gradient."""
    for g, w in zip(gradients, weights, strict=True):
        w.assign_sub(g * LEARNING_RATE)


def fit(model: NaiveSequential, images: object, labels: object, epochs: int, batch_size: int = 128) -> None:
    """Train the model on all samples, `epochs` times, batch by batch."""
    for epoch_counter in range(epochs):
        print(f"Epoch {epoch_counter}")
        batch_generator = BatchGenerator(images, labels, batch_size)
        for batch_counter in range(batch_generator.num_batches):
            images_batch, labels_batch = batch_generator.next()
            loss = one_training_step(model, images_batch, labels_batch)
            if batch_counter % 100 == 0:
                print(f"loss at batch {batch_counter}: {loss:.2f}")


def evaluate(model: NaiveSequential, images: object, labels: object) -> float:
    """Print and return the accuracy: the fraction of samples whose most probable class is the true one."""
    predictions = model(images)
    predicted_labels = np.argmax(predictions.numpy(), axis=1)
    matches = predicted_labels == labels
    print(f"accuracy: {matches.mean():.2f}")
    return float(matches.mean())
