"""Errors and correlations of numbers: roots over batches, R2 at its edges, constants."""

import numpy as np
import pytest

from gradtape import metrics
from gradtape.errors import ArgumentError, ShapeError
from tests.keras_parity import assert_parity, keras

rng = np.random.default_rng(0)


def test_the_root_is_taken_once_over_all_batches():
    metric = metrics.RootMeanSquaredError()
    metric.update_state([0.0, 0.0], [3.0, 3.0])
    assert metric([0.0, 0.0], [4.0, 4.0]).item() == np.sqrt(np.float32(12.5))


@pytest.mark.parametrize("name", ["pearson_correlation", "concordance_correlation"])
def test_the_correlations_are_those_of_keras(name):
    y_true, y_pred = rng.normal(size=(2, 5, 4, 3)).astype("float32")
    for axis in (-1, 1):
        assert_parity(
            getattr(metrics, name)(y_true, y_pred, axis=axis),
            getattr(keras().metrics, name)(y_true, y_pred, axis=axis),
            atol=1e-5,
        )


def test_a_constant_has_no_correlation_but_a_concordance():
    assert np.isnan(metrics.pearson_correlation([[1.0, 1.0]], [[0.0, 1.0]]).item())
    assert metrics.concordance_correlation([[1.0, 1.0]], [[1.0, 1.0]]).item() == 0.0


def test_a_vector_of_zeros_has_no_direction():
    assert metrics.CosineSimilarity()([[0.0, 0.0]], [[1.0, 1.0]]).item() == 0.0


def test_r2_of_large_numbers_keeps_its_digits():
    """In float32, sum(y**2) - sum(y)**2 / n leaves nothing of labels around 10000."""
    y_true = 10000 + rng.normal(size=(1000, 1))
    y_pred = y_true + 0.5 * rng.normal(size=(1000, 1))
    expected = 1 - np.sum((y_true - y_pred) ** 2) / np.sum((y_true - y_true.mean()) ** 2)
    assert metrics.R2Score()(y_true, y_pred).item() == pytest.approx(expected, rel=1e-5)


def test_r2_is_adjusted_only_where_that_can_be():
    y_true, y_pred = [[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]
    plain = metrics.R2Score()(y_true, y_pred).item()
    assert metrics.R2Score(num_regressors=1)(y_true, y_pred).item() == pytest.approx(1 - (1 - plain) * 2)
    for many in (2, 5):
        assert metrics.R2Score(num_regressors=many)(y_true, y_pred).item() == plain


def test_bad_arguments():
    with pytest.raises(ArgumentError, match="R2Score: class_aggregation must be one of uniform_average, var"):
        metrics.R2Score("mean")
    with pytest.raises(ArgumentError, match="R2Score: num_regressors must be a whole number >= 0, got -1"):
        metrics.R2Score(num_regressors=-1)
    with pytest.raises(ShapeError, match=r"R2Score: y_pred must be \(samples, outputs\), got \(2,\)"):
        metrics.R2Score()([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ShapeError, match="R2Score: result has no shape before the first update_state"):
        metrics.R2Score().result()
    with pytest.raises(ShapeError, match="y_true must have the shape of y_pred"):
        metrics.RootMeanSquaredError()([1.0, 2.0, 3.0], [[1.0, 2.0]])
