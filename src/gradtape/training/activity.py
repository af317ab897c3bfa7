"""Activity: which training or test of a model runs, so that one within another does not disturb it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gradtape.errors import ArgumentError
from gradtape.training.step_model import StepModel


class Activity:
    """What runs at present on one model.

    Attributes:
        running: the names of the methods that run, the outermost first: "fit", "evaluate" ...
    """

    def __init__(self) -> None:
        self.running: list[str] = []
        self._lock = threading.Lock()
        self._thread: int | None = None

    @contextmanager
    def of(self, model: StepModel, method: str) -> Iterator[None]:
        """Run a method of the model inside the block; the metrics of one that runs around it are put back.

        Args:
            model: the model.
            method: its name.

        Raises:
            ArgumentError: if the model is busy in another thread, or if both methods are `fit`.
        """
        self._enter(model, method)
        # A callback that evaluates in the middle of an epoch must not change the metrics of that epoch.
        kept = []
        if len(self.running) > 1:
            kept = [(v, v.value) for metric in model.metrics for v in metric.variables]
        try:
            yield
        finally:
            self.running.pop()
            for variable, value in kept:
                variable.assign(value)

    def _enter(self, model: StepModel, method: str) -> None:
        with self._lock:
            if self.running and self._thread != threading.get_ident():
                raise ArgumentError(
                    f"{model.name}: {method}: another thread runs {self.running[0]} on this model; wait "
                    "until it is done, or give each thread a model of its own: copy.deepcopy(model)"
                )
            if method == "fit" and "fit" in self.running:
                raise ArgumentError(
                    f"{model.name}: fit: this model's fit is running already, and one of its callbacks calls "
                    "fit again; train_on_batch does one step, copy.deepcopy(model).fit(...) trains a copy"
                )
            self._thread = threading.get_ident()
            self.running.append(method)
