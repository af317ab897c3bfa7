"""Sums and means: weights in every shape, exact counts, bad shapes."""

import numpy as np
import pytest

from gradtape import GradientTape, as_tensor, compile, metrics
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError
from tests.keras_parity import assert_parity, keras

rng = np.random.default_rng(0)
WEIGHTS = [
    ((5,), None),
    ((5,), (5,)),
    ((5,), (5, 1)),
    ((5,), (1,)),
    ((5,), ()),
    ((5, 4), None),
    ((5, 4), (5,)),
    ((5, 4), (5, 1)),
    ((5, 4), (1, 4)),
    ((5, 4), (5, 4)),
    ((5, 4), (5, 4, 1)),
    ((5, 1), (5,)),
    ((5, 4), ()),
    ((5, 4, 3), None),
    ((5, 4, 3), (5,)),
    ((5, 4, 3), (5, 4)),
    ((5, 4, 3), (5, 4, 3)),
    ((5, 4, 1), (5, 4)),
    ((), ()),
    ((), None),
]


@pytest.mark.parametrize("name", ["Mean", "Sum"])
@pytest.mark.parametrize(("shape", "weight_shape"), WEIGHTS)
def test_weights_of_every_shape_are_those_of_keras(name, shape, weight_shape):
    ours, theirs = getattr(metrics, name)(), getattr(keras().metrics, name)()
    for _ in range(2):
        values = rng.normal(size=shape).astype("float32")
        weights = None if weight_shape is None else rng.random(weight_shape).astype("float32")
        ours.update_state(values, weights)
        theirs.update_state(values, weights)
    assert_parity(ours.result(), theirs.result())
    ours.update_state(rng.normal(size=()))  # the counts are Keras', too
    if name == "Mean":
        assert_parity(np.float32(ours.count.item() - 1), theirs.count)


def test_weights_that_fit_nowhere_are_refused():
    for shape, weights in (((5, 4), (4,)), ((5,), (3,)), ((5,), (5, 2)), ((), (5,)), ((5, 4), (5, 3))):
        for metric in (metrics.Mean(), metrics.Sum()):
            with pytest.raises(ShapeError, match="sample_weight must have the shape of the first axes"):
                metric.update_state(np.zeros(shape), np.ones(weights))
            assert not any(v.item() for v in metric.variables)


def test_counting_does_not_stop_at_2_to_the_24():
    """NUMERICS, traps 13 and 15: a float32 counter cannot hold 2**24 + 1."""
    metric = metrics.SparseCategoricalAccuracy()
    metric.total.assign(2.0**24)
    metric.count.assign(2.0**24)
    for _ in range(3):
        metric.update_state([0], [[1.0, 0.0]])
    assert metric.total.item() == metric.count.item() == 2**24 + 3


def test_a_long_sum_keeps_its_digits():
    metric = metrics.Mean()
    metric.update_state(np.full(1000, 1e8, "float32"))
    for _ in range(100):
        metric.update_state(np.full(1, 3.0, "float32"))
    assert metric.result().item() == np.float32((1e11 + 300) / 1100)
    assert metric.total.item() == 1e11 + 300


def test_without_samples_or_weight_the_mean_is_zero():
    metric = metrics.Mean()
    assert metric.result().item() == 0.0
    assert metric([1.0, 2.0], sample_weight=[0.0, 0.0]).item() == 0.0
    assert metric([1.0, 2.0], sample_weight=[1.0, -1.0]).item() == 0.0
    assert metric(np.zeros((0, 3)), np.zeros(0)).item() == 0.0
    assert metrics.Mean()(np.zeros(0)).item() == 0.0


@pytest.mark.parametrize("name", ["numpy", "jax"])
def test_where_weights_cancel_the_mean_is_zero_without_a_sign(name, on_engine):
    with on_engine(name):
        assert not np.signbit(metrics.Mean()([3.0, 8.0], [1.0, -1.0]).numpy())


