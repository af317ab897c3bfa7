"""Runs: recorded, broken in every way, resumed to the identical end, read."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradtape
from gradtape import layers, ops
from gradtape.callbacks import Callback, EarlyStopping, ReduceLROnPlateau
from gradtape.errors import ArgumentError, CheckpointError, RunError
from gradtape.optimizers.schedules import ExponentialDecay
from gradtape.replay.run import open_run
from gradtape.runs import Recording
from gradtape.runs.disk.checkpoints import Checkpoints
from gradtape.runs.disk.journal import Journal
from gradtape.runs.disk.lock import Lock
from tests.runs.training import EPOCHS, data, model, train

HERE = Path(__file__).parents[2]
STEPS = 6  # of 94 samples in batches of 16


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """Return the run that nothing happened to."""
    folder = tmp_path_factory.mktemp("runs") / "unbroken"
    train(folder)
    return open_run(folder)


def final(run):
    """Return what must be the same bits: the last checkpoint's arrays, the losses of all steps, the epochs."""
    checkpoint = run.checkpoint()
    epochs = run.epochs
    return (
        checkpoint.step,
        {name: array.tobytes() for name, array in checkpoint.arrays.items()},
        [run.steps[name].tobytes() for name in ("step", "epoch", "batch", "loss", "learning_rate")],
        [np.asarray(epochs[name]).tobytes() for name in epochs.dtype.names if name != "wall_seconds"],
    )


class BreakAt(Callback):
    """Raises in the middle of a training: at the end of an epoch, or when told of a step."""

    def __init__(self, epoch, error=RuntimeError):
        self.at, self.error = epoch, error

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.at:
            raise self.error("broken on purpose")


def test_what_a_run_says(unbroken):
    assert unbroken.state == "finished"
    assert unbroken.steps["step"].tolist() == list(range(EPOCHS * STEPS))
    assert unbroken.steps["batch"].tolist() == list(range(STEPS)) * EPOCHS
    assert set(unbroken.epochs.dtype.names) == {
        "epoch", "step", "wall_seconds", "loss", "accuracy", "val_loss", "val_accuracy"
    }  # fmt: skip
    assert unbroken.epochs["step"].tolist() == [6, 12, 18]
    assert [e["kind"] for e in unbroken.events][0] == "start" and unbroken.events[-1]["kind"] == "end"
    assert unbroken.config["environment"]["engine"] in ("numpy", "jax")
    assert unbroken.config["data"]["shapes"] == [[93, 5], [93]]
    assert unbroken.checkpoints == [0, 3, 6, 9, 12, 15, 18]
    assert 0 < unbroken.steps["loss"].mean() < 2
    assert list(unbroken.steps.to_pandas().columns)[:2] == ["step", "epoch"]


def test_the_losses_are_those_of_a_training_without_a_run(unbroken):
    x, y = data()
    made = model()
    history = made.fit(x, y, batch_size=16, epochs=EPOCHS, validation_split=0.1, verbose=0).history
    assert history["loss"] == pytest.approx(unbroken.epochs["loss"].tolist(), rel=1e-6)


def test_a_run_gives_its_model_back(unbroken):
    x, _ = data()
    made = unbroken.model()
    assert made.predict(x, verbose=0).shape == (104, 2)
    assert (unbroken.model(0).get_weights()[0] == model().get_weights()[0]).all()
    with pytest.raises(CheckpointError, match="there is no checkpoint of step 4; there are 0, 3, 6"):
        unbroken.model(4)


def test_a_plot_is_axes(unbroken):
    pytest.importorskip("matplotlib")
    assert len(unbroken.plot().lines) == 3


def test_the_same_seed_gives_the_same_bits_twice(unbroken, tmp_path):
    train(tmp_path / "again")
    assert final(open_run(tmp_path / "again")) == final(unbroken)


@pytest.mark.parametrize("epoch", range(EPOCHS))
@pytest.mark.parametrize("every_steps", [None, 4])
def test_a_training_that_failed_goes_on_to_the_identical_end(unbroken, tmp_path, epoch, every_steps):
    with pytest.raises(RuntimeError, match="broken on purpose"):
        train(tmp_path / "run", callbacks=[BreakAt(epoch)], every_steps=every_steps)
    run = open_run(tmp_path / "run")
    assert run.state == "failed" and "broken on purpose" in run.events[-1]["traceback"]
    made = train(tmp_path / "run", resume=True, every_steps=every_steps)
    assert final(run)[1:] == final(unbroken)[1:] and run.state == "finished"
    assert made.history.epoch == list(range(EPOCHS))
    assert made.history.history["loss"] == unbroken.epochs["loss"].tolist()


