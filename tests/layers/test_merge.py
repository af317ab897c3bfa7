"""Merging layers: functions under lower-case names, placeholders, what they refuse."""

import numpy as np
import pytest

from gradtape import as_tensor, layers
from gradtape.errors import ArgumentError, ShapeError
from tests.keras_parity import assert_parity, keras

A = np.random.default_rng(1).standard_normal((4, 6)).astype("float32")
B = np.random.default_rng(2).standard_normal((4, 6)).astype("float32")


@pytest.mark.parametrize(
    "name", ["add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot"]
)
def test_functions_are_those_of_keras(name):
    function = getattr(layers, name)
    assert function.__name__ == name
    assert_parity(function([A, B]), getattr(keras().layers, name)([A, B]))
    merged = function([layers.Input((6,)), layers.Input((6,))], name=f"{name}_of_two")
    wanted = getattr(keras().layers, name)([keras().Input((6,)), keras().Input((6,))])
    assert merged.shape == wanted.shape and merged.node.layer.name == f"{name}_of_two"


def test_arguments_of_functions():
    assert layers.concatenate([A, B], axis=0).shape == (8, 6)
    assert layers.concatenate([A, B[:1]], axis=0).shape == (5, 6)
    assert layers.dot([A, B], axes=1, normalize=True).shape == (4, 1)
    assert layers.dot([layers.Input((None, 3)), layers.Input((5, 3))], axes=2).shape == (None, None, 5)


def test_one_tensor_is_merged_into_itself():
    np.testing.assert_array_equal(layers.Add()([A]), A)


@pytest.mark.parametrize("name", ["Add", "Concatenate", "Dot", "Maximum"])
def test_they_take_a_list(name):
    layer = layers.Dot(1, name="m") if name == "Dot" else getattr(layers, name)(name="m")
    with pytest.raises(
        ArgumentError, match="m: must be called on a list of (two )?tensors, got Tensor of shape"
    ):
        layer(as_tensor(A))
    with pytest.raises(ArgumentError, match="m: must be called on a list of (two )?tensors, got "):
        layer([])


def test_lengths_must_fit():
    with pytest.raises(
        ShapeError, match=r"m: the inputs must have equally many samples, got shapes \[\(4, 6\), \(1, 6\)\]"
    ):
        layers.Add(name="m")([A, A[:1]])
    with pytest.raises(ArgumentError, match="add: these arguments do not fit together"):
        layers.Add()([A, A[:, :5]])
    with pytest.raises(ShapeError, match="concatenate"):
        layers.Concatenate(axis=1)([A, A[:, None]])
    with pytest.raises(ArgumentError, match="m: must be called on a list of two tensors, got "):
        layers.Subtract(name="m")([A, B, A])


@pytest.mark.parametrize("axes", [0, (1, 0), (1, 2)])
def test_dot_refuses_axes_that_do_not_fit(axes):
    with pytest.raises(
        ShapeError, match=r"m: axes .* must be equally long and not that of the samples, got shapes"
    ):
        layers.Dot(axes, name="m")([A[:, :, None], np.ones((4, 6, 5), "float32")])


@pytest.mark.parametrize("axes", [(1,), (1, 2, 3), "ab"])
def test_dot_takes_one_axis_or_two(axes):
    with pytest.raises(ArgumentError, match="Dot: axes must be one axis or a pair of axes, got "):
        layers.Dot(axes)
