"""Reductions and sample weights: shapes that fit, and what a weight of 0 takes out."""

import numpy as np
import pytest

from gradtape import GradientTape, as_tensor, losses
from gradtape.errors import ShapeError
from gradtape.testing import check_gradients

TRUE = np.zeros((2, 3, 4))
PREDICTED = np.arange(24.0).reshape(2, 3, 4)
EACH = (PREDICTED**2).mean(axis=-1)


@pytest.mark.parametrize("shape", [(), (1,), (2,), (2, 1), (1, 3), (2, 3), (2, 3, 1)])
def test_weights_lie_along_the_first_axes_of_the_losses(shape):
    weights = np.random.default_rng(0).uniform(1, 2, shape)
    spread = weights.reshape((*shape, 1, 1)[:2]) * np.ones((2, 3))
    for reduction, expected in (
        ("none", EACH * spread),
        ("sum", (EACH * spread).sum()),
        ("sum_over_batch_size", (EACH * spread).sum() / 6),
        ("mean_with_sample_weight", (EACH * spread).sum() / spread.sum()),
    ):
        loss = losses.MeanSquaredError(reduction=reduction, dtype="float64")
        np.testing.assert_allclose(loss(TRUE, PREDICTED, weights), expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (3, 2), (2, 3, 1, 1), (4,), (2, 2)])
def test_other_weights_are_refused(shape):
    """NUMERICS, trap 14: nothing is broadcast along other axes than meant."""
    with pytest.raises(
        ShapeError, match="mean_squared_error: sample_weight must have the shape of the losses"
    ):
        losses.MeanSquaredError()(TRUE, PREDICTED, np.ones(shape))


def test_as_many_samples_as_steps_are_weighted_by_sample():
    """Where Keras would take the weights of 3 samples for those of 3 steps in each."""
    loss = losses.MeanSquaredError(reduction="none")
    value = loss(np.zeros((3, 3, 1)), np.ones((3, 3, 1)), [1.0, 2.0, 3.0])
    assert value.tolist() == [[1.0] * 3, [2.0] * 3, [3.0] * 3]


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum"])
def test_a_loss_in_which_nothing_counts_is_zero_and_so_is_its_gradient(reduction):
    """NUMERICS, trap 11."""
    logits = as_tensor(np.random.default_rng(0).normal(size=(2, 3)))
    ignoring = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1, reduction=reduction)
    for labels, weights in (([-1, -1], None), ([0, 1], [0.0, 0.0]), ([-1, 1], [1.0, 0.0])):
        with GradientTape() as tape:
            tape.watch(logits)
            value = ignoring(labels, logits, weights)
        assert value.item() == 0.0
        assert tape.gradient(value, logits).tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum", None])
def test_a_weight_of_zero_takes_out_an_infinite_loss(reduction):
    loss = losses.MeanAbsoluteError(reduction=reduction)
    predicted = as_tensor(np.array([[np.inf], [2.0]], "float32"))
    with GradientTape() as tape:
        tape.watch(predicted)
        value = loss([[0.0], [0.0]], predicted, [0.0, 1.0])
    assert np.isfinite(value.numpy()).all()
    assert np.isfinite(tape.gradient(value, predicted).numpy()).all()


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum", "none"])
@pytest.mark.parametrize("ignore_class", [None, 1])
def test_gradients_for_predictions_and_weights(reduction, ignore_class):
    rng = np.random.default_rng(0)
    loss = losses.SparseCategoricalCrossentropy(True, ignore_class, reduction, dtype="float64")
    labels = rng.integers(0, 3, (4, 2))
    logits, weights = rng.normal(size=(4, 2, 3)), rng.uniform(0.5, 2, (4, 2))
    check_gradients(lambda x, w: loss(labels, x, w), logits, weights, order=2)
    check_gradients(lambda x: loss(labels, x), logits)


def test_an_ignored_class_may_have_any_number_and_nothing_of_it_counts():
    logits = np.array([[5.0, 1.0], [0.0, 0.0]])
    for ignored in (-1, -100, 255, 1):
        loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=ignored)
        for labels in ([ignored, 0], [[ignored], [0]], np.array([ignored, 0.0])):
            np.testing.assert_allclose(loss(labels, logits), np.log(2.0), rtol=1e-6)
