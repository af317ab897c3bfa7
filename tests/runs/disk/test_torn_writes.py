"""Torn writes: whatever part of a save is on the disk when the power fails, the old state or the new is there."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape.errors import CheckpointError
from gradtape.runs.disk import checkpoints as checkpoints_module
from gradtape.runs.disk import faults
from gradtape.runs.disk.checkpoints import Checkpoints

Event = tuple[Any, ...]
OLD, NEW = {"a": np.arange(200.0), "b": np.float32(1)}, {"a": np.arange(200.0) * 2, "b": np.float32(2)}


def recorded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Return the system calls of a save, paths relative to the folder."""
    events: list[Event] = []
    monkeypatch.setattr(faults, "watcher", events.append)
    Checkpoints(folder).save(2, NEW, {"epoch": 0})
    monkeypatch.setattr(faults, "watcher", None)
    return [tuple(p.relative_to(folder) if isinstance(p, Path) else p for p in event) for event in events]


def is_on_disk(event: Event, later: list[Event]) -> bool:
    """Tell whether an fsync after the call has brought its effect to the disk for sure."""
    kind, path = event[0], event[-1] if event[0] == "rename" else event[1]
    wanted = path if kind == "write" else path.parent
    return any(one[0] == "fsync" and one[1] == wanted for one in later)


def outcomes(event: Event) -> list[Any]:
    """Return what may be on the disk of a call that was not followed by an fsync: nothing, parts, or all."""
    if event[0] != "write":
        return [None, event]
    _, path, data = event
    torn = [data[: len(data) // 2], bytes(len(data)), data[:512] + bytes(max(len(data) - 512, 0)), data]
    return [None, *(("write", path, contents) for contents in torn)]


def disks(events: list[Event]) -> Iterator[list[Event]]:
    """Yield what may be on the disk: each beginning of the calls, with each subset of what is not sure."""
    for end in range(len(events) + 1):
        done = [(i, e) for i, e in enumerate(events[:end]) if e[0] != "fsync"]
        choices = [[e] if is_on_disk(e, events[i + 1 : end]) else outcomes(e) for i, e in done]
        for chosen in itertools.product(*choices):
            yield [event for event in chosen if event is not None]


def build(folder: Path, calls: list[Event]) -> None:
    """Do the calls in a folder, as far as what they need is there."""
    for kind, *about in calls:
        path = folder / about[0]
        if kind == "mkdir":
            path.mkdir()
        elif kind == "create" and path.parent.is_dir():
            path.touch()
        elif kind == "write" and path.exists():
            path.write_bytes(about[1])
        elif kind == "rename" and path.exists():
            path.rename(folder / about[1])


def found(folder: Path) -> int:
    """Return which state is found; it must be the old or the new one, to the bit."""
    checkpoint, faults_said = Checkpoints(folder).latest()
    assert checkpoint is not None and all(isinstance(fault, str) for fault in faults_said)
    expected = {1: OLD, 2: NEW}[checkpoint.step]
    assert checkpoint.arrays.keys() == expected.keys()
    assert all(checkpoint.arrays[name].tobytes() == np.asarray(a).tobytes() for name, a in expected.items())
    return checkpoint.step


def explored(folder: Path, events: list[Event]) -> list[int]:
    """Return what is found on each disk that the calls may have left."""
    states = []
    for number, calls in enumerate(disks(events)):
        here = folder / str(number)
        shutil.copytree(folder / "old", here)
        build(here, calls)
        states.append(found(here))
        shutil.rmtree(here)
    return states


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an old checkpoint in `old`, and the same once more in `live`."""
    Checkpoints(tmp_path / "old").save(1, OLD, {"epoch": 0})
    shutil.copytree(tmp_path / "old", tmp_path / "live")
    return tmp_path


def test_every_disk_that_a_save_may_leave_has_the_old_state_or_the_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = recorded(folder / "live", monkeypatch)
    kinds = [event[0] for event in events]
    assert kinds == ["mkdir", *["create", "write", "fsync"] * 2, "fsync", "rename", "fsync"]
    states = explored(folder, events)
    assert len(states) > 90 and set(states) == {1, 2}
    assert states[-1] == 2  # a save that has returned is there for good


def test_even_without_fsync_a_torn_checkpoint_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that lies: everything is named, and nothing of what was written is sure to be there."""
    events = [event for event in recorded(folder / "live", monkeypatch) if event[0] != "fsync"]
    last = [[e] if e[0] != "write" else outcomes(e) for e in events]
    refused = 0
    for number, chosen in enumerate(itertools.product(*last)):
        here = folder / f"lying-{number}"
        shutil.copytree(folder / "old", here)
        build(here, [event for event in chosen if event is not None])
        found(here)
        try:
            Checkpoints(here).load(2)
        except CheckpointError:
            refused += 1
    assert refused == 24  # of 25: only both files as they were written are taken


def test_the_search_finds_a_save_in_the_wrong_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its checks a reader would take what a save left that names the folder before it is written."""
    events = recorded(folder / "live", monkeypatch)
    rename = next(event for event in events if event[0] == "rename")
    early = [rename if e[0] == "mkdir" else e for e in events if e[0] != "rename"]
    early.insert(0, events[0])
    moved = {rename[1]: rename[2]}
    swapped = [
        tuple(moved.get(p.parent, p.parent) / p.name if isinstance(p, Path) and e[0] != "rename" and e[0] != "mkdir" and p.parent in moved else p for p in e)
        for e in early
    ]  # fmt: skip
    monkeypatch.setattr(checkpoints_module, "read_checked", lambda file, manifest: {"torn": np.zeros(1)})
    with pytest.raises(AssertionError):
        explored(folder, swapped)
