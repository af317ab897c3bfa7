"""Every layer without chance against Keras: outputs, gradients, moving state; eager, compiled, made again."""

import inspect

import numpy as np
import pytest

from gradtape import GradientTape, compile, layers
from gradtape.core.tensor import as_tensor
from tests.keras_parity import assert_parity, keras

IMAGE, ROWS, ROW = (4, 5, 6, 3), (4, 5, 6), (4, 6)

# name: (arguments, the shape of the input or a list of them)
CASES = [
    ("Activation", {"activation": "tanh"}, ROW),
    ("Activation", {"activation": "softmax"}, ROWS),
    ("ReLU", {}, ROW),
    ("ReLU", {"max_value": 1.0, "negative_slope": 0.2, "threshold": 0.3}, ROW),
    ("LeakyReLU", {}, ROW),
    ("LeakyReLU", {"negative_slope": 0.1}, ROW),
    ("ELU", {}, ROW),
    ("ELU", {"alpha": 0.5}, ROW),
    ("PReLU", {}, ROW),
    ("PReLU", {"shared_axes": [1, 2]}, IMAGE),
    ("PReLU", {"shared_axes": 1}, ROWS),
    ("Softmax", {}, ROW),
    ("Softmax", {"axis": 1}, ROWS),
    ("Softmax", {"axis": [1, 2]}, ROWS),
    ("Flatten", {}, IMAGE),
    ("Flatten", {"data_format": "channels_first"}, IMAGE),
    ("Flatten", {}, (4,)),
    ("Reshape", {"target_shape": (3, 10)}, ROWS),
    ("Reshape", {"target_shape": (2, -1, 5)}, ROWS),
    ("Reshape", {"target_shape": [-1]}, IMAGE),
    ("Permute", {"dims": (2, 1)}, ROWS),
    ("Permute", {"dims": (3, 1, 2)}, IMAGE),
    ("RepeatVector", {"n": 3}, ROW),
    ("Identity", {}, ROWS),
    ("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, ROW),
    ("Rescaling", {"scale": 0.5}, ROW),
    ("Rescaling", {"scale": [1.0, 2.0, 3.0], "offset": [0.5, 0.0, -1.0]}, IMAGE),
    ("Normalization", {"mean": 1.0, "variance": 4.0}, ROW),
    ("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 1.0, 0.0], "invert": True}, IMAGE),
    ("Normalization", {"axis": None, "mean": 1.0, "variance": 4.0}, ROWS),
    ("Normalization", {"axis": 1, "mean": [1.0] * 5, "variance": [2.0] * 5}, ROWS),
    ("BatchNormalization", {}, ROW),
    ("BatchNormalization", {}, IMAGE),
    ("BatchNormalization", {"axis": 1, "momentum": 0.7, "epsilon": 0.01}, ROWS),
    ("BatchNormalization", {"center": False}, ROWS),
    ("BatchNormalization", {"scale": False, "moving_mean_initializer": "ones"}, ROW),
    ("BatchNormalization", {"trainable": False}, ROW),
    ("LayerNormalization", {}, ROW),
    ("LayerNormalization", {"axis": 1, "epsilon": 0.01}, ROWS),
    ("LayerNormalization", {"axis": [1, 2], "center": False}, ROWS),
    ("LayerNormalization", {"axis": [1, 3], "scale": False}, IMAGE),
    ("GroupNormalization", {"groups": 3}, ROW),
    ("GroupNormalization", {"groups": 2, "axis": -1, "scale": False}, ROWS),
    ("GroupNormalization", {"groups": -1, "center": False}, IMAGE),
    ("GroupNormalization", {"groups": 5, "axis": 1}, IMAGE),
    ("RMSNormalization", {}, ROW),
    ("RMSNormalization", {"axis": [1, 2], "epsilon": 0.1}, ROWS),
    ("UnitNormalization", {}, ROW),
    ("UnitNormalization", {"axis": [1, 2]}, ROWS),
    *[(n, {}, [ROW, ROW]) for n in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")],
    *[(n, {}, [ROWS, ROWS, ROWS]) for n in ("Add", "Multiply", "Average", "Maximum", "Minimum")],
    ("Add", {}, [ROWS, ROW]),
    ("Multiply", {}, [(4, 1, 6), (4, 5, 1)]),
    ("Concatenate", {}, [ROW, (4, 2), ROW]),
    ("Concatenate", {"axis": 1}, [ROWS, (4, 2, 6)]),
    ("Dot", {"axes": 1}, [ROW, ROW]),
    ("Dot", {"axes": -1, "normalize": True}, [ROWS, (4, 2, 6)]),
    ("Dot", {"axes": [1, 2]}, [ROWS, (4, 7, 5)]),
    ("Dot", {"axes": (2, 1)}, [ROWS, ROW]),
    ("Dot", {"axes": (1, 1)}, [(4, 5), IMAGE]),
    # Noise is silent outside training, and with none of it.
    ("Dropout", {"rate": 0.0}, ROW),
    ("Dropout", {"rate": 1.0}, ROW),
    ("AlphaDropout", {"rate": 0.0}, ROW),
    ("GaussianDropout", {"rate": 0.0}, ROW),
    ("GaussianNoise", {"stddev": 0.0}, ROW),
    ("SpatialDropout1D", {"rate": 0.0}, ROWS),
    ("SpatialDropout2D", {"rate": 0.0}, IMAGE),
    ("SpatialDropout3D", {"rate": 0.0}, (2, 2, 2, 2, 3)),
]
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]
TOLERANCE = 1e-4  # relative to the largest element: gradients of variances cancel


def pair(name, arguments, shape, dtype="float32"):
    """Return our layer and Keras', both built, with the same random weights, and inputs."""
    rng = np.random.default_rng(len(name) + len(arguments))
    shapes = shape if isinstance(shape, list) else [shape]
    arrays = [(1.5 * rng.standard_normal(s) + 0.3).astype(dtype) for s in shapes]
    inputs = arrays if isinstance(shape, list) else arrays[0]
    ours = getattr(layers, name)(**arguments, dtype=dtype)
    theirs = getattr(keras().layers, name)(**arguments, dtype=dtype)
    ours(inputs), theirs(inputs)
    weights = [np.abs(rng.standard_normal(w.shape)).astype(w.dtype) + 0.1 for w in ours.get_weights()]
    ours.set_weights(weights), theirs.set_weights(weights)
    return ours, theirs, inputs


def values_and_gradients(layer, inputs, training):
    """Return our outputs, a random cotangent for them, and the gradients of inputs and weights."""
    tensors = [as_tensor(x) for x in inputs] if isinstance(inputs, list) else as_tensor(inputs)
    with GradientTape() as tape:
        tape.watch(tensors)
        outputs = layer(tensors, training=training)
    cotangent = np.random.default_rng(3).standard_normal(outputs.shape).astype(outputs.dtype)
    sources = [*(tensors if isinstance(tensors, list) else [tensors]), *layer.trainable_weights]
    return outputs, cotangent, tape.gradient(outputs, sources, cotangent, unconnected_gradients="zero")


def keras_values_and_gradients(layer, inputs, training, cotangent):
    """Return the same of Keras' layer, and what its other weights are afterwards."""
    import jax

    takes_training = "training" in inspect.signature(layer.call).parameters
    more = {"training": training} if takes_training else {}

    def run(inputs, weights):
        state = [v.value for v in layer.non_trainable_variables]
        return layer.stateless_call(weights, state, inputs, **more)

    weights = [v.value for v in layer.trainable_variables]
    outputs, pull_back, after = jax.vjp(run, inputs, weights, has_aux=True)
    of_inputs, of_weights = pull_back(jax.numpy.asarray(cotangent))
    return outputs, [*(of_inputs if isinstance(of_inputs, list) else [of_inputs]), *of_weights], after


@pytest.mark.parametrize(("name", "arguments", "shape"), CASES, ids=IDS)
def test_outputs_gradients_and_state_are_those_of_keras(name, arguments, shape):
    ours, theirs, inputs = pair(name, arguments, shape)
    assert [w.shape for w in ours.get_weights()] == [tuple(w.shape) for w in theirs.weights]
    for training in (False, True):
        outputs, cotangent, gradients = values_and_gradients(ours, inputs, training)
        wanted, wanted_gradients, after = keras_values_and_gradients(theirs, inputs, training, cotangent)
        assert_parity(outputs, wanted, rtol=2e-5)
        assert len(gradients) == len(wanted_gradients)
        for mine, other in zip(gradients, wanted_gradients, strict=True):
            assert_parity(mine, other, rtol=TOLERANCE)
        after = after[: len(ours.non_trainable_weights)]  # without the states of seeds
        for mine, other in zip(ours.non_trainable_weights, after, strict=True):
            assert_parity(mine, other, rtol=2e-5)
    losses = [float(loss) for loss in ours.losses]
    assert losses == pytest.approx([float(loss) for loss in theirs.losses], rel=1e-5)
    assert tuple(ours.compute_output_shape(shape)) == tuple(outputs.shape)


@pytest.mark.parametrize(("name", "arguments", "shape"), CASES, ids=IDS)
def test_compiled_is_eager(name, arguments, shape):
    layer, _, inputs = pair(name, arguments, shape)
    start = layer.get_weights()
    for training in (False, True):
        layer.set_weights(start)
        wanted = layer(inputs, training=training)
        state = layer.get_weights()
        layer.set_weights(start)
        step = compile(lambda x, training=training: layer(x, training=training))
        assert_parity(step(inputs), wanted, rtol=1e-5)
        for mine, other in zip(layer.get_weights(), state, strict=True):
            assert_parity(mine, other, rtol=1e-5)


@pytest.mark.parametrize(("name", "arguments", "shape"), CASES, ids=IDS)
def test_a_layer_is_made_again_from_its_configuration(name, arguments, shape):
    layer, _, inputs = pair(name, arguments, shape)
    again = layers.deserialize(layers.serialize(layer))
    assert type(again) is type(layer) and again.get_config() == layer.get_config()
    again(inputs)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(inputs), layer(inputs))


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES} | {"Embedding", "Lambda"}))
def test_arguments_and_defaults_are_those_of_keras(name):
    def taken(made):
        return {p.name: p.default for p in inspect.signature(made).parameters.values()}

    absent = {"lora_rank", "lora_alpha", "quantization_config", "synchronized"}
    absent |= {"renorm", "renorm_clipping", "renorm_momentum"}
    theirs = {k: v for k, v in taken(getattr(keras().layers, name)).items() if k not in absent}
    ours = taken(getattr(layers, name))
    if name == "Identity" or name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        return  # those of every layer
    assert ours == theirs and list(ours) == list(theirs)


@pytest.mark.parametrize(
    "name", ["BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization"]
)
def test_half_floats_are_computed_in_float32(name):
    arguments = {"groups": 2} if name == "GroupNormalization" else {}
    ours, theirs, inputs = pair(name, arguments, ROW, "float16")
    assert_parity(ours(inputs), theirs(inputs), rtol=2e-3)


@pytest.mark.parametrize(("name", "axis"), [("BatchNormalization", 0), ("LayerNormalization", 1)])
def test_double_floats_keep_their_digits(name, axis):  # Keras' do not: about 7 of 16 are right
    x = np.random.default_rng(3).standard_normal((4, 6)) + 100
    wanted = (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + 1e-3)
    assert_parity(getattr(layers, name)(dtype="float64")(x, training=True), wanted, rtol=1e-11)
