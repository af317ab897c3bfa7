"""Disks that are full, read-only, closed to the user or failing: nothing older is harmed, and it can go on."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape.callbacks import Callback
from gradtape.errors import CheckpointError, GradtapeError, RunError
from gradtape.layers import Dense, Input
from gradtape.replay.run import open_run
from gradtape.runs import Recording, writer
from gradtape.runs.disk.checkpoints import Checkpoints
from gradtape.runs.disk.journal import Journal
from tests.runs.test_runs import final

HERE = Path(__file__).parents[3]
EPOCHS = 6
NOBODY = 65534


class BreakAt(Callback):
    """Raises at the end of an epoch."""

    def __init__(self, epoch: int) -> None:
        self.at = epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.at:
            raise RuntimeError("broken on purpose")


def train(folder: Path, resume: bool = False, callbacks: Any = None, **options: Any) -> Any:
    """Train a network whose checkpoints have 480 kB, one for each of 6 epochs."""
    gradtape.set_seed(3)
    made = gradtape.Sequential([Input((20,)), Dense(1000, activation="relu"), Dense(40)])
    made.compile(gradtape.optimizers.SGD(0.01, momentum=0.9), "mse")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 20)).astype("float32"), rng.normal(size=(32, 40)).astype("float32")
    recording = Recording(folder, every_seconds=None, **options)
    made.fit(x, y, 16, EPOCHS, 0, callbacks, run=recording, resume=resume)
    return made


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    train(folder)
    return final(open_run(folder))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip(f"needs a mount of its own: {made.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_full_disk_ends_the_training_and_harms_no_checkpoint(small_disk: Path, unbroken: Any) -> None:
    folder = small_disk / "run"
    (small_disk / "filler").write_bytes(bytes(240_000))  # so that it is a checkpoint that finds no room
    with pytest.raises(
        CheckpointError, match="cannot be written: No space left on device; the checkpoints before"
    ):
        train(folder)
    run = open_run(folder)
    there = run.checkpoints
    assert len(there) >= 2 and all(Checkpoints(folder / "checkpoints").is_whole(step) for step in there)
    assert not list((folder / "checkpoints").glob(".*"))
    assert run.state in ("failed", "killed")  # what the journal could still take
    remount(small_disk, "size=30m")
    train(folder, resume=True)
    assert final(open_run(folder)) == unbroken


def test_a_full_disk_can_be_a_warning(
    small_disk: Path, unbroken: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    class MakesRoom(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == EPOCHS - 1:
                remount(small_disk, "size=30m")

    train(small_disk / "run", on_save_error="warn", callbacks=[MakesRoom()])
    run = open_run(small_disk / "run")
    assert final(run) == unbroken and run.state == "finished"
    failed = [e for e in run.events if e["kind"] == "save_failed"]
    assert failed and all("No space left on device" in e["error"] for e in failed)
    assert capsys.readouterr().err.count("warning: checkpoint: ") == len(failed)


def test_a_full_disk_takes_no_journal_either_and_can_go_on(small_disk: Path, unbroken: Any) -> None:
    folder = small_disk / "run"
    with pytest.raises(RuntimeError, match="broken on purpose"):
        train(folder, callbacks=[BreakAt(2)], keep_last=1, keep_spread=None)
    with open(small_disk / "filler", "wb", buffering=0) as filler, pytest.raises(OSError):
        while True:
            filler.write(bytes(4096))
    before = contents(folder / "checkpoints")
    with pytest.raises(
        GradtapeError, match="No space left on device|database or disk is full|disk I/O error"
    ):
        train(folder, resume=True, keep_last=1, keep_spread=None)
    assert contents(folder / "checkpoints") == before
    assert len(open_run(folder).steps) == 6
    (small_disk / "filler").unlink()
    train(folder, resume=True, keep_last=1, keep_spread=None)
    assert final(open_run(folder)) == unbroken


@pytest.mark.parametrize("is_clean", [True, False])
def test_a_disk_that_is_read_only_can_be_read_and_is_left_alone(
    small_disk: Path, unbroken: Any, is_clean: bool
) -> None:
    folder = small_disk / "run"
    remount(small_disk, "size=30m")
    if is_clean:
        with pytest.raises(RuntimeError):
            train(folder, callbacks=[BreakAt(2)])
    else:  # the process dies: what it wrote last is still in SQLite's log
        program = f"from tests.runs.disk.test_disks import *; train(Path({str(folder)!r}))"
        environment = {**os.environ, "GRADTAPE_FAULT": "after:step:7"}
        assert subprocess.run([sys.executable, "-c", program], env=environment, cwd=HERE).returncode == -9
    steps = open_run(folder).steps
    before = contents(folder)
    remount(small_disk, "ro,size=30m")
    run = open_run(folder)
    assert run.steps.tobytes() == steps.tobytes() and 4 <= len(steps) <= 6
    assert run.model().get_weights() and run.state == ("failed" if is_clean else "killed")
    for again in (lambda: train(folder, resume=True), lambda: train(small_disk / "new")):
        with pytest.raises(RunError, match="cannot be written: Read-only file system"):
            again()
    assert contents(folder) == before
    remount(small_disk, "rw,size=30m")
    train(folder, resume=True)
    assert final(open_run(folder)) == unbroken


@contextmanager
def as_nobody() -> Iterator[None]:
    """Let the block run without root's right to write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.setegid(NOBODY)
    except PermissionError as error:  # root without the right to be somebody else, as in a container
        pytest.skip(f"needs another user: {error}")
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_a_folder_closed_to_the_user_is_refused_and_left_alone(unbroken: Any) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        with pytest.raises(RuntimeError):
            train(folder, callbacks=[BreakAt(2)])
        paths = [Path(place), folder, *folder.rglob("*")]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = contents(folder)
        with as_nobody():
            run = open_run(folder)
            assert len(run.steps) == 6 and run.state == "failed" and run.model().get_weights()
            for again in (lambda: train(folder, resume=True), lambda: train(Path(place) / "new")):
                with pytest.raises(RunError, match=r"^run: .* cannot be written: Permission denied$"):
                    again()
        assert contents(folder) == before
        for path in paths:
            path.chmod(0o755)
        train(folder, resume=True)
        assert final(open_run(folder)) == unbroken


