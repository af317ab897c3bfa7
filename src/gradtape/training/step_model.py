"""StepModel: what a step asks of its model, written down."""

from __future__ import annotations

from typing import Any, Protocol

from gradtape.metrics import Metric
from gradtape.training.checks.checked_model import CheckedModel


class StepModel(CheckedModel, Protocol):
    """A model as its steps see it; `gradtape.training.trainable.TrainableModel` is one that also keeps them.

    Attributes:
        optimizer: changes the weights; None before `compile`.
    """

    optimizer: Any

    @property
    def metrics(self) -> list[Metric]:
        """All metrics, that of the loss first."""

    def train_step(self, data: Any) -> Any:
        """Do one step on (x, y, sample_weight)."""

    def test_step(self, data: Any) -> Any:
        """Take one batch into account."""

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for a batch."""
