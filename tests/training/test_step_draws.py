"""Numbers drawn in a step of `fit` without a seed: the same when it is resumed and when the step is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradtape as keras
import gradtape.tf as tf
from gradtape import engine
from gradtape.errors import CompileError
from gradtape.runs import Recording

X = np.arange(32, dtype="f4").reshape(16, 2) / 10

NOISE = {
    "tf.random": lambda shape: tf.random.normal(shape),
    "tf.random with a seed": lambda shape: tf.random.normal(shape, seed=3),
    "keras.random": lambda shape: keras.random.uniform(shape),
    "an initializer made in the step": lambda shape: keras.initializers.RandomNormal()(shape),
    "a stream made in the step": lambda shape: keras.random.normal(shape, seed=keras.random.SeedGenerator()),
}


class Noise(keras.Layer):
    """Adds numbers drawn without a seed, in training and in validation."""

    def __init__(self, kind: str, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def call(self, x: Any) -> Any:
        return x + 0.1 * NOISE[self.kind](tuple(x.shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}


class Stops(keras.callbacks.Callback):
    """Ends the training in the middle of the second epoch, after it has drawn some numbers of its own."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        tf.random.normal(())
        if int(self.model.optimizer.iterations) == 6:
            raise RuntimeError("stopped")


def trained(kind: str, run: Path, **options: Any) -> Any:
    keras.set_seed(5)
    model = keras.Sequential([keras.Input((2,)), Noise(kind), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    recording = Recording(run, every_steps=2)
    data = {"batch_size": 4, "validation_data": (X[:8], X[:8, 1:]), "epochs": 3, "verbose": 0}
    return model.fit(X, X[:, :1], run=recording, **data, **options).history


@pytest.fixture(autouse=True)
def registered() -> Any:
    keras.utils.register_keras_serializable("test_step_draws")(Noise)
    yield


@pytest.mark.parametrize("kind", NOISE)
def test_a_resumed_training_draws_what_one_that_was_not_stopped_draws(kind: str, tmp_path: Path) -> None:
    straight = trained(kind, tmp_path / "a")
    with pytest.raises(RuntimeError, match="stopped"):
        trained(kind, tmp_path / "b", callbacks=[Stops()])
    keras.random.normal(())  # what else the process draws does not count
    resumed = trained(kind, tmp_path / "b", resume=True)
    assert straight == resumed
    assert len(set(straight["loss"])) == len(set(straight["val_loss"])) == 3


def test_an_opened_step_draws_what_it_drew_in_the_training(tmp_path: Path) -> None:
    trained("tf.random", tmp_path / "a")
    run = keras.open_run(tmp_path / "a", x=X, y=X[:, :1])
    for number in (0, 5):
        step = run.at(number)
        assert step.loss == run.steps["loss"][number]
        assert step.verdict.is_same, step.verdict


def test_steps_draw_unlike_numbers(tmp_path: Path) -> None:
    seen = []

    class Model(keras.Sequential):
        def train_step(self, data: Any) -> Any:
            seen.append(tf.random.normal(()).item())
            return super().train_step(data)

    keras.set_seed(1)
    model = Model([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    before = keras.random.normal(()).item()
    model.fit(X, X[:, :1], batch_size=4, epochs=2, verbose=0)
    assert len(set(seen)) == len(seen) == 8
    model.train_on_batch(X, X[:, :1])  # no step of a training: the process's sequence
    assert len({before, *seen}) == 10


def test_a_compiled_step_refuses_and_names_the_line_of_the_layer() -> None:
    if not engine.active.compiles:
        pytest.skip("nothing is compiled")
    model = keras.Sequential([keras.Input((2,)), Noise("tf.random"), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(
        CompileError, match=r"tf\.random\.normal without a SeedGenerator .*test_step_draws\.py:\d+"
    ):
        model.fit(X, X[:, :1], batch_size=4, verbose=0)