# Errors of a disk, put in place of a call.


def failing(monkeypatch: pytest.MonkeyPatch, call: str, number: int, times: int) -> list[Any]:
    """Let a system call fail so many times; return what it was called with."""
    real, seen = getattr(os, call), []

    def fails(*arguments: Any) -> Any:
        seen.append(arguments)
        if len(seen) <= times:
            raise OSError(number, os.strerror(number))
        return real(*arguments)

    monkeypatch.setattr(os, call, fails)
    return seen


def test_after_a_failed_fsync_all_is_written_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Checkpoints(tmp_path)
    store.save(1, {"a": np.arange(3.0)}, {})
    made = failing(monkeypatch, "fsync", errno.EIO, 1)
    store.save(2, {"a": np.arange(4.0)}, {})
    assert store.is_whole(2) and len(made) == 5  # the one that failed, then four on new files
    assert sorted(p.name for p in tmp_path.iterdir()) == ["step-000000001", "step-000000002"]


@pytest.mark.parametrize("call", ["fsync", "rename", "mkdir"])
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_disk_that_goes_on_failing_is_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    store = Checkpoints(tmp_path)
    store.save(1, {"a": np.arange(3.0)}, {})
    failing(monkeypatch, call, number, 99)
    with pytest.raises(
        CheckpointError, match=f"cannot be written: {os.strerror(number)}; the checkpoints before"
    ):
        store.save(2, {"a": np.arange(3.0)}, {})
    monkeypatch.undo()
    assert store.steps() == [1] and store.is_whole(1)
    assert [p.name for p in tmp_path.iterdir()] == ["step-000000001"]


def test_a_checkpoint_that_cannot_be_deleted_or_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Checkpoints(tmp_path)
    store.save(1, {}, {})
    store.remove(7)  # somebody has deleted it by hand
    failing(monkeypatch, "rename", errno.EACCES, 1)
    with pytest.raises(CheckpointError, match="step-000000001 cannot be deleted: Permission denied"):
        store.remove(1)
    assert store.is_whole(1)


