"""Where NaN comes from: found and named, in whatever part of the step it first appears."""

import numpy as np
import pytest

import gradtape
from gradtape import Sequential, engine, layers, ops, optimizers
from gradtape.base.config import register_serializable
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.errors import NotFiniteError
from tests.replay.trainings import _compiled, data, plain, recorded


@register_serializable("replay_tests")
class Log(layers.Layer):
    """The logarithm of what it gets, moved up."""

    def call(self, inputs):
        return ops.log(inputs + 6.0)


@operation()
def fragile(x: Array) -> Array:
    """Return x."""
    return x


@fragile.gradient("x")
def fragile_x(g, y, x):
    """g / (100 - x): infinite for x = 100"""
    return g / ops.maximum(100.0 - x, 0.0) * 0.01


@register_serializable("replay_tests")
class Fragile(layers.Layer):
    """Passes on what it gets, with a gradient that is wrong and infinite at 100."""

    def call(self, inputs):
        return fragile(inputs)


@operation(differentiable=False)
def spoiling(count: Array) -> Array:
    """Return NaN for the count 9, else 1."""
    return engine.xp.where(count == 9, engine.xp.nan, 1.0).astype("float32")


@register_serializable("replay_tests")
class Spoiled(layers.Layer):
    """Counts its calls in training, and multiplies by NaN in the tenth."""

    def build(self, input_shape):
        self.calls = self.add_weight((), initializer="zeros", dtype="int32", trainable=False, name="calls")

    def call(self, inputs, training=False):
        factor = spoiling(self.calls)
        if training:
            self.calls.assign_add(1)
        return inputs * factor


def spoiled_net():
    return _compiled(
        Sequential([layers.Input((6,)), Spoiled(), layers.Dense(3, activation="softmax")]), "sgd"
    )


def logged():
    return _compiled(Sequential([layers.Input((6,)), Log(), layers.Dense(3, activation="softmax")]), "sgd")


def fragile_net():
    parts = [layers.Input((6,)), layers.Dense(6), Fragile(), layers.Dense(3, activation="softmax")]
    return _compiled(Sequential(parts), optimizers.SGD(0.01))


def exploding():
    model = Sequential([layers.Input((6,)), layers.Dense(8), layers.Dense(1)])
    model.compile(optimizers.SGD(0.5), "mean_squared_error")
    return model


def failed(folder, make, x, y, **options):
    with pytest.raises(NotFiniteError) as caught:
        recorded(folder, make, x=x, y=y, **options)
    assert len(str(caught.value)) <= 2000
    return caught.value.report


def test_a_sample_of_which_the_logarithm_does_not_exist(tmp_path):
    x, y = data()
    x[41, 2] = -7.0
    found = failed(tmp_path / "run", logged, x, y)
    assert found.sample_ids == [41] and 41 in found.step.sample_ids
    assert (found.record.name, found.phase, found.layer, found.what) == ("log", "forward", "layers.0", "nan")
    assert found.record.line.text == "return ops.log(inputs + 6.0)"
    without = found.outcomes[-1]
    assert without.change == "without sample 41" and without.helps
    assert not found.outcomes[0].helps, "a smaller learning rate does not mend a sample"
    run = gradtape.open_run(tmp_path / "run", x, y)
    assert run.state == "failed" and run.events[-1]["kind"] == "nonfinite"
    assert "log" in run.events[-1]["report"]
    again = run.find_nonfinite()
    assert (again.step.number, again.sample_ids) == (found.step.number, [41])


def test_a_training_that_explodes_grows_before(tmp_path):
    x, _ = data()
    found = failed(tmp_path / "run", exploding, x, x[:, :1] * 3, epochs=20)
    assert found.growth.has_grown and found.growth.factor > 1e3
    assert found.record is not None and found.record.phase in ("loss", "backward", "update", "forward")
    rate = found.outcomes[0]
    assert rate.change.startswith("a learning rate of 0.05") and rate.helps
    assert found.outcomes[1].helps, "clipping holds it"
    assert found.step.verdict.is_same, str(found.step.verdict)


def test_a_gradient_that_is_infinite(tmp_path):
    x, y = data()
    x[17] = 0.0
    model = fragile_net

    def make():
        made = model()
        made.layers[0].bias.assign(np.full(6, 100.0, "float32"))
        return made

    found = failed(tmp_path / "run", make, x, y)
    assert found.phase == "backward" and found.record.name == "divide"
    assert found.forward_record.name == "fragile" and found.layer == "layers.1"
    assert 17 in found.sample_ids


def test_an_operation_that_gives_nan_in_one_step(tmp_path):
    x, y = data()
    found = failed(tmp_path / "run", spoiled_net, x, y)
    assert (found.step.number, found.record.name, found.phase, found.layer) == (
        9,
        "spoiling",
        "forward",
        "layers.0",
    )
    assert found.record.labels == ("layers.0.calls",) and found.record.input_values[0] == 9
    assert found.sample_ids == [] and not found.growth.has_grown


def test_a_data_set_with_nan(tmp_path):
    x, y = data()
    x[5, 1] = np.nan
    gradtape.set_seed(3)
    model = plain()
    with pytest.raises(NotFiniteError) as caught:
        model.fit(x, y, batch_size=16, verbose=0, check_finite=False, run=tmp_path / "run")
    found = caught.value.report
    assert (found.phase, found.record, found.sample_ids) == ("data", None, [5])
    assert "it was in x" in str(found)


def test_a_model_that_cannot_be_written_down_is_left_as_it_was(tmp_path):
    class Own(layers.Layer):
        def call(self, inputs):
            return ops.log(inputs + 6.0)

    x, y = data()
    x[41, 2] = -7.0
    model = _compiled(Sequential([layers.Input((6,)), Own(), layers.Dense(3, activation="softmax")]), "sgd")
    with pytest.raises(NotFiniteError) as caught:
        model.fit(x, y, batch_size=16, verbose=0, shuffle=False, run=tmp_path / "run")
    assert caught.value.report.sample_ids == [41]
    steps = int(model.optimizer.iterations.item())
    assert steps == (3 if not engine.active.compiles else 5), "as after the last step that was done"
    assert np.isnan(model.layers[1].kernel.numpy()).any()


def test_a_run_without_nan(tmp_path):
    assert recorded(tmp_path / "run").find_nonfinite() is None


def test_going_on_all_the_same(tmp_path):
    x, y = data()
    x[41, 2] = -7.0
    run = recorded(tmp_path / "run", logged, x=x, y=y, stop_on_nonfinite=False)
    assert run.state == "finished" and np.isnan(run.steps["loss"][-1])
    assert run.find_nonfinite().sample_ids == [41]
