"""What every file of this folder offers: `start`, which gives a training that goes on epoch by epoch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from benchmarks.peers.roster import Workload

LEARNING_RATE = 1e-3
RHO = 0.9
EPSILON = 1e-7


@dataclass(frozen=True)
class Task:
    """What a peer is given.

    Attributes:
        work: the network and its batch.
        x: (samples, inputs) float32 in [0, 1].
        y: (samples,) int32 class numbers.
        weights: starting values W1, b1, W2, b2, float32, the same for all.
        variant: which of its ways to train the file is to use.
    """

    work: Workload
    x: Any
    y: Any
    weights: list[Any]
    variant: str

    @property
    def steps(self) -> int:
        """Steps of an epoch; the last one may be smaller."""
        return -(-len(self.x) // self.work.batch)


class Training(Protocol):
    """A network in training."""

    def epoch(self) -> float:
        """Train for one epoch; return the seconds that its steps took."""

    def accuracy(self, x: Any, y: Any) -> float:
        """Return the share of samples that the network puts in the right class."""


def shuffled(task: Task, rng: np.random.Generator) -> Iterator[Any]:
    """Yield the row numbers of one batch after the other, in a new random order."""
    order = rng.permutation(len(task.x))
    for start in range(0, len(order), task.work.batch):
        yield order[start : start + task.work.batch]


def threads() -> int:
    """Return how many threads a peer may use: the processors that this process is pinned to."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
