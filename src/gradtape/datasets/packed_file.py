"""The files of data in the package, read only if they are the ones that were packed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gradtape.errors import DatasetError


def read_checked(file: Path, size_bytes: int, sha256: str, who: str) -> bytes:
    """Return the bytes of a packed file, or raise DatasetError if they are not the ones expected.

    Args:
        file: where it is.
        size_bytes: how long it must be.
        sha256: its digest.
        who: who reads it, for the error message.
    """
    try:
        with file.open("rb") as stream:
            # One byte too many shows that a file is too long, however long it is.
            packed = stream.read(size_bytes + 1)
    except OSError as error:
        raise _damaged(who, file, f"reading it failed ({error.strerror or error})") from error
    if len(packed) != size_bytes:
        got = f"{len(packed)}" if len(packed) < size_bytes else "more"
        raise _damaged(who, file, f"the size check failed (required {size_bytes} bytes, got {got})")
    digest = hashlib.sha256(packed).hexdigest()
    if digest != sha256:
        raise _damaged(who, file, f"the SHA-256 check failed (required {sha256}, got {digest})")
    return packed


def _damaged(who: str, file: Path, failure: str) -> DatasetError:
    return DatasetError(f"{who}: {file}: {failure}; reinstall gradtape to restore this file")
