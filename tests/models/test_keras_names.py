"""What a model offers under Keras' names besides training: build, summary, clones, JSON, and bad names."""

import numpy as np
import pytest

import gradtape
from gradtape import layers, models, saving, utils
from gradtape.errors import ArgumentError
from gradtape.models import Model, Sequential, clone_model, model_from_json
from gradtape.tf import keras as tf_keras

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


class Tower(Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.below = layers.Dense(units, name="below")
        self.above = [layers.Dense(2), layers.Dense(1)]

    def call(self, inputs, training=False):
        x = self.below(inputs)
        for layer in self.above:
            x = layer(x)
        return x


def functional():
    x = layers.Input((4,), name="x")
    inner = Sequential([layers.Input((4,)), layers.Dense(3, name="inside")], name="inner")
    return Model(x, layers.Dense(1, name="last")(gradtape.ops.relu(inner(x))), name="outer")


def test_build_makes_the_weights_of_a_subclass():
    model = Tower()
    model.build((None, 4))
    assert [w.shape for w in model.weights] == [(4, 3), (3,), (3, 2), (2,), (2, 1), (1,)]
    before = model.get_weights()
    model(X)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_a_model_that_was_built_is_saved_and_loaded(tmp_path):
    model = Tower(5)
    model.build((None, 4))
    model.save(tmp_path / "m")
    again = models.load_model(filepath=tmp_path / "m", custom_objects={"Tower": Tower}, safe_mode=True)
    np.testing.assert_array_equal(again(X), model(X))


def shown(model, **options):
    lines = []
    model.summary(print_fn=lines.append, **options)
    return "\n".join(lines)


def test_summary_shows_what_is_asked_for():
    model = functional()
    model.get_layer("inner").trainable = False
    plain = shown(model)
    assert "inside" not in plain and "Trainable params: 4" in plain and "(None, 3)" in plain
    nested = shown(model, expand_nested=True, show_trainable=True)
    assert any("└ inside (Dense)" in line and line.split()[-1] == "N" for line in nested.splitlines())
    assert any("last (Dense)" in line and line.split()[-1] == "Y" for line in nested.splitlines())
    part = shown(model, layer_range=("relu.*", "last"))
    assert "inner" not in part and "last" in part
    assert len(shown(model, line_length=80).splitlines()[1]) == 78
    with pytest.raises(ArgumentError, match="layer_range: no layer is called 'nobody'; there are x, inner"):
        shown(model, layer_range=("x", "nobody"))
    with pytest.raises(ArgumentError, match="layer_range must be two names"):
        shown(model, layer_range=("x",))


@pytest.mark.parametrize("make", [functional, Tower, lambda: Sequential([layers.Dense(2)])])
def test_a_clone_has_weights_of_its_own(make):
    model = make()
    model(X)
    clone = clone_model(model)
    assert [w.shape for w in clone.weights] == [w.shape for w in model.weights]
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(X), model(X))
    clone.set_weights([w * 0 for w in model.get_weights()])
    assert np.abs(model(X).numpy()).max() > 0


def test_a_configuration_as_text():
    again = model_from_json(functional().to_json())
    assert again.name == "outer" and [layer.name for layer in again.layers][-1] == "last"
    for wrong in ("{", "[]", "3", '{"model": 1}'):
        with pytest.raises(ArgumentError, match="model_from_json: needs what to_json returned"):
            model_from_json(wrong)
    with pytest.raises(ArgumentError, match="unknown name 'Tower'"):
        model_from_json(Tower().to_json())
    assert isinstance(Tower.from_config(Tower(2).get_config(), custom_objects={}), Tower)


def test_weights_that_do_not_fit_may_be_left_as_they_are(tmp_path):
    model = Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(1)])
    model.save_weights(filepath=tmp_path / "w")
    other = Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(2)])
    before = other.get_weights()
    with pytest.raises(ArgumentError, match=r"layers.1.kernel must be \(3, 2\) float32, got \(3, 1\)"):
        other.load_weights(tmp_path / "w")
    with pytest.warns(UserWarning, match=r"nothing in it fits layers.1.kernel, layers.1.bias"):
        other.load_weights(filepath=tmp_path / "w", skip_mismatch=True)
    assert (other.get_weights()[0] == model.get_weights()[0]).all()
    assert all((a == b).all() for a, b in zip(before[2:], other.get_weights()[2:], strict=True))


def test_files_are_read_and_written_under_saving_too(tmp_path):
    for place in (saving, tf_keras.saving):
        place.save_model(functional(), tmp_path / "m")
        assert place.load_model(tmp_path / "m").name == "outer"


def test_names_that_are_given_twice_and_counts_that_make_no_sense():
    x = layers.Input((4,))
    with pytest.raises(ArgumentError, match="two layers are called 'd'; give one another name"):
        Model(x, layers.Dense(1, name="d")(layers.Dense(2, name="d")(x)))
    with pytest.raises(ArgumentError, match="steps_per_execution must be a whole number >= 1, got 0"):
        Tower().compile(steps_per_execution=0)
    with pytest.raises(ArgumentError, match="mixed precision is not offered, got 'mixed_float16'"):
        layers.Dense(2, dtype="mixed_float16")


def test_small_things_that_programs_use():
    model = Sequential([layers.Dense(3, input_dim=4), layers.Dense(1)])
    assert model.output_shape == (None, 1)
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, verbose=0)
    assert len(model.metrics_variables) == 4

    class Own(layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_variable(shape=(), initializer="ones")

        def call(self, inputs):
            return inputs * self.scale

    assert Own()(X).shape == X.shape and utils.is_keras_tensor(layers.Input((2,)))


def test_a_dataset_of_ones_own_class():
    class Halves(utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.epochs = 0

        def __len__(self):
            return 2

        def __getitem__(self, i):
            return X[i * 6 : i * 6 + 6], Y[i * 6 : i * 6 + 6]

        def on_epoch_end(self):
            self.epochs += 1

    data, model = Halves(), Tower()
    assert data.num_batches == 2
    model.compile("sgd", "mse")
    assert len(model.fit(data, epochs=3, verbose=0).history["loss"]) == 3
    assert data.epochs == 3 and int(model.optimizer.iterations) == 6
    with pytest.raises(ArgumentError, match="Several: workers must be 1"):
        type("Several", (utils.Sequence,), {})(workers=4)


def test_a_train_step_takes_its_data_apart():
    class Plain(Tower):
        def train_step(self, data):
            x, y, sample_weight = utils.unpack_x_y_sample_weight(data)
            assert sample_weight is None
            return super().train_step(utils.pack_x_y_sample_weight(x, y))

    model = Plain()
    model.compile("sgd", "mse")
    assert "loss" in model.fit(X, Y, verbose=0).history


def test_a_layer_is_found_by_its_place_from_either_end():
    model = Sequential([layers.Input((2,)), *map(layers.Dense, (3, 4, 5))])
    for index, units in [(0, 3), (2, 5), (-1, 5), (-3, 3)]:
        assert model.get_layer(index=index).units == units
    for index in (3, -4):
        with pytest.raises(ArgumentError, match=rf"^get_layer: index must be in \[-3, 3\), got {index}$"):
            model.get_layer(index=index)


def test_an_input_stands_first_and_once():
    entry = layers.Input((2,))
    for parts in ([entry, layers.Input((2,)), layers.Dense(3)], [layers.Dense(3), entry]):
        with pytest.raises(ArgumentError, match="an Input can only stand first"):
            Sequential(parts)
