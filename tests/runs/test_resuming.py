"""Resuming: what must be as it was, what may differ if it is named, and who may write."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

import gradtape
from gradtape.errors import CheckpointError, GradtapeError, RunError
from gradtape.layers import Dense, Dropout, Input
from gradtape.optimizers import SGD, Adam
from gradtape.replay.run import open_run
from gradtape.runs import Recording
from gradtape.runs import reader as run_module
from gradtape.runs.disk import faults
from gradtape.runs.disk.checkpoints import Checkpoints
from gradtape.runs.disk.lock import Lock, is_held
from gradtape.runs.disk.processes import boot, host, started
from tests.runs.test_runs import final
from tests.runs.training import data, model, train

HERE = Path(__file__).parents[2]
USUAL: dict[str, Any] = {
    "seed": 11,
    "layers": lambda: [Dense(8, activation="tanh"), Dropout(0.1), Dense(2, activation="softmax")],
    "optimizer": lambda: Adam(0.01),
    "loss": "sparse_categorical_crossentropy",
    "batch_size": 16,
    "shuffle": True,
    "class_weight": None,
    "dtype": "float32",
    "samples": slice(None),
    "held_out": slice(90, None),
}


def fit(folder: Any, resume: bool = False, allow_change: tuple[str, ...] = (), **changes: Any) -> Any:
    """Train two epochs, with changes to how it is usually done."""
    how = {**USUAL, **changes}
    gradtape.set_seed(how["seed"])
    made = gradtape.Sequential([Input((5,), dtype=how["dtype"]), *how["layers"]()])
    made.compile(how["optimizer"](), how["loss"], metrics=["accuracy"])
    x, y = (part[:90][how["samples"]] for part in data())
    held_out = tuple(part[how["held_out"]] for part in data())
    made.fit(
        x, y, how["batch_size"], 2, 0, how.get("callbacks"), validation_data=held_out, shuffle=how["shuffle"],
        class_weight=how["class_weight"], resume=resume,
        run=Recording(folder, every_seconds=None, allow_change=allow_change),
    )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resuming") / "run"
    fit(folder)
    return folder


def wider() -> list[Any]:
    return [Dense(9, activation="tanh"), Dropout(0.1), Dense(2, activation="softmax")]


def in_double() -> list[Any]:
    return [Dense(8, activation="tanh", dtype="float64"), Dropout(0.1), Dense(2, activation="softmax")]


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "the optimizer's class": ({"optimizer": lambda: SGD(0.01)}, "compile.optimizer.is.class_name: 'Adam' before, 'SGD' now"),
    "a setting of the optimizer": ({"optimizer": lambda: Adam(0.01, beta_1=0.8)}, "beta_1: 0.9 before, 0.8 now"),
    "the learning rate": ({"optimizer": lambda: Adam(0.02)}, "learning_rate: 0.01 before, 0.02 now"),
    "the loss": ({"loss": "mse", "layers": lambda: [Dense(8, activation="tanh"), Dropout(0.1), Dense(1)]}, "compile.loss"),
    "the structure": ({"layers": wider}, "units: 8 before, 9 now"),
    "another rate of dropout": ({"layers": lambda: [Dense(8, activation="tanh"), Dropout(0.2), Dense(2, activation="softmax")]}, "rate: 0.1 before, 0.2 now"),
    "a layer more": ({"layers": lambda: [Dense(3), *wider()]}, "model."),
    "the dtype": ({"layers": in_double}, "dtype: .*'float64' now"),
    "the batch size": ({"batch_size": 8}, "fit.batch_size: 16 before, 8 now"),
    "shuffling": ({"shuffle": False}, "fit.shuffle: True before, False now"),
    "weights of classes": ({"class_weight": {0: 1.0, 1: 2.0}}, "fit.class_weight"),
    "the seed": ({"seed": 12}, "global_seed: 11 before, 12 now"),
    "the data": ({"samples": slice(None, None, -1)}, "data.sha256"),
    "the number of samples": ({"samples": slice(80)}, "data.shapes"),
    "the data for validation": ({"held_out": slice(91, None)}, "validation_data.shapes"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_run_goes_on_as_it_began_or_not_at_all(usual: Path, what: str) -> None:
    changes, said = CHANGES[what]
    before = {p: p.read_bytes() for p in usual.rglob("*") if p.is_file() and "-shm" not in p.name}
    with pytest.raises(RunError, match=f"was made with another configuration: .*{said}.*--allow-change"):
        fit(usual, resume=True, **changes)
    assert {p: p.read_bytes() for p in usual.rglob("*") if p.is_file() and "-shm" not in p.name} == before


def test_another_engine_is_refused(usual: Path, tmp_path: Path) -> None:
    folder = copied(usual, tmp_path)
    text = (folder / "run.json").read_text()
    (folder / "run.json").write_text(text.replace('"engine": "', '"engine": "an older '))
    with pytest.raises(RunError, match="engine: 'an older .*--allow-change engine"):
        fit(folder, resume=True)
    fit(folder, resume=True, allow_change=("engine",))


def copied(run: Path, place: Path) -> Path:
    import shutil

    shutil.copytree(run, place / "run")
    return place / "run"


def test_what_is_named_may_differ_and_does(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    train(tmp_path / "run", resume=True, epochs=2, rate=0.5, allow_change=("epochs", "lr"))
    run = open_run(tmp_path / "run")
    assert set(run.steps["learning_rate"][:6]) == {np.float32(0.01)}
    assert set(run.steps["learning_rate"][6:]) == {0.5}
    changed = [e for e in run.events if e["kind"] == "resume"][0]["changed"]
    assert {path.rpartition(".")[2]: (a, b) for path, a, b in changed} == {
        "learning_rate": (0.01, 0.5),
        "epochs": (1, 2),
    }


def test_a_state_that_does_not_fit_changes_nothing(usual: Path, tmp_path: Path) -> None:
    folder = copied(usual, tmp_path)
    with pytest.raises(CheckpointError, match=r"kernel must be \(5, 9\) float32, got \(5, 8\) float32"):
        fit(folder, resume=True, layers=wider, allow_change=("model", "built_for"))
    Lock(folder).release()  # it is free again


def test_other_threads_or_versions_are_told(
    usual: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(usual, tmp_path)
    text = (folder / "run.json").read_text()
    (folder / "run.json").write_text(text.replace('"threads": ', '"threads": 9'))
    fit(folder, resume=True)
    assert "warning: run: threads was 9" in capsys.readouterr().err
    assert [e for e in open_run(folder).events if e["kind"] == "resume"][0]["other_bits"][0][0] == "threads"


def test_going_back_is_told_aloud_and_strict_refuses_it(usual: Path, tmp_path: Path, capsys: Any) -> None:
    folder = copied(usual, tmp_path)
    expected = final(open_run(folder))
    file = folder / "checkpoints" / "step-000000012" / "arrays.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\0\1"[-1:])
    with pytest.raises(
        CheckpointError,
        match=r"step-000000012/arrays.safetensors is damaged.*without strict \(--strict\) training continues from step 6",
    ):
        train_usual(folder, strict=True)
    with pytest.warns(
        UserWarning, match="step-000000012/arrays.safetensors is damaged.*this is the one of step 6"
    ):
        open_run(folder).model()
    train_usual(folder)
    said = capsys.readouterr().err
    assert (
        "warning: checkpoint: " in said
        and "arrays.safetensors is damaged: it does not match the digest" in said
    )
    assert "going back to step 6, 6 steps are lost" in said
    assert final(open_run(folder)) == expected
    event = [e for e in open_run(folder).events if e["kind"] == "resume"][0]
    assert event["steps_done_again"] == 6 and len(event["faults"]) == 1
    assert len(open_run(folder).superseded) == 6


def train_usual(folder: Path, **options: Any) -> None:
    gradtape.set_seed(USUAL["seed"])
    made = gradtape.Sequential([Input((5,)), *USUAL["layers"]()])
    made.compile(USUAL["optimizer"](), USUAL["loss"], metrics=["accuracy"])
    x, y = data()
    recording = Recording(folder, every_seconds=None, **options)
    made.fit(x[:90], y[:90], 16, 2, 0, validation_data=(x[90:], y[90:]), run=recording, resume=True)


def test_no_checkpoint_is_taken_that_the_journal_does_not_know(tmp_path: Path) -> None:
    """After the power failed the journal may lack what a checkpoint has: the steps are done once more."""
    import sqlite3

    train(tmp_path / "run")
    expected = final(open_run(tmp_path / "run"))
    db = sqlite3.connect(tmp_path / "run" / "run.db")
    with db:
        db.execute("DELETE FROM steps WHERE step >= 10")
        db.execute("DELETE FROM epochs WHERE epoch >= 1")
    db.close()
    train(tmp_path / "run", resume=True)
    run = open_run(tmp_path / "run")
    assert final(run) == expected
    assert [e["step"] for e in run.events if e["kind"] == "resume"] == [9]


# Signals and other processes.


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("point", [("write", 4), ("fsync", 8), ("rename", 3)])
def test_a_signal_during_a_save_does_not_tear_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, point: tuple[str, int]
) -> None:
    seen: list[str] = []

    def watch(event: tuple[Any, ...]) -> None:
        seen.append(event[0])
        if event[0] == point[0] and seen.count(point[0]) == point[1]:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(faults, "watcher", watch)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        train(tmp_path / "run", epochs=200, every_steps=2)
    monkeypatch.undo()
    run = open_run(tmp_path / "run")
    store = Checkpoints(tmp_path / "run" / "checkpoints")
    assert run.state == "stopped" and all(map(store.is_whole, store.steps()))
    assert run.checkpoints[-1] == len(run.steps) > 0


def test_ctrl_c_ends_a_validation_too_and_the_run_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    told: list[int] = []

    class Interrupts(gradtape.callbacks.Callback):
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            told.append(batch)
            if len(told) == 9:  # the second batch of the second validation
                os.kill(os.getpid(), signal.SIGINT)

    def go(name: str, resume: bool = False, callbacks: Any = None) -> Any:
        x, y = data()
        model().fit(
            x, y, 16, 3, 0, callbacks, validation_data=(x[:14], y[:14]), validation_batch_size=2,
            run=Recording(tmp_path / name, every_seconds=None), resume=resume,
        )  # fmt: skip
        return open_run(tmp_path / name)

    with pytest.raises(KeyboardInterrupt):
        go("broken", callbacks=[Interrupts()])
    assert told == [*range(7), 0, 1] and open_run(tmp_path / "broken").state == "stopped"
    assert len(open_run(tmp_path / "broken").epochs) == 1
    assert final(go("broken", resume=True)) == final(go("whole"))


def test_the_second_process_is_refused_with_the_number_of_the_first(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    lock = Lock(tmp_path / "run")
    command = [sys.executable, "-m", "tests.runs.training", str(tmp_path / "run"), "--resume"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and f"is being written by process {os.getpid()} on " in done.stderr
    lock.release()
    assert [e["kind"] for e in open_run(tmp_path / "run").events][-1] == "end"


def test_a_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    (tmp_path / "run" / "run.owner.json").write_text(owner(pid=999999999))
    assert open_run(tmp_path / "run").state == "finished"
    lock = Lock(tmp_path / "run")
    assert json.loads((tmp_path / "run" / "run.owner.json").read_text())["pid"] == os.getpid()
    lock.release()
    assert not (tmp_path / "run" / "run.owner.json").exists()
    train(tmp_path / "run", resume=True, epochs=1)


def owner(**changed: Any) -> str:
    """Return what stands beside a lock that this process holds, with something changed."""
    mine = {"pid": os.getpid(), "host": host(), "boot": boot(), "started": started(os.getpid())}
    return json.dumps(mine | changed)


@pytest.mark.skipif(not started(os.getpid()), reason="the system does not tell when a process was started")
def test_a_later_process_with_the_number_of_a_dead_one_does_not_train(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    (tmp_path / "run" / "run.owner.json").write_text(owner(started="1"))
    assert open_run(tmp_path / "run").state == "finished"
    (tmp_path / "run" / "run.owner.json").write_text(owner(boot="another"))
    assert open_run(tmp_path / "run").state == "finished"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"pid": "x"}', owner(pid="1"), owner(boot=None)], ids=range(7)
)
def test_what_does_not_say_who_holds_the_lock_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.owner.json").write_text(text)
    assert not is_held(tmp_path)
    Lock(tmp_path).release()


FORKS = """
import os, signal, sys
from pathlib import Path
from gradtape.runs.disk.lock import Lock
lock, (reading, writing) = Lock(Path(sys.argv[1])), os.pipe()
if not os.fork():
    os.write(writing, b"%d" % os.getpid())
    signal.pause()
