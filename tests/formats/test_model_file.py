"""save and load: the same model again, and clear errors for files that are not it."""

import json
import os

import numpy as np
import pytest
from safetensors.numpy import load, save

import gradtape
from gradtape import ops
from gradtape.base.config import register_serializable
from gradtape.errors import ArgumentError, ArgumentTypeError, GradtapeError, WeightsError
from gradtape.layers import Dense, Input, Layer
from gradtape.models import Model, Sequential, load_model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4)).astype("float32")
Y = (X.sum(axis=1) > 0).astype("int32")


def sequential():
    gradtape.set_seed(1)
    model = Sequential([Dense(8, activation="relu", kernel_regularizer="l2"), Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def branched():
    gradtape.set_seed(1)
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(3, activation="tanh", name="shared")
    model = Model([a, b], Dense(2, activation="softmax", name="kind")(shared(a) - 0.5 * shared(b)))
    model.compile(gradtape.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy")
    return model


@register_serializable(package="tests")
class Twice(Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.shift = self.add_weight(input_shape[-1:], "zeros", name="shift")

    def call(self, inputs):
        return self.factor * inputs + self.shift


@register_serializable(package="tests")
class Own(Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = Dense(units, activation="relu")
        self.rest = [Twice(3.0), Dense(2, activation="softmax")]

    def call(self, inputs):
        return self.rest[1](self.rest[0](self.first(inputs)))


def subclassed():
    gradtape.set_seed(1)
    model = Own(5)
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    return model


MODELS = [(sequential, X), (branched, [X, X[::-1].copy()]), (subclassed, X)]


@pytest.mark.parametrize(("make", "x"), MODELS)
def test_a_saved_model_goes_on_as_if_nothing_had_happened(make, x, tmp_path):
    model = make()
    model.fit(x, Y, epochs=2, shuffle=False, verbose=0)
    model.save(tmp_path / "model.gradtape")
    again = load_model(tmp_path / "model.gradtape")
    assert type(again) is type(model) and again.name == model.name
    assert (again.predict(x, verbose=0) == model.predict(x, verbose=0)).all()
    for one in (model, again):
        one.fit(x, Y, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        assert (a == b).all()
    assert model.history.history == again.history.history


def test_weights_go_to_a_file_and_back(tmp_path):
    model, other = sequential(), sequential()
    for one in (model, other):
        one.build((None, 4))
    other.set_weights([w + 1 for w in other.get_weights()])
    model.save_weights(tmp_path / "w")
    other.load_weights(tmp_path / "w")
    assert all((a == b).all() for a, b in zip(model.get_weights(), other.get_weights(), strict=True))
    model.save(tmp_path / "m")
    other.set_weights([w + 1 for w in other.get_weights()])
    other.load_weights(tmp_path / "m")
    assert all((a == b).all() for a, b in zip(model.get_weights(), other.get_weights(), strict=True))


def test_weights_of_another_architecture_name_the_first_mismatch_and_change_nothing(tmp_path):
    wide = Sequential([Input((4,)), Dense(9), Dense(2)])
    wide.save_weights(tmp_path / "wide")
    model = sequential()
    model.build((None, 4))
    before = model.get_weights()
    with pytest.raises(WeightsError, match=r"layers.0.kernel must be \(4, 8\) float32, got \(4, 9\) float32"):
        model.load_weights(tmp_path / "wide")
    Sequential([Input((4,)), Dense(8)]).save_weights(tmp_path / "short")
    with pytest.raises(WeightsError, match=r"layers.1.kernel must be \(8, 2\) float32, got nothing"):
        model.load_weights(tmp_path / "short")
    Sequential([Input((4,)), Dense(8), Dense(2), Dense(2)]).save_weights(tmp_path / "long")
    with pytest.raises(WeightsError, match="the model has nothing called layers.2.bias"):
        model.load_weights(tmp_path / "long")
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_every_single_flipped_byte_and_every_cut_is_seen(tmp_path):
    model = Sequential([Input((2,)), Dense(1, name="d")], name="s")
    path = tmp_path / "m"
    model.save(path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        with pytest.raises(GradtapeError):
            load_model(path)
        path.write_bytes(whole[:place])
        with pytest.raises(WeightsError):
            load_model(path)
    path.write_bytes(whole)
    assert load_model(path).name == "s"


def test_a_file_made_up_by_somebody_runs_nothing_and_is_refused(tmp_path):
    sequential_ = sequential()
    sequential_.build((None, 4))
    path = tmp_path / "m"
    sequential_.save(path)
    arrays = load(path.read_bytes())
    about = json.dumps({"model": {"class_name": "os.system", "config": {"command": "touch x"}}})
    path.write_bytes(save(arrays, {"format": "gradtape.model.1", "about": about, "sha256": "0"}))
    with pytest.raises(WeightsError, match="damaged"):
        load_model(path)
    from gradtape.saving import write_arrays

    write_arrays(path, arrays, json.loads(about), "gradtape.model.1")
    with pytest.raises(ArgumentError, match="layer: unknown name 'os.system'"):
        load_model(path)


def test_what_cannot_be_saved_or_found(tmp_path):
    class Nameless(Layer):
        def call(self, inputs):
            return inputs

    model = Sequential([Input((2,)), Nameless(name="n")])
    with pytest.raises(WeightsError, match="there is no file"):
        load_model(tmp_path / "m")
    model.save(tmp_path / "m")
    with pytest.raises(ArgumentError, match="unknown name 'Nameless'.*passed as one of the custom_objects"):
        load_model(tmp_path / "m")
    assert load_model(tmp_path / "m", custom_objects={"Nameless": Nameless}).layers[0].name == "n"
    with pytest.raises(ArgumentError, match="is there already; pass overwrite=True"):
        sequential().save(tmp_path / "m", overwrite=False)
    namesake = Sequential([Input((2,)), type("Dense", (Layer,), {"call": Nameless.call})()])
    with pytest.raises(ArgumentError, match="Dense is not known by name, so it cannot be saved"):
        namesake.save(tmp_path / "n")
    assert not (tmp_path / "n").exists()


def test_a_loss_of_ones_own_is_found_again(tmp_path):
    @register_serializable(package="tests")
    def cubed(y_true, y_pred):
        return ops.mean(abs(y_pred - y_true) ** 3.0, axis=-1)

    model = Sequential([Input((4,)), Dense(1)])
    model.compile("sgd", cubed, metrics=["mae"])
    model.fit(X, Y[:, None], verbose=0)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.evaluate(X, Y[:, None], verbose=0) == model.evaluate(X, Y[:, None], verbose=0)


def test_a_loss_that_is_not_registered_is_given_when_it_is_loaded(tmp_path):
    def cubes(y_true, y_pred):
        return ops.mean(abs(y_pred - y_true) ** 3.0, axis=-1)

    model = Sequential([Input((4,)), Dense(1, activation=ops.tanh)])
    model.compile("sgd", cubes, metrics=[cubes])
    model.fit(X, Y[:, None], verbose=0)
    model.save(tmp_path / "m")
    with pytest.raises(ArgumentError, match="no registered function 'cubes'; register it, or pass"):
        load_model(tmp_path / "m")
    again = load_model(tmp_path / "m", custom_objects={"cubes": cubes})
    assert again.evaluate(X, Y[:, None], verbose=0) == model.evaluate(X, Y[:, None], verbose=0)
    model.compile("sgd", lambda y_true, y_pred: y_pred)
    with pytest.raises(ArgumentTypeError, match="cannot be written down as JSON"):
        model.save(tmp_path / "m")


def test_the_bytes_are_with_the_system_before_it_is_asked_to_keep_them(tmp_path, monkeypatch):
    sizes, sync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (sizes.append(os.fstat(number).st_size), sync(number))[1])
    model = sequential()
    model.build((None, 4))
    model.save_weights(tmp_path / "weights")
    model.save(tmp_path / "model")
    assert sizes == [(tmp_path / name).stat().st_size for name in ("weights", "model")]


def test_infinity_and_nan_in_a_configuration_come_back(tmp_path):
    for value in (float("inf"), float("-inf")):
        model = Sequential([Input((2,)), Twice(value)])
        model.save(tmp_path / "model")
        assert load_model(tmp_path / "model").layers[0].factor == value
