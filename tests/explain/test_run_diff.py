"""Where two runs part, in which operation, and why."""

import json

import numpy as np
import pytest

import gradtape
from gradtape import diff, open_run, optimizers
from gradtape.callbacks import Callback
from tests.replay.trainings import dense, plain, recorded


def data():
    """Return inputs and classes; 84 samples."""
    from tests.replay.trainings import data as made

    return made()


@pytest.fixture
def first(tmp_path):
    return recorded(tmp_path / "a", plain)


def test_two_runs_that_are_the_same(first, tmp_path):
    found = diff(first, recorded(tmp_path / "b", plain))
    assert (found.kind, found.step, found.configuration) == ("same", None, [])


def test_a_data_row_that_was_changed(first, tmp_path):
    x, y = data()
    x[29, 4] += 0.5
    other = recorded(tmp_path / "b", plain, x=x, y=y)
    found = diff(first, other)
    assert found.kind == "data"
    assert "x differs in sample [29]: x[" in found.what and ", 4] is " in found.what
    step = first.at(found.step)
    assert 29 in step.sample_ids
    earlier = [29 in first.at(number).sample_ids for number in range(found.step)]
    assert not any(earlier), "the first step that has it"
    assert found.records[0].labels[0] == "x" and found.records[0].name == "matmul"
    assert [path for path, _, _ in found.configuration] == ["data.sha256"]


def test_another_order(first, tmp_path):
    class Turn(Callback):
        """Does nothing: the training only gets another seed."""

    x, y = data()
    gradtape.set_seed(3)
    model = plain()
    gradtape.set_seed(4)
    model.fit(x, y, batch_size=16, epochs=3, verbose=0, callbacks=[Turn()], run=tmp_path / "b")
    found = diff(first, open_run(tmp_path / "b", x, y))
    assert (found.kind, found.step) == ("order", 0)
    assert f"seeds {first.config['seed']} and " in found.what


def test_other_starting_weights(first, tmp_path):
    def make():
        model = plain()
        kernel = model.layers[0].kernel.numpy().copy()
        kernel[1, 2] += 0.25
        model.layers[0].kernel.assign(kernel)
        return model

    found = diff(first, recorded(tmp_path / "b", make))
    assert (found.kind, found.step) == ("initial weights", 0)
    assert "layers.0.kernel[1, 2] is " in found.what


def test_another_learning_rate(first, tmp_path):
    found = diff(first, recorded(tmp_path / "b", lambda: plain(optimizers.SGD(0.02))))
    assert (found.kind, found.step) == ("configuration", 0)
    assert "optimizer.learning_rate" in found.what
    assert any("learning_rate" in path for path, _, _ in found.configuration)


def test_another_activation(first, tmp_path):
    def make():
        model = plain()
        model.layers[0].activation = gradtape.activations.relu
        return model

    recorded(tmp_path / "b", make)
    path = tmp_path / "b" / "run.json"
    config = json.loads(path.read_text())
    config["model"]["config"]["layers"][0]["is"]["config"]["activation"] = "relu"
    path.write_text(json.dumps(config))
    found = diff(first, open_run(tmp_path / "b", *data()))
    assert (found.kind, found.step) == ("configuration", 0)
    assert "forward tanh in one, forward relu in the other" in found.what


class Flip(Callback):
    """Flips one bit of one weight after a step, as a bad memory would."""

    def __init__(self, step):
        self.step = step

    def needs_every(self, what):
        return True

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations.item()) == self.step:
            kernel = self.model.layers[0].kernel
            value = kernel.numpy().copy()
            value.view("uint32")[2, 3] ^= 1 << 22
            kernel.assign(value)


def test_one_flipped_weight_bit(tmp_path):
    first = recorded(tmp_path / "a", plain, callbacks=[Flip(-1)])
    other = recorded(tmp_path / "b", plain, callbacks=[Flip(8)])  # a checkpoint is made after it
    found = diff(first, other)
    assert (found.kind, found.step) == ("state", 8)
    assert "layers.0.kernel[2, 3]" in found.what and "one bit" in found.what
    assert str(tmp_path / "b") in found.what
    broken = other.at(7).verdict.difference
    assert (broken.what, broken.index) == ("layers.0.kernel", (2, 3)), (
        "what the step gives is not the checkpoint"
    )
    assert first.at(7).verdict.is_same and other.at(6).verdict.is_same
    record = other.at(7).verdict.record
    assert (record.name, record.variable, record.phase) == ("assign_sub", "layers.0.kernel", "update")


def test_another_engine_as_far_as_the_record_says(first, tmp_path):
    x, y = data()
    recorded(tmp_path / "b", plain)
    path = tmp_path / "b" / "run.json"
    config = json.loads(path.read_text())
    config["environment"]["engine"] = "abacus"
    path.write_text(json.dumps(config))
    other = open_run(tmp_path / "b", x, y)
    _spoil_losses(other, 5)
    found = diff(first, other)
    assert (found.kind, found.step) == ("engine", 5)
    assert any("abacus" in note for note in found.notes)


def _spoil_losses(run, step):
    """Let the record say a loss that is off by one bit from a step on."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(run.path / "run.db")) as db:
        db.execute("UPDATE steps SET loss = loss + 1e-7 WHERE step >= ?", (step,))
        db.commit()


def test_runs_without_their_data_are_told_apart_by_what_they_say(first, tmp_path):
    x, y = data()
    x[29, 4] += 0.5
    recorded(tmp_path / "b", plain, x=x, y=y)
    found = diff(first, open_run(tmp_path / "b"))
    assert found.kind == "data" and found.step is not None
    assert "has no recorded name of its data" in found.notes[0]


def test_dropout_that_was_seeded_otherwise(tmp_path):
    def make():
        model = dense()
        state = model.layers[2].seed_generator.state
        state.assign(state.numpy() + np.array([1, 0], state.dtype))
        return model

    found = diff(recorded(tmp_path / "a", dense), recorded(tmp_path / "b", make))
    assert found.kind == "initial weights" and "seed_generator" in found.what
