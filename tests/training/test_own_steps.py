"""Steps of a user's own, and Ctrl-C in the middle of an epoch; on both engines."""

import contextlib
import functools
import signal

import numpy as np
import pytest

import gradtape
from gradtape import GradientTape, callbacks, layers, metrics, ops
from gradtape.errors import ArgumentError
from gradtape.models import Model, Sequential
from gradtape.replay.run import open_run
from gradtape.training import feed as training_feed

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
Y = X[:, :1] * 2


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def both_engines(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        gradtape.set_seed(0)
        yield


class Quiet(Model):
    """Tells how far its outputs are off, and no loss."""

    def __init__(self):
        super().__init__()
        self.last = layers.Dense(1)
        self.distance = metrics.Mean(name="distance")

    def call(self, inputs):
        return self.last(inputs)

    def train_step(self, data):
        x, y = data
        with GradientTape() as tape:
            loss = ops.mean(ops.square(self(x, training=True) - y))
        self.optimizer.apply(tape.gradient(loss, self.trainable_weights), self.trainable_weights)
        self.distance.update_state(ops.sqrt(loss))
        return {"distance": self.distance.result()}


def test_a_step_that_tells_no_loss_has_none_in_the_history_and_in_the_run(tmp_path):
    model = Quiet()
    model.compile("sgd")
    history = model.fit(X, Y, batch_size=10, epochs=2, verbose=0, run=tmp_path / "run").history
    assert list(history) == ["distance"] and history["distance"][1] < history["distance"][0]
    steps = open_run(tmp_path / "run").steps
    assert len(steps) == 8 and np.isnan(steps["loss"]).all()
    np.testing.assert_allclose(steps["learning_rate"], 0.01, rtol=1e-6)


def test_who_needs_a_loss_that_is_not_told_says_so():
    model = Quiet()
    model.compile("sgd")
    with pytest.raises(
        ArgumentError, match="EarlyStopping: 'loss' is not among the metrics; there are distance"
    ):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping("loss")])
    assert list(model.fit(X, Y, verbose=0, callbacks=[callbacks.TerminateOnNaN()]).history) == ["distance"]


