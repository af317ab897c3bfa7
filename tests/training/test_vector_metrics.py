"""Metrics of several numbers: values by hand, on both engines."""

import csv
import io

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, layers, metrics, ops
from gradtape.errors import GradtapeError
from gradtape.models import Sequential
from gradtape.replay.run import open_run
from gradtape.runs.options import Recording

P = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]], "float32")
Y = np.eye(3, dtype="float32")[[0, 1, 1, 2]]
F1 = pytest.approx([2 / 3, 2 / 3, 1.0], rel=1e-5)


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def both_engines(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        yield


def same(*given):
    model = Sequential([layers.Input((3,)), layers.Dense(3, use_bias=False, kernel_initializer="identity")])
    model.compile(gradtape.optimizers.SGD(0.0), "mse", metrics=list(given))
    return model


def test_evaluate_and_batches_give_arrays():
    model = same(metrics.F1Score(), metrics.F1Score(average="macro", name="macro"))
    found = model.evaluate(P, Y, verbose=0, return_dict=True)
    assert type(found["f1_score"]) is np.ndarray and found["f1_score"].tolist() == F1
    assert type(found["macro"]) is float and found["macro"] == pytest.approx(7 / 9, rel=1e-5)
    assert model.evaluate(P, Y, verbose=0)[1].tolist() == F1
    assert model.test_on_batch(P, Y)[1].tolist() == F1
    assert model.train_on_batch(P, Y, return_dict=True)["f1_score"].tolist() == F1


def test_of_one_unit_it_is_an_array_of_one():
    model = Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=[metrics.F1Score(threshold=0.5)])
    found = model.evaluate(np.float32([[0.9], [0.6], [0.2]]), np.float32([[1], [0], [1]]), verbose=0)[1]
    assert found.tolist() == pytest.approx([0.5], rel=1e-5)


class Sums(metrics.Metric):
    """The sum of each output."""

    def __init__(self, name="sums"):
        super().__init__(name=name)
        self.total = self.add_variable((3,), "zeros", name="total")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(ops.cast(ops.sum(y_pred, axis=0), "float64"))

    def result(self):
        return ops.cast(self.total, "float32")


def test_history_run_and_files(tmp_path):
    model = same(metrics.F1Score(), Sums())
    given = dict(epochs=2, verbose=0, shuffle=False, validation_data=(P[:1], Y[:1]))
    seen = callbacks.CSVLogger(tmp_path / "log.csv")
    history = model.fit(P, Y, run=tmp_path / "run", callbacks=[seen], **given).history
    assert [value.tolist() for value in history["f1_score"]] == [F1, F1]
    assert [value.tolist() for value in history["sums"]] == [pytest.approx(P.sum(axis=0).tolist())] * 2
    assert history["val_sums"][0].tolist() == pytest.approx(P[0].tolist())
    run = open_run(tmp_path / "run")
    assert run.epochs["sums"].shape == (2, 3) and run.epochs["loss"].shape == (2,)
    assert run.epochs["f1_score"][1].tolist() == F1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "log.csv").read_text())))
    assert rows[0]["sums"].startswith("[1.6") and rows[0]["epoch"] == "0"


def test_a_run_that_goes_on_knows_the_arrays_before(tmp_path):
    for epochs in (2, 3):
        options = Recording(tmp_path / "run", allow_change=("epochs",))
        model = same(metrics.F1Score())
        history = model.fit(P, Y, epochs=epochs, verbose=0, run=options, resume=True).history
    assert [value.tolist() for value in history["f1_score"]] == [F1] * 3
    assert all(type(value) is np.ndarray for value in history["f1_score"])


def test_the_bar_shows_the_mean():
    stream = io.StringIO()
    same(metrics.F1Score()).fit(P, Y, verbose=2, callbacks=[callbacks.ProgbarLogger(stream)])
    assert "f1_score: 0.7778" in stream.getvalue()


@pytest.mark.parametrize(
    "make", [callbacks.EarlyStopping, callbacks.ReduceLROnPlateau, lambda name, mode: checkpoint(name, mode)]
)
@pytest.mark.parametrize("name", ["f1_score", "val_f1_score"])
def test_who_watches_one_says_what_to_do(make, name):
    model = same(metrics.F1Score())
    fault = rf"'{name}' must be one number, got .*of shape \(3,\).*average='macro'"
    with pytest.raises(GradtapeError, match=fault):
        model.fit(P, Y, verbose=0, validation_data=(P, Y), callbacks=[make(name, mode="max")])
    assert int(model.optimizer.iterations) == 0


def checkpoint(name, mode):
    return callbacks.ModelCheckpoint("never.safetensors", name, mode=mode, save_best_only=True)


def test_the_best_checkpoint_by_one(tmp_path):
    with pytest.raises(GradtapeError, match=r"keep_best: 'f1_score' must be one number, its shape is \(3,\)"):
        same(metrics.F1Score()).fit(P, Y, verbose=0, run=Recording(tmp_path / "run", keep_best="f1_score"))


class Own(Sequential):
    """Returns a vector from its step."""

    def train_step(self, data):
        return {**super().train_step(data), "means": ops.mean(data[0], axis=0)}


def test_a_vector_of_a_step_of_ones_own(tmp_path):
    model = Own([layers.Input((3,)), layers.Dense(3)])
    model.compile("sgd", "mse")
    history = model.fit(P, Y, verbose=0, run=tmp_path / "run").history
    assert history["means"][0].tolist() == pytest.approx(P.mean(axis=0).tolist())
    with pytest.raises(GradtapeError, match="EarlyStopping: 'means' must be one number"):
        model.fit(P, Y, verbose=0, callbacks=[callbacks.EarlyStopping("means", mode="min")])


class Adds(callbacks.Callback):
    """Adds to the logs what NumPy and gradtape compute."""

    def on_epoch_end(self, epoch, logs=None):
        logs |= {"a": np.float32(0.5), "b": np.array(2), "c": ops.ones(()), "d": ops.ones((2,)), "e": [1, 2]}
        logs["f"] = gradtape.Variable(3.0)


def test_logs_may_have_numbers_of_any_kind(tmp_path):
    history = same().fit(P, Y, verbose=0, run=tmp_path / "run", callbacks=[Adds()]).history
    assert [history[name][0] for name in "abcf"] == [0.5, 2.0, 1.0, 3.0]
    assert [type(history[name][0]) for name in "abcf"] == [float] * 4
    assert history["d"][0].tolist() == [1.0, 1.0] and history["e"][0].tolist() == [1, 2]
