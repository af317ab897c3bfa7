"""Cross-entropies as metrics: where they keep to the losses and not to Keras."""

import numpy as np
import pytest

from gradtape import losses, metrics, ops
from tests.keras_parity import assert_parity
from tests.metrics.cases import batches, figures, theirs

IGNORE = {"ignore_class": 2}


@pytest.mark.parametrize("kind", ["classes", "class column", "class sequence"])
def test_an_ignored_class_does_not_count(kind):
    """Keras leaves it out if there are weights, and counts it as a loss of 0 if there are none."""
    data = batches(kind)
    metric = metrics.SparseCategoricalCrossentropy(**IGNORE)
    if kind != "class sequence":  # with an axis more, Keras' weights do not fit its mask
        expected = figures(theirs("SparseCategoricalCrossentropy", IGNORE), data, weighted=True)
        for found, wanted in zip(figures(metric, data, weighted=True), expected, strict=True):
            assert_parity(found, wanted, atol=1e-6)
    y_true, y_pred, weight = data[0]
    metric.reset_state()
    loss = losses.SparseCategoricalCrossentropy(**IGNORE)(y_true, y_pred)
    assert metric(y_true, y_pred).item() == pytest.approx(loss.item(), rel=1e-6)
    metric.reset_state()
    ones = metric(y_true, y_pred, np.ones_like(weight)).item()
    assert ones == pytest.approx(loss.item(), rel=1e-6)


def test_a_sure_mistake_counts_in_full():
    """NUMERICS, trap 1: Keras cuts each loss off at 16.118."""
    y_pred = ops.softmax([[200.0, 0.0]])
    assert metrics.SparseCategoricalCrossentropy()([1], y_pred).item() == 200.0
    assert metrics.CategoricalCrossentropy()([[0.0, 1.0]], y_pred).item() == 200.0


def test_a_function_of_losses_is_found_again():
    metric = metrics.MeanMetricWrapper(losses.huber, name="huber", delta=2.0)
    again = metrics.deserialize(metrics.serialize(metric))
    assert again([[1.0, 5.0]], [[2.0, 1.0]]).item() == metric([[1.0, 5.0]], [[2.0, 1.0]]).item()
    metric = metrics.MeanMetricWrapper(losses.Huber(delta=3.0), name="huber")
    again = metrics.deserialize(metrics.serialize(metric))
    assert again._fn.delta == 3.0