def linear():
    model = Sequential([layers.Input((4,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("adam", "mse")
    return model


class Interrupts(callbacks.Callback):
    """Presses Ctrl-C in the second epoch, after its second batch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1 and batch == 1:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_leaves_weights_and_history_as_after_the_last_finished_step():
    before = signal.getsignal(signal.SIGINT)
    model, same = linear(), linear()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=10, epochs=3, shuffle=False, verbose=0, callbacks=[Interrupts()])
    assert signal.getsignal(signal.SIGINT) is before
    assert int(model.optimizer.iterations) == 6
    whole = same.fit(X, Y, batch_size=10, epochs=1, shuffle=False, verbose=0).history
    for start in (0, 10):
        same.train_on_batch(X[start : start + 10], Y[start : start + 10])
    assert model.history.epoch == [0] and model.history.history["loss"] == pytest.approx(
        whole["loss"], rel=1e-6
    )
    for a, b in zip(model.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert model.fit(X, Y, verbose=0).epoch == [0]  # and it can go on


@pytest.fixture
def many_steps_in_a_call(monkeypatch, on_engine):
    """Let no call end for the time it takes, on NumPy: where calls are programs nobody can be asked."""
    monkeypatch.setattr(training_feed, "SECONDS_PER_CALL", 1e9)
    with on_engine("numpy"):
        yield


class Changing(Sequential):
    """Returns another name every third step, and stops the training in step `last`."""

    taken, last = 0, 1000

    def train_step(self, data):
        self.taken += 1
        if self.taken == self.last:
            self.stop_training = True
        logs = super().train_step(data)
        return {**logs, "third": ops.ones(())} if self.taken % 3 == 0 else logs


def changing(last):
    model = Changing([layers.Dense(1)])
    model.compile("sgd", "mse")
    model.last = last
    return model


def test_where_nothing_is_compiled_each_step_of_ones_own_may_return_what_it_likes(
    tmp_path, many_steps_in_a_call
):
    history = changing(1000).fit(X, Y, batch_size=4, epochs=3, verbose=0, run=tmp_path / "run").history
    assert len(history["loss"]) == 3 and history["third"] == [1.0]  # the last of the 30 steps
    steps = open_run(tmp_path / "run").steps
    assert len(steps) == 30 and np.isfinite(steps["loss"]).all()


def test_where_nothing_is_compiled_a_step_stops_the_training_at_once(many_steps_in_a_call):
    model = changing(4)
    model.fit(X, Y, batch_size=2, epochs=3, verbose=0)
    assert (int(model.optimizer.iterations), model.taken) == (4, 4)


class StopsInCall(layers.Layer):
    """Asks for the end in its fifth call for training, by a signal or by itself."""

    def __init__(self, ask):
        super().__init__()
        self.ask, self.taken = ask, 0

    def call(self, x, training=False):
        self.taken += training
        if self.taken == 5 and training:
            self.ask()
        return x


@pytest.mark.parametrize("by_signal", [True, False])
def test_where_nothing_is_compiled_a_call_ends_with_the_step_in_which_it_was_asked(
    by_signal, many_steps_in_a_call
):
    m = Sequential([layers.Input((4,)), layers.Dense(1)])
    press = functools.partial(signal.raise_signal, signal.SIGINT)
    m.add(StopsInCall(press if by_signal else functools.partial(setattr, m, "stop_training", True)))
    m.compile("sgd", "mse")
    m.build((None, 4))
    m.layers[-1].taken = 0
    with pytest.raises(KeyboardInterrupt) if by_signal else contextlib.nullcontext():
        m.fit(X, Y, batch_size=2, epochs=2, verbose=0)
    assert int(m.optimizer.iterations) == 5


def test_outputs_of_different_lengths_are_put_together(many_steps_in_a_call):
    class Positive(layers.Layer):
        def call(self, x):
            return x[np.flatnonzero(x.numpy()[:, 0] > 0)]

    found = Sequential([Positive()]).predict(X, batch_size=4, verbose=0)
    np.testing.assert_array_equal(found, X[X[:, 0] > 0])


@pytest.mark.parametrize("place", ["record", "train_step", "compute_metrics"])
def test_metrics_stand_beside_what_a_change_of_the_model_adds(place):
    kind = type("More", (Sequential,), {"record": adds("record")}) if place == "record" else Sequential
    model = kind([layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    if place != "record":  # as an attribute of this one model
        setattr(model, place, functools.partial(adds(place), model))
    assert set(model.fit(X, Y, batch_size=4, verbose=0).history) == {"loss", "mae", "more"}


def adds(place):
    """Return a method for `place` that adds one more metric to those of Sequential."""
    return lambda self, *given: {**getattr(Sequential, place)(self, *given), "more": ops.ones(())}


class TwoInputs(Model):
    """A step of its own calls it with two arguments, so nobody can build it from x alone."""

    def __init__(self):
        super().__init__(name="two")
        self.dense = layers.Dense(1)

    def call(self, x, z):
        return self.dense(x) + z

    def train_step(self, data):
        x, y = data
        with GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, x))
        self.optimizer.apply(tape.gradient(loss, self.trainable_weights), self.trainable_weights)
        return {"loss": loss}


def test_a_run_of_an_unbuilt_model_that_x_cannot_build_is_refused_before_it_begins(tmp_path):
    model, x = TwoInputs(), np.ones((4, 1), "float32")
    model.compile("sgd", "mse")
    with pytest.raises(ArgumentError, match="two: a run begins with all weights, but dense.* has none yet"):
        model.fit(x, x, run=tmp_path / "run", verbose=0)
    assert not (tmp_path / "run").exists()
    model(x, x)
    model.fit(x, x, run=tmp_path / "run", verbose=0)
    assert open_run(tmp_path / "run").state == "finished"
