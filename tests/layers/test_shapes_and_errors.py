"""Activation, reshaping and normalizing layers: masks, placeholders, moving state, what they refuse."""

import numpy as np
import pytest

from gradtape import GradientTape, Variable, as_tensor, layers
from gradtape.errors import ArgumentError, AxisError, ShapeError
from tests.keras_parity import assert_parity, keras

ROWS = np.random.default_rng(2).standard_normal((4, 5, 6)).astype("float32")


@pytest.mark.parametrize("axis", [-1, (1, 2)])
def test_masked_softmax_is_that_of_keras(axis):
    mask = np.random.default_rng(3).random((4, 5, 6)) < 0.6
    mask[1, 2] = False
    ours = layers.Softmax(axis)(as_tensor(ROWS), mask=as_tensor(mask))
    assert_parity(ours, keras().layers.Softmax(axis)(ROWS, mask=mask), atol=1e-7)
    if axis == -1:
        assert (ours.numpy()[1, 2] == 0).all()
    x = Variable(ROWS)
    with GradientTape() as tape:
        y = layers.Softmax(axis)(x.value, mask=as_tensor(mask.astype("float32")))
    gradient = tape.gradient(y, x, ROWS).numpy()
    assert np.isfinite(gradient).all() and (gradient[~mask] == 0).all()


@pytest.mark.parametrize(
    ("layer", "shape", "wanted"),
    [
        (lambda: layers.Flatten(), (5, 6), (None, 30)),
        (lambda: layers.Flatten(), (None, 6), (None, None)),
        (lambda: layers.Reshape((3, -1)), (6,), (None, 3, 2)),
        (lambda: layers.Permute((2, 1)), (None, 6), (None, 6, None)),
        (lambda: layers.RepeatVector(3), (6,), (None, 3, 6)),
        (lambda: layers.BatchNormalization(), (None, 6), (None, None, 6)),
        (lambda: layers.Dropout(0.5), (None, 6), (None, None, 6)),
    ],
)
def test_placeholders(layer, shape, wanted):
    assert layer()(layers.Input(shape)).shape == wanted


def test_no_samples():
    none = np.zeros((0, 5, 6), "float32")
    assert layers.Flatten()(none).shape == (0, 30)
    assert layers.Reshape((-1, 3))(none).shape == (0, 10, 3)


def test_moving_statistics_move_in_training_only():
    layer = layers.BatchNormalization(momentum=0.5)
    x = ROWS[:, 0] * 2 + 1
    layer(x)
    assert layer.moving_mean.tolist() == [0.0] * 6
    layer(x, training=True)
    np.testing.assert_allclose(layer.moving_mean, x.mean(0) / 2, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, 0.5 + x.var(0) / 2, rtol=1e-5)
    assert [w.name for w in layer.trainable_weights] == ["gamma", "beta"]
    assert [w.name for w in layer.non_trainable_weights] == ["moving_mean", "moving_variance"]


def test_a_frozen_batch_normalization_uses_and_leaves_its_moving_statistics():
    layer = layers.BatchNormalization()
    layer(ROWS)
    layer.trainable = False
    np.testing.assert_array_equal(layer(ROWS, training=True), layer(ROWS))
    assert layer.moving_mean.tolist() == [0.0] * 6


def test_a_batch_of_one_gives_beta():
    layer = layers.BatchNormalization(beta_initializer="ones")
    assert layer(ROWS[:1, 0], training=True).tolist() == [[1.0] * 6]


def test_the_moving_statistics_get_no_gradient():
    layer, x = layers.BatchNormalization(), as_tensor(ROWS)
    layer(x)
    with GradientTape() as tape:
        layer(x, training=True)
        total = layer.moving_mean.value
    assert tape.gradient(total, layer.trainable_weights) == [None, None]


def test_a_layer_without_mean_over_constant_rows_is_zero():
    constant = np.full((2, 3), 1e4 + 0.1, "float32")
    assert layers.LayerNormalization()(constant).tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: layers.ReLU(max_value=-1), ArgumentError, r"ReLU: max_value must be in \[0, inf\], got -1"),
        (lambda: layers.LeakyReLU(-1), ArgumentError, r"LeakyReLU: negative_slope must be in \[0, inf\), got -1"),
        (lambda: layers.LeakyReLU(alpha=-1), ArgumentError, r"LeakyReLU: negative_slope must be in \[0, inf\), got -1"),
        (lambda: layers.Activation("rellu"), ArgumentError, "activation: unknown name 'rellu'; did you mean"),
        (lambda: layers.PReLU(shared_axes=5)(ROWS), AxisError, r"PReLU: axis must be in \[-3, 3\), got 5"),
        (lambda: layers.Reshape((7, -1), name="r")(ROWS), ShapeError, r"r: target_shape \(7, -1\) does not hold the 30 elements of a sample of shape \(5, 6\)"),
        (lambda: layers.Reshape((-1, -1)), ArgumentError, r"Reshape: target_shape must be lengths, at most one of them -1, got \(-1, -1\)"),
        (lambda: layers.Permute((0, 1)), ArgumentError, r"Permute: dims must name each axis from 1 on once, got \(0, 1\)"),
        (lambda: layers.Permute((2, 1), name="p")(ROWS[0]), ShapeError, r"p: inputs must have 3 axes, got shape \(5, 6\)"),
        (lambda: layers.RepeatVector(0), ArgumentError, "RepeatVector: n must be a whole number >= 1, got 0"),
        (lambda: layers.RepeatVector(2, name="v")(ROWS), ShapeError, r"v: inputs must have 2 axes, got shape \(4, 5, 6\)"),
        (lambda: layers.Flatten("last"), ArgumentError, "Flatten: data_format must be one of channels_last, channels_first, got 'last'"),
        (lambda: layers.Flatten(name="f")(3.0), ShapeError, r"f: inputs must be \(batch, ...\), got shape \(\)"),
        (lambda: layers.BatchNormalization(momentum=2), ArgumentError, r"BatchNormalization: momentum must be in \[0, 1\], got 2"),
        (lambda: layers.BatchNormalization(epsilon=0), ArgumentError, r"BatchNormalization: epsilon must be in \(0, inf\), got 0"),
        (lambda: layers.BatchNormalization(axis=4, name="b")(ROWS), ShapeError, r"b: axis 4 must be an axis of the inputs, got shape \(4, 5, 6\)"),
        (lambda: layers.LayerNormalization(axis=(1, 1))(ROWS), ArgumentError, "axis must name each axis once"),
        (lambda: layers.GroupNormalization(4, name="g")(ROWS), ArgumentError, "g: groups 4 must divide the 6 features of axis -1"),
        (lambda: layers.GroupNormalization(0), ArgumentError, "GroupNormalization: groups must be a whole number >= 1, or -1, got 0"),
        (lambda: layers.GroupNormalization(-2), ArgumentError, "GroupNormalization: groups must be a whole number >= 1, or -1, got -2"),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