def test_early_stopping_and_a_falling_learning_rate_go_on_too(tmp_path):
    def told(*more):
        early = EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
        return [early, ReduceLROnPlateau(monitor="val_loss", patience=1, min_delta=0.2), *more]

    kinds = {"rate": 0.1, "epochs": 9}
    train(tmp_path / "a", callbacks=told(), **kinds)
    with pytest.raises(RuntimeError):
        train(tmp_path / "b", callbacks=told(BreakAt(3)), **kinds)
    train(tmp_path / "b", callbacks=told(), resume=True, **kinds)
    a, b = open_run(tmp_path / "a"), open_run(tmp_path / "b")
    assert final(a)[1:] == final(b)[1:]
    assert len(set(a.steps["learning_rate"])) > 1


def killed(folder, fault, *more):
    """Run the training in a process that dies at `fault`; return its exit status."""
    environment = {**os.environ, "GRADTAPE_FAULT": fault}
    command = [sys.executable, "-m", "tests.runs.training", str(folder), *more]
    return subprocess.run(command, env=environment, cwd=HERE, capture_output=True, timeout=120).returncode


@pytest.mark.parametrize(
    "fault", ["after:mkdir:1", "after:write:5", "after:fsync:11", "after:rename:4", "after:write:12"]
)
def test_kill_9_costs_nothing(unbroken, tmp_path, fault):
    assert killed(tmp_path / "run", fault) == -signal.SIGKILL
    if Checkpoints(tmp_path / "run" / "checkpoints").steps():
        assert open_run(tmp_path / "run").state == "killed"
        train(tmp_path / "run", resume=True)
        assert final(open_run(tmp_path / "run")) == final(unbroken)
        assert not list((tmp_path / "run" / "checkpoints").glob(".*"))
    else:  # it died before there was a run: the same line of the program begins one
        with pytest.raises(RunError, match="there is no run in"):
            open_run(tmp_path / "run")
        train(tmp_path / "run", resume=True)
        assert final(open_run(tmp_path / "run")) == final(unbroken)


def test_twice_killed(unbroken, tmp_path):
    assert killed(tmp_path / "run", "after:rename:3") == -signal.SIGKILL
    assert killed(tmp_path / "run", "after:write:2", "--resume") == -signal.SIGKILL
    train(tmp_path / "run", resume=True)
    run = open_run(tmp_path / "run")
    assert final(run) == final(unbroken)
    assert [e["kind"] for e in run.events].count("resume") == 2


def test_ctrl_c_saves_and_says_how_to_go_on(unbroken, tmp_path, capsys):
    class Interrupt(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 0:
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        train(tmp_path / "run", callbacks=[Interrupt()])
    ours = [one for one in caught.traceback if "gradtape" in str(one.path)]
    assert [one.name for one in ours if "tests" not in str(one.path)] == ["fit"]
    run = open_run(tmp_path / "run")
    assert run.state == "stopped"
    assert capsys.readouterr().err.endswith("; to continue: the same call, with resume=True\n")
    train(tmp_path / "run", resume=True)
    assert final(run)[1:] == final(unbroken)[1:]


def test_sigterm_ends_with_143(tmp_path):
    class Terminate(Callback):
        def on_epoch_end(self, epoch, logs=None):
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit) as ended:
        train(tmp_path / "run", callbacks=[Terminate()])
    assert ended.value.code == 143
    assert open_run(tmp_path / "run").state == "stopped"


def test_a_torn_newest_checkpoint_falls_back_to_the_one_before(unbroken, tmp_path, capsys):
    with pytest.raises(RuntimeError):
        train(tmp_path / "run", callbacks=[BreakAt(1)])
    newest = tmp_path / "run" / "checkpoints" / f"step-{open_run(tmp_path / 'run').checkpoints[-1]:09d}"
    (newest / "arrays.safetensors").write_bytes((newest / "arrays.safetensors").read_bytes()[:-7])
    train(tmp_path / "run", resume=True)
    assert "bytes" in capsys.readouterr().err
    assert final(open_run(tmp_path / "run"))[1:] == final(unbroken)[1:]


