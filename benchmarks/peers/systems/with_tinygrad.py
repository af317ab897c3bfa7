"""tinygrad with its step captured by TinyJit; it has no RMSprop, so the formula stands here."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from tinygrad import Tensor, TinyJit

from benchmarks.peers.systems.contract import EPSILON, LEARNING_RATE, RHO, Task, shuffled


class WithTinygrad:
    """Weights and running means as tensors; a captured step serves one size of batch, so there are two."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.weights = [Tensor(w).realize() for w in task.weights]
        self.means = [Tensor.zeros(*w.shape).contiguous().realize() for w in task.weights]
        self.steps: dict[int, Any] = {}
        self.rng = np.random.default_rng(0)

    def logits(self, x: Any) -> Any:
        """Return what softmax is applied to."""
        w1, b1, w2, b2 = self.weights
        return (x @ w1 + b1).relu() @ w2 + b2

    def one_training_step(self, x: Any, y: Any) -> Any:
        """Change the weights by one batch; return its mean loss."""
        loss = self.logits(x).sparse_categorical_crossentropy(y)
        changed = []
        for w, v, g in zip(self.weights, self.means, loss.gradient(*self.weights), strict=True):
            v.assign(v * RHO + g * g * (1 - RHO))
            w.assign(w - LEARNING_RATE * g * (v + EPSILON).rsqrt())
            changed += [v, w]
        Tensor.realize(loss, *changed)
        return loss

    def epoch(self) -> float:
        """Train for one epoch; return its seconds."""
        loss: Any = None
        start = time.perf_counter()
        for rows in shuffled(self.task, self.rng):
            step = self.steps.setdefault(len(rows), TinyJit(self.one_training_step))
            loss = step(Tensor(self.task.x[rows]).realize(), Tensor(self.task.y[rows]).realize())
        assert math.isfinite(loss.item())
        return time.perf_counter() - start

    def accuracy(self, x: Any, y: Any) -> float:
        """Return the share of samples put in the right class."""
        return float(np.mean(self.logits(Tensor(x)).argmax(axis=1).numpy() == y))


def start(task: Task) -> WithTinygrad:
    """Return the training of `task`."""
    return WithTinygrad(task)