print(os.read(reading, 99).decode(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_copy_of_a_killed_trainer_does_not_hold_the_lock(tmp_path: Path) -> None:
    """Such as a process that makes batches; it lives on for a while."""
    with subprocess.Popen([sys.executable, "-c", FORKS, str(tmp_path)], stdout=subprocess.PIPE) as trainer:
        assert trainer.stdout is not None
        copy = int(trainer.stdout.readline())
        assert trainer.wait(timeout=60) == -signal.SIGKILL
        os.kill(copy, 0)  # it is there
        try:
            Lock(tmp_path).release()
        finally:
            os.kill(copy, signal.SIGKILL)


def test_asking_whether_a_run_trains_never_takes_the_lock_from_the_trainer(tmp_path: Path) -> None:
    """On this machine the question does not touch the lock; from another one it is asked for a moment."""
    assert not is_held(tmp_path) and not list(tmp_path.iterdir())
    (tmp_path / "run.owner.json").write_text(owner(host="another"))
    reader = FileLock(tmp_path / "run.lock", thread_local=False)  # as the question from another machine does
    reader.acquire()
    threading.Timer(0.1, reader.release).start()
    lock = Lock(tmp_path)
    assert is_held(tmp_path)
    lock.release()
    assert not is_held(tmp_path)


def test_a_trainer_on_another_machine_is_asked_by_its_lock(tmp_path: Path) -> None:
    (tmp_path / "run.owner.json").write_text(owner(host="another"))
    held = FileLock(tmp_path / "run.lock")
    with held:
        assert is_held(tmp_path)
        with pytest.raises(RunError, match=f"is being written by process {os.getpid()} on another; wait for"):
            Lock(tmp_path)
    assert not is_held(tmp_path)


def test_a_thousand_questions_while_trainers_come_and_go(tmp_path: Path) -> None:
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            is_held(tmp_path)

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(50):
            Lock(tmp_path).release()
    finally:
        done.set()
        for reader in readers:
            reader.join()


def test_a_run_is_read_while_it_trains(tmp_path: Path) -> None:
    class Looks(gradtape.callbacks.Callback):
        seen: list[Any] = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            run = open_run(tmp_path / "run")
            self.seen.append(
                (run.state, len(run.epochs), run.steps["step"].tolist() == list(range(len(run.steps))))
            )

    looks = Looks()
    train(tmp_path / "run", callbacks=[looks])
    assert looks.seen == [("training", epoch, True) for epoch in range(3)]


WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: Recording("x", on_save_error="ignore"), "on_save_error must be 'raise' or 'warn', got 'ignore'"),
    (lambda: Recording("x", keep_last=0), "keep_last must be a whole number >= 1, got 0"),
    (lambda: Recording("x", every_steps=0), "every_steps must be a whole number >= 1, got 0"),
    (lambda: Recording("x", keep_spread=True), "keep_spread must be a whole number, got True"),
    (lambda: Recording("x", every_seconds=-1), "every_seconds must be a number above 0 or None, got -1"),
    (
        lambda: Recording("x", allow_change="lr"),
        "must be a tuple of names, such as \\('lr',\\), got a string",
    ),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("recording", "said"), WRONG)
