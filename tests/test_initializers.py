"""Initializers: distributions, fans, seeds and configurations, against Keras where numbers are certain."""

import math

import numpy as np
import pytest

from gradtape import as_tensor, initializers, set_seed
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError
from gradtape.initializers.variance_scaling import fans
from gradtape.random import SeedGenerator
from tests.keras_parity import assert_parity, keras

CERTAIN = [
    ("Zeros", {}),
    ("Ones", {}),
    ("Constant", {}),
    ("Constant", {"value": 2.5}),
    ("Constant", {"value": [1.0, 2.0, 3.0]}),
    ("Identity", {}),
    ("Identity", {"gain": 0.5}),
]


@pytest.mark.parametrize("dtype", [None, "float64", "float16", "int32"])
@pytest.mark.parametrize(("name", "arguments"), CERTAIN)
def test_those_without_chance_are_keras(name, arguments, dtype):
    theirs = np.asarray(getattr(keras().initializers, name)(**arguments)((4, 3), dtype=dtype))
    ours = getattr(initializers, name)(**arguments)((4, 3), dtype=dtype)
    wanted = np.dtype("float32" if dtype is None else dtype)
    assert ours.dtype == wanted
    assert_parity(ours, theirs.astype(wanted))


RANDOM = [
    ("RandomNormal", {"mean": 1.0, "stddev": 0.5}),
    ("RandomNormal", {}),
    ("RandomUniform", {"minval": -1.0, "maxval": 3.0}),
    ("RandomUniform", {}),
    ("TruncatedNormal", {"mean": 1.0, "stddev": 0.5}),
    ("TruncatedNormal", {}),
    *[
        ("VarianceScaling", {"scale": 0.7, "mode": mode, "distribution": distribution})
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("uniform", "normal", "truncated_normal", "untruncated_normal")
    ],
    ("VarianceScaling", {}),
    ("GlorotUniform", {}),
    ("GlorotNormal", {}),
    ("HeUniform", {}),
    ("HeNormal", {}),
    ("LecunUniform", {}),
    ("LecunNormal", {}),
    ("GlorotUniform", {"input_axes": [0, 1], "output_axes": [2]}),
    ("Orthogonal", {"gain": 1.5}),
]


@pytest.mark.parametrize("shape", [(150, 200), (5, 30, 40)])
@pytest.mark.parametrize(("name", "arguments"), RANDOM)
def test_mean_deviation_and_limits_are_those_of_keras(name, arguments, shape):
    if "input_axes" in arguments and len(shape) < 3:
        shape = (5, 40, 30)
    theirs = np.asarray(getattr(keras().initializers, name)(**arguments, seed=3)(shape))
    ours = getattr(initializers, name)(**arguments, seed=3)(shape).numpy()
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    noise = theirs.std() / math.sqrt(theirs.size)
    assert abs(ours.mean() - theirs.mean()) < 8 * noise
    assert abs(ours.std() - theirs.std()) < 8 * noise
    if name != "RandomNormal" and name != "Orthogonal" and "untruncated" not in str(arguments):
        # both come near the same limits, and keep within
        assert np.abs([ours.min() - theirs.min(), ours.max() - theirs.max()]).max() < 0.01 * np.ptp(theirs)


def test_limits_are_kept():
    limit = math.sqrt(6 / (30 + 50))
    values = initializers.GlorotUniform(seed=1)((30, 50)).numpy()
    assert np.abs(values).max() <= limit and np.abs(values).max() > 0.99 * limit
    cut = initializers.HeNormal(seed=1)((30, 50)).numpy()
    assert np.abs(cut).max() <= 2 * math.sqrt(2 / 30) / 0.87962566103423978


@pytest.mark.parametrize("shape", [(), (7,), (4, 6), (3, 4, 6), (2, 3, 4, 6)])
def test_fans_are_those_of_keras(shape):
    theirs = keras().src.initializers.random_initializers.compute_fans
    assert fans(shape) == theirs(shape)
    if len(shape) > 2:
        assert fans(shape, (0, -2), (-1,)) == theirs(shape, (0, -2), (-1,))


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (2, 3, 4)])
def test_orthogonal(shape):
    matrix = initializers.Orthogonal(gain=2.0, seed=5)(shape).numpy().reshape(-1, shape[-1])
    small = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-5)


