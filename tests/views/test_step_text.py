"""print(step): two lanes, the update weight by weight, the metrics."""

import re

import numpy as np
import pytest

from gradtape import GradientTape, Sequential, layers, ops
from gradtape.replay import open_run
from gradtape.rerun.lanes import SHARED, lanes_of
from gradtape.views.step.text import (
    WIDTH,
    fitting,
    norm,
    op_text,
)
from tests.replay.trainings import MODELS, _compiled, data, plain, recorded


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """Step 7 of each kind of training."""
    folder = tmp_path_factory.mktemp("runs")
    return {name: recorded(folder / str(i), make).at(7) for i, (name, make) in enumerate(MODELS.items())}


@pytest.fixture(scope="module")
def two_layers(tmp_path_factory):
    return recorded(tmp_path_factory.mktemp("plain") / "run", plain).at(4)


def line_with(text, *words):
    """Return the only line of the text that has all the words."""
    (found,) = [line for line in text.splitlines() if all(word in line for word in words)]
    return found


@pytest.mark.parametrize("name", MODELS)
def test_the_table_fits_a_terminal(steps, name):
    text = str(steps[name])
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.replace("\n", "").isprintable() and text.isascii()
    assert text.splitlines()[0].startswith("step 7: epoch 2, batch 2, 16 samples, loss ")
    assert text.splitlines()[1].startswith("same bits")
    assert "time " in text and "backward" in text
    assert ("metrics so far in the epoch: loss" in text) == (name != "own step")


def test_two_dense_layers_read_at_a_glance(two_layers):
    text = str(two_layers)
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("layers.0 Dense"))
    heads = [re.sub(r"\s+", " ", line[:53]).strip() for line in lines[start : start + 8]]
    assert heads == [
        "layers.0 Dense",
        "0 matmul(x, kernel)",
        "17 ^ kernel: transpose(x1) @ g",
        "1 add(#0, bias)",
        "^ #0: g, unchanged",
        "16 ^ bias: g, summed to its shape",
        "2 tanh(#1)",
        "13-15 ^ #1: g * (1 - y**2)",
    ]
    assert "1.54k" in line_with(text, "matmul(x, kernel)"), "2 * 16 * 6 * 8 operations"


def test_the_table_names_norms_and_the_update(two_layers):
    gradient = np.linalg.norm(two_layers.gradients["layers.0.kernel"])
    assert f"{gradient:.4g}" in line_with(str(two_layers), "^ kernel", "(6, 8)")
    update = line_with(str(two_layers), "layers.0.kernel ")
    change = two_layers.variables_after["layers.0.kernel"] - two_layers.variables_before["layers.0.kernel"]
    share = np.linalg.norm(change) / np.linalg.norm(two_layers.variables_before["layers.0.kernel"])
    assert f"{100 * share:.2g}%" in update
    assert "update by SGD" in str(two_layers)


def test_gradients_that_meet_are_added_in_sight(steps):
    text = str(steps["dropout, batch norm, momentum"])
    assert re.search(r"\^ #\d+ \+= #\d+ \+ #\d+", text)


def test_lanes_hold_every_record_once(steps):
    for step in steps.values():
        lanes = lanes_of(step.records, list(step.gradients))
        held = [
            r
            for p in lanes.pairs
            for r in (p.record, *p.sums, *p.given_sums, *(r for f in p.flows for r in f.records))
        ]
        held += [*lanes.unpaired, *lanes.metrics, *(r for group in lanes.updates.values() for r in group)]
        assert sorted(r.index for r in held) == list(range(len(step.records)))


def test_the_gradient_that_reaches_a_layer_is_that_of_the_lane(steps):
    step = steps["adam"]
    lanes = lanes_of(step.records, list(step.gradients))
    found = {
        f.target: f.gradient.output_value for p in lanes.pairs for f in p.flows if f.target in step.gradients
    }
    assert set(found) == set(step.gradients)
    for path, gradient in step.gradients.items():
        np.testing.assert_array_equal(found[path].reshape(gradient.shape), gradient)


def test_an_unchanged_gradient_is_that_of_the_output(two_layers):
    lanes = lanes_of(two_layers.records, list(two_layers.gradients))
    added = next(p for p in lanes.pairs if p.record.name == "add")
    assert added.flows[0].is_unchanged and added.flows[0].gradient is added.gradient
    softmax = next(p for p in lanes.pairs if p.record.name == "softmax")
    assert not softmax.is_reached, "the gradient goes straight to the logits"


def test_adam_s_rate_serves_all_weights(steps):
    lanes = lanes_of(steps["adam"].records, list(steps["adam"].gradients))
    assert {r.name for r in lanes.updates[SHARED]} >= {"power", "sqrt", "divide"}
    assert set(steps["adam"].gradients) <= set(lanes.updates)


class Twice(layers.Layer):
    """Uses its weight twice: its gradients are added."""

    def build(self, input_shape):
        self.scale = self.add_weight((), "ones", name="scale")

    def call(self, inputs):
        return ops.tanh(inputs * self.scale) * self.scale


def test_a_weight_that_is_used_twice_shows_its_sum(tmp_path):

    def make():
        return _compiled(
            Sequential([layers.Input((6,)), Twice(), layers.Dense(3, activation="softmax")]), "sgd"
        )

    recorded(tmp_path / "run", make)
    step = open_run(tmp_path / "run", *data(), model=make()).at(2)
    assert "^ scale += #" in str(step)


def test_one_operation_is_shown_with_its_values(two_layers):
    text = op_text(two_layers, 17)
    assert text.startswith("#17 matmul_transpose_a(x, #15)\nbackward: transpose(x1) @ g")
    assert "gradient of x2 of #0 matmul(x, kernel)" in text
    assert "input x (16, 6) float32: norm" in text and "output (6, 8) float32" in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "its backward: #17" in op_text(two_layers, 0)


def test_what_is_not_finite_is_counted_in_place_of_a_norm(two_layers):

    assert norm(np.array([1.0, np.nan, np.inf])) == "2 bad"
    assert norm(np.array([3.0, 4.0])) == "5"


def test_a_label_is_shortened_in_its_middle_and_has_no_control_characters():
    assert fitting("a\x1b[1mb", 20) == "a\\x1b[1mb"
    assert len(fitting("x" * 300, 46)) == 46


def test_gradients_of_gradients_do_not_confuse_the_table(tmp_path):
    """A step with a tape inside a tape: every record still has its place."""

    class Penalised(Sequential):
        def train_step(self, data):
            x, y = data
            with GradientTape() as outer:
                with GradientTape() as inner:
                    inner.watch(x)
                    loss = self.compute_loss(x, y, self(x, training=True))
                slope = inner.gradient(loss, x)
                whole = loss + 0.1 * ops.sum(ops.square(slope))
            gradients = outer.gradient(whole, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
            return {"loss": whole}

    def make():
        return _compiled(Penalised([layers.Input((6,)), layers.Dense(3, activation="softmax")]), "sgd")

    recorded(tmp_path / "run", make)
    step = open_run(tmp_path / "run", *data(), model=make()).at(3)
    text = str(step)
    lanes = lanes_of(step.records, list(step.gradients))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert lanes.pairs and lanes.updates
