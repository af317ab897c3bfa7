"""Embedding: rows of a table, against Keras; numbers outside it."""

import numpy as np
import pytest

from gradtape import GradientTape, compile, engine, layers, ops
from gradtape.errors import ArgumentError, AxisError, ShapeError
from gradtape.layers import Embedding, Input, Layer
from gradtape.models import Model
from tests.keras_parity import assert_parity, keras

TABLE = np.arange(12, dtype="float32").reshape(4, 3)
NUMBERS = np.array([[0, 3, 1], [3, 3, 2]])


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "float32"])
def test_outputs_are_those_of_keras(dtype):
    ours = Embedding(4, 3, weights=TABLE)
    theirs = keras().layers.Embedding(4, 3, weights=TABLE)
    assert_parity(ours(NUMBERS.astype(dtype)), theirs(NUMBERS))
    assert ours.get_weights()[0].tolist() == TABLE.tolist()


def test_the_gradient_adds_up_where_a_number_comes_again():
    import jax

    layer = Embedding(4, 3)
    cotangent = np.random.default_rng(3).standard_normal((2, 3, 3)).astype("float32")
    with GradientTape() as tape:
        rows = layer(NUMBERS)
    found = tape.gradient(rows, layer.embeddings, cotangent)
    _, pull_back = jax.vjp(lambda table: table[NUMBERS], layer.get_weights()[0])
    assert_parity(found, pull_back(cotangent)[0])


@pytest.mark.parametrize("wrong", [[4], [-1], [[0, 1], [2, 100]]])
def test_a_number_outside_is_an_error(wrong):
    layer = Embedding(4, 3, name="words")
    with pytest.raises(AxisError, match=r"words: inputs must be whole numbers in \[0, 4\), got "):
        layer(np.array(wrong))
    with pytest.raises(ArgumentError, match="words: inputs must be whole numbers, got 1.5"):
        layer(np.array([1.5]))


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_a_number_outside_is_seen_in_a_compiled_step(dtype):
    step = compile(Embedding(4, 3, weights=TABLE))
    wrong = np.array([-1, 2, 4, 100], dtype)
    if not engine.active.compiles:
        with pytest.raises(AxisError, match="got -1 to 100"):
            step(wrong)
        return
    rows = step(wrong).numpy()
    np.testing.assert_array_equal(rows[1], TABLE[2])
    assert np.isnan(rows[[0, 2, 3]]).all()


def test_configuration_has_no_table():
    layer = Embedding(4, 3, embeddings_regularizer="l2", weights=[TABLE], name="words")
    config = layers.serialize(layer)
    assert "weights" not in config["config"]
    again = layers.deserialize(config)
    again(NUMBERS)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(NUMBERS), layer(NUMBERS))
    assert again.losses[0].item() == layer.losses[0].item() == pytest.approx(0.01 * (TABLE**2).sum())


def test_in_a_functional_model_the_shape_gets_one_axis_more():
    placeholder = Embedding(4, 3)(layers.Input((None,), dtype="int32"))
    assert placeholder.shape == (None, None, 3)


def test_errors():
    with pytest.raises(ArgumentError, match="Embedding: input_dim must be a whole number >= 1, got 0"):
        Embedding(0, 3)
    with pytest.raises(ArgumentError, match="Embedding: mask_zero must be False, masks are not passed on"):
        Embedding(4, 3, mask_zero=True)
    with pytest.raises(ShapeError, match=r"must have shape \(4, 3\), got \(3, 4\)"):
        Embedding(4, 3, weights=TABLE.T)


def test_a_layer_that_looks_up_shifted_numbers_can_be_tried():
    class Shifted(Layer):
        def build(self, input_shape):
            self.table = self.add_weight((9, 2), "ones", name="table")

        def call(self, ids):
            return ops.take(self.table, ids + 5, axis=0)

    x = Input((3,), dtype="int32")
    model = Model(x, Shifted()(x))
    assert model.output_shape == (None, 3, 2)
    assert model(np.array([[0, 1, 3]], "int32")).shape == (1, 3, 2)

    class Outside(Shifted):
        def call(self, ids):
            return ops.take(self.table, ids + 8, axis=0)

    assert Model(x, Outside()(x)).output_shape == (None, 3, 2)
    assert Model(x, ops.one_hot(x - 1, 4)).output_shape == (None, 3, 4)
