"""assert_same_run: the same training passes, and every other one is named with what differs."""

import json
import shutil

import numpy as np
import pytest

import gradtape
from gradtape.errors import ArgumentError, RunError
from gradtape.optimizers import SGD, Adam
from gradtape.testing import RunsDifferError, assert_same_run
from tests.replay.small_runs import data, dense, train


@pytest.fixture
def golden(tmp_path):
    train(tmp_path / "golden", optimizer=Adam(0.01))
    return tmp_path / "golden"


def test_the_same_training_is_the_same_run(golden, tmp_path):
    train(tmp_path / "run", optimizer=Adam(0.01))
    assert_same_run(tmp_path / "run", golden)
    assert_same_run(str(tmp_path / "run"), gradtape.open_run(golden), rtol=1e-6)
    assert_same_run(gradtape.replay.Run(tmp_path / "run"), golden)


def test_it_is_an_assertion(golden, tmp_path):
    train(tmp_path / "run", optimizer=Adam(0.02))
    with pytest.raises(AssertionError):
        assert_same_run(tmp_path / "run", golden)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"optimizer": Adam(0.02)}, "compile.optimizer.is.config.learning_rate 0.02, golden 0.01"),
        ({"optimizer": SGD(0.01)}, "compile.optimizer.is.class_name 'SGD', golden 'Adam'"),
        ({"model": lambda: dense(activation="relu")}, "activation 'relu', golden 'tanh'"),
        ({"batch_size": 10}, "fit.batch_size 10, golden 8"),
        ({"x": data()[0] + 1, "y": data()[1]}, "data.sha256"),
    ],
)
def test_what_was_asked_for_otherwise_is_named(options, text, golden, tmp_path):
    train(tmp_path / "run", **{"optimizer": Adam(0.01), **options})
    with pytest.raises(RunsDifferError, match="different configuration") as error:
        assert_same_run(tmp_path / "run", golden)
    assert text in str(error.value)


def test_another_number_of_steps_is_found_and_may_be_allowed_for(golden, tmp_path):
    train(tmp_path / "run", optimizer=Adam(0.01), epochs=3)
    with pytest.raises(RunsDifferError, match=r"fit.epochs 3, golden 2"):
        assert_same_run(tmp_path / "run", golden)
    with pytest.raises(RunsDifferError, match="it has 9 steps, golden 6; the first 6 are the same"):
        assert_same_run(tmp_path / "run", golden, ignore=["fit.epochs"])


class Nudge(gradtape.callbacks.Callback):
    """Changes one weight a little, after the first epoch or when all is over."""

    def __init__(self, size, epoch=0):
        super().__init__()
        self.size, self.epoch = size, epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            kernel = self.model.layers[0].kernel
            value = kernel.numpy().copy()
            value[2, 1] += self.size
            kernel.assign(value)


def test_the_first_step_that_differs_is_named_with_its_loss(golden, tmp_path):
    train(tmp_path / "run", optimizer=Adam(0.01), callbacks=[Nudge(1e-3)])
    with pytest.raises(RunsDifferError, match="step 3 is the first that differs: loss ") as error:
        assert_same_run(tmp_path / "run", golden)
    losses = [gradtape.open_run(path).steps["loss"][3] for path in (tmp_path / "run", golden)]
    assert f"loss {losses[0]}, golden {losses[1]}, a difference of" in str(error.value)
    with pytest.raises(RunsDifferError, match="step 3"):
        assert_same_run(tmp_path / "run", golden, rtol=1e-7)
    assert_same_run(tmp_path / "run", golden, rtol=1e-2)


def test_a_state_that_ends_otherwise_is_named_with_its_element(golden, tmp_path):
    train(tmp_path / "run", optimizer=Adam(0.01), callbacks=[Nudge(0.25, epoch=1)])
    with pytest.raises(RunsDifferError, match=r"layers.0.kernel\[2, 1\] is .* a difference of 0.25") as error:
        assert_same_run(tmp_path / "run", golden)
    assert str(error.value).endswith("after step 5, the last")
    with pytest.raises(RunsDifferError, match=r"layers.0.kernel\[2, 1\]"):
        assert_same_run(tmp_path / "run", golden, rtol=1e-3)


def test_learning_rates_are_compared_too(golden, tmp_path):
    halve = gradtape.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    train(tmp_path / "run", optimizer=Adam(0.01), callbacks=[halve])
    with pytest.raises(RunsDifferError, match="step 3 is the first that differs: learning_rate 0.00499"):
        assert_same_run(tmp_path / "run", golden, rtol=1e3)


def test_different_environments_are_mentioned(golden, tmp_path):
    train(tmp_path / "run", optimizer=Adam(0.01), callbacks=[Nudge(1e-3)])
    path = golden / "run.json"
    config = json.loads(path.read_text())
    config["environment"]["numpy"] = "1.0"
    path.write_text(json.dumps(config))
    with pytest.raises(RunsDifferError, match=r"different environments: environment.numpy .* golden '1.0'"):
        assert_same_run(tmp_path / "run", golden)


def test_without_a_state_to_compare_it_does_not_pass(golden, tmp_path):
    train(tmp_path / "run", optimizer=Adam(0.01))
    shutil.rmtree(next((golden / "checkpoints").glob("step-*6")))
    with pytest.raises(RunsDifferError, match="golden has no checkpoint after step 5, the last"):
        assert_same_run(tmp_path / "run", golden)


def test_wrong_arguments_are_errors(golden, tmp_path):
    with pytest.raises(RunError, match="no run"):
        assert_same_run(tmp_path / "nothing", golden)
    with pytest.raises(ArgumentError, match="rtol must be in"):
        assert_same_run(golden, golden, rtol=-1.0)
    assert np.isfinite(gradtape.open_run(golden).steps["loss"]).all()
