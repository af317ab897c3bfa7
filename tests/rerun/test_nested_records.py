"""Operations with several outputs, and with a body, in a step that is opened: records, lanes, views, explanations."""

import json

import numpy as np
import pytest

import gradtape
from gradtape import Sequential, layers, open_run, ops
from gradtape.base.config import register_serializable
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.rerun.lanes import lanes_of
from gradtape.runs import Recording
from gradtape.tape.backward import through_body
from gradtape.views.step.html import step_page
from gradtape.views.step.json_data import op_data, step_data
from gradtape.views.step.text import op_text
from tests.replay.trainings import data


@operation(body=True, name="gated_units")
def gated_units(x: Array, kernel: Array, bias: Array) -> Array:
    """Return the first half of x @ kernel + bias times the sigmoid of the second half."""
    left, right = ops.split(ops.matmul(x, kernel) + bias, 2, axis=-1)
    return left * ops.sigmoid(right)


@operation(body=True, name="gated_units_by_rule")
def gated_units_by_rule(x: Array, kernel: Array, bias: Array) -> Array:
    """Return the same."""
    return gated_units.operation.forward(x, kernel, bias)


@gated_units_by_rule.joint_gradient
def gated_units_back(g, y, x, kernel, bias, body):
    """back through the body"""
    return through_body(body, g, y, (x, kernel, bias))


@register_serializable("nested_records")
class Gated(layers.Layer):
    """A dense layer whose outputs are gated by others, as one operation."""

    function = staticmethod(gated_units)

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], 8), name="kernel")
        self.bias = self.add_weight((8,), initializer="zeros", name="bias")

    def call(self, inputs):
        return self.function(inputs, self.kernel, self.bias)


@register_serializable("nested_records")
class GatedByRule(Gated):
    function = staticmethod(gated_units_by_rule)


@register_serializable("nested_records")
class Halves(layers.Layer):
    """Puts the halves of its inputs together in another order, by way of two outputs of one operation."""

    def call(self, inputs):
        first, second = ops.split(inputs, 2, axis=1)
        return ops.concatenate([ops.tanh(second), first * first], axis=1)


def step_of(tmp_path, *parts):
    gradtape.set_seed(3)
    model = Sequential([layers.Input((6,)), *parts, layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    x, y = data()
    model.fit(x, y, batch_size=16, epochs=1, verbose=0, run=Recording(tmp_path / "run", every_steps=4))
    return open_run(tmp_path / "run", x=x, y=y).at(3)


@pytest.mark.parametrize("layer", [Gated, GatedByRule])
def test_a_body_is_kept_inside_its_record(tmp_path, layer):
    step = step_of(tmp_path, layer())
    assert step.verdict.is_same, str(step.verdict)
    owner = next(r for r in step.records if r.name.startswith("gated_units"))
    assert owner is step.records[owner.index]
    assert [r.name for r in owner.body] == ["matmul", "add", "split", "sigmoid", "multiply"]
    assert [r.index for r in owner.body] == [0, 1, 2, 3, 4]
    assert owner.body[1].labels == (f"#{owner.index}.0", "layers.0.bias") and owner.body[1].made_by == (
        0,
        None,
    )
    assert owner.body[3].labels == (f"#{owner.index}.2[1]",)
    assert owner.flops == sum(r.flops for r in owner.body)
    following = step.records[owner.index + 1]
    assert following.made_by[0] == owner.index and following.labels[0] == f"#{owner.index}"
    np.testing.assert_array_equal(owner.body[-1].output_value, owner.output_value)


@pytest.mark.parametrize("layer", [Gated, GatedByRule])
def test_the_gradients_that_go_back_through_a_body_belong_to_it(tmp_path, layer):
    step = step_of(tmp_path, layer())
    owner = next(r for r in step.records if r.name.startswith("gated_units"))
    lanes = lanes_of(step.records, list(step.gradients))
    pair = next(p for p in lanes.pairs if p.record is owner)
    assert pair.is_reached and pair.gradient is not None
    (flow,) = pair.flows
    assert flow.position is None and flow.argument == "kernel, bias"
    assert {"matmul_transpose_a", "sum_of_rows"} <= {r.name for r in flow.records}
    assert not lanes.unpaired


def test_several_outputs_have_their_labels_and_gradients(tmp_path):
    step = step_of(tmp_path, layers.Dense(4), Halves())
    assert step.verdict.is_same, str(step.verdict)
    split = next(r for r in step.records if r.name == "split")
    assert [v.shape for v in split.output_values] == [(16, 2), (16, 2)]
    tanh = next(r for r in step.records if r.name == "tanh")
    assert tanh.labels == (f"#{split.index}[1]",) and tanh.made_by == (split.index,)
    pair = next(p for p in lanes_of(step.records, list(step.gradients)).pairs if p.record is split)
    (flow,) = pair.flows
    assert (
        flow.argument == "x"
        and flow.formula == "concatenate(g)"
        and [r.name for r in flow.records] == ["concatenate"]
    )
    assert pair.is_reached and flow.gradient is flow.records[-1]
    assert "-> (16, 2) float32, (16, 2) float32" in repr(split)


@pytest.mark.parametrize("parts", [(Gated,), (GatedByRule,), (lambda: layers.Dense(4), Halves)])
def test_every_view_shows_them(tmp_path, parts):
    step = step_of(tmp_path, *[part() for part in parts])
    record = next(r for r in step.records if r.name.startswith("gated_units") or r.name == "split")
    text, shown = str(step), json.loads(json.dumps(step_data(step)))
    kept = shown["records"][record.index]
    assert len(kept["outputs"]) == len(record.outputs) and len(kept["body"]) == len(record.body)
    assert {inner.name for inner in record.body} <= set(shown["operations"])
    assert len(json.loads(json.dumps(op_data(step, record.index)))["record"]["outputs"]) == len(
        record.outputs
    )
    assert "<html" in step_page(step) and step._repr_mimebundle_() is not None
    one = op_text(step, record.index)
    if record.body:
        assert f"{record.index}.0" in text and f"{record.index}.0" in one
    else:
        assert "output 0 (16, 2)" in one and "output 1 (16, 2)" in one


@pytest.mark.parametrize("parts", [(Gated,), (GatedByRule,), (lambda: layers.Dense(4), Halves)])
def test_a_gradient_is_checked_and_explained_through_them(tmp_path, parts):
    step = step_of(tmp_path, *[part() for part in parts])
    checked = step.check_gradient("layers.0.kernel")
    assert checked.is_right, str(checked)
    why = step.why("layers.0.kernel", (0, 0))
    assert why.gradient is not None
