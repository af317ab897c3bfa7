"""The loop around the step: epochs of shuffled batches."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.compiling import compile
from gradtape.data.feeding import run_batches
from gradtape.data.order import batches, epoch_order
from gradtape.optimizers import Optimizer
from gradtape.tensor import Tensor
from gradtape.training.old_step import test_step, training_step


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
    """Train the model; yields the progress after each step, or after some where the engine compiles.

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
    step = compile(lambda images, labels: training_step(model, loss, optimizer, images, labels))
    for epoch in range(epochs):
        order = batches(epoch_order(len(x), seed, epoch), batch_size)
        progress = Progress(epoch, epochs, steps=len(order))
        for done, (values, rights) in run_batches(step, [x, y], order):
            for rows, value, right in zip(done, values.tolist(), rights.tolist(), strict=True):
                progress.add(len(rows), value, right)
            yield progress


def evaluate(
    model: Any, loss: Callable[[Tensor, Tensor], Tensor], x: Any, y: Any, batch_size: int = 1000
) -> tuple[float, float]:
    """Return the mean loss of the samples, and the share of them whose likeliest class is the label."""
    step = compile(lambda images, labels: test_step(model, loss, images, labels))
    total, right = 0.0, 0
    for _, (values, rights) in run_batches(step, [x, y], batches(np.arange(len(x)), batch_size)):
        total += math.fsum(values.tolist())
        right += sum(rights.tolist())
    return total / len(x), right / len(x)
