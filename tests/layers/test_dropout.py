"""Noise layers: what they do in training, by their statistics; silence otherwise; seeds and streams."""

import numpy as np
import pytest

from gradtape import GradientTape, as_tensor, compile, layers, set_seed
from gradtape.errors import ArgumentError, ShapeError

ONES = np.ones((200, 50), "float32")
NOISY = [
    ("Dropout", {"rate": 0.3}, (4, 6)),
    ("Dropout", {"rate": 0.5, "noise_shape": (None, 1)}, (4, 6)),
    ("AlphaDropout", {"rate": 0.3}, (4, 6)),
    ("GaussianDropout", {"rate": 0.3}, (4, 6)),
    ("GaussianNoise", {"stddev": 0.3}, (4, 6)),
    ("SpatialDropout1D", {"rate": 0.3}, (4, 5, 6)),
    ("SpatialDropout2D", {"rate": 0.3}, (4, 5, 3, 6)),
    ("SpatialDropout3D", {"rate": 0.3, "data_format": "channels_first"}, (4, 6, 2, 3, 2)),
]
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(NOISY)]


def made(kind, arguments, seed=7, **more):
    return getattr(layers, kind)(**arguments, seed=seed, **more)


def inputs(shape):
    return np.random.default_rng(3).standard_normal(shape).astype("float32")


@pytest.mark.parametrize(("name", "arguments", "shape"), NOISY, ids=IDS)
def test_it_is_silent_outside_training(name, arguments, shape):
    layer, x = made(name, arguments), inputs(shape)
    for training in ({}, {"training": False}, {"training": None}):
        np.testing.assert_array_equal(layer(x, **training), x)
    assert layer.seed_generator.state.tolist() == [7, 0]


@pytest.mark.parametrize(("name", "arguments", "shape"), NOISY, ids=IDS)
def test_each_step_has_noise_of_its_own_and_each_seed_too(name, arguments, shape):
    x = np.repeat(inputs(shape), 5, axis=0)
    layer, twin, other = made(name, arguments), made(name, arguments), made(name, arguments, 8)
    steps = [layer(x, training=True).numpy() for _ in range(3)]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert not np.array_equal(steps[first], steps[second])
    for step in steps:
        np.testing.assert_array_equal(step, twin(x, training=True))
    assert not np.array_equal(steps[0], other(x, training=True))


