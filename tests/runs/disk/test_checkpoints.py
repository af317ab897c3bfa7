"""How a checkpoint comes to be, stays and goes: in which order, under which names, and what it says of itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape.callbacks import Callback
from gradtape.core.variable import Variable
from gradtape.errors import CheckpointError
from gradtape.replay.run import open_run
from gradtape.runs.disk import faults
from gradtape.runs.disk.checkpoints import ARRAYS, MANIFEST, Checkpoints
from gradtape.runs.disk.processes import boot, me
from gradtape.runs.state import restore
from tests.runs.training import model, train

STATE = {"a": np.arange(3.0)}


class Break(Callback):
    """Raises at the end of the second epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            raise RuntimeError("broken on purpose")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_checkpoint_has_its_name_when_all_of_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, ...]] = []

    def watch(event: tuple[Any, ...]) -> None:
        seen.append((event[0], *(p.name for p in event[1:] if isinstance(p, Path))))

    monkeypatch.setattr(faults, "watcher", watch)
    Checkpoints(tmp_path).save(123, STATE, {})
    unfinished = seen[0][1]
    assert unfinished.startswith(f".tmp-{os.getpid()}-{boot()}-")
    assert seen == [
        ("mkdir", unfinished),
        *((call, ARRAYS) for call in ("create", "write", "fsync")),
        *((call, MANIFEST) for call in ("create", "write", "fsync")),
        ("fsync", unfinished),
        ("rename", unfinished, "step-000000123"),
        ("fsync", tmp_path.name),
    ]


