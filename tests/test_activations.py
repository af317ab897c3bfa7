"""Activations against Keras: value, gradient, names."""

import inspect

import numpy as np
import pytest

from gradtape import GradientTape, activations, as_tensor, ops
from gradtape.errors import ArgumentError
from tests.keras_parity import assert_parity, keras

OPTIONS = {
    "celu": [{}, {"alpha": 0.5}],
    "elu": [{}, {"alpha": 0.5}],
    "gelu": [{}, {"approximate": True}],
    "glu": [{}, {"axis": 0}],
    "hard_shrink": [{}, {"threshold": 0.9}],
    "leaky_relu": [{}, {"negative_slope": 0.4}],
    "log_softmax": [{}, {"axis": 0}],
    "relu": [
        {},
        {"negative_slope": 0.3},
        {"max_value": 1.5},
        {"max_value": 6},
        {"threshold": 0.4},
        {"negative_slope": 0.3, "threshold": 0.4},
        {"negative_slope": 0.3, "max_value": 1.5, "threshold": 0.4},
        {"negative_slope": 0.3, "max_value": 6},
    ],
    "softmax": [{}, {"axis": 0}],
    "soft_shrink": [{}, {"threshold": 0.9}],
    "squareplus": [{}, {"b": 2}],
    "threshold": [{"threshold": 0.4, "default_value": -1.0}],
}
NAMES = sorted(n for n in activations.ACTIVATIONS.members if hasattr(activations, n))
# Keras' sparsemax does not add up to 1: it is tested for itself, in ops/test_sparsemax.py.
CASES = [(name, options) for name in NAMES if name != "sparsemax" for options in OPTIONS.get(name, [{}])]


@pytest.mark.parametrize(("name", "options"), CASES)
def test_value_and_gradient_are_those_of_keras(name, options):
    import jax

    rng = np.random.default_rng(3)
    x = (2.5 * rng.standard_normal((6, 8))).astype("float32")
    theirs = keras().src.activations.ALL_OBJECTS_DICT[name]
    value, pull = jax.vjp(lambda x: theirs(x, **options), x)
    cotangent = rng.standard_normal(value.shape).astype("float32")
    tensor = as_tensor(x)
    with GradientTape() as tape:
        tape.watch(tensor)
        ours = getattr(activations, name)(tensor, **options)
    assert_parity(ours, value)
    assert_parity(tape.gradient(ours, tensor, output_gradients=cotangent), pull(cotangent)[0], rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_arguments_and_defaults_are_those_of_keras(name):
    def taken(function):
        return [(p.name, p.default) for p in inspect.signature(function).parameters.values()]

    ours = activations.get(name)
    assert taken(ours) == taken(keras().src.activations.ALL_OBJECTS_DICT[name])
    assert activations.get(activations.serialize(ours)) is ours
    assert activations.serialize(ours) == activations.get(name).__name__


def test_every_name_of_keras_is_known():
    assert set(keras().src.activations.ALL_OBJECTS_DICT) == set(NAMES)
    exported = {n for n in dir(keras().activations) if not n.startswith("_")}
    assert {n for n in exported if not hasattr(activations, n)} == set()


def test_none_is_linear_and_a_function_is_itself():
    assert activations.get(None) is ops.linear
    assert activations.get(np.tanh) is np.tanh
    with pytest.raises(ArgumentError, match="activation: unknown name 'rellu'; did you mean 'relu'?"):
        activations.get("rellu")


@pytest.mark.parametrize("options", OPTIONS["relu"])
def test_relu_keeps_nan(options):
    assert np.isnan(activations.relu([np.nan], **options).numpy()).all()