@pytest.mark.parametrize("file", ["arrays.safetensors", "manifest.json"])
def test_every_damage_to_a_checkpoint_is_seen(tmp_path, file):
    store = Checkpoints(tmp_path)
    store.save(1, {"a": np.arange(6.0), "b": np.float32(3)}, {"epoch": 0})
    store.save(2, {"a": np.arange(7.0)}, {"epoch": 0})
    path = store.path(1) / file
    whole = path.read_bytes()
    others = (store.path(2) / file).read_bytes()
    damaged = [whole[:n] for n in range(0, len(whole), 41)] + [b"\0" * len(whole), whole + b"x", others]
    damaged += [whole[:n] + bytes([whole[n] ^ 1]) + whole[n + 1 :] for n in range(0, len(whole), 13)]
    for data_ in damaged:
        path.write_bytes(data_)
        with pytest.raises(CheckpointError, match="checkpoint: .*step-000000001"):
            store.load(1)
    path.unlink()
    with pytest.raises(CheckpointError):
        store.load(1)
    path.write_bytes(whole)
    assert store.load(1).arrays["a"].tolist() == list(range(6))


def test_a_link_in_the_place_of_a_checkpoint_is_refused(tmp_path):
    store = Checkpoints(tmp_path / "a")
    store.save(1, {}, {})
    os.rename(store.path(1), tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", store.path(1))
    with pytest.raises(CheckpointError, match="is a link"):
        store.load(1)


def test_a_save_that_fails_leaves_the_older_ones_alone(tmp_path, monkeypatch):
    store = Checkpoints(tmp_path)
    store.save(1, {"a": np.arange(3.0)}, {})

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        CheckpointError, match="No space left on device; the checkpoints before it are unharmed"
    ):
        store.save(2, {"a": np.arange(3.0)}, {})
    assert store.steps() == [1] and store.load(1).step == 1
    assert [p.name for p in tmp_path.iterdir()] == ["step-000000001"]


def test_what_a_living_process_leaves_unfinished_is_not_swept(tmp_path):
    store = Checkpoints(tmp_path)
    from gradtape.runs.disk.processes import boot, me

    (tmp_path / f".tmp-{me()}-ab").mkdir()
    (tmp_path / f".tmp-999999999-{boot()}-ab").mkdir()
    (tmp_path / ".tmp-mine").mkdir()
    store.sweep()
    assert sorted(p.name for p in tmp_path.iterdir()) == [f".tmp-{me()}-ab", ".tmp-mine"]


def test_the_second_process_is_refused_with_the_firsts_number(tmp_path):
    train(tmp_path / "run", epochs=1)
    lock = Lock(tmp_path / "run")
    with pytest.raises(RunError, match=f"is being written by process {os.getpid()}"):
        train(tmp_path / "run", resume=True, epochs=1)
    assert open_run(tmp_path / "run").state == "training"
    lock.release()


def test_a_run_is_not_written_over(tmp_path):
    train(tmp_path / "run", epochs=1)
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(RunError, match="already contains a run; resume=True"):
        train(tmp_path / "run")
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_a_run_is_not_continued_otherwise_than_it_began(tmp_path):
    train(tmp_path / "run", epochs=1)
    with pytest.raises(RunError, match="fit.epochs: 1 before, 2 now.*--allow-change epochs"):
        train(tmp_path / "run", resume=True, epochs=2)
    with pytest.raises(RunError, match="learning_rate"):
        train(tmp_path / "run", resume=True, epochs=1, rate=0.5)
    x, y = data()
    x[3, 2] += 1
    other = model()
    with pytest.raises(RunError, match="data.sha256"):
        other.fit(
            x, y, batch_size=16, epochs=1, validation_split=0.1, verbose=0, run=tmp_path / "run", resume=True
        )
    train(tmp_path / "run", resume=True, epochs=EPOCHS, allow_change=("epochs",))
    assert len(open_run(tmp_path / "run").epochs) == EPOCHS


def test_more_epochs_are_those_of_a_longer_training(unbroken, tmp_path):
    train(tmp_path / "run", epochs=1)
    train(tmp_path / "run", resume=True, allow_change=("epochs",))
    assert final(open_run(tmp_path / "run"))[1:] == final(unbroken)[1:]


