"""The loop around the step: epochs of shuffled batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.data.order import batches, epoch_order
from gradtape.ops.reductions import sum
from gradtape.optimizers import Optimizer
from gradtape.tensor import Tensor, as_tensor
from gradtape.training.step import count_right, training_step


@dataclass
class Progress:
    """How far a training has come.

    Attributes:
        epoch: the epoch that is running, from 0.
        epochs: how many there will be.
        step: steps done in this epoch.
        steps: steps in an epoch.
        samples: samples seen in this epoch.
        loss: the mean loss of this epoch's samples so far.
        accuracy: the share of them predicted right, before the step that learned from them.
        seconds: wall seconds since the epoch began.
    """

    epoch: int
    epochs: int
    step: int = 0
    steps: int = 0
    samples: int = 0
    loss: float = 0.0
    accuracy: float = 0.0
    seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter, repr=False)

    def add(self, samples: int, loss: float, right: int) -> None:
        """Take one step into account."""
        before, self.samples, self.step = self.samples, self.samples + samples, self.step + 1
        self.loss += (loss - self.loss) * samples / self.samples
        self.accuracy = (self.accuracy * before + right) / self.samples
        self.seconds = time.perf_counter() - self.started


def train(
    model: Any,
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: Optimizer,
    x: Any,
    y: Any,
    epochs: int,
    batch_size: int,
    seed: int,
) -> Iterator[Progress]:
    """Train the model; yields the progress after each step.

    Args:
        model: called with a batch, gives predictions; has `weights`.
        loss: gives one loss per sample from labels and predictions.
        optimizer: changes the weights.
        x: (samples, ...) inputs.
        y: (samples,) class numbers.
        epochs: how many times all samples are seen.
        batch_size: samples per step; the last batch of an epoch may be smaller.
        seed: decides, with the epoch, the order of the samples.
    """
    for epoch in range(epochs):
        order = batches(epoch_order(len(x), seed, epoch), batch_size)
        progress = Progress(epoch, epochs, steps=len(order))
        for rows in order:
            value, right = training_step(model, loss, optimizer, as_tensor(x[rows]), as_tensor(y[rows]))
            progress.add(len(rows), value.item(), right.item())
            yield progress


def evaluate(
    model: Any, loss: Callable[[Tensor, Tensor], Tensor], x: Any, y: Any, batch_size: int = 1000
) -> tuple[float, float]:
    """Return the mean loss of the samples, and the share of them whose likeliest class is the label."""
    total, right = 0.0, 0
    for rows in batches(np.arange(len(x)), batch_size):
        labels, predictions = as_tensor(y[rows]), model(as_tensor(x[rows]))
        total += sum(loss(labels, predictions)).item()
        right += count_right(labels, predictions).item()
    return total / len(x), right / len(x)
