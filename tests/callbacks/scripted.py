"""A training that is played from a script: a model that only remembers, and the hooks in Keras' order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np


class Model:
    """What callbacks need of a model; its only weight holds the number of the epoch.

    Attributes:
        saved: each call of save and save_weights: which of them, where to, and the weight.
    """

    def __init__(self, rate: float = 0.1) -> None:
        self.optimizer = SimpleNamespace(learning_rate=rate, iterations=0)
        self.stop_training = False
        self.weight = np.array(-1.0)
        self.metrics: list[Any] = []
        self.saved: list[tuple[str, str, float]] = []
        self.history: Any = None

    def get_weights(self) -> list[Any]:
        return [self.weight.copy()]

    def set_weights(self, weights: list[Any]) -> None:
        self.weight = np.array(weights[0])

    def save(self, path: str, overwrite: bool = False) -> None:
        self.saved.append(("save", path, float(self.weight)))

    def save_weights(self, path: str, overwrite: bool = False) -> None:
        self.saved.append(("save_weights", path, float(self.weight)))


def metric(name: str, direction: str | None) -> Any:
    """Return what a callback asks a metric for."""
    return SimpleNamespace(name=name, direction=direction)


def play(
    told: Any, model: Model, script: list[dict[str, float]], batches: int = 3, start: int = 0
) -> list[int]:
    """Call the hooks of a training whose epochs have the metrics in `script`; return the epochs done."""
    told.on_train_begin()
    done = []
    for epoch, logs in enumerate(script[start:], start):
        told.on_epoch_begin(epoch)
        for batch in range(batches):
            told.on_train_batch_begin(batch)
            model.optimizer.iterations += 1
            told.on_train_batch_end(batch, {k: v for k, v in logs.items() if not k.startswith("val_")})
            if model.stop_training:
                break
        model.weight = np.array(float(epoch))
        if any(name.startswith("val_") for name in logs):
            told.on_test_begin()
            told.on_test_batch_begin(0)
            told.on_test_batch_end(0, {k[4:]: v for k, v in logs.items() if k.startswith("val_")})
            told.on_test_end({k[4:]: v for k, v in logs.items() if k.startswith("val_")})
        told.on_epoch_end(epoch, dict(logs))
        done.append(epoch)
        if model.stop_training:
            break
    told.on_train_end(logs)
    return done
