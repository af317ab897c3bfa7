"""The training step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtape.ops.comparison import equal
from gradtape.ops.ordering import argmax
from gradtape.ops.reductions import sum
from gradtape.ops.statistics import mean
from gradtape.optimizers import Optimizer
from gradtape.tape import GradientTape
from gradtape.tensor import Tensor


def training_step(
    model: Any, loss: Callable[[Tensor, Tensor], Tensor], optimizer: Optimizer, x: Tensor, y: Tensor
) -> tuple[Tensor, Tensor]:
    """Change the model's weights by one batch; return the mean loss and how many predictions were right."""
    with GradientTape() as tape:
        predictions = model(x)
        average_loss = mean(loss(y, predictions))
    gradients = tape.gradient(average_loss, model.weights)
    optimizer.apply_gradients(zip(gradients, model.weights, strict=True))
    return average_loss, count_right(y, predictions)


def test_step(
    model: Any, loss: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the summed loss of a batch, and how many predictions were right; changes nothing."""
    predictions = model(x)
    return sum(loss(y, predictions)), count_right(y, predictions)


test_step.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's


def count_right(labels: Tensor, predictions: Tensor) -> Tensor:
    """Return for how many samples the likeliest class is the label, () int32."""
    return sum(equal(argmax(predictions, axis=-1), labels))