def test_a_batch_of_nothing_inside_is_not_a_number():
    assert np.isnan(metrics.Mean()(np.zeros((3, 0))).item())


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float64", "bfloat16"])
def test_values_of_every_dtype(dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    values = as_tensor([1, 0, 1, 1], dtype)
    assert metrics.Mean()(values).item() == 0.75
    assert metrics.Mean()(values, [True, True, False, True]).item() == np.float32(2 / 3)
    assert metrics.Mean()(values).dtype == "float32"


def test_a_wrapped_function_gets_its_arguments():
    def distance(y_true, y_pred, power=1):
        return abs(y_true - y_pred) ** power

    metric = metrics.MeanMetricWrapper(distance, name="distance", power=2)
    assert metric(as_tensor([1.0, 2.0]), as_tensor([2.0, 4.0]), sample_weight=[1.0, 0.0]).item() == 1.0
    nameless = metrics.MeanMetricWrapper(lambda y_true, y_pred: y_pred)
    with pytest.raises(ArgumentError, match="<lambda> is not known by name, so it cannot be saved"):
        nameless.get_config()
    with pytest.raises(ArgumentTypeError, match="MeanMetricWrapper: fn must be a function, got 3"):
        metrics.MeanMetricWrapper(3)


def test_a_wrapped_function_is_found_again():
    metric = metrics.MeanMetricWrapper(metrics.binary_accuracy, name="right", threshold=0.3)
    config = metrics.serialize(metric)
    assert config["config"] == {
        "name": "right",
        "dtype": "float32",
        "fn": "binary_accuracy",
        "threshold": 0.3,
    }
    again = metrics.deserialize(config)
    assert again([1, 0], [0.4, 0.4]).item() == metric([1, 0], [0.4, 0.4]).item() == 0.5


def test_no_tape_follows_an_accumulator():
    x = as_tensor([1.0, 2.0])
    metric = metrics.Mean()
    with GradientTape() as tape:
        tape.watch(x)
        y = metric(x * 2)
    assert tape.gradient(y, x) is None


@pytest.mark.parametrize("name", ["numpy", "jax"])
def test_many_steps_in_one_program(name, on_engine):
    labels, predictions = rng.integers(0, 3, 40), rng.random((40, 3)).astype("float32")
    rows = np.arange(40).reshape(5, 8)
    with on_engine(name):
        metric = metrics.SparseCategoricalAccuracy()
        steps = compile(lambda y_true, y_pred: metric(y_true, y_pred)).over([labels, predictions], rows, 4)
        right = np.cumsum(predictions.argmax(axis=1) == labels)[7:32:8]
        np.testing.assert_allclose(steps, right / [8, 16, 24, 32], rtol=1e-6)
        assert metric.count.item() == 32


def test_a_mask_of_booleans_is_a_weight():
    metric = metrics.SparseCategoricalAccuracy()
    labels = [[0, 1, 2], [0, 0, 0]]
    predictions = np.eye(3)[[[0, 1, 0], [0, 1, 1]]]
    assert metric(labels, predictions, [[True, True, False], [True, False, False]]).item() == 1.0


def test_a_masked_value_may_be_anything():
    """NUMERICS, trap 6: 0 * inf."""
    assert metrics.Mean()([1.0, np.nan, np.inf], [1.0, 0.0, 0.0]).item() == 1.0
    assert metrics.Sum()([1.0, np.nan, np.inf], [2.0, 0.0, 0.0]).item() == 2.0
    assert np.isnan(metrics.Mean()([1.0, np.nan]).item())


@pytest.mark.parametrize("weight", [2.0, 0.5, 0.0])
@pytest.mark.parametrize("value", [np.float32(0.1), np.float64(1e300), np.float32("nan")])
def test_a_single_value_with_a_number_for_its_weight_counts_as_in_a_list(value, weight):
    alone, listed = metrics.Mean(), metrics.Mean()
    for _ in range(3):
        alone.update_state(value, weight)
        listed.update_state(np.stack([value]), [weight])
    np.testing.assert_array_equal(alone.total, listed.total)
    np.testing.assert_array_equal(alone.count, listed.count)
    np.testing.assert_array_equal(alone.result(), listed.result())