def test_a_whole_one_is_never_written_to_again(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    path = store.save(1, STATE, {})
    before = contents(path), path.stat().st_ino
    assert store.save(1, {"a": np.arange(9.0)}, {"other": 1}) == path
    assert (contents(path), path.stat().st_ino) == before


def test_one_that_goes_loses_its_name_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Checkpoints(tmp_path)
    store.save(1, STATE, {})

    def dies(event: tuple[Any, ...]) -> None:
        assert event[0] == "trash"
        raise KeyboardInterrupt

    monkeypatch.setattr(faults, "watcher", dies)
    with pytest.raises(KeyboardInterrupt):
        store.remove(1)
    left = next(tmp_path.iterdir())
    assert left.name.startswith(f".trash-{me()}-") and store.steps() == [] and store.latest() == (None, [])
    store.sweep()
    assert left.exists()  # its process lives, and may be at it
    left.rename(tmp_path / f".trash-999999999-{boot()}-ab")
    store.sweep()
    assert list(tmp_path.iterdir()) == []


def test_a_number_that_lives_since_another_start_of_the_machine_is_another_process(tmp_path: Path) -> None:
    (tmp_path / f".tmp-{os.getpid()}-{'0' * 12}-ab").mkdir()
    Checkpoints(tmp_path).sweep()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_checkpoint_is_neither_offered_nor_deleted(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        train(tmp_path / "run", callbacks=[Break()])
    place = tmp_path / "run" / "checkpoints"
    for name in ("step-000000099", "step-7", "mine", ".tmp-mine"):
        (place / name).mkdir()
        (place / name / "notes.txt").write_text("keep this")
    (place / "step-000000098").mkdir()
    (place / "step-000000098" / ARRAYS).write_bytes(b"half")
    before = {name: data for name, data in contents(place).items() if not name.startswith("step-0000000")}
    run = open_run(tmp_path / "run")
    there = run.checkpoints
    assert there[-1] == 9 and run.checkpoint().step == 9
    train(tmp_path / "run", resume=True, keep_last=1, keep_spread=None)
    assert open_run(tmp_path / "run").checkpoints == [18]
    after = contents(place)
    assert before.items() <= after.items()
    assert {"step-000000099/notes.txt", f"step-000000098/{ARRAYS}"} <= after.keys()


def test_one_that_is_deleted_while_it_is_read_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever trains makes a newer one first; a reader looks once more."""
    store = Checkpoints(tmp_path)
    store.save(1, STATE, {})
    load, seen = Checkpoints.load, []

    def slow(self: Checkpoints, step: int) -> Any:
        seen.append(step)
        if step < 3:
            store.save(step + 1, STATE, {})
            store.remove(step)
        return load(self, step)

    monkeypatch.setattr(Checkpoints, "load", slow)
    found, faults_said = store.latest()
    assert found is not None and (found.step, faults_said, seen) == (3, [], [1, 2, 3])


def test_a_list_that_is_old_before_it_is_read_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Checkpoints(tmp_path)
    store.save(1, STATE, {})
    iterdir = Path.iterdir

    def slow(self: Path) -> Any:
        there = list(iterdir(self))
        if self == tmp_path and store.path(1).exists():
            store.save(2, STATE, {})
            os.rename(store.path(1), tmp_path / ".trash-mine")
        return iter(there)

    monkeypatch.setattr(Path, "iterdir", slow)
    assert store.steps() == [2]


def test_a_manifest_says_by_what_it_was_made_and_on_what(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    run, store = open_run(tmp_path / "run"), Checkpoints(tmp_path / "run" / "checkpoints")
    manifest = store.manifest(6)
    assert (manifest["format"], manifest["step"]) == (1, 6)
    made_by = manifest["about"]["run"]
    assert made_by["id"] == run.config["id"] and made_by["data_sha256"] == run.config["data"]["sha256"]
    assert len(made_by["config_sha256"]) == 64
    around = run.config["environment"]
    assert made_by["environment"] == {name: around[name] for name in made_by["environment"]}
    assert made_by["environment"].keys() == {
        "engine", "version", "device", "threads", "blas",
        "gradtape", "numpy", "python", "processor", "cpu_features",
    }  # fmt: skip
    for name, array in run.checkpoint(6).arrays.items():
        said = manifest["arrays"][name]
        assert (said["dtype"], tuple(said["shape"])) == (array.dtype.name, array.shape)
        assert said["size_bytes"] == array.nbytes and len(said["sha256"]) == 64


def test_the_digest_of_the_configuration_tells_trainings_apart(tmp_path: Path) -> None:
    digests = []
    for name, rate in (("a", 0.01), ("b", 0.01), ("c", 0.02)):
        train(tmp_path / name, epochs=1, rate=rate)
        manifest = Checkpoints(tmp_path / name / "checkpoints").manifest(0)
        digests.append(manifest["about"]["run"]["config_sha256"])
    assert digests[0] == digests[1] != digests[2]


def test_all_fit_or_nothing_has_changed() -> None:
    a, b = Variable(np.zeros(2, "float32")), Variable(np.zeros(3, "float32"))
    ones = np.ones(2, "float32")
    for arrays, said in (
        ({"a": ones}, "b must be"),
        ({"a": ones, "b": np.ones(2, "float32")}, "b must be"),
        ({"a": ones, "b": np.ones(3)}, "b must be"),
        ({"a": ones, "b": np.ones(3, "float32"), "c": ones}, "nothing called c"),
    ):
        with pytest.raises(CheckpointError, match=f"^here: .*{said}"):
            restore({"a": a, "b": b}, arrays, "here")
        assert not a.numpy().any() and not b.numpy().any()


def test_a_run_without_a_whole_checkpoint_leaves_the_model_alone(tmp_path: Path) -> None:
    train(tmp_path / "run", epochs=1)
    for file in (tmp_path / "run" / "checkpoints").rglob(ARRAYS):
        file.write_bytes(b"\0" * file.stat().st_size)
    before = contents(tmp_path / "run" / "checkpoints")
    made = model()
    weights = [w.tobytes() for w in made.get_weights()]
    x, y = np.zeros((93, 5), "float32"), np.zeros(93, "int32")
    with pytest.raises(CheckpointError, match=r"run has no whole checkpoint: .*step-000000006/arrays"):
        train(tmp_path / "run", epochs=1, resume=True)
    with pytest.raises(CheckpointError, match=r"run has no whole checkpoint; .*step-000000000/arrays"):
        open_run(tmp_path / "run").model()
    with pytest.raises(ValueError, match="data.sha256"):
        made.fit(x, y, 16, 1, 0, run=tmp_path / "run", resume=True)
    assert [w.tobytes() for w in made.get_weights()] == weights
    assert contents(tmp_path / "run" / "checkpoints") == before
