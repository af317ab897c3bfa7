"""Rescaling and Normalization: adapt against Keras, batches, whole numbers, state."""

import numpy as np
import pytest

from gradtape import as_tensor, compile, layers
from gradtape.errors import ArgumentError, ShapeError
from gradtape.layers import Normalization, Rescaling
from tests.keras_parity import assert_parity, keras

DATA = (3.0 * np.random.default_rng(5).standard_normal((40, 5, 3)) + [1.0, 10.0, -100.0]).astype("float32")


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("axis", [-1, 1, (1, 2), (-1, 1), None, ()])
def test_adapt_is_that_of_keras(axis, invert):
    ours, theirs = Normalization(axis, invert=invert), keras().layers.Normalization(axis, invert=invert)
    ours.adapt(DATA)
    theirs.adapt(DATA)
    assert_parity(ours(DATA), theirs(DATA), rtol=2e-5)
    for mine, other in zip(ours.weights[:2], theirs.weights[:2], strict=True):
        assert_parity(mine, other, rtol=2e-5)


def test_batches_give_what_the_whole_gives():
    whole, parts = Normalization(), Normalization()
    whole.adapt(as_tensor(DATA))
    parts.adapt((batch, "label") for batch in np.split(DATA, [7, 8, 8, 30]))
    for mine, other in zip(parts.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6)
    assert parts.count.item() == 40 * 5


def test_adapting_again_forgets_what_was():
    layer = Normalization()
    layer.adapt(DATA)
    layer.adapt(DATA * 2)
    fresh = Normalization()
    fresh.adapt(DATA * 2)
    np.testing.assert_array_equal(layer(DATA), fresh(DATA))


def test_means_far_from_zero_keep_their_variance():
    data = (np.arange(1000.0) % 2 + 1e6)[:, None]
    layer = Normalization()
    layer.adapt(data)
    assert layer.adapt_variance.item() == pytest.approx(0.25)


def test_before_adapt_nothing_changes():
    np.testing.assert_array_equal(Normalization()(DATA), DATA)


def test_state_and_configuration():
    layer = Normalization(axis=[1, 2])
    layer.adapt(DATA)
    assert layer.trainable_weights == [] and [w.name for w in layer.weights] == ["mean", "variance", "count"]
    again = layers.deserialize(layers.serialize(layer))
    again.build(DATA.shape)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(DATA), layer(DATA))
    np.testing.assert_allclose(compile(layer)(DATA), layer(DATA), rtol=1e-5, atol=1e-5)
    given = Normalization(mean=np.array([1.0, 2.0, 3.0]), variance=np.float32(4))
    assert given.weights == []
    np.testing.assert_array_equal(layers.deserialize(layers.serialize(given))(DATA), given(DATA))


def test_whole_numbers_become_the_layers_dtype():
    pixels = np.array([[0, 255]], "uint8")
    assert Rescaling(1 / 255)(pixels).tolist() == [[0.0, 1.0]]
    assert Normalization(mean=1.0, variance=1.0)(pixels).tolist() == [[-1.0, 254.0]]
    assert Rescaling(2, dtype="float64")(pixels).dtype == "float64"


def test_errors():
    with pytest.raises(ArgumentError, match="Normalization: mean and variance must be given both"):
        Normalization(mean=1.0)
    with pytest.raises(
        ArgumentError, match="n: adapt: mean and variance are given, there is nothing to find"
    ):
        Normalization(mean=1.0, variance=1.0, name="n").adapt(DATA)
    with pytest.raises(ArgumentError, match="n: adapt: needs data, got "):
        Normalization(name="n").adapt(np.zeros((0, 3)))
    layer = Normalization(name="n")
    layer.adapt(DATA)
    with pytest.raises(ShapeError, match=r"n: adapt: data must fit \(1, 1, 3\), got shape \(40, 5\)"):
        layer.adapt(DATA[..., 0])
    with pytest.raises(ShapeError, match=r"n: axis 5 must be an axis of the inputs, got shape \(40, 5, 3\)"):
        Normalization(axis=5, name="n").adapt(DATA)
    with pytest.raises(ShapeError, match=r"n: axis -1 of the inputs must have a known length"):
        Normalization(name="n").build((None, None))