def test_options_that_cannot_be(recording: Callable[[], Any], said: str) -> None:
    with pytest.raises(GradtapeError, match=f"^run: .*{said}"):
        recording().check()


def test_a_private_run_is_closed_to_others(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1, private=True)
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_norms_of_gradients_when_asked_for(tmp_path: Path) -> None:
    train(tmp_path / "with", epochs=1, gradient_norms=True)
    train(tmp_path / "without", epochs=1)
    found, plain = open_run(tmp_path / "with").steps, open_run(tmp_path / "without").steps
    assert np.isnan(plain["gradient_norm"]).all()
    assert plain["loss"].tobytes() == found["loss"].tobytes()
    run = open_run(tmp_path / "with", *data())
    rows = run.source().order(run.config["seed"], 0)[0]  # type: ignore[attr-defined]
    x, y = run.data()
    model = run.model(0)
    with gradtape.GradientTape() as tape:
        loss = gradtape.losses.SparseCategoricalCrossentropy()(y[rows], model(x[rows], training=True))
    gradients = tape.gradient(loss, model.trainable_weights)
    expected = np.sqrt(sum(float((np.asarray(g, "float64") ** 2).sum()) for g in gradients))
    assert found["gradient_norm"][0] == pytest.approx(expected, rel=1e-5)


