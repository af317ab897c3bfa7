"""What all metrics share: accumulators, own metrics, configurations, names."""

import copy

import numpy as np
import pytest

from gradtape import Variable, as_tensor, compile, metrics, ops
from gradtape.base.config import register_serializable
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError


@register_serializable(package="tests")
class RootMean(metrics.Metric):
    """The root of the mean squared error against one-hot labels, as a user would write it."""

    def __init__(self, name="root", power=2, **kwargs):
        super().__init__(name=name, **kwargs)
        self.power = power
        self.total = self.add_weight(name="total", initializer="zeros")
        self.samples = self.add_weight(name="samples", initializer="zeros", dtype="int32")

    def update_state(self, y_true, y_pred, sample_weight=None):
        one_hot = ops.one_hot(y_true, y_pred.shape[1])
        self.total.assign_add(ops.sum(ops.absolute(one_hot - y_pred) ** self.power))
        self.samples.assign_add(ops.shape(y_pred)[0])

    def result(self):
        return (self.total / ops.cast(self.samples, "float32")) ** (1 / self.power)

    def get_config(self):
        return {**super().get_config(), "power": self.power}


LABELS = np.array([0, 1, 1])
PREDICTIONS = np.array([[0.5, 0.5], [0.0, 1.0], [1.0, 0.0]], "float32")
EXPECTED = np.sqrt(2.5 / 3)


def test_an_own_metric_gathers_forgets_and_is_called():
    metric = RootMean()
    metric.update_state(LABELS[:2], as_tensor(PREDICTIONS[:2]))
    np.testing.assert_allclose(metric(LABELS[2:], as_tensor(PREDICTIONS[2:])), EXPECTED, rtol=1e-6)
    metric.reset_state()
    assert [v.item() for v in metric.variables] == [0, 0]
    assert [v.name for v in metric.variables] == ["root/total", "root/samples"]
    assert not any(v.trainable for v in metric.variables)
    assert repr(metric) == "<RootMean name=root>"


@pytest.mark.parametrize("name", ["numpy", "jax"])
def test_an_own_metric_runs_compiled(name, on_engine):
    with on_engine(name):
        metric = RootMean()
        step = compile(lambda y_true, y_pred: (metric.reset_state(), metric(y_true, y_pred))[1])
        for _ in range(2):
            np.testing.assert_allclose(step(as_tensor(LABELS), as_tensor(PREDICTIONS)), EXPECTED, rtol=1e-6)
        assert metric.samples.item() == 3


def test_an_own_metric_is_made_again():
    config = metrics.serialize(RootMean(power=3))
    assert config == {
        "class_name": "tests>RootMean",
        "config": {"name": "root", "dtype": "float32", "power": 3},
    }
    assert metrics.deserialize(config).power == 3


def test_variables_are_found_wherever_they_are_held():
    class Holder(metrics.Metric):
        def __init__(self):
            super().__init__()
            self.inner = [metrics.Mean("inner")]
            self.own = Variable([1.0, 2.0], name="own")
            self.made = self.add_variable((), "ones", name="made")
            self.same = self.made

    holder = Holder()
    assert [v.name for v in holder.variables] == ["holder/made", "own", "inner/total", "inner/count"]
    holder.made.assign(5.0)
    holder.inner[0].update_state([1.0])
    holder.reset_state()
    assert holder.made.item() == 1.0, "what it was made with, where Keras gives 0"
    assert holder.own.tolist() == [0.0, 0.0]
    assert holder.inner[0].count.item() == 0


def test_a_copy_is_reset_by_itself():
    metric = metrics.Metric(name="m")
    metric.add_variable((), "ones").assign(3.0)
    again = copy.deepcopy(metric)
    again.reset_state()
    assert (again.variables[0].item(), metric.variables[0].item()) == (1.0, 3.0)


def test_accumulators_take_any_initializer():
    metric = metrics.Metric(name="m")
    assert metric.add_variable((2,), lambda shape, dtype: np.full(shape, 7.0), dtype="int32").tolist() == [
        7,
        7,
    ]
    assert metric.add_weight(shape=3, initializer=None).tolist() == [0, 0, 0]
    assert metric.add_weight().dtype == "float64"
    with pytest.raises(ArgumentError, match="initializer: unknown name 'zeroes'; did you mean 'zeros'"):
        metric.add_variable((), "zeroes")


@pytest.mark.parametrize(
    "make",
    [
        metrics.F1Score,
        metrics.R2Score,
        lambda: metrics.AUC(multi_label=True),
        metrics.Precision,
        metrics.Mean,
    ],
)
def test_all_accumulators_can_be_made_before_the_first_batch(make):
    built, fresh = make(), make()
    built.build((None, 3), (None, 3))
    before = [(v.name, v.shape) for v in built.variables]
    if type(built) is not metrics.Mean:
        for metric in (built, fresh):
            metric.update_state(np.eye(3), np.eye(3))
    assert (
        before == [(v.name, v.shape) for v in built.variables] == [(v.name, v.shape) for v in fresh.variables]
    )
    assert before


def test_accumulators_without_a_name_are_numbered():
    metric = metrics.Metric(name="m")
    assert [metric.add_variable().name for _ in range(3)] == ["m/variable", "m/variable_1", "m/variable_2"]


def test_a_forgotten_init_is_named():
    class Forgetful(metrics.Metric):
        def __init__(self):
            self.total = self.add_variable()

    with pytest.raises(ArgumentTypeError, match=r"Forgetful: its __init__ must call super\(\).__init__\(\)"):
        Forgetful()


def test_what_a_metric_must_define():
    for call in (metrics.Metric().update_state, metrics.Metric().result):
        with pytest.raises(ArgumentTypeError, match="Metric: a metric must define"):
            call()


def test_bad_names_and_dtypes():
    with pytest.raises(ArgumentTypeError, match="Mean: name must be a string, got 3"):
        metrics.Mean(3)
    with pytest.raises(DtypeError, match="Mean: dtype must be one of"):
        metrics.Mean(dtype="text")
    assert metrics.Mean(dtype="float16")([1.0]).dtype == "float16"


@pytest.mark.parametrize("name", ["sparse_categorical_accuracy", "SparseCategoricalAccuracy"])
def test_a_metric_is_found_by_its_names(name):
    assert type(metrics.get(name)) is metrics.SparseCategoricalAccuracy


def test_get_takes_what_keras_takes():
    assert metrics.get(None) is None
    assert type(metrics.get(metrics.Mean)) is metrics.Mean
    metric = metrics.Mean()
    assert metrics.get(metric) is metric
    assert metrics.get(metrics.binary_accuracy) is metrics.binary_accuracy
    with pytest.raises(ArgumentError, match="metric: unknown name 'acuracy'; did you mean 'accuracy'"):
        metrics.get("acuracy")
