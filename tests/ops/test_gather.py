"""take and take_along_axis against NumPy, their gradients, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from gradtape import ops
from gradtape.errors import AxisError, DtypeError, ShapeError
from gradtape.testing import check_gradients

X = np.random.default_rng(0).normal(size=(3, 4, 2))


@pytest.mark.parametrize("axis", [None, 0, 1, 2, -1])
@pytest.mark.parametrize("indices", [1, [1, 0, 1], [[0, -1], [1, 1]], np.zeros((0,), "int32")])
def test_take_is_numpys_and_its_gradient_right(axis, indices) -> None:
    np.testing.assert_array_equal(ops.take(X, indices, axis), np.take(X, indices, axis))
    check_gradients(lambda x: ops.take(x, indices, axis), X)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_take_along_axis_is_numpys_and_its_gradient_right(axis) -> None:
    indices = np.argsort(X, axis=axis) if axis is not None else np.array([3, -1, 3])
    given = X if axis is not None else X.reshape(-1)
    np.testing.assert_array_equal(
        ops.take_along_axis(X, indices, axis),
        np.take_along_axis(given, indices, axis or 0)
        if axis is None
        else np.take_along_axis(X, indices, axis),
    )
    check_gradients(lambda x: ops.take_along_axis(x, indices, axis), X)


def test_other_axes_of_length_1_broadcast() -> None:
    indices = np.array([[[1], [0]]])
    expected = np.take_along_axis(X, np.broadcast_to(indices, (3, 2, 2)), 1)
    np.testing.assert_array_equal(ops.take_along_axis(X, np.broadcast_to(indices, (1, 2, 1)), 1), expected)
    check_gradients(lambda x: ops.take_along_axis(x, indices, 1), X)


def test_equal_places_add_up() -> None:
    from gradtape import GradientTape, as_tensor

    x = as_tensor([1.0, 2.0, 3.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.take(x, [0, 0, 2, -1])
    assert tape.gradient(y, x).tolist() == [2, 0, 2]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ops.take([1.0, 2.0], [2]), AxisError, r"take: indices must be in \[-2, 2\), got 2 to 2"),
        (lambda: ops.take([1.0, 2.0], [-3]), AxisError, r"take: indices must be in \[-2, 2\), got -3 to -3"),
        (lambda: ops.take([1.0, 2.0], [0.5]), DtypeError, "take: indices must be whole numbers, got float32"),
        (lambda: ops.take([1.0], [0], axis=1), AxisError, r"take: axis must be in \[-1, 1\), got 1"),
        (
            lambda: ops.take_along_axis(X, [0], 0),
            ShapeError,
            "take_along_axis: x and indices must have the same rank",
        ),
        (lambda: ops.take_along_axis([1.0], [5], 0), AxisError, "take_along_axis: indices must be in"),
    ],
)
def test_bad_input(call, error, text: str) -> None:
    with pytest.raises(error, match=text):
        call()
