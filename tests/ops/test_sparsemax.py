"""Sparsemax: the nearest point whose elements are shares, against a search for it."""

import numpy as np
import pytest

from gradtape import as_tensor
from gradtape.ops.nn import sparsemax
from gradtape.testing import check_gradients


def nearest_shares(row):
    """Return the point nearest to `row` whose elements are not negative and add up to 1, by bisection."""
    low, high = row.min() - 1, row.max()
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(row - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(row - low, 0)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_is_the_nearest_point_of_shares(axis):
    x = np.random.default_rng(3).standard_normal((6, 8)) * 2
    wanted = np.apply_along_axis(nearest_shares, axis, x)
    np.testing.assert_allclose(sparsemax(x, axis=axis), wanted, atol=1e-12)
    assert (wanted == 0).any()


def test_gradient_along_another_axis():
    check_gradients(lambda x: sparsemax(x, axis=0), [np.random.default_rng(4).standard_normal((3, 4, 2))])


def test_special_values():
    np.testing.assert_allclose(sparsemax([1.0, -np.inf, 1.0]), [0.5, 0.0, 0.5])
    assert np.isnan(sparsemax([1.0, np.nan]).numpy()).all()
    assert sparsemax(as_tensor(np.zeros((2, 0)))).shape == (2, 0)
    assert sparsemax([3, 1]).dtype == "float32"
    assert sparsemax([[5.0]]).tolist() == [[1.0]]