@pytest.mark.parametrize(("name", "arguments", "shape"), NOISY, ids=IDS)
def test_compiled_steps_have_the_eager_noise(name, arguments, shape):
    x, layer, twin = inputs(shape), made(name, arguments), made(name, arguments)
    step = compile(lambda x: layer(x, training=True))
    for _ in range(3):
        np.testing.assert_allclose(step(x), twin(x, training=True), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments", "shape"), NOISY, ids=IDS)
def test_without_a_seed_set_seed_decides(name, arguments, shape):
    x = inputs(shape)
    set_seed(5)
    first = [made(name, arguments, None)(x, training=True).numpy() for _ in range(2)]
    set_seed(5)
    np.testing.assert_array_equal(first[0], made(name, arguments, None)(x, training=True))
    assert not np.array_equal(*first)


@pytest.mark.parametrize(("name", "arguments", "shape"), NOISY, ids=IDS)
def test_configuration_and_state(name, arguments, shape):
    layer, x = made(name, arguments, name="noise"), inputs(shape)
    layer(x, training=True)
    again = layers.deserialize(layers.serialize(layer))
    assert again.get_config() == layer.get_config()
    assert layer.weights == [] and list(layer.named_variables()) == ["seed_generator.seed_generator_state"]
    again.seed_generator.state.assign(layer.seed_generator.state)
    np.testing.assert_array_equal(again(x, training=True), layer(x, training=True))


def test_dropout_drops_its_share_and_keeps_the_mean():
    for rate in (0.1, 0.5, 0.8):
        found = layers.Dropout(rate, seed=1)(ONES, training=True).numpy()
        share = (found == 0).mean()
        assert abs(share - rate) < 5 * np.sqrt(rate * (1 - rate) / ONES.size)
        np.testing.assert_allclose(found[found != 0], 1 / (1 - rate), rtol=1e-6)


def test_the_gradient_of_dropout_goes_where_the_value_went():
    x, layer = as_tensor(inputs((4, 6))), layers.Dropout(0.5, seed=1)
    with GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
    np.testing.assert_allclose(tape.gradient(y, x), np.where(y.numpy() == 0, 0, 2))


def test_noise_shape_drops_whole_rows():
    found = layers.Dropout(0.5, noise_shape=(None, 1), seed=1)(ONES, training=True).numpy()
    assert (np.ptp(found, axis=1) == 0).all() and set(found[:, 0]) == {0.0, 2.0}


@pytest.mark.parametrize(
    ("places", "data_format"), [(1, None), (2, None), (2, "channels_first"), (3, "channels_last")]
)
def test_spatial_dropout_drops_whole_channels(places, data_format):
    arguments = {} if data_format is None else {"data_format": data_format}
    channels_first = data_format == "channels_first"
    shape = (8, 5, *(3,) * places) if channels_first else (8, *(3,) * places, 5)
    layer = getattr(layers, f"SpatialDropout{places}D")(0.5, seed=1, **arguments)
    found = layer(np.ones(shape, "float32"), training=True).numpy()
    inside = tuple(range(2, 2 + places)) if channels_first else tuple(range(1, 1 + places))
    assert (np.ptp(found, axis=inside) == 0).all() and set(found.ravel()) == {0.0, 2.0}


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(1).standard_normal((400, 100)).astype("float32")
    for rate in (0.1, 0.5):
        found = layers.AlphaDropout(rate, seed=1)(x, training=True).numpy()
        assert abs(found.mean()) < 0.03 and abs(found.std() - 1) < 0.03
        lowest = -1.0507009873554805 * 1.6732632423543772
        a = 1 / np.sqrt((1 - rate) * (1 + rate * lowest**2))
        dropped = np.isclose(found, a * lowest - a * lowest * rate, atol=1e-5)
        assert abs(dropped.mean() - rate) < 0.02


def test_gaussian_noise_and_dropout_have_their_deviation():
    noise = layers.GaussianNoise(0.3, seed=1)(ONES, training=True).numpy() - 1
    assert abs(noise.mean()) < 0.015 and abs(noise.std() - 0.3) < 0.015
    factor = layers.GaussianDropout(0.2, seed=1)(ONES, training=True).numpy()
    assert abs(factor.mean() - 1) < 0.03 and abs(factor.std() - 0.5) < 0.03


@pytest.mark.parametrize("dtype", ["float16", "float64"])
@pytest.mark.parametrize(("name", "arguments", "shape"), NOISY, ids=IDS)
def test_the_dtype_stays(name, arguments, shape, dtype):
    assert made(name, arguments, dtype=dtype)(inputs(shape).astype(dtype), training=True).dtype == dtype


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: layers.Dropout(1.5), ArgumentError, r"Dropout: rate must be in \[0, 1\], got 1.5"),
        (lambda: layers.SpatialDropout1D(-1), ArgumentError, r"SpatialDropout1D: rate must be in \[0, 1\], got -1"),
        (lambda: layers.AlphaDropout(1.0), ArgumentError, r"AlphaDropout: rate must be in \[0, 1\), got 1.0"),
        (lambda: layers.GaussianDropout(1.0), ArgumentError, r"GaussianDropout: rate must be in \[0, 1\), got 1.0"),
        (lambda: layers.GaussianNoise(2), ArgumentError, r"GaussianNoise: stddev must be in \[0, 1\], got 2"),
        (lambda: layers.Dropout(0.5, (3, 3))(ONES, training=True), ShapeError, r"noise_shape must broadcast to the inputs' shape \(200, 50\), got \(3, 3\)"),
        (lambda: layers.SpatialDropout1D(0.5, name="drop")(ONES, training=True), ShapeError, r"drop: inputs must have 3 axes, got shape \(200, 50\)"),
        (lambda: layers.SpatialDropout2D(0.5, "last"), ArgumentError, "SpatialDropout2D: data_format must be one of channels_last, channels_first, got 'last'"),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
