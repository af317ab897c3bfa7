"""Each metric has a name of its own in logs: values by hand, on both engines."""

import numpy as np
import pytest

import gradtape
from gradtape import layers, metrics
from gradtape.errors import ArgumentError
from gradtape.models import Model, Sequential
from gradtape.replay.run import open_run

X = np.array([[0.1], [0.9], [0.3], [0.8]], "float32")
Y = np.array([[0.0], [0.0], [1.0], [1.0]], "float32")
WEIGHTS = np.array([1.0, 1.0, 1.0, 5.0], "float32")


@pytest.fixture(params=["numpy", "jax"], autouse=True)
def both_engines(request, on_engine):
    """Run every test here on both engines."""
    with on_engine(request.param):
        yield


def same(**given):
    """Return a model that gives back its input, compiled with these metrics."""
    model = Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(gradtape.optimizers.SGD(0.0), "mse", **given)
    return model


def test_the_second_of_a_name_has_a_number():
    model = same(metrics=[metrics.Precision(thresholds=0.2), metrics.Precision(thresholds=0.85)])
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert list(found) == model.metrics_names == ["loss", "precision", "precision_1"]
    assert found["precision"] == pytest.approx(2 / 3) and found["precision_1"] == 0.0
    assert model.evaluate(X, Y, verbose=0)[1:] == pytest.approx([2 / 3, 0.0])
    assert [metric.name for metric in model.metrics] == ["loss", "precision", "precision"], (
        "as they were made"
    )


def test_one_with_sample_weights_beside_one_without():
    model = same(metrics=["accuracy"], weighted_metrics=["accuracy", "mae"])
    found = model.evaluate(X, Y, sample_weight=WEIGHTS, verbose=0, return_dict=True)
    assert list(found) == ["loss", "accuracy", "weighted_accuracy", "mae"]
    assert (found["accuracy"], found["weighted_accuracy"]) == (0.5, 0.75)
    assert found["mae"] == pytest.approx((0.1 + 0.9 + 0.7 + 5 * 0.2) / 8)


def test_functions_of_one_name():
    found = same(metrics=[lambda y, p: p, lambda y, p: 2 * p]).evaluate(X, Y, verbose=0, return_dict=True)
    assert found["<lambda>"] == pytest.approx(0.525) and found["<lambda>_1"] == pytest.approx(1.05)


def two_outputs(**given):
    x = layers.Input((1,))
    model = Model(x, [layers.Dense(1, name="a")(x), layers.Dense(1, name="b")(x)])
    model.compile("sgd", ["mse", "mse"], **given)
    return model


def test_of_several_outputs():
    model = two_outputs(metrics=[["mae", "mae"], ["mae"]], weighted_metrics=[["mae"], None])
    wanted = ["loss", "a_loss", "b_loss", "a_mae", "a_mae_1", "b_mae", "a_weighted_mae"]
    model.evaluate(X, [Y, Y], verbose=0)
    assert model.metrics_names == wanted
    with pytest.raises(ArgumentError, match="no metric can be called 'a_loss': it is taken"):
        two_outputs(metrics=[[metrics.Mean(name="loss")], None])


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ([metrics.MeanAbsoluteError(name="loss")], "no metric can be called 'loss': it is taken"),
        ([metrics.MeanAbsoluteError(name="learning_rate")], "no metric can be called 'learning_rate'"),
        (
            [metrics.MeanAbsoluteError(name="val_mae")],
            "'val_mae': the values of the validation begin with it",
        ),
        (
            [metrics.MeanAbsoluteError(name="a"), metrics.Precision(name="a")],
            "two metrics are called 'a'; give one another name",
        ),
        (["mae", metrics.Precision(name="mae")], "two metrics are called 'mae'"),
    ],
)
def test_a_name_that_somebody_chose_and_that_is_taken(given, fault):
    with pytest.raises(ArgumentError, match=f"compile: .*{fault}"):
        same(metrics=given)


def test_a_metric_given_twice():
    one = metrics.Precision()
    with pytest.raises(ArgumentError, match="compile: the metric 'precision' is given twice; make a second"):
        same(metrics=[one], weighted_metrics=[one])


def test_a_metric_may_be_called_step(tmp_path):
    model = same(metrics=[metrics.MeanAbsoluteError(name="step"), metrics.MeanSquaredError(name="epoch")])
    history = model.fit(X, Y, batch_size=2, epochs=2, verbose=0, run=tmp_path / "run").history
    assert history["step"] == pytest.approx([0.475] * 2)
    epochs = open_run(tmp_path / "run").epochs
    assert epochs["step"].tolist() == [2, 4] and epochs["epoch"].tolist() == [0, 1]
    assert epochs["step_metric"].tolist() == history["step"]
    assert epochs["epoch_metric"].tolist() == history["epoch"]


def test_what_a_step_calls_as_the_validation_does():
    class Own(Sequential):
        def train_step(self, data):
            return {**super().train_step(data), "val_loss": gradtape.ops.ones(())}

    model = Own([layers.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert model.fit(X, Y, verbose=0).history["val_loss"] == [1.0]
    with pytest.raises(ArgumentError, match="train_step returned 'val_loss', which is what the validation"):
        model.fit(X, Y, verbose=0, validation_data=(X, Y))


def test_metrics_among_the_attributes_keep_theirs_apart():
    class Own(Sequential):
        def __init__(self, made):
            super().__init__(made)
            self.mine = metrics.Mean(name="mae")

        def call(self, inputs):
            outputs = super().call(inputs)
            self.mine.update_state(outputs)
            return outputs

    model = Own([layers.Dense(1, kernel_initializer="ones")])
    model.compile(gradtape.optimizers.SGD(0.0), "mse", metrics=["mae"])
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert found["mae"] == pytest.approx(0.475) and found["mae_1"] == pytest.approx(0.525)


def test_a_step_of_ones_own_may_return_more_than_the_metrics():
    class Own(Sequential):
        def test_step(self, data):
            return {**super().test_step(data), "z": gradtape.ops.ones(()), "b": gradtape.ops.zeros(())}

    model = Own([layers.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=["mae"])
    assert model.evaluate(X, Y, verbose=0)[1:] == pytest.approx([0.475, 0.0, 1.0])
