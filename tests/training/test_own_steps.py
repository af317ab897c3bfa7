"""Steps of a user's own, and Ctrl-C in the middle of an epoch; on both engines."""

import signal

import numpy as np
import pytest

import gradtape
from gradtape import GradientTape, callbacks, layers, metrics, ops
from gradtape.errors import ArgumentError
from gradtape.models import Model, Sequential
from gradtape.runs import open_run

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
