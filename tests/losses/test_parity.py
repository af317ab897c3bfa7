"""Losses against Keras: arguments, values, gradients, reductions, sample weights, configurations."""

import inspect

import numpy as np
import pytest

from gradtape import GradientTape, as_tensor, losses
from tests.keras_parity import assert_parity, keras
from tests.losses.cases import CASES, EACH, EACH_ID, FUNCTIONS, as_float32, of_function

REDUCTIONS = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None]


def is_same(ours, theirs):
    """Tell whether two signatures have the same names and defaults; ours may leave a name to the function."""

    def taken(made):
        return {p.name: p.default for p in inspect.signature(made).parameters.values()}

    ours, theirs = taken(ours), taken(theirs)
    if ours.get("name", "") is None:
        ours["name"] = theirs["name"]
    return list(ours.items()) == list(theirs.items())


@pytest.mark.parametrize("name", CASES)
def test_arguments_and_defaults_are_those_of_keras(name):
    theirs = keras().losses
    assert is_same(getattr(losses, name), getattr(theirs, name))
    assert is_same(getattr(losses, FUNCTIONS[name]), getattr(theirs, FUNCTIONS[name]))
    assert getattr(losses, name)().name == getattr(theirs, name)().name


@pytest.mark.parametrize(("name", "true", "predicted", "options"), EACH, ids=EACH_ID)
def test_function_and_gradient_are_those_of_keras(name, true, predicted, options):
    import jax

    true, predicted, options = as_float32(true), as_float32(predicted), of_function(name, options)
    theirs = getattr(keras().losses, FUNCTIONS[name])
    narrow = {k: np.float32(v) if isinstance(v, list) else v for k, v in options.items()}
    value, pull = jax.vjp(lambda p: theirs(true, p, **narrow), predicted)
    cotangent = np.random.default_rng(1).normal(size=value.shape).astype("float32")
    tensor = as_tensor(predicted)
    with GradientTape() as tape:
        tape.watch(tensor)
        ours = getattr(losses, FUNCTIONS[name])(true, tensor, **options)
    assert_parity(ours, np.asarray(value, "float32"))  # where it makes one-hot labels, Keras has float64
    gradient = tape.gradient(ours, tensor, output_gradients=cotangent)
    assert_parity(gradient, pull(cotangent.astype(value.dtype))[0], rtol=1e-4)


@pytest.mark.parametrize(("name", "true", "predicted", "options"), EACH, ids=EACH_ID)
def test_class_with_each_reduction_is_that_of_keras(name, true, predicted, options):
    for reduction in REDUCTIONS:
        given = {**options, "reduction": reduction}
        value = getattr(keras().losses, name)(**given)(true, predicted)
        assert_parity(getattr(losses, name)(**given)(true, predicted), value)


WHOLE, SPREAD = [(2, 3), (2, 3, 1)], [(2, 1), (1, 3), ()]
WEIGHTS = [(r, shape) for r in REDUCTIONS for shape in WHOLE + SPREAD * (r != "mean_with_sample_weight")]


@pytest.mark.parametrize(("reduction", "shape"), WEIGHTS)
@pytest.mark.parametrize("ignore_class", [None, 1])
def test_sample_weights_are_those_of_keras(reduction, shape, ignore_class):
    rng = np.random.default_rng(2)
    true, predicted = rng.integers(0, 3, (2, 3)), rng.normal(size=(2, 3, 3))
    weights = rng.uniform(0, 2, shape)
    options = {"from_logits": True, "ignore_class": ignore_class, "reduction": reduction}
    value = keras().losses.SparseCategoricalCrossentropy(**options)(true, predicted, weights)
    assert_parity(losses.SparseCategoricalCrossentropy(**options)(true, predicted, weights), value)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", [[1.0, 0.0, 3.0], [[1.0], [0.0], [3.0]], [0.0, 0.0, 0.0]])
def test_one_weight_for_each_sample(reduction, weights):
    true, predicted = np.arange(6.0).reshape(3, 2), np.arange(6.0)[::-1].reshape(3, 2)
    weights = np.array(weights)
    value = keras().losses.MeanSquaredError(reduction=reduction)(true, predicted, weights)
    ours = losses.MeanSquaredError(reduction=reduction)(true, predicted, weights)
    assert_parity(ours, value[:, 0] if np.ndim(value) == 2 else value)  # Keras leaves the weights' axis


@pytest.mark.parametrize(("name", "true", "predicted", "options"), EACH, ids=EACH_ID)
def test_a_configuration_of_keras_makes_the_same_loss(name, true, predicted, options):
    theirs = getattr(keras().losses, name)(**options)
    config = {**theirs.get_config(), **options}  # Keras forgets some, see docs/keras/losses.md
    ours = losses.deserialize({"module": "keras.losses", "class_name": name, "config": config})
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in config.items()}
    assert {k: v for k, v in ours.get_config().items() if k in plain} == plain


def test_every_name_of_keras_is_here_but_for_those_listed_as_absent():
    ours = {n for n in dir(losses) if not n.startswith("_")}
    public = {n for n in dir(keras().losses) if not n.startswith("_")}
    assert public - ours == {"CTC", "ctc", "Circle", "circle"}
    known = {n for n in keras().src.losses.ALL_OBJECTS_DICT if n not in ("Loss", "LossFunctionWrapper")}
    assert known - set(losses.LOSSES.members) == {"CTC", "ctc", "Circle", "circle"}
