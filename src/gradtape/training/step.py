"""The training step: the article's five lines; and the test step, which changes no weight."""

from __future__ import annotations

from typing import Any

from gradtape.tape.gradient_tape import GradientTape


def training_step(model: Any, x: Any, y: Any, sample_weight: Any = None) -> Any:
    """Change the model's weights by one batch, and return what is recorded of it."""
    with GradientTape() as tape:
        predictions = model(x, training=True)
        loss = model.compute_loss(x, y, predictions, sample_weight)
    # Outside the block: the tape need not record its own backward pass.
    gradients = tape.gradient(loss, model.trainable_weights, unconnected_gradients=model.unconnected)
    model.optimizer.apply(gradients, model.trainable_weights)
    return model.record(loss, x, y, predictions, sample_weight)


def test_step(model: Any, x: Any, y: Any, sample_weight: Any = None) -> Any:
    """Return what is recorded of one batch; the weights stay as they are."""
    predictions = model(x, training=False)
    loss = model.compute_loss(x, y, predictions, sample_weight)
    return model.record(loss, x, y, predictions, sample_weight)


test_step.__test__ = False  # type: ignore[attr-defined]  # not a test of pytest's
