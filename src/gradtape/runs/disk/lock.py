"""One writer per run: a lock on a file that says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import time
import weakref
from pathlib import Path
from typing import IO, Any

from gradtape.errors import RunError
from gradtape.runs.disk.processes import boot, host

_held: weakref.WeakSet[Lock] = weakref.WeakSet()


def _let_go_in_a_copy() -> None:
    """A process that the trainer has forked must not hold the lock when the trainer is gone."""
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_let_go_in_a_copy)


class Lock:
    """The right to write to a run, held until `release` or the end of the process.

    Args:
        folder: the run's folder.

    Raises:
        RunError: if another process holds it, naming that process.

    The operating system gives the lock back when the process ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "run.lock"
        self._file: IO[str] | None = open(self.path, "a+", encoding="utf-8")
        if not _locked(self._file):
            holder = self._holder()
            self._file.close()
            raise RunError(
                f"run: {folder} is being written by process {holder.get('pid', '?')} on "
                f"{holder.get('host', '?')}; wait for it, or stop it first"
            )
        self._file.truncate(0)
        self._file.write(json.dumps({"pid": os.getpid(), "host": host(), "boot": boot()}))
        self._file.flush()
        _held.add(self)

    def _holder(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def release(self) -> None:
        """Let others write."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _locked(file: IO[str]) -> bool:
    """Take the lock, if it can be had; who only asks `is_held` has it for a moment, so try again."""
    for wait_seconds in (0.01, 0.05, 0.1, 0.0):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(wait_seconds)
    return False


def is_held(folder: Path) -> bool:
    """Tell whether a process is writing to the run."""
    try:
        with open(folder / "run.lock", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False
