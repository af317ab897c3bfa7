"""One writer per run: a lock, and beside it a file that names its holder."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from gradtape.errors import RunError
from gradtape.runs.disk.files import open_plain
from gradtape.runs.disk.processes import boot, host, is_alive, started

_OWNER, _OWNER_BYTES = "run.owner.json", 4096
_PATIENCE_SECONDS = 2.0


class Lock:
    """The right to write to a run, held until `release` or the end of the process.

    Args:
        folder: the run's folder.

    Raises:
        RunError: if another process holds it, naming that process.

    The operating system gives the lock back when the process ends, however it ends.
    """

    def __init__(self, folder: Path) -> None:
        self.path, self._owner_path = folder / "run.lock", folder / _OWNER
        # not thread_local: another thread than the one that took the lock may release it
        self._lock = FileLock(self.path, thread_local=False)
        if not _acquired(self._lock, folder):
            owner = _owner(folder)
            raise RunError(
                f"run: {folder} is being written by process {owner.get('pid', '?')} on "
                f"{owner.get('host', '?')}; wait for it, or stop it first"
            )
        self._pid = os.getpid()
        try:
            self._owner_file = _written(folder / _OWNER)
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        """Let others write; a process that this one has forked holds nothing that it could give back."""
        if self._owner_file.closed or self._pid != os.getpid():
            return
        self._owner_file.truncate(0)  # also where the run was moved to meanwhile
        with suppress(OSError):
            # the run may have been moved and another be in its place, whose file is not ours to delete
            if os.path.samestat(os.fstat(self._owner_file.fileno()), self._owner_path.stat()):
                self._owner_path.unlink()
        self._owner_file.close()
        self._lock.release()


def is_held(folder: Path) -> bool:
    """Tell whether a process is writing to the run.

    The file beside the lock answers for processes of this machine. Only if it names one of another machine is
    the lock itself tried, for a moment, which a trainer there waits for.
    """
    owner = _owner(folder)
    # a process id means something on its own machine only
    if not owner or owner.get("host") == host():
        return _is_alive(owner)
    lock = FileLock(folder / "run.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):  # or it may not be tried: what the file says stands
        return True
    lock.release()
    return False


def _acquired(lock: FileLock, folder: Path) -> bool:
    """Take the lock if it can be had.

    A holder that the file beside it does not name is either just beginning or only asks, with `is_held`, from
    another machine: it is waited for a little.
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            lock.acquire(timeout=0)
            return True
        except Timeout:
            if _is_alive(_owner(folder)) or time.monotonic() > end:
                return False
        time.sleep(0.02)


def _is_alive(owner: dict[str, Any]) -> bool:
    return owner.get("host") == host() and is_alive(owner["pid"], owner["boot"], owner["started"])


def _owner(folder: Path) -> dict[str, Any]:
    """Return who the file says holds the lock; empty if it says nothing."""
    try:
        with open_plain(folder / _OWNER) as file:
            # no more than a few bytes: whoever can write to the folder can put anything here
            owner = json.loads(file.read(_OWNER_BYTES))
        kinds = {"pid": int, "host": str, "boot": str, "started": str}
        return owner if all(isinstance(owner[name], kind) for name, kind in kinds.items()) else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _written(path: Path) -> IO[bytes]:
    """Write down in the file who this process is, and return it open."""
    owner = {"pid": os.getpid(), "host": host(), "boot": boot(), "started": started(os.getpid())}
    flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    file = open(os.open(path, flags, 0o666), "r+b", buffering=0)
    try:
        file.write(json.dumps(owner).encode())
    except BaseException:
        file.close()
        raise
    return file
