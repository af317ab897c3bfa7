"""gradtape.random: what each function draws, for each kind of seed."""

import inspect

import numpy as np
import pytest

from gradtape import compile, engine, ops, random, set_seed
from gradtape.errors import ArgumentError, CompileError, ShapeError
from gradtape.random import SeedGenerator
from tests.keras_parity import keras

DRAWS = {
    "uniform": lambda seed: random.uniform((4, 6), -1.0, 3.0, seed=seed),
    "normal": lambda seed: random.normal((4, 6), 2.0, 0.5, seed=seed),
    "truncated_normal": lambda seed: random.truncated_normal((4, 6), 2.0, 0.5, seed=seed),
    "randint": lambda seed: random.randint((4, 6), -3, 1000, seed=seed),
    "shuffle": lambda seed: random.shuffle(np.arange(24), seed=seed),
    "categorical": lambda seed: random.categorical(np.zeros((4, 30), "float32"), 6, seed=seed),
    "dropout": lambda seed: random.dropout(np.ones((4, 6), "float32"), 0.5, seed=seed),
}


@pytest.mark.parametrize("name", DRAWS)
def test_what_a_seed_means(name):
    draw = DRAWS[name]
    np.testing.assert_array_equal(draw(3), draw(3))
    stream, twin = SeedGenerator(3), SeedGenerator(3)
    first = draw(stream)
    assert not np.array_equal(first, draw(stream))
    np.testing.assert_array_equal(first, draw(twin))
    set_seed(9)
    unseeded = draw(None)
    assert not np.array_equal(unseeded, draw(None))
    set_seed(9)
    np.testing.assert_array_equal(unseeded, draw(None))


@pytest.mark.parametrize("name", DRAWS)
def test_compiled_is_eager(name):
    mine, twin = SeedGenerator(3), SeedGenerator(3)
    step = compile(lambda: DRAWS[name](mine))
    for _ in range(2):
        np.testing.assert_allclose(step(), DRAWS[name](twin), rtol=1e-6)


@pytest.mark.parametrize("name", DRAWS)
def test_a_compiled_step_needs_a_generator(name):
    if engine.active.compiles:
        with pytest.raises(
            CompileError, match=rf"compile: {name} without a SeedGenerator .*\(test_distributions\.py:\d+\)"
        ):
            compile(lambda: DRAWS[name](None))()


@pytest.mark.parametrize("name", DRAWS)
def test_arguments_are_those_of_keras(name):
    def taken(function):
        return list(inspect.signature(function).parameters)

    assert taken(getattr(random, name)) == taken(getattr(keras().random, name))


def test_whole_number_seeds_give_what_ops_gives():
    np.testing.assert_array_equal(random.normal((3,), seed=5), ops.random.normal((3,), seed=5))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_limits_and_moments_with_a_generator(dtype):
    stream = SeedGenerator(1)
    even = random.uniform((20000,), 1000.0, 1001.0, dtype, seed=stream).numpy()
    assert even.dtype == dtype and even.min() >= 1000 and even.max() < 1001
    cut = random.truncated_normal((20000,), 1.0, 0.5, dtype, seed=stream).numpy().astype("float64")
    assert np.abs(cut - 1).max() <= 1 and abs(cut.mean() - 1) < 0.02
    assert abs(cut.std() - 0.5 * 0.8796) < 0.01
    whole = random.randint((20000,), 3, 7, seed=stream).numpy()
    counts = np.bincount(whole)[3:]
    assert len(counts) == 4 and np.abs(counts - 5000).max() < 300


def test_categorical_draws_by_the_probabilities():
    shares = np.array([0.1, 0.2, 0.7])
    found = random.categorical(np.log(np.stack([shares, shares[::-1]])), 20000, seed=SeedGenerator(1))
    assert found.shape == (2, 20000) and found.dtype == "int32"
    counts = np.bincount(found.numpy()[0], minlength=3) / 20000
    np.testing.assert_allclose(counts, shares, atol=0.02)
    assert (np.bincount(found.numpy()[1], minlength=3) / 20000)[0] > 0.65


def test_shuffle_keeps_the_slices():
    x = np.arange(12.0).reshape(3, 4)
    found = random.shuffle(x, axis=1, seed=SeedGenerator(1)).numpy()
    assert sorted(found.T.tolist()) == x.T.tolist() and not np.array_equal(found, x)


@pytest.mark.parametrize(("noise_shape", "same_along"), [((None, 1), 1), ((1, 6), 0), ((1, None), 0)])
def test_noise_shape(noise_shape, same_along):
    found = random.dropout(np.ones((8, 6), "float32"), 0.5, noise_shape, seed=3).numpy()
    assert (np.ptp(found, axis=same_along) == 0).all() and np.ptp(found) == 2


@pytest.mark.parametrize(
    ("draw", "error", "text"),
    [
        (lambda s: random.uniform((2,), 2, 1, seed=s), ArgumentError, r"uniform: maxval must be in \[2.0, inf\), got 1"),
        (lambda s: random.normal((2,), stddev=-1, seed=s), ArgumentError, r"normal: stddev must be in \[0, inf\), got -1"),
        (lambda s: random.randint((2,), 3, 3, seed=s), ArgumentError, "randint: needs minval < maxval, got 3 and 3"),
        (lambda s: random.dropout([1.0], 1.5, seed=s), ArgumentError, r"dropout: rate must be in \[0, 1\], got 1.5"),
        (lambda s: random.dropout([1.0], 0.5, (2,), seed=s), ShapeError, r"dropout: noise_shape must broadcast to the inputs' shape \(1,\), got \(2,\)"),
        (lambda s: random.categorical([1.0], 1, seed=s), ShapeError, r"categorical: logits must be \(batch, classes\) floating, got \(1,\)"),
    ],
)  # fmt: skip
def test_errors(draw, error, text):
    stream = SeedGenerator(1)
    with pytest.raises(error, match=text):
        draw(stream)
    assert stream.state.tolist() == [1, 0]