def test_the_metric_of_the_best_must_be_one_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(
        RunError, match="keep_best: an epoch has no metric 'val_acc'; did you mean 'val_accuracy'"
    ):
        train(tmp_path / "run", keep_best="val_acc")
    assert not (tmp_path / "run").exists()


def test_what_is_left_of_a_run_without_its_configuration_is_not_written_over(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    (tmp_path / "run" / "run.json").unlink()
    before = {
        p: p.read_bytes()
        for p in (tmp_path / "run").rglob("*")
        if p.is_file() and p.name not in ("run.lock", "run.owner.json")
    }
    with pytest.raises(
        RunError, match="has a run's data but no run.json; choose another folder, or restore it"
    ):
        train(tmp_path / "run")
    assert {p: p.read_bytes() for p in before} == before


HALF_MADE = ["", "PRAGMA journal_mode=WAL", "PRAGMA journal_mode=WAL; CREATE TABLE steps (step INTEGER)"]


@pytest.mark.parametrize("made", HALF_MADE)
def test_a_run_that_died_while_its_database_was_made_begins_anew(
    usual: Path, tmp_path: Path, made: str
) -> None:
    import sqlite3

    (tmp_path / "run").mkdir()
    db = sqlite3.connect(tmp_path / "run" / "run.db")
    db.executescript(made)
    db.close()
    fit(tmp_path / "run", resume=True)
    assert final(open_run(tmp_path / "run")) == final(open_run(usual))


@pytest.mark.parametrize(
    "other", ["CREATE TABLE mine (x)", "CREATE TABLE steps (x); INSERT INTO steps VALUES (1)"]
)
def test_a_database_that_holds_something_is_not_written_over(tmp_path: Path, other: str) -> None:
    import sqlite3

    (tmp_path / "run").mkdir()
    file = tmp_path / "run" / "run.db"
    db = sqlite3.connect(file)
    db.executescript(other)
    db.close()
    before = file.read_bytes()
    with pytest.raises(RunError, match="has a run's data but no run.json"):
        fit(tmp_path / "run", resume=True)
    assert file.read_bytes() == before
    file.write_bytes(b"no database at all" * 99)
    with pytest.raises(RunError, match="run.db cannot be opened: file is not a database"):
        fit(tmp_path / "run")
    assert file.read_bytes() == b"no database at all" * 99


def test_another_device_is_refused(usual: Path, tmp_path: Path) -> None:
    folder = copied(usual, tmp_path)
    said = json.loads((folder / "run.json").read_text())
    said["environment"]["device"] = "TPU v9"
    (folder / "run.json").write_text(json.dumps(said))
    with pytest.raises(RunError, match="device: 'TPU v9' before, .* now.*--allow-change device"):
        fit(folder, resume=True)


def test_other_data_are_allowed_by_the_name_that_the_error_gives(usual: Path, tmp_path: Path) -> None:
    folder = copied(usual, tmp_path)
    with pytest.raises(RunError, match=r"data.sha256.*\(--allow-change data\) lets it differ"):
        fit(folder, resume=True, samples=slice(None, None, -1))
    fit(folder, resume=True, samples=slice(None, None, -1), allow_change=("data",))
    with pytest.raises(RunError, match=r"\(--allow-change validation_data\) lets it differ"):
        fit(folder, resume=True, held_out=slice(91, None))


def batches() -> Any:
    x, y = data()
    while True:
        for start in range(0, 96, 16):
            yield x[start : start + 16], y[start : start + 16]


def test_a_generator_is_recorded_and_declared_not_resumable(tmp_path: Path) -> None:
    made = model()
    made.fit(batches(), steps_per_epoch=6, epochs=2, verbose=0, run=tmp_path / "run")
    run = open_run(tmp_path / "run")
    assert (len(run.steps), run.state, run.config["data"]) == (12, "finished", None)
    before = len(run.events)
    with pytest.raises(
        RunError, match="a generator cannot be resumed where it stopped; pass arrays, or an object"
    ):
        model().fit(batches(), steps_per_epoch=6, epochs=3, verbose=0, run=tmp_path / "run", resume=True)
    assert len(open_run(tmp_path / "run").events) == before


class Augmented:
    """Batches by number, mirrored and moved at random; each the same whenever it is asked for."""

    def __len__(self) -> int:
        return 6

    def __getitem__(self, number: int) -> Any:
        rng = np.random.default_rng(number)
        x, y = (part[number * 16 : number * 16 + 16] for part in data())
        return x * rng.choice([-1, 1], (len(x), 1)) + rng.normal(0, 0.1, x.shape).astype("float32"), y


def fit_augmented(folder: Path, resume: bool = False) -> Any:
    made = model()
    recording = Recording(folder, every_steps=4, every_seconds=None)
    made.fit(Augmented(), epochs=3, verbose=0, shuffle=True, run=recording, resume=resume)
    return final(open_run(folder))


@pytest.mark.parametrize("steps", [1, 9, 12])
def test_augmented_batches_go_on_in_the_middle_of_an_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    expected, left = fit_augmented(tmp_path / "unbroken"), [steps]

    def watch(event: tuple[Any, ...]) -> None:
        left[0] -= event[0] == "step"
        if not left[0]:
            left[0] = -1
            raise RuntimeError("broken on purpose")

    monkeypatch.setattr(faults, "watcher", watch)
    with pytest.raises(RuntimeError):
        fit_augmented(tmp_path / "run")
    monkeypatch.undo()
    assert fit_augmented(tmp_path / "run", resume=True) == expected


def raising(moment: str) -> Any:
    """Return a callback that raises where it is told to."""

    def hook(self: Any, *told: Any, **logs: Any) -> None:
        raise RuntimeError(f"broken {moment}")

    return type("Raising", (gradtape.callbacks.Callback,), {moment: hook})()


MOMENTS = ["on_train_begin", "on_epoch_begin", "on_test_begin", "on_epoch_end", "on_train_end"]
if gradtape.get_engine() == "numpy":  # on JAX a step is then compiled by itself, and its last bits are others
    MOMENTS += ["on_train_batch_begin", "on_train_batch_end"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_callback_that_raises_leaves_a_run_that_goes_on(usual: Path, tmp_path: Path, moment: str) -> None:
    expected = final(open_run(usual))
    with pytest.raises(RuntimeError, match=f"broken {moment}"):
        fit(tmp_path / "run", callbacks=[raising(moment)])
    run = open_run(tmp_path / "run")
    assert run.state == "failed" and f"broken {moment}" in run.events[-1]["traceback"]
    fit(tmp_path / "run", resume=True)
    assert final(run) == expected and run.state == "finished"


def test_a_run_of_no_epoch_can_be_read_and_goes_on(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=0)
    run = open_run(tmp_path / "run")
    assert (run.state, len(run.steps), len(run.epochs), run.checkpoints) == ("finished", 0, 0, [0])
    assert run.model().get_weights()[0].tobytes() == model().get_weights()[0].tobytes()
    assert len(run.plot().lines) == 1
    train(tmp_path / "run", resume=True, epochs=2, allow_change=("epochs",))
    train(tmp_path / "whole", epochs=2)
    assert final(run) == final(open_run(tmp_path / "whole"))


def test_a_run_is_where_its_folder_is_whatever_that_is_called(tmp_path: Path) -> None:
    odd = tmp_path / "rüns 测试" / "mein läuf #1?%20&'x"
    train(odd, epochs=1)
    moved = tmp_path / "moved"
    odd.rename(moved)
    (tmp_path / "link").symlink_to(moved)
    train(tmp_path / "link", resume=True, allow_change=("epochs",))
    train(tmp_path / "whole")
    assert final(open_run(moved)) == final(open_run(tmp_path / "link")) == final(open_run(tmp_path / "whole"))


def test_what_is_no_path_and_what_cannot_be_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="^open_run: path must be that of a run's folder, got 3$"):
        open_run(3)  # type: ignore[arg-type]
    train(tmp_path / "run", epochs=1)
    run = open_run(tmp_path / "run")
    run.note("seen", by="me")
    assert (run.events[-1]["kind"], run.events[-1]["step"], run.events[-1]["by"]) == ("seen", 6, "me")

    def closed(folder: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(run_module, "Lock", closed)
    with pytest.raises(RunError, match="run cannot be written: Permission denied"):
        run.note("seen")


def test_nothing_is_said_where_nothing_was_lost_and_the_number_where_something_was(
    tmp_path: Path, capsys: Any
) -> None:
    train(tmp_path / "run", epochs=1)
    train(tmp_path / "run", resume=True, epochs=2, allow_change=("epochs",))
    assert capsys.readouterr().err == ""
    run = open_run(tmp_path / "run")
    assert [e["steps_lacking"] for e in run.events if e["kind"] == "resume"] == [0]
    with closing(sqlite3.connect(tmp_path / "run" / "run.db")) as db:
        db.execute("DELETE FROM steps WHERE step >= 5")
        db.execute("DELETE FROM epochs")
        db.commit()
    for folder in (tmp_path / "run" / "checkpoints").iterdir():  # so that none is known to the journal
        if int(re.sub(r"\D", "", folder.name) or 0) < 12:
            shutil.rmtree(folder)
    train(tmp_path / "run", resume=True, epochs=3, allow_change=("epochs",))
    assert "the journal lacks 7 steps before step 12" in capsys.readouterr().err


def test_a_checkpoint_of_another_run_is_not_taken(tmp_path: Path) -> None:
    train(tmp_path / "one", epochs=1)
    train(tmp_path / "two", epochs=1, seed=5)
    name = "checkpoints/step-000000006"
    shutil.rmtree(tmp_path / "one" / name)
    shutil.copytree(tmp_path / "two" / name, tmp_path / "one" / name)
    ids = [open_run(tmp_path / run).config["id"] for run in ("one", "two")]
    said = f"step-000000006 belongs to another run: this one is {ids[0]}, that is '{ids[1]}'"
    with pytest.warns(UserWarning, match=said):
        open_run(tmp_path / "one").model()
    with pytest.raises(CheckpointError, match=said):
        train(tmp_path / "one", resume=True, epochs=2, allow_change=("epochs",), strict=True)