def test_old_checkpoints_go_and_the_best_stays(tmp_path):
    train(tmp_path / "run", every_steps=None, keep_last=1, keep_best="val_loss", keep_spread=None, rate=0.5)
    run = open_run(tmp_path / "run")
    best = run.epochs["step"][run.epochs["val_loss"].argmin()]
    assert run.checkpoints == sorted({best, run.epochs["step"][-1]})


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda f: (f / "run.json").unlink(), "there is no run in"),
        (lambda f: (f / "run.json").write_text("{"), "run.json cannot be read"),
        (lambda f: (f / "run.json").write_text(json.dumps({"format": 99})), "format 99"),
        (lambda f: (f / "run.db").unlink(), "run.db cannot be opened"),
        (lambda f: (f / "run.db").write_bytes(b"not a database" * 100), "run.db cannot be opened"),
    ],
)
def test_a_spoilt_run_is_refused_and_left_alone(tmp_path, spoil, fault):
    train(tmp_path / "run", epochs=1)
    spoil(tmp_path / "run")
    names = sorted(p.name for p in (tmp_path / "run").iterdir())
    with pytest.raises(RunError, match=fault):
        open_run(tmp_path / "run")
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == names


def test_a_newer_database_is_refused(tmp_path):
    train(tmp_path / "run", epochs=1)
    with sqlite3.connect(tmp_path / "run" / "run.db") as db:
        db.execute("PRAGMA user_version=9")
    with pytest.raises(RunError, match="format 9"):
        open_run(tmp_path / "run")


def test_steps_that_are_done_again_are_kept_apart(tmp_path):
    journal = Journal(tmp_path / "run.db", "make")
    journal.add_steps([(i, 0, i, 1.0 / (i + 1), 0.1, None, 0.0) for i in range(5)])
    journal.add_steps([(5, 0, 5, float("nan"), 0.1, None, 0.0)])
    journal.commit()
    before = journal.steps()
    assert np.isnan(before["loss"][-1])
    assert journal.supersede(3, 0) == 3
    assert journal.steps()["step"].tolist() == [0, 1, 2] and journal.end() == 3
    kept = journal.superseded()
    assert all(kept[n].tobytes() == before[n][3:].tobytes() for n in before.dtype.names)
    journal.close()


@pytest.mark.parametrize("bad", ["", 3, None])
def test_what_is_no_folder(bad):
    x, y = data()
    if bad is None:
        with pytest.raises(RunError, match="on_save_error"):
            train("unused", on_save_error="ignore")
        return
    with pytest.raises(RunError, match="must be the path of a folder"):
        model().fit(x, y, run=bad, verbose=0)


def test_a_recording_says_where():
    assert Recording("here").folder == "here"


def test_the_learning_rate_on_record_is_that_of_the_step(tmp_path):
    schedule = ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)
    x, y = data()
    made = model(schedule)
    made.fit(x, y, batch_size=16, epochs=1, verbose=0, run=tmp_path / "run")
    rates = open_run(tmp_path / "run").steps["learning_rate"]
    np.testing.assert_allclose(rates, 0.1 * 0.5 ** np.arange(len(rates)), rtol=1e-6)


def test_the_process_that_trained_knows_the_classes_of_its_run(tmp_path):
    class Doubled(layers.Layer):
        """A class that is registered nowhere."""

        def call(self, inputs):
            return inputs * 2.0

    def scaled(y_true, y_pred):
        return 3.0 * ops.mean(ops.square(y_true - y_pred), axis=-1)

    x, y = np.ones((8, 3), "float32"), np.zeros((8, 1), "float32")
    model = gradtape.Sequential([layers.Input((3,)), Doubled(), layers.Dense(1)])
    model.compile("sgd", scaled)
    model.fit(x, y, batch_size=4, verbose=0, run=tmp_path / "run")
    run = open_run(tmp_path / "run", x, y)
    assert run.at(1).verdict.is_same
    assert np.array_equal(run.model().get_weights()[0], model.get_weights()[0])
    shutil.copytree(tmp_path / "run", tmp_path / "another")
    config = json.loads((tmp_path / "another/run.json").read_text())
    (tmp_path / "another/run.json").write_text(json.dumps(config | {"id": "0" * 16}))
    with pytest.raises(ArgumentError, match="unknown name 'Doubled'"):
        open_run(tmp_path / "another", x, y).at(1)
