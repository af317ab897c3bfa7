"""Data, losses and metrics agree on which sample weights fit."""

import numpy as np
import pytest

from gradtape import losses, metrics
from gradtape.base.weight_shape import weight_shape
from gradtape.data.checks import check_weights
from gradtape.errors import ShapeError

FITTING = [
    ((2,), (2, 1)),
    ((2, 1), (2, 1)),
    ((2, 3), (2, 3)),
    ((2, 3, 1), (2, 3)),
    ((2, 1, 1), (2, 1)),
]
OTHERS = [(2, 3, 4), (3, 2), (2, 3, 1, 1), (2, 1, 1, 1), (2, 2)]


@pytest.mark.parametrize(("given", "wanted"), FITTING)
def test_fitting_weights_count_alike_everywhere(given: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    assert weight_shape(given, (2, 3)) == wanted
    weights = np.arange(1.0, 1 + np.prod(given)).reshape(given)
    values = np.arange(6.0).reshape(2, 3)
    expected = (values**2 * weights.reshape(wanted)).sum()
    loss = losses.MeanSquaredError(reduction="sum", dtype="float64")
    assert loss(np.zeros((2, 3, 1)), values[..., None], weights).item() == expected
    total = metrics.Sum(dtype="float64")
    total.update_state(values**2, weights)
    assert total.result().item() == expected
    assert check_weights(weights, values, "fit", "sample_weight") is weights


@pytest.mark.parametrize("given", OTHERS)
def test_other_weights_are_refused_everywhere(given: tuple[int, ...]) -> None:
    assert weight_shape(given, (2, 3)) is None
    values, weights = np.ones((2, 3)), np.ones(given)
    with pytest.raises(ShapeError):
        losses.MeanSquaredError()(np.zeros((2, 3, 1)), values[..., None], weights)
    with pytest.raises(ShapeError):
        metrics.Sum().update_state(values, weights)
    if given[0] == 2:  # how many samples there are is checked for all arrays together
        with pytest.raises(ShapeError):
            check_weights(weights, values, "fit", "sample_weight")
