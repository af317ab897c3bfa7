"""PyTorch with a loop of one's own, eager or with model, loss and optimizer compiled by `torch.compile`.

Everything lies on the GPU where there is one.
"""

from __future__ import annotations

import math
import time
from typing import Any

import torch

from benchmarks.peers.systems.contract import EPSILON, LEARNING_RATE, RHO, Task, threads


class WithTorch:
    """Two linear layers, the data as tensors, a new random order each epoch."""

    def __init__(self, task: Task) -> None:
        torch.manual_seed(0)
        torch.set_num_threads(threads())
        inputs, hidden, classes = task.work.sizes
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.x = torch.from_numpy(task.x).to(self.device)
        self.y = torch.from_numpy(task.y).long().to(self.device)
        self.batch = task.work.batch
        self.model = torch.nn.Sequential(
            torch.nn.Linear(inputs, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, classes)
        ).to(self.device)
        self._fill(task.weights)
        optimizer = torch.optim.RMSprop(self.model.parameters(), LEARNING_RATE, alpha=RHO, eps=EPSILON)
        self.zero_grad = optimizer.zero_grad
        compiles = task.variant == "compile"
        self.loss = torch.compile(self._loss) if compiles else self._loss
        self.update = torch.compile(optimizer.step) if compiles else optimizer.step

    def _fill(self, weights: list[Any]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self.model.parameters(), weights, strict=True):
                parameter.copy_(torch.from_numpy(value.T))

    def _loss(self, x: Any, y: Any) -> Any:
        return torch.nn.functional.cross_entropy(self.model(x), y)

    def epoch(self) -> float:
        """Train for one epoch; return its seconds."""
        loss = torch.tensor(0.0)
        start = time.perf_counter()
        for rows in torch.randperm(len(self.x), device=self.device).split(self.batch):
            self.zero_grad()
            loss = self.loss(self.x[rows], self.y[rows])
            loss.backward()
            self.update()
        assert math.isfinite(loss.item())
        return time.perf_counter() - start

    def accuracy(self, x: Any, y: Any) -> float:
        """Return the share of samples put in the right class."""
        with torch.no_grad():
            predicted = self.model(torch.from_numpy(x).to(self.device)).argmax(1).cpu().numpy()
        return float((predicted == y).mean())


def start(task: Task) -> WithTorch:
    """Return the training of `task`."""
    return WithTorch(task)
