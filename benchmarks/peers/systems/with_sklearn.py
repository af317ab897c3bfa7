"""scikit-learn's MLPClassifier, an epoch by `partial_fit`; it has no RMSprop, so it trains with Adam."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.peers.systems.contract import LEARNING_RATE, Task


class WithSklearn:
    """A classifier without the L2 penalty that it has by default; it draws its own starting weights."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.classes = np.arange(task.work.sizes[2])
        self.model = MLPClassifier(
            (task.work.sizes[1],),
            batch_size=task.work.batch,
            learning_rate_init=LEARNING_RATE,
            alpha=0.0,
            random_state=0,
        )

    def epoch(self) -> float:
        """Train for one epoch; return its seconds."""
        start = time.perf_counter()
        self.model.partial_fit(self.task.x, self.task.y, classes=self.classes)
        assert np.isfinite(self.model.loss_)
        return time.perf_counter() - start

    def accuracy(self, x: Any, y: Any) -> float:
        """Return the share of samples put in the right class."""
        return float(self.model.score(x, y))


def start(task: Task) -> WithSklearn:
    """Return the training of `task`."""
    return WithSklearn(task)
