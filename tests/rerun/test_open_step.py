"""Any step of a run, opened: the batch, every operation, and the proof that it is that step."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest

import gradtape
from gradtape import GradientTape, Model, Sequential, diff, engine, layers, open_run, ops
from gradtape.callbacks import LearningRateScheduler
from gradtape.errors import RunError
from tests.replay.trainings import BATCH, EPOCHS, MODELS, data, dense, plain, recorded

STEPS = 6 * EPOCHS


@pytest.mark.parametrize("name", MODELS)
def test_every_step_is_the_one_that_was_trained(tmp_path, name):
    run = recorded(tmp_path / "run", MODELS[name])
    for number in (0, 1, 5, 6, 11, STEPS - 1):
        step = run.at(number)
        assert step.verdict.is_same, str(step.verdict)
        assert step.verdict.losses == number - step.verdict.start + 1
        assert step.loss == run.steps["loss"][number]
        if step.verdict.compiled is not None:  # on JAX the view is computed operation by operation
            assert step.verdict.compiled[0] < 1e-5
    assert run.at(-1).number == STEPS - 1
    assert run.at(3).verdict.states > 0, "after step 3 there is a checkpoint"


def test_a_step_holds_its_batch_and_what_became_of_it(tmp_path):
    run = recorded(tmp_path / "run", MODELS["adam"])
    x, y = data()
    step = run.at(7)
    assert (step.epoch, step.batch, step.number) == (1, 1, 7)
    np.testing.assert_array_equal(step.x, x[step.sample_ids])
    np.testing.assert_array_equal(step.y, y[step.sample_ids])
    assert step.predictions.shape == (BATCH, 3)
    np.testing.assert_allclose(step.predictions.sum(axis=1), 1.0, rtol=1e-5)
    probabilities = step.predictions[np.arange(BATCH), step.y]
    np.testing.assert_allclose(step.sample_losses, -np.log(probabilities), rtol=1e-5)
    np.testing.assert_allclose(step.sample_losses.mean(), step.loss, rtol=1e-5)
    assert set(step.gradients) == {f"layers.{n}" for n in (
        "0.kernel", "0.bias", "1.gamma", "1.beta", "3.kernel", "3.bias")}  # fmt: skip
    assert step.activations["layers.0"].shape == (BATCH, 8)
    assert (
        step.variables_after["optimizer.iterations"] == step.variables_before["optimizer.iterations"] + 1 == 8
    )
    assert len(run.at(5).sample_ids) == 4, "the last batch of an epoch is smaller"


def test_after_one_step_is_before_the_next(tmp_path):
    run = recorded(tmp_path / "run", MODELS["adam"])
    first, second = run.at(6), run.at(7)
    for path, value in first.variables_after.items():
        np.testing.assert_array_equal(value, second.variables_before[path], err_msg=path)


def test_records_are_complete_and_know_where_they_belong(tmp_path):
    step = recorded(tmp_path / "run", MODELS["adam"]).at(2)
    names = {
        phase: [r.name for r in step.phase(phase)] for phase in ("forward", "loss", "backward", "update")
    }
    assert names["forward"][:3] == ["matmul", "add", "relu"]
    assert names["loss"] == ["softmax_crossentropy", "mean"]
    assert "matmul_transpose_a" in names["backward"]
    assert names["update"].count("assign_sub") == 6, "one for each weight"
    assert [r.index for r in step.records] == list(range(len(step.records)))
    for record in step.records:
        for made_by, value in zip(record.made_by, record.input_values, strict=True):
            if made_by is not None:
                assert made_by < record.index
                np.testing.assert_array_equal(step.records[made_by].output_value, value)
    by_layer = {r.layer for r in step.phase("forward")}
    assert by_layer == {"layers.0", "layers.1", "layers.2", "layers.3"}


def test_a_backward_record_knows_its_forward_record_and_rule(tmp_path):
    step = recorded(tmp_path / "run").at(1)
    for record in step.phase("backward"):
        assert record.forward is not None
        assert step.records[record.forward].phase in ("forward", "loss")
    product = step.records[0]
    (back,) = [r for r in step.backward_of(product) if r.part == "rule"]
    assert (product.name, back.argument, back.formula) == ("matmul", "x2", "transpose(x1) @ g")
    np.testing.assert_array_equal(back.output_value, step.gradients["layers.0.kernel"])
    bias = [r for r in step.backward_of(step.records[1]) if r.part == "fit"]
    assert [r.name for r in bias] == ["sum_of_rows"], "a broadcast is undone"


def test_a_sum_where_paths_meet_is_marked(tmp_path):
    step = recorded(tmp_path / "run", dense).at(1)
    sums = [r for r in step.phase("backward") if r.part == "sum"]
    assert {r.name for r in sums} == {"add"} and len(sums) == 2, (
        "x goes into x - mean(x), the mean and the variance"
    )


def test_labels_name_batch_weights_and_records(tmp_path):
    step = recorded(tmp_path / "run").at(1)
    assert step.records[0].labels == ("x", "layers.0.kernel")
    assert step.records[1].labels == ("#0", "layers.0.bias")
    loss = step.phase("loss")[0]
    assert "y" in loss.labels
    assign = next(r for r in step.records if r.variable == "layers.0.kernel")
    np.testing.assert_allclose(
        assign.output_value, step.variables_after["layers.0.kernel"], rtol=1e-6, atol=1e-8
    )
    np.testing.assert_array_equal(assign.input_values[0], step.variables_before["layers.0.kernel"])


def test_costs_are_counted_from_shapes(tmp_path):
    step = recorded(tmp_path / "run").at(1)
    product, add = step.records[:2]
    assert product.flops == 2 * BATCH * 6 * 8
    assert product.size_bytes == 4 * (BATCH * 6 + 6 * 8 + BATCH * 8)
    assert add.flops == BATCH * 8


def test_lines_of_source_are_the_layers_and_the_users(tmp_path):
    step = recorded(tmp_path / "run", MODELS["own layer"]).at(1)
    scale = step.records[0]
    assert scale.layer == "layers.0" and scale.source.startswith("trainings.py:")
    assert scale.line.text == "return inputs * self.scale"
    assert scale.user_line == scale.line
    assert step.records[1].source.startswith("dense.py:") and step.records[1].user_line is None


def test_a_learning_rate_that_a_callback_changed_is_taken_from_the_record(tmp_path):
    falling = LearningRateScheduler(lambda epoch, rate: 0.5 / (epoch + 1))
    run = recorded(tmp_path / "run", plain, callbacks=[falling], every_steps=None)
    for number in (6, 7, 13):
        step = run.at(number)
        assert step.verdict.is_same, str(step.verdict)
        assert step.variables_before["optimizer.learning_rate"] == np.float32(0.5 / (number // 6 + 1))


def test_opening_changes_nothing_in_the_run(tmp_path):
    run = recorded(tmp_path / "run")
    before = {p: p.read_bytes() for p in sorted((tmp_path / "run").rglob("*")) if p.is_file()}
    run.at(9)
    after = {p: p.read_bytes() for p in sorted((tmp_path / "run").rglob("*")) if p.is_file()}
    assert {p.name: b for p, b in before.items() if "wal" not in p.name and "shm" not in p.name} == {
        p.name: b for p, b in after.items() if "wal" not in p.name and "shm" not in p.name
    }


@pytest.mark.parametrize(("number", "text"), [(18, r"step must be in \[0, 17\]"), (-19, "step must be in"),
                                              (1.5, "step must be a whole number"), (True, "whole number")])  # fmt: skip
def test_a_step_that_is_not_there(tmp_path, number, text):
    with pytest.raises(RunError, match=text):
        recorded(tmp_path / "run").at(number)


def test_data_that_is_not_the_runs_is_refused(tmp_path):
    recorded(tmp_path / "run")
    x, y = data()
    x[3, 2] += 1
    with pytest.raises(RunError, match="was trained on other data: sha256"):
        open_run(tmp_path / "run", x, y)
    with pytest.raises(RunError, match=r"pass the data: open_run"):
        open_run(tmp_path / "run").at(3)


def test_a_flipped_bit_in_a_checkpoint_is_seen(tmp_path):
    run = recorded(tmp_path / "run")
    checkpoint = run.checkpoint(8)
    weight = checkpoint.arrays["model.layers.0.kernel"].copy()
    weight.view("uint32")[2, 3] ^= 1 << 20
    _replace(run, checkpoint, {"model.layers.0.kernel": weight})
    step = open_run(tmp_path / "run", *data()).at(9)
    assert not step.verdict.is_same
    found = step.verdict.outside
    assert (found.variable, found.step, found.element.index) == ("layers.0.kernel", 8, (2, 3))
    assert found.element.bits == 1 and found.element.others == 0
    assert "one bit" in str(step.verdict), str(step.verdict)


def _replace(run, checkpoint, arrays):
    """Put another checkpoint, valid in itself, in the place of one."""
    import shutil

    shutil.rmtree(checkpoint.path)
    run._checkpoints.save(checkpoint.step, checkpoint.arrays | arrays, checkpoint.about)


def test_the_view_on_jax_says_how_far_it_is_from_the_compiled_step(tmp_path):
    step = recorded(tmp_path / "run").at(1)
    if engine.active.compiles:
        assert "computed operation by operation" in str(step.verdict)
    else:
        assert step.verdict.compiled is None


def test_a_checkpoint_that_is_gone_still_proves_the_state(tmp_path):
    run = recorded(tmp_path / "run", dense, keep_spread=2, keep_last=1, every_steps=2)
    gone = max(step for step in run.digests if step not in run.checkpoints and step % 6)
    assert run.checkpoints[0] < gone
    step = run.at(gone - 1)
    assert step.verdict.is_same and step.verdict.states == len(step.variables_after)
    with closing(sqlite3.connect(tmp_path / "run" / "run.db")) as db:
        db.execute("UPDATE events SET about = replace(about, ?, ?)", (run.digests[gone], "0" * 64))
        db.commit()
    found = open_run(tmp_path / "run", *data()).at(gone - 1).verdict
    assert not found.is_same and found.difference.what == "the digest of all Variables"


def test_a_verdict_that_differs_says_what_is_otherwise_than_where_it_ran(tmp_path):
    recorded(tmp_path / "run")
    path = tmp_path / "run" / "run.json"
    config = json.loads(path.read_text())
    config["environment"] |= {"engine": "abacus", "threads": 77}
    path.write_text(json.dumps(config))
    with closing(sqlite3.connect(tmp_path / "run" / "run.db")) as db:
        db.execute("UPDATE steps SET loss = loss + 1e-7 WHERE step = 5")
        db.commit()
    run = open_run(tmp_path / "run", *data())
    assert run.at(3).verdict.notes == []
    notes = run.at(5).verdict.notes
    assert notes[0].startswith("engine was abacus, is ") and any(
        "threads was 77, is" in note for note in notes
    )


def test_large_data_that_stays_where_it_lies_is_opened_too(tmp_path):
    x = np.random.default_rng(0).normal(size=(1100, 1000)).astype("float32")
    y = (x[:, 0] > 0).astype("int32")

    def wide():
        model = Sequential([layers.Input((1000,)), layers.Dense(2, activation="softmax")])
        model.compile("rmsprop", "sparse_categorical_crossentropy")
        return model

    run = recorded(tmp_path / "run", wide, x=x, y=y, epochs=1, every_steps=None)
    for number in (3, 68):
        step = run.at(number)
        assert step.verdict.is_same, str(step.verdict)
        np.testing.assert_array_equal(step.x, x[step.sample_ids])


def test_values_of_a_record_are_those_of_the_step_and_cannot_be_changed(tmp_path):
    step = recorded(tmp_path / "run").at(1)
    record = step.records[0]
    assert np.shares_memory(record.output_value, record.output_value), "no copy at each reading"
    for array in (record.output_value, *record.input_values):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    mean = next(r for r in step.records if r.output_shape == ())
    assert isinstance(mean.output_value, np.floating)


OLD = {"values": "input_values", "value": "output_value", "shapes": "input_shapes", "shape": "output_shape",
       "dtypes": "input_dtypes", "dtype": "output_dtype", "stage": "update_part"}  # fmt: skip


def test_old_names_work_for_one_version_and_say_so(tmp_path):
    run = recorded(tmp_path / "run")
    step = run.at(1)
    record = step.records[0]
    for holder, names in (
        (record, OLD),
        (step, {"before": "variables_before", "after": "variables_after", "stage": "session"}),
    ):
        for old, new in names.items():
            with pytest.warns(DeprecationWarning, match=rf"\.{old} is now {new}; the old name goes"):
                np.testing.assert_equal(getattr(holder, old), getattr(holder, new))
    with pytest.warns(DeprecationWarning, match="Run.stage is now Run.session"):
        assert run.stage() is run.session()
    with pytest.warns(DeprecationWarning, match="Run.new_stage is now Run.new_session"):
        assert run.new_stage().model is not run.session().model


def test_a_run_says_itself_where_another_diverges(tmp_path):
    one, two = recorded(tmp_path / "a"), recorded(tmp_path / "b", seed=5)
    assert str(one.diff(two)) == str(diff(one, two))


@gradtape.base.config.register_serializable("trainings")
class Two(Model):
    """A step of the user's own with everything in it that has a phase, and sums that have none."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(3, name="inner")
        self.scores = gradtape.metrics.Mean(name="scores")
        self.entropy = gradtape.losses.SparseCategoricalCrossentropy()

    def call(self, inputs):
        return ops.softmax(self.inner(inputs) * 0.5)

    def train_step(self, data):
        x, y = data[0], data[1]
        with GradientTape() as tape:
            predictions = self(x, training=True)
            total = self.entropy(y, predictions) + ops.mean(ops.square(predictions))
        weights = self.trainable_variables
        gradients = [g * 2.0 for g in tape.gradient(total, weights)]
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        self.scores.update_state(total)
        return {"scores": self.scores.result()}


