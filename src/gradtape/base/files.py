"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

Notify = Callable[..., None]  # called after each system call


def _ignore(point: str, *about: object) -> None:
    pass


def write_file(path: Path, data: bytes, notify: Notify = _ignore) -> None:
    """Write a new file and bring its contents to the disk.

    Args:
        path: the file, which must not exist.
        data: its contents.
        notify: called after create, write and fsync.
    """
    with open(path, "xb") as file:
        notify("create", path)
        file.write(data)
        file.flush()
        notify("write", path, data)
        # Before any rename: that could reach the disk first, and a crash then leave an empty file.
        os.fsync(file.fileno())
        notify("fsync", path)


def write_whole(path: Path, data: bytes, notify: Notify = _ignore) -> None:
    """Write a file under a temporary name, and rename it when it is on the disk.

    Args:
        path: the file; one that exists is replaced.
        data: its contents.
        notify: called after create, write, fsync and rename.

    Raises:
        OSError: if it cannot be written; what was there before is still there then.
    """
    unfinished = path.with_name(f".tmp-{os.getpid()}-{secrets.token_hex(4)}-{path.name}")
    try:
        write_file(unfinished, data, notify)
        # Atomic: whoever opens `path` finds the old file or the whole new one.
        os.replace(unfinished, path)
        notify("rename", unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