def test_a_seed_gives_the_same_values_each_call_and_no_seed_draws_one():
    fixed = initializers.RandomNormal(seed=3)
    again = initializers.RandomNormal(seed=3)
    np.testing.assert_array_equal(fixed((3, 3)), again((3, 3)))
    np.testing.assert_array_equal(fixed((3, 3)), fixed((3, 3)))
    set_seed(11)
    first, second = initializers.RandomNormal(), initializers.RandomNormal()
    assert not np.array_equal(first((3, 3)), second((3, 3)))
    np.testing.assert_array_equal(first((3, 3)), first((3, 3)))
    set_seed(11)
    np.testing.assert_array_equal(initializers.RandomNormal()((3, 3)), first((3, 3)))


def test_a_seed_generator_gives_other_values_each_call():
    made = initializers.HeNormal(seed=SeedGenerator(3))
    assert not np.array_equal(made((3, 3)), made((3, 3)))
    again = initializers.get(initializers.serialize(made))
    np.testing.assert_array_equal(again((3, 3)), initializers.HeNormal(seed=SeedGenerator(3))((3, 3)))


@pytest.mark.parametrize(("name", "arguments"), [*CERTAIN, *RANDOM])
def test_configurations_go_round(name, arguments):
    chance = {} if (name, arguments) in CERTAIN else {"seed": 3}
    made = getattr(initializers, name)(**arguments, **chance)
    written = initializers.serialize(made)
    theirs = getattr(keras().initializers, name)(**arguments, **chance).get_config()
    if name not in ("Constant", "Identity"):  # Keras wraps the value, and forgets the gain
        assert written["config"] == theirs
    shape = (4, 3) if name == "Identity" else (5, 4, 3)
    for again in (initializers.deserialize(written), initializers.get(written), made.clone()):
        np.testing.assert_array_equal(again(shape), made(shape))


def test_every_name_of_keras_is_known():
    theirs = keras().src.initializers.ALL_OBJECTS_DICT
    absent = {"STFT", "stft", "STFTInitializer", "Initializer", "initializer"}
    for name in set(theirs) - absent:
        assert type(initializers.get(name)).__name__ == theirs[name].__name__
    exported = {n for n in dir(keras().initializers) if not n.startswith("_")}
    assert {n for n in exported if not hasattr(initializers, n)} == {"STFT", "STFTInitializer", "stft"}


def test_an_array_gives_its_values():
    values = np.array([[1.0, 2.0]])
    made = initializers.get(values)
    assert_parity(made((1, 2)), values.astype("float32"))
    np.testing.assert_array_equal(initializers.get(as_tensor(values))((1, 2)), values)
    np.testing.assert_array_equal(initializers.get(initializers.serialize(made))((1, 2)), values)
    with pytest.raises(ShapeError, match=r"initializer: the values must have shape \(2, 2\), got \(1, 2\)"):
        made((2, 2))


def test_a_function_is_taken_as_it_is():
    function = lambda shape, dtype=None: initializers.Ones()(shape, dtype)  # noqa: E731
    assert initializers.get(function) is function
    assert initializers.get(None) is None


@pytest.mark.parametrize(
    ("made", "error", "text"),
    [
        (lambda: initializers.get("glorot_unifrom"), ArgumentError, "did you mean 'glorot_uniform'?"),
        (lambda: initializers.HeNormal(seed=-1), ArgumentError, r"HeNormal: seed must be in \[0, 2\*\*63\), got -1"),
        (lambda: initializers.HeNormal(seed="a"), ArgumentTypeError, "HeNormal: seed must be a whole number, got 'a'"),
        (lambda: initializers.VarianceScaling(scale=0), ArgumentError, r"VarianceScaling: scale must be in \(0, inf\), got 0"),
        (lambda: initializers.VarianceScaling(mode="fan"), ArgumentError, "VarianceScaling: mode must be one of fan_in, fan_out, fan_avg, got 'fan'"),
        (lambda: initializers.VarianceScaling(distribution="flat"), ArgumentError, "distribution must be one of truncated_normal"),
        (lambda: initializers.RandomNormal(stddev=-1), ArgumentError, r"RandomNormal: stddev must be in \[0, inf\), got -1"),
        (lambda: initializers.RandomUniform(1, 0), ArgumentError, r"RandomUniform: maxval must be in \[1.0, inf\), got 0"),
        (lambda: initializers.Orthogonal(seed=1)((3,)), ShapeError, r"Orthogonal: shape must have at least two axes, got \(3,\)"),
        (lambda: initializers.Identity()((3,)), ShapeError, r"Identity: shape must be \(rows, columns\), got \(3,\)"),
        (lambda: initializers.RandomNormal(seed=1)((3,), "int32"), DtypeError, "normal: dtype must be floating, got int32"),
        (lambda: initializers.Initializer()((3,)), ArgumentTypeError, "Initializer: an initializer must define __call__"),
    ],
)  # fmt: skip
def test_errors(made, error, text):
    with pytest.raises(error, match=text):
        made()