def test_the_phases_of_a_step_of_ones_own(tmp_path):
    step = recorded(tmp_path / "run", own_two).at(1)
    phases = [(r.phase, r.name) for r in step.records]
    assert [name for phase, name in phases if phase == "forward"] == [
        *("matmul", "add", "multiply", "softmax"),
        *("square", "mean", "add"),
    ], "the layers', and what is added to the loss while the tape is running"
    assert {r.layer for r in step.phase("forward")[:2]} == {"inner"}
    assert {r.layer for r in step.phase("forward")[2:]} == {""}
    assert [name for phase, name in phases if phase == "loss"] == ["softmax_crossentropy", "mean"]
    updates = [(r.name, r.update_part) for r in step.phase("update")]
    assert updates[:2] == [("multiply", "")] * 2, "what is done to gradients after the tape"
    assert [n for n, part in updates if part == "update_step"] == ["multiply", "assign_sub"] * 2
    assert [n for n, part in updates if part == "iterations"] == ["assign_add"]
    assert {r.phase for r in step.records if r.variable.startswith("scores")} == {"metrics"}
    order = [phase for phase, _ in phases]
    assert list(dict.fromkeys(order)) == ["forward", "loss", "backward", "update", "metrics"]


def own_two():
    model = Two()
    model.compile("sgd")
    return model
