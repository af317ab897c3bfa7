"""A new run that goes on from any step of another one."""

import numpy as np
import pytest

from gradtape import diff, open_run, optimizers
from gradtape.errors import RunError
from tests.replay.trainings import MODELS, data, dense, recorded


@pytest.fixture
def parent(tmp_path):
    return recorded(tmp_path / "parent", MODELS["dropout, batch norm, momentum"])


def test_nothing_changed_is_the_same_training(parent, tmp_path):
    child = parent.fork(7, tmp_path / "child")
    np.testing.assert_array_equal(child.steps["loss"], parent.steps["loss"][7:])
    np.testing.assert_array_equal(child.steps["step"], np.arange(7, 18))
    np.testing.assert_array_equal(child.epochs["loss"], parent.epochs["loss"][1:]), "the broken epoch's too"
    assert child.config["parent"] == {
        "run": parent.config["id"], "folder": str(tmp_path / "parent"), "step": 7, "epoch": 1, "batch": 1,
    }  # fmt: skip
    ours, theirs = child.checkpoint().arrays, parent.checkpoint().arrays
    assert all(np.array_equal(ours[n], theirs[n]) for n in ours if n.startswith(("model.", "optimizer.")))


def test_both_stay_replayable(parent, tmp_path):
    child = parent.fork(7, tmp_path / "child", learning_rate=0.01)
    for number in (7, 11, 17):
        assert child.at(number).verdict.is_same, str(child.at(number).verdict)
    assert child.at(7).variables_before["optimizer.learning_rate"] == np.float32(0.01)
    assert parent.at(8).verdict.is_same
    with pytest.raises(RunError, match=r"step must be in \[7, 17\]"):
        child.at(6)


def test_a_learning_rate_is_what_differs(parent, tmp_path):
    child = parent.fork(7, tmp_path / "child", learning_rate=0.01)
    assert child.steps["loss"][0] == parent.steps["loss"][7], "before the first update with it"
    assert child.steps["loss"][1] != parent.steps["loss"][8]
    found = diff(parent, child)
    assert (found.kind, found.step) == ("configuration", 7)
    assert "optimizer.learning_rate" in found.what


def test_another_optimizer_takes_over_the_weights(parent, tmp_path):
    child = parent.fork(9, tmp_path / "child", optimizer=optimizers.Adam(0.005))
    before, after = child.at(9).variables_before, parent.at(8).variables_after
    np.testing.assert_array_equal(before["layers.0.kernel"], after["layers.0.kernel"])
    assert not before["optimizer.velocity.layers.0.kernel"].any()
    assert child.at(17).verdict.is_same


def test_another_order(parent, tmp_path):
    child = parent.fork(6, tmp_path / "child", seed=99)
    assert sorted(np.concatenate([child.at(n).sample_ids for n in range(6, 12)])) == list(range(84))
    assert not np.array_equal(child.at(6).sample_ids, parent.at(6).sample_ids)
    assert diff(parent, child).kind == "order"


def test_other_data(parent, tmp_path):
    x, y = data()
    child = parent.fork(6, tmp_path / "child", x=x[:60], y=y[:60], epochs=4)
    assert len(child.steps) == 3 * 4, "three more epochs of four batches"
    assert child.at(17).verdict.is_same and child.config["fit"]["epochs"] == 4
    with pytest.raises(RunError, match="fork at the beginning of an epoch"):
        parent.fork(10, tmp_path / "other", x=x[:60], y=y[:60])


def test_a_fork_that_was_broken_off_goes_on(parent, tmp_path):
    class Stop(Exception):
        pass

    from gradtape.callbacks import LambdaCallback

    def at_the_end(epoch, logs):
        if epoch == 1:
            raise Stop

    with pytest.raises(Stop):
        parent.fork(
            7, tmp_path / "child", learning_rate=0.02, callbacks=[LambdaCallback(on_epoch_end=at_the_end)]
        )
    child = parent.fork(7, tmp_path / "child", learning_rate=0.02, resume=True)
    whole = parent.fork(7, tmp_path / "whole", learning_rate=0.02)
    np.testing.assert_array_equal(child.steps["loss"], whole.steps["loss"])
    assert child.state == "finished"
    with pytest.raises(RunError, match="already contains a run"):
        parent.fork(7, tmp_path / "child")


def test_a_fork_of_a_fork(parent, tmp_path):
    child = parent.fork(5, tmp_path / "child", learning_rate=0.02)
    grandchild = child.fork(11, tmp_path / "grandchild")
    np.testing.assert_array_equal(grandchild.steps["loss"], child.steps["loss"][6:])
    assert grandchild.config["parent"]["run"] == child.config["id"]


@pytest.mark.parametrize("step", [-1, 19])
def test_a_step_that_is_not_there(parent, tmp_path, step):
    with pytest.raises(RunError, match=r"fork: step must be in \[0, 18\]"):
        parent.fork(step, tmp_path / "child")
    assert not (tmp_path / "child").exists()


def test_training_longer(tmp_path):
    short = recorded(tmp_path / "short", dense, epochs=2)
    longer = short.fork(12, tmp_path / "longer", epochs=3)
    whole = recorded(tmp_path / "whole", dense, epochs=3)
    np.testing.assert_array_equal(longer.steps["loss"], whole.steps["loss"][12:])
    assert open_run(tmp_path / "longer", *data()).at(-1).verdict.is_same


def test_a_run_without_a_step_has_none_to_open(tmp_path):
    class Stop(Exception):
        pass

    def at_once(epoch, logs):
        raise Stop

    from gradtape.callbacks import LambdaCallback

    with pytest.raises(Stop):
        recorded(tmp_path / "run", callbacks=[LambdaCallback(on_epoch_begin=at_once)])
    run = open_run(tmp_path / "run", *data())
    assert len(run.steps) == 0
    for step in (-1, 0, 1):
        with pytest.raises(RunError, match=rf"^run: no step was recorded, so there is no step {step}$"):
            run.at(step)
