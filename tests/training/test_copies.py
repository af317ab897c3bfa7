"""Copies and pickles of what has run: models, optimizers, histories, callbacks; on both engines."""

import copy
import pickle

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, layers, metrics
from gradtape.models import Model, Sequential

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = X[:, :1] * 2


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def both_engines(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        gradtape.set_seed(0)
        yield


def pickled(thing):
    return pickle.loads(pickle.dumps(thing))


BOTH = pytest.mark.parametrize("copied", [copy.deepcopy, pickled])


def made(optimizer="adam"):
    model = Sequential(
        [
            layers.Input((3,)),
            layers.Dense(4, activation="relu", kernel_regularizer="l2", activity_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer, "mse", metrics=["mae", metrics.MeanSquaredError()], weighted_metrics=["mae"])
    return model


def equal(ours, theirs):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


@BOTH
@pytest.mark.parametrize("verbs", [(), ("predict",), ("evaluate",), ("fit",), ("fit", "evaluate", "predict")])
def test_a_copy_goes_on_as_the_model_does_and_apart_from_it(copied, verbs):
    model = made()
    for verb in verbs:
        getattr(model, verb)(X, *([] if verb == "predict" else [Y]), verbose=0)
    twin = copied(model)
    equal(twin.get_weights(), model.get_weights())
    equal(twin.optimizer.variables, model.optimizer.variables)
    equal(twin.predict(X, verbose=0), model.predict(X, verbose=0))
    assert twin.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    before = model.get_weights()
    theirs = twin.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    equal(model.get_weights(), before)
    assert theirs == model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    equal(twin.get_weights(), model.get_weights())
    equal(twin.optimizer.variables, model.optimizer.variables)
    assert twin.metrics_names == model.metrics_names == ["loss", "mae", "mean_squared_error", "weighted_mae"]


@BOTH
def test_metrics_of_a_copy_begin_anew(copied):
    model = made()
    model.evaluate(X, Y, verbose=0)
    twin = copied(model)
    twin.evaluate(X, Y, verbose=0)
    assert twin.get_metrics_result() == model.get_metrics_result()
    assert [float(v) for m in copied(model).metrics for v in m.variables] == [
        0.0,
        0.0,
    ]  # others come with data
    assert any(float(v) for m in model.metrics for v in m.variables)


class Own(Model):
    """A subclass with a compiled method, and layers that are built by the first data."""

    def __init__(self):
        super().__init__()
        self.inner = [layers.Dense(4), layers.Dense(1)]

    def call(self, x):
        for layer in self.inner:
            x = layer(x)
        return x

    @gradtape.compile
    def double(self, x):
        return self(x) * 2.0


@BOTH
def test_a_subclassed_model_and_its_compiled_methods(copied):
    model = Own()
    model.compile("adam", {"output": "mse"})
    model.fit(X, Y, verbose=0)
    model.double(X)
    twin = copied(model)
    twin.inner[1].bias.assign([100.0])
    assert float(twin.double(X)[0, 0]) > 100 > float(model.double(X)[0, 0])
    twin.fit(X, Y, verbose=0)
    assert twin.history.epoch == [0]


@BOTH
def test_what_was_frozen_stays_frozen(copied):
    model = made()
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    twin = copied(model)
    kernel = twin.layers[0].kernel.numpy()
    twin.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(twin.layers[0].kernel.numpy(), kernel)
    twin.layers[0].trainable = True
    with pytest.raises(ValueError, match="takes effect with the next compile"):
        twin.fit(X, Y, verbose=0)


@BOTH
@pytest.mark.parametrize("options", [{}, {"use_ema": True}, {"gradient_accumulation_steps": 2}])
def test_an_optimizer_of_weights_that_are_copied_with_it(copied, options):
    model = made(gradtape.optimizers.AdamW(0.1, **options))
    model.optimizer.exclude_from_weight_decay([model.layers[0].kernel])
    model.fit(X, Y, verbose=0)
    twin = copied(model)
    for one in (model, twin):
        one.fit(X, Y, batch_size=3, shuffle=False, verbose=0)
    equal(twin.get_weights(), model.get_weights())


@BOTH
def test_a_history_is_its_numbers(copied):
    history = made().fit(X, Y, epochs=2, verbose=0, validation_split=0.5)
    twin = copied(history)
    assert twin.history == history.history and twin.epoch == [0, 1]
    assert twin.model is None
    assert len(pickle.dumps(history)) < 5000


@BOTH
@pytest.mark.parametrize(
    "make",
    [
        lambda folder: callbacks.EarlyStopping("loss", restore_best_weights=True),
        lambda folder: callbacks.ModelCheckpoint(folder / "best.safetensors", "loss", save_weights_only=True),
        lambda folder: callbacks.ReduceLROnPlateau("loss"),
        lambda folder: callbacks.CSVLogger(folder / "log.csv"),
        lambda folder: callbacks.TerminateOnNaN(),
        lambda folder: callbacks.ProgbarLogger(),
        lambda folder: callbacks.History(),
        lambda folder: callbacks.TensorBoard(folder / "board"),
    ],
)
def test_callbacks_that_ran(copied, make, tmp_path):
    callback = make(tmp_path)
    model = made()
    model.fit(X, Y, epochs=2, verbose=1, callbacks=[callback])
    twin = copied(callback)
    assert twin.get_state() == callback.get_state() and twin.model is None and callback.model is model
    made().fit(X, Y, verbose=0, callbacks=[twin])


@BOTH
def test_while_it_trains(copied):
    class Copies(callbacks.Callback):
        def __init__(self):
            self.twins = []

        def on_train_batch_end(self, batch, logs=None):
            self.twins.append(copied(self.model))

    model, mine = made(), Copies()
    model.fit(X, Y, batch_size=6, verbose=0, callbacks=[mine])
    equal(mine.twins[-1].get_weights(), model.get_weights())
    assert mine.twins[0].fit(X, Y, verbose=0).epoch == [0]


def test_what_layers_add_to_the_loss_has_values_after_each_call():
    model = made()
    for act in (
        lambda: model.fit(X, Y, batch_size=5, shuffle=False, verbose=0),
        lambda: model.evaluate(X, Y, verbose=0),
        lambda: model.predict(X, verbose=0),
        lambda: model.train_on_batch(X, Y),
    ):
        act()
        activity, kernel = [float(loss) for loss in model.losses]
        assert activity > 0 and kernel > 0
    model.evaluate(X, Y, verbose=0)
    compiled = float(model.losses[0])
    model(X, training=False)
    assert float(model.losses[0]) == pytest.approx(compiled, rel=1e-5)


def test_a_trial_leaves_no_losses():
    layer = layers.Dense(2, activity_regularizer="l2")
    layer(layers.Input((3,)))
    assert layer.losses == []