def test_what_the_journal_could_not_write_waits_for_the_next_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run.db", "make")
    journal.add_steps([(0, 0, 0, 1.0, 0.1, None, 0.0)])
    with journal._db:
        journal._db.execute("PRAGMA query_only=1")
    with pytest.raises(RunError, match="run.db cannot be written: "):
        journal.commit()
    journal.add_steps([(1, 0, 1, 1.0, 0.1, None, 0.0)])
    journal._db.execute("PRAGMA query_only=0")
    journal.commit()
    journal.commit()
    assert journal.steps()["step"].tolist() == [0, 1]
    journal.close()


class Limits(Callback):
    """From the end of an epoch on no file may become larger than so many bytes."""

    def __init__(self, epoch: int, size_bytes: int) -> None:
        self.at, self.size_bytes = epoch, size_bytes

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.at:
            limit(self.size_bytes)


def limit(size_bytes: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@pytest.mark.parametrize("size_bytes", [100_000, 20_000])  # too small for a checkpoint; for the journal too
def test_files_that_may_not_grow_are_as_a_full_disk(tmp_path: Path, unbroken: Any, size_bytes: int) -> None:
    """Unlike a small disk this needs no mount of its own."""
    folder = tmp_path / "run"
    try:
        with pytest.raises(GradtapeError, match="File too large|disk I/O error|database or disk is full"):
            train(folder, callbacks=[Limits(2, size_bytes)])
        with pytest.raises(GradtapeError, match="File too large|disk I/O error|database or disk is full"):
            train(tmp_path / "another")
    finally:
        limit(-1)
    run = open_run(folder)
    assert run.checkpoints in ([0, 2], [0, 2, 4])  # the last is written while the training goes on
    assert not list((folder / "checkpoints").glob(".*"))
    assert all(Checkpoints(folder / "checkpoints").is_whole(step) for step in run.checkpoints)
    train(folder, resume=True)
    assert final(open_run(folder)) == unbroken
    train(tmp_path / "another", resume=True)
    assert final(open_run(tmp_path / "another")) == unbroken


@pytest.mark.parametrize("on_save_error", ["raise", "warn"])
def test_a_journal_that_cannot_be_brought_to_the_disk_is_a_save_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unbroken: Any, capsys: Any, on_save_error: str
) -> None:
    real, seen = writer.sync_file, []

    def fails(path: Path) -> None:
        seen.append(path.name)
        if len(seen) == 3:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(path)

    monkeypatch.setattr(writer, "sync_file", fails)
    said = "run.db-wal cannot be brought to the disk: Input/output error; so there is none of step 4, "
    if on_save_error == "raise":
        with pytest.raises(CheckpointError, match=said):
            train(tmp_path / "run")
        monkeypatch.undo()
        assert open_run(tmp_path / "run").checkpoints == [0, 2]
        train(tmp_path / "run", resume=True)
    else:
        train(tmp_path / "run", on_save_error="warn")
        assert said in capsys.readouterr().err
        assert open_run(tmp_path / "run").checkpoints == [0, 2, 6, 8, 10, 12]
    run = open_run(tmp_path / "run")
    assert final(run) == unbroken and [e["step"] for e in run.events if e["kind"] == "save_failed"] == [4]


class Does(Callback):
    """Does something at the end of the third epoch, when the checkpoint before is on the disk."""

    def __init__(self, what: Any) -> None:
        self.what = what

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            self.what()


MEANWHILE = {
    "moved": lambda run: run.rename(run.with_name("moved")),
    "deleted": lambda run: shutil.rmtree(run, ignore_errors=True),  # a checkpoint is being written
    "without its database": lambda run: (run / "run.db").unlink(),
    "without its lock": lambda run: (run / "run.lock").unlink(),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_run_that_is_moved_or_deleted_while_it_trains_says_so(
    tmp_path: Path, unbroken: Any, what: str
) -> None:
    """Otherwise checkpoints go on in a folder without a run, and the moved one keeps its oldest."""
    folder = tmp_path / "run"
    with pytest.raises(
        CheckpointError, match="run was moved or deleted; in its new place, resume continues it"
    ):
        train(folder, callbacks=[Does(lambda: MEANWHILE[what](folder))])
    if what == "moved":
        folder = tmp_path / "moved"
    if what in ("moved", "without its lock"):
        assert open_run(folder).state == "failed"
        train(folder, resume=True)
        assert final(open_run(folder)) == unbroken
    else:
        assert not (folder / "run.db").exists()
