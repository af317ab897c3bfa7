"""Rows that do not count, by weight or by class: whatever stands in them, no loss and no gradient sees it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, as_tensor, losses, ops
from tests.losses.cases import CLASSES, EACH, EACH_ID, LOGITS, ONE_HOT, POSITIVE, as_float32

NAN = np.nan
ROW = 1  # does not count

# Losses whose rows are apart: those over another axis than the last, or over all of them, take rows together.
APART = [
    pytest.param(*case, id=name)
    for case, name in zip(EACH, EACH_ID, strict=True)
    if "axis" not in case[3] and case[0] not in ("Dice", "Tversky")
]


def value_and_gradient(loss, true, predicted, weights=None):
    """Return the loss and its gradient for the predictions."""
    predicted = as_tensor(as_float32(predicted))
    with GradientTape() as tape:
        tape.watch(predicted)
        value = loss(as_float32(true), predicted, weights)
    return np.asarray(value), np.asarray(tape.gradient(value, predicted))


def assert_unseen(loss, true, predicted, weights, row, what):
    """Raise unless the loss is the same with `what` in the row, and no gradient comes to it."""
    before, slopes = value_and_gradient(loss, true, predicted, weights)
    for broken in broken_pairs(true, predicted, row, what):
        value, gradient = value_and_gradient(loss, *broken, weights)
        assert_allclose(value, before, rtol=1e-6)
        assert_array_equal(gradient[row], np.zeros_like(gradient[row]))
        others = np.arange(len(gradient)) != row
        assert_allclose(gradient[others], slopes[others], rtol=1e-5, atol=1e-7)


def broken_pairs(true, predicted, row, what):
    """Yield targets and predictions, `what` standing in a row of the one, then of the other."""
    for position in (0, 1):
        pair = [np.array(true), np.array(predicted)]
        if pair[position].dtype.kind == "f":
            pair[position][row] = what
            yield pair


@pytest.mark.parametrize(("name", "true", "predicted", "options"), APART)
def test_a_row_of_weight_0_is_not_seen(name, true, predicted, options):
    weights = np.ones(len(predicted))
    weights[ROW] = 0
    for reduction in ("sum_over_batch_size", "mean_with_sample_weight"):
        loss = getattr(losses, name)(**options, reduction=reduction)
        for what in (NAN, np.inf, -np.inf, 0.0, 1e38):
            assert_unseen(loss, true, predicted, weights, ROW, what)


@pytest.mark.parametrize(("name", "true", "predicted", "options"), APART)
def test_nor_is_it_on_jax(name, true, predicted, options, on_engine):
    weights = np.ones(len(predicted))
    weights[ROW] = 0
    with on_engine("jax"):
        assert_unseen(getattr(losses, name)(**options), true, predicted, weights, ROW, NAN)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("what", [NAN, np.inf, 0.0])
def test_a_row_of_an_ignored_class_is_not_seen(what, from_logits, engine, on_engine):
    labels = np.where(np.arange(len(CLASSES)) == ROW, -7, CLASSES)
    loss = losses.SparseCategoricalCrossentropy(from_logits, ignore_class=-7)
    with on_engine(engine):
        assert_unseen(loss, labels, LOGITS if from_logits else POSITIVE, None, ROW, what)


def test_targets_that_are_missing_do_not_hinder_a_softmax():
    """Probabilities keep their logits: the loss stays exact where one rounds to 0."""
    logits = as_tensor(np.float32([[0, 200], [3, 1]]))
    with GradientTape() as tape:
        tape.watch(logits)
        loss = losses.CategoricalCrossentropy(reduction="sum")
        value = loss(np.float32([[1, 0], [NAN, NAN]]), ops.softmax(logits), [1.0, 0.0])
    assert value.item() == 200
    assert tape.gradient(value, logits).tolist() == [[-1, 1], [0, 0]]


@pytest.mark.parametrize("weights", [[[1.0], [0.0]], [[1.0, 1.0, 1.0], [0.0, 0.0, 1.0]]])
def test_weights_of_steps_and_weights_with_an_axis_more(weights):
    true = np.zeros((2, 3, 2), "float32")
    true[1, :2] = NAN
    if len(weights[0]) == 1:
        true[1] = NAN
    value, gradient = value_and_gradient(losses.MeanSquaredError(), true, np.ones((2, 3, 2)), weights)
    counted = np.broadcast_to(weights, (2, 3))
    assert_allclose(value, counted.mean(), rtol=1e-6)
    assert_allclose(gradient, np.repeat(counted[..., None], 2, axis=-1) / 6, rtol=1e-6)


def test_a_row_that_counts_hides_no_nan():
    true = ONE_HOT.copy()
    true[ROW] = NAN
    value, gradient = value_and_gradient(losses.MeanSquaredError(), true, LOGITS, np.ones(len(LOGITS)))
    assert np.isnan(value) and np.isnan(gradient[ROW]).all() and np.isfinite(gradient[0]).all()


def test_weights_along_columns_take_no_rows_away():
    """Over axis 0 the losses are those of columns: a weight of 0 for the second is none for the second row."""
    bits, chances = np.eye(3, dtype="float32"), np.float32(POSITIVE[:3, :3])
    loss = losses.BinaryCrossentropy(axis=0)
    value, gradient = value_and_gradient(loss, bits, chances, [1.0, 0.0, 1.0])
    each = losses.binary_crossentropy(bits, chances, axis=0).numpy()
    assert_allclose(value, (each[0] + each[2]) / 3, rtol=1e-6)
    assert_array_equal(gradient != 0, [[True, False, True]] * 3)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_choose_before_you_multiply(engine, on_engine):
    """What docs/numerics.md says of formulas of one's own: a factor that is NaN is heard even where g is 0."""
    y = np.float32([NAN, 2.0])
    known = ~np.isnan(y)
    for function, first in [
        (lambda x: ops.where(known, x * y, 0), NAN),
        (lambda x: x * ops.where(known, y, 0), 0),
    ]:
        with on_engine(engine):
            x = as_tensor(np.float32([1.0, 1.0]))
            with GradientTape() as tape:
                tape.watch(x)
                total = ops.sum(function(x))
            assert total.item() == 2
            assert_array_equal(tape.gradient(total, x), [first, 2])
