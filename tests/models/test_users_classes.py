"""Classes of one's own: every method extended by super(), __init__ without super(), layers given to layers."""

from __future__ import annotations

import copy
import functools
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, layers, losses, metrics, ops, optimizers
from gradtape.base.config import custom_objects
from gradtape.errors import ArgumentTypeError
from gradtape.models import Model, Sequential, clone_model, load_model

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class Plain(Model):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.inner = layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


class Scale(layers.Layer):
    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(input_shape[-1:], "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale


class Largest(metrics.Metric):
    def __init__(self, name: str = "largest", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.largest = self.add_variable((), "zeros", name="largest")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.largest.assign(ops.maximum(self.largest, ops.max(y_pred)))

    def result(self) -> Any:
        return ops.cast(self.largest, self.dtype)


class Squared(losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.square(y_true - y_pred), axis=-1)


def extended(base: type, name: str) -> Any:
    """Return a subclass whose method does nothing but call that of its base, and how often it was called."""
    calls = []

    @functools.wraps(getattr(base, name))
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return getattr(super(made, self), name)(*args, **kwargs)

    for mark in ("by_trial", "is_missing"):  # what `wraps` copied and nobody would write
        vars(method).pop(mark, None)
    made = type(f"Own{base.__name__}", (base,), {name: method})
    return made, calls


def public(base: type, *besides: str) -> list[str]:
    """Return the names of the methods that a subclass may extend."""
    return [
        name
        for name in dir(base)
        if (not name.startswith("_") or name in ("__init__", "__call__"))
        and callable(getattr(base, name))
        and not isinstance(getattr(base, name), type)
        and not isinstance(
            vars(next(b for b in base.__mro__ if name in vars(b)))[name], classmethod | staticmethod
        )
        and name not in besides
    ]


def use(model: Any) -> Any:
    """Do what people do with a model; return what came out."""
    model.compile(optimizers.SGD(0.1, momentum=0.9), "mse", metrics=["mae"])
    found = [model.fit(X, Y, batch_size=4, epochs=2, verbose=0).history]
    found += [model.evaluate(X, Y, verbose=0), model.predict(X, verbose=0).tolist()]
    found += [model.train_on_batch(X, Y), model.test_on_batch(X, Y), len(model.weights), model.count_params()]
    model.set_weights(model.get_weights())
    return [*found, [w.tolist() for w in model.get_weights()]]


@functools.cache
def expected(base: type) -> Any:
    gradtape.set_seed(5)
    return use(base([layers.Dense(1)]) if base is Sequential else base())


@pytest.mark.parametrize(
    ("base", "name"),
    [(base, name) for base in (Plain, Sequential) for name in public(base)],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_a_model_may_extend_any_method(base: Any, name: str) -> None:
    made, calls = extended(base, name)
    gradtape.set_seed(5)
    assert use(made([layers.Dense(1)]) if base is Sequential else made()) == expected(base)
    if name in (
        "build",
        "call",
        "compile",
        "fit",
        "evaluate",
        "predict",
        "train_step",
        "test_step",
        "__call__",
    ):
        assert calls


def test_build_may_be_extended_and_makes_all_weights() -> None:
    class Own(Plain):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            return super().call(inputs * self.scale)

    for start in (lambda m: m(X), lambda m: m.build((None, 3)), lambda m: m.fit(X, Y, verbose=0)):
        model = Own()
        model.compile("sgd", "mse")
        start(model)
        assert [w.shape for w in model.weights] == [(3,), (3, 1), (1,)]


@pytest.mark.parametrize("name", public(layers.Layer))
def test_a_layer_may_extend_any_method(name: str) -> None:
    made, _ = extended(Scale, name)
    model = Sequential([layers.Input((3,)), made(), layers.Dense(1)])
    use(model)
    assert model.layers[0].scale.shape == (3,)


@pytest.mark.parametrize("name", public(metrics.Metric))
def test_a_metric_may_extend_any_method(name: str) -> None:
    made, _ = extended(Largest, name)
    model = Plain()
    model.compile("sgd", "mse", metrics=[made()])
    assert np.isfinite(model.fit(X, Y, verbose=0).history["largest"]).all()
    assert float(made()([0.0], [3.0])) == 3.0


@pytest.mark.parametrize("name", public(losses.Loss))
def test_a_loss_may_extend_any_method(name: str) -> None:
    made, _ = extended(Squared, name)
    assert float(made()([[1.0]], [[3.0]])) == 4.0
    model = Plain()
    model.compile("sgd", made())
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"]).all()


@pytest.mark.parametrize("name", public(optimizers.Adam))
def test_an_optimizer_may_extend_any_method(name: str) -> None:
    made, _ = extended(optimizers.Adam, name)
    results = []
    for kind in (optimizers.Adam, made):
        gradtape.set_seed(1)
        model = Plain()
        model.compile(kind(0.1, clipnorm=1.0), "mse")
        results.append(model.fit(X, Y, batch_size=4, epochs=2, verbose=0).history)
    assert results[0] == results[1]


@pytest.mark.parametrize("name", public(callbacks.EarlyStopping))
def test_a_callback_may_extend_any_method(name: str) -> None:
    made, _ = extended(callbacks.EarlyStopping, name)
    model = Plain()
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=9, verbose=0, callbacks=[made("loss", patience=0, min_delta=1e9)])
    assert len(history.epoch) == 2


# What was forgotten


def without_super(base: type, **more: Any) -> Any:
    return type("Own", (base,), {"__init__": lambda self: None, **more})()


FORGOTTEN = {
    "model": lambda: without_super(Model, call=lambda self, x: x)(X),
    "model, fit": lambda: without_super(Model, call=lambda self, x: x).fit(X, Y),
    "model, weights": lambda: without_super(Model, call=lambda self, x: x).trainable_weights,
    "layer": lambda: without_super(layers.Layer, call=lambda self, x: x)(X),
    "layer in a model": lambda: Sequential([layers.Input((3,)), without_super(layers.Dense)]),
    "loss": lambda: without_super(losses.Loss, call=lambda self, a, b: a)([1.0], [1.0]),
    "metric": lambda: without_super(metrics.Metric).add_variable(()),
    "optimizer": lambda: without_super(optimizers.SGD).apply_gradients([([1.0], gradtape.Variable([1.0]))]),
    "callback": lambda: without_super(callbacks.EarlyStopping).on_epoch_end(0, {"val_loss": 1.0}),
}


@pytest.mark.parametrize("name", FORGOTTEN)
def test_a_forgotten_init_is_said_in_one_sentence(name: str) -> None:
    with pytest.raises(
        ArgumentTypeError, match=r"^Own: its __init__ must call super\(\).__init__\(\) before"
    ):
        FORGOTTEN[name]()


def test_an_attribute_that_is_missing_for_another_reason_is_missing_as_ever() -> None:
    for piece in (
        Plain(),
        layers.Dense(1),
        losses.MeanSquaredError(),
        optimizers.SGD(),
        callbacks.EarlyStopping(),
    ):
        assert not hasattr(piece, "no_such_thing")
        with pytest.raises(AttributeError, match="has no attribute 'no_such_thing'"):
            _ = piece.no_such_thing
        copy.copy(piece)


NOTHING = {
    "model": lambda: without_return(Model)(X),
    "layer": lambda: without_return(layers.Layer)(X),
    "layer in a model": lambda: Sequential([layers.Input((3,)), without_return(layers.Layer)]),
    "lambda": lambda: layers.Lambda(lambda x: None)(X),
    "activation": lambda: layers.Dense(2, activation=lambda x: None)(X),
    "loss": lambda: type("Own", (losses.Loss,), {"call": lambda self, a, b: None})()([1.0], [1.0]),
}


def without_return(base: type) -> Any:
    return type("Own", (base,), {"call": lambda self, inputs: None})()


@pytest.mark.parametrize("name", NOTHING)
def test_a_forgotten_return_is_said_in_one_sentence(name: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"^\w+: call returned None; it must return"):
        NOTHING[name]()


# Layers given to layers


class Transposed(layers.Layer):
    """The inverse of a Dense, by the same kernel."""

    def __init__(self, dense: Any, **options: Any) -> None:
        super().__init__(**options)
        self.dense = dense

    def call(self, inputs: Any) -> Any:
        return inputs @ ops.transpose(self.dense.kernel)


class Twice(layers.Layer):
    """Two layers in turn, which may be one."""

    def __init__(self, first: Any, second: Any, **options: Any) -> None:
        super().__init__(**options)
        self.first, self.second = first, second

    def call(self, inputs: Any) -> Any:
        return self.second(self.first(inputs))


def tied() -> Any:
    dense = layers.Dense(2, name="tied")
    return Sequential([layers.Input((3,)), dense, Transposed(dense)])


def inside_first() -> Any:
    dense = layers.Dense(3, name="tied")
    return Sequential([layers.Input((3,)), Twice(dense, dense), dense])


def in_a_list() -> Any:
    dense = layers.Dense(3, name="a")
    return Sequential([layers.Input((3,)), Twice(dense, dense), Twice(dense, layers.Dense(3, name="b"))])


def functional() -> Any:
    x, dense = layers.Input((3,)), layers.Dense(3, name="tied")
    return Model(x, Twice(dense, layers.Dense(3))(Transposed(dense)(dense(x))))


@pytest.mark.parametrize(("make", "count"), [(tied, 2), (inside_first, 2), (in_a_list, 4), (functional, 4)])
def test_a_layer_in_several_places_stays_one(make: Any, count: int, tmp_path: Any) -> None:
    with custom_objects({"Transposed": Transposed, "Twice": Twice}):
        model = make()
        assert len(model.weights) == count
        model.save(tmp_path / "model")
        again = load_model(tmp_path / "model")
        by_config = type(model).from_config(model.get_config())
        for other in (again, clone_model(model), copy.deepcopy(model), by_config):
            assert len(other.weights) == count
            other.set_weights(model.get_weights())
            np.testing.assert_array_equal(other(X), model(X))
            assert list(other.named_variables()) == list(model.named_variables())
            other.set_weights([w + 0.5 for w in model.get_weights()])
        assert not np.array_equal(again(X), model(X)), "and is no part of the model it was made from"


def test_two_layers_that_are_alike_stay_two(tmp_path: Any) -> None:
    with custom_objects({"Twice": Twice}):
        model = Sequential([layers.Input((3,)), Twice(layers.Dense(3), layers.Dense(3))])
        assert "shared" not in model.to_json() and len(clone_model(model).weights) == 4


def test_a_reference_to_nothing_is_refused() -> None:
    with pytest.raises(gradtape.errors.ArgumentError, match="refers to one that is not before it: 7"):
        layers.deserialize({"shared": 7})
