"""Writes and syncs files and folders, one system call after the other, and reads them safely."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path
from typing import IO

from gradtape.base import files
from gradtape.runs.disk.faults import passed

_CHUNK_BYTES = 1 << 16


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it, and bring each new name to the disk."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    for path in reversed(missing):
        # exist_ok: another process may make the same folder at the same time
        path.mkdir(mode, exist_ok=True)
        passed("mkdir", path)
        sync_folder(path.parent)


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and bring its contents to the disk."""
    files.write_file(path, data, passed)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, and rename it when it is on the disk."""
    files.write_whole(path, data, passed)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Bring a file that somebody else writes to the disk, if it is there."""
    if path.exists():
        with open(path, "r+b") as file:  # Windows brings only what it could write to the disk
            os.fsync(file.fileno())
        passed("fsync", path)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; Windows does so by itself, and opens no folder."""
    if sys.platform == "win32":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
    passed("fsync", folder)


def identity(path: Path) -> tuple[int, int] | None:
    """Return what identifies a file, whatever its name; None if it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def rename(old: Path, new: Path) -> None:
    """Give a file or folder another name."""
    os.rename(old, new)
    passed("rename", old, new)


def open_plain(path: Path) -> IO[bytes]:
    """Open a file for reading; OSError if it is a link, a pipe or a device, which might never end."""
    # A link could lead to a file outside of the run. Without O_NONBLOCK the open of a pipe waits for
    # a writer, possibly for ever.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(0, "it is not a regular file")
    return open(number, "rb")


def digest_of(file: IO[bytes]) -> str:
    """Return the SHA-256 of what is in an open file, a piece at a time."""
    found = hashlib.sha256()
    while piece := file.read(_CHUNK_BYTES):
        found.update(piece)
    return found.hexdigest()
