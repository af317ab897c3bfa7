"""step.check_gradient: right gradients pass, a planted wrong one is found."""

import numpy as np
import pytest

import gradtape
from gradtape import engine, layers, ops
from gradtape.core.operation import operation, registry
from gradtape.core.tensor import Array
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.layers import BatchNormalization, Dropout
from tests.replay.small_runs import Halved, Scale, dense, opened, train

KERNEL = "layers.0.kernel"


def every_weight(step):
    """Check the gradients of all weights, and return what was found by path."""
    found = {path: step.check_gradient(path, samples=6) for path in step.gradients}
    for check in found.values():
        assert check.is_right, str(check)
        assert check.recomputed == pytest.approx(check.loss, rel=1e-6)
    return found


NETS = {
    "tanh": dense,
    "relu": lambda: dense(activation="relu"),
    "dropout": lambda: dense(Dropout(0.5), activation="relu"),
    "batch-normalization": lambda: dense(BatchNormalization(), Dropout(0.3), activation="relu"),
    "regularized": lambda: dense(Scale(), kernel_regularizer="l1", activity_regularizer="l2"),
    "noise": lambda: dense(layers.GaussianNoise(0.5), layers.LayerNormalization(), activation="gelu"),
    "leaky": lambda: dense(layers.LeakyReLU(0.1), layers.Dense(4, "relu6"), activation="hard_sigmoid"),
}


@pytest.mark.parametrize("name", NETS)
def test_right_gradients_pass(name, tmp_path):
    train(tmp_path / "run", NETS[name], "adam")
    every_weight(opened(tmp_path / "run", 4))


def test_embeddings_several_losses_and_weights(tmp_path):
    rng = np.random.default_rng(1)
    words, y = rng.integers(0, 6, (20, 3)), rng.normal(size=(20, 2)).astype("float32")
    model = gradtape.Sequential([layers.Embedding(6, 4), layers.Flatten(), layers.Dense(2)])
    train(tmp_path / "run", model, "adam", loss="huber", x=words, y=y, sample_weight=np.arange(20.0))
    found = every_weight(opened(tmp_path / "run", 4, words, y, np.arange(20.0)))
    assert "layers.0.embeddings" in found


def test_a_train_step_of_ones_own_is_judged_by_its_tape(tmp_path):
    train(tmp_path / "run", Halved)
    check = opened(tmp_path / "run", 4).check_gradient("inner.kernel")
    assert check.is_right, str(check)
    step = opened(tmp_path / "run", 4)
    largest = check.elements[0]
    assert largest.tape == pytest.approx(2 * step.gradients["inner.kernel"][largest.index], rel=1e-5)


@pytest.fixture
def cube():
    """An operation whose rule is wrong by a tenth; it is forgotten afterwards."""

    @operation(name="planted_cube")
    def planted(x: Array) -> Array:
        return engine.xp.pow(x, 3)

    @planted.gradient("x")
    def planted_x(g, y, x):
        """2.7 x**2 g instead of 3 x**2 g"""
        return g * (2.7 * ops.square(x))

    yield planted
    del registry["planted_cube"]


def test_a_planted_wrong_rule_is_found(cube, tmp_path):
    @gradtape.base.config.register_serializable("trainings")
    class Cubed(layers.Layer):
        def call(self, inputs):
            return cube(inputs)

    train(tmp_path / "run", lambda: dense(Cubed(), layers.Dense(4, activation="tanh")), "sgd")
    step = opened(tmp_path / "run", 4)
    check = step.check_gradient(KERNEL, samples=4)
    assert not check.is_right
    assert all(e.verdict == "wrong" for e in check.elements)
    assert "is WRONG: " in str(check)
    assert step.check_gradient("layers.2.kernel").is_right  # behind the operation


def test_where_a_slope_jumps_nothing_is_decided(tmp_path):
    x = np.zeros((20, 5), "float32")
    train(tmp_path / "run", lambda: dense(activation="relu"), x=x, y=np.arange(20) % 3, epochs=1)
    check = opened(tmp_path / "run", 0, x, np.arange(20) % 3).check_gradient("layers.0.bias")
    assert {e.verdict for e in check.elements} == {"kink"}
    assert check.elements[0].kink == "relu in layers.0"
    assert not check.is_right
    assert "is not decided: " in str(check)


def test_the_largest_comes_first_and_the_seed_decides_the_others(tmp_path):
    train(tmp_path / "run")
    step = opened(tmp_path / "run", 4)
    one, again, other = [step.check_gradient(KERNEL, 3, seed) for seed in (1, 1, 2)]
    assert [e.index for e in one.elements] == [e.index for e in again.elements]
    assert [e.index for e in one.elements] != [e.index for e in other.elements]
    gradient = step.gradients[KERNEL]
    assert abs(gradient[one.elements[0].index]) == np.abs(gradient).max()
    text = str(one)
    assert text.splitlines()[0].startswith("The gradient of layers.0.kernel in step 4 is right: ")
    assert "half of the digits of the terms" in text


def test_the_tolerance_is_that_of_rounding(tmp_path):
    train(tmp_path / "run")
    step = opened(tmp_path / "run", 4)
    largest = np.abs(step.gradients[KERNEL]).max()
    for element in step.check_gradient(KERNEL, samples=20).elements:
        assert element.tolerance < 1e-5 * largest
        assert element.rounding < 1e-2 * largest
        assert abs(element.tape - element.wide) < 1e-2 * element.rounding


def test_a_rule_that_is_wrong_in_float32_alone_is_found(cube, monkeypatch, tmp_path):
    def narrow(g, y, x):
        return g * ((3.0 if x.dtype == "float64" else 3.3) * ops.square(x))

    monkeypatch.setattr(cube.operation, "rule_at", [narrow])

    @gradtape.base.config.register_serializable("trainings")
    class Narrow(layers.Layer):
        def call(self, inputs):
            return cube(inputs)

    train(tmp_path / "run", lambda: dense(Narrow(), layers.Dense(4, activation="tanh")), "sgd")
    check = opened(tmp_path / "run", 4).check_gradient(KERNEL, samples=4)
    assert {e.verdict for e in check.elements} == {"wrong"}
    assert all(abs(e.difference) <= e.tolerance for e in check.elements)


@pytest.mark.parametrize(
    ("path", "samples", "error", "text"),
    [
        ("layers.0.kernl", 1, ArgumentError, "did you mean 'layers.0.kernel'?"),
        ("layers.1.moving_mean", 1, ArgumentError, "no gradient of step 0 reaches 'layers.1.moving_mean'"),
        (KERNEL, -1, ArgumentError, "samples must be a whole number >= 0"),
        (KERNEL, 1.5, ArgumentTypeError, "samples must be a whole number"),
    ],
)
def test_what_cannot_be_checked_is_an_error(path, samples, error, text, tmp_path):
    train(tmp_path / "run", lambda: dense(BatchNormalization()), epochs=1)
    with pytest.raises(error, match=text):
        opened(tmp_path / "run", 0).check_gradient(path, samples)
