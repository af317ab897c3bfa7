"""What runs within a training or a test leaves its metrics and its history alone; on both engines."""

import threading

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, layers
from gradtape.errors import ArgumentError
from gradtape.models import Sequential
from gradtape.replay.run import open_run

X = np.arange(8, dtype="float32")[:, None]
Y = np.zeros((8, 1), "float32")


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def both_engines(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        yield


def still(rate=0.0):
    model = Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(gradtape.optimizers.SGD(rate), "mse", metrics=["mae"])
    return model


class Calls(callbacks.Callback):
    """Calls something of the model's in the middle of an epoch, of a validation, and at its end."""

    def __init__(self, act):
        self.act, self.calls = act, 0

    def _do(self):
        self.calls += 1
        self.act(self.model)

    def on_train_batch_end(self, batch, logs=None):
        if batch == 2:
            self._do()

    def on_test_batch_end(self, batch, logs=None):
        if batch == 1 and self.calls < 20:
            self._do()

    def on_epoch_end(self, epoch, logs=None):
        self._do()


ACTS = {
    "evaluate": lambda m: m.evaluate(X + 1, Y, verbose=0),
    "test_on_batch": lambda m: m.test_on_batch(X + 1, Y),
    "train_on_batch": lambda m: m.train_on_batch(X + 1, Y),
    "predict": lambda m: m.predict(X, verbose=0),
}


@pytest.mark.parametrize("act", ["evaluate", "test_on_batch", "train_on_batch", "predict"])
@pytest.mark.parametrize("recorded", [False, True])
def test_the_history_is_as_without_it(act, recorded, tmp_path):
    folder = tmp_path / "run" if recorded else None
    given = dict(batch_size=2, shuffle=False, epochs=2, verbose=0, validation_data=(X, Y), run=folder)
    mine = Calls(ACTS[act])
    found = still().fit(X, Y, callbacks=[mine], **given).history
    assert mine.calls >= 6
    assert found["loss"] == [17.5, 17.5] and found["mae"] == [3.5, 3.5]
    assert found["val_loss"] == [17.5, 17.5]
    if recorded:
        run = open_run(tmp_path / "run")
        assert run.epochs["loss"].tolist() == [17.5, 17.5]
        assert run.steps["loss"].reshape(2, 4).mean(axis=1) == pytest.approx([17.5, 17.5])


def test_an_evaluation_within_an_evaluation():
    mine = Calls(lambda m: m.evaluate(X + 1, Y, verbose=0))
    found = still().evaluate(X, Y, batch_size=2, verbose=0, callbacks=[mine], return_dict=True)
    assert mine.calls == 1 and found == {"loss": 17.5, "mae": 3.5}


def test_the_numbers_of_the_call_itself_are_its_own():
    inner = []
    mine = Calls(lambda m: inner.append(m.evaluate(X + 1, Y, verbose=0)))
    still().fit(X, Y, batch_size=2, shuffle=False, verbose=0, callbacks=[mine])
    assert inner == [[25.5, 4.5]] * 2


def test_a_generator_that_tests_the_model():
    model = still()

    def batches():
        for start in range(0, 8, 2):
            yield X[start : start + 2], Y[start : start + 2]
            model.evaluate(X + 1, Y, verbose=0)

    assert model.fit(batches(), verbose=0).history["loss"] == [17.5]


def test_a_fit_within_a_fit_is_refused_and_the_model_goes_on():
    model = still()
    mine = Calls(lambda m: m.fit(X, Y, verbose=0))
    with pytest.raises(
        ArgumentError, match="fit: this model's fit is running already, and one of its callba"
    ):
        model.fit(X, Y, batch_size=2, verbose=0, callbacks=[mine])
    assert model.fit(X, Y, verbose=0).epoch == [0]


def test_another_model_may_be_trained_within_a_fit():
    other = still(0.01)
    model, mine = still(), Calls(lambda m: other.fit(X, Y, verbose=0))
    assert model.fit(X, Y, batch_size=2, shuffle=False, verbose=0, callbacks=[mine]).history["loss"] == [17.5]
    assert mine.calls == 2


@pytest.mark.parametrize("act", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_two_threads_are_refused_whatever_they_do(act):
    model, faults = still(), []

    def other():
        try:
            getattr(model, act)(X, Y)
        except ArgumentError as error:
            faults.append(str(error))

    def run(_):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    model.fit(X, Y, batch_size=2, shuffle=False, verbose=0, callbacks=[Calls(run)])
    assert len(faults) == 2
    assert all(f"{act}: another thread runs fit on this model; wait until it is done" in f for f in faults)
    assert model.history.history["loss"] == [17.5]
