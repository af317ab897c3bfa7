"""A file of named arrays: safetensors, with JSON metadata and a digest of everything.

No code is read from such a file: arrays are bytes with a shape and a dtype, the rest is JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.base import files
from gradtape.errors import WeightsError, show

Arrays = dict[str, Any]


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Any], about: object, kind: str) -> None:
    """Write the arrays and `about` to `path`: the whole file or, if that fails, nothing.

    Args:
        path: the file; one that exists is replaced once the new one is complete.
        arrays: NumPy arrays by name.
        about: metadata, as JSON values.
        kind: the purpose of the file; `read_arrays` requires the same.

    Raises:
        WeightsError: if the file cannot be written; what was there before is still there then.
    """
    from safetensors.numpy import save

    text = json.dumps(about, allow_nan=True, sort_keys=False)
    # safetensors writes the buffer as it is, so strided views are copied; ascontiguousarray alone would
    # turn shape () into (1,).
    held = {name: np.ascontiguousarray(array).reshape(np.shape(array)) for name, array in arrays.items()}
    data = save(held, metadata={"format": kind, "about": text, "sha256": digest(held, text, kind)})
    write_whole(Path(path), data)


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path`: the whole file or, if that fails with a WeightsError, nothing."""
    try:
        files.write_whole(path, data)
    except OSError as error:
        raise WeightsError(f"save: {path} cannot be written: {error.strerror or error}") from None


def read_arrays(path: str | os.PathLike[str], kind: str) -> tuple[Arrays, Any]:
    """Return the arrays in the file and their metadata.

    Args:
        path: a file that `write_arrays` wrote.
        kind: the required purpose.

    Raises:
        WeightsError: if it is missing, cut short, changed since, or for something else.
    """
    arrays, metadata = _read(path)
    # First, as the digest covers the kind too and would call a file of another kind damaged.
    if metadata.get("format") != kind:
        found = metadata.get("format", "none of gradtape's")
        raise WeightsError(f"load: {path} must be a file of the format {kind!r}, got {show(found)}")
    text = metadata.get("about", "")
    if metadata.get("sha256") != digest(arrays, text, kind):
        raise WeightsError(f"load: {path} is damaged: its contents do not match its digest")
    try:
        return arrays, json.loads(text)
    except ValueError:
        raise WeightsError(f"load: {path} is damaged: what it says about itself is no JSON") from None


def _read(path: str | os.PathLike[str]) -> tuple[Arrays, dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}
    except FileNotFoundError:
        raise WeightsError(f"load: there is no file {path}") from None
    except (OSError, SafetensorError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsError(f"load: {path} cannot be read: {error}") from None


def digest(arrays: Mapping[str, Any], text: str, kind: str) -> str:
    """Return the SHA-256 of names, dtypes, shapes and bytes of all arrays, and of the text."""
    # Shape and dtype are hashed too: the same bytes as (2, 3) and as (3, 2) are different weights.
    found = hashlib.sha256(f"{kind}\n{text}\n".encode())
    for name in sorted(arrays):  # safetensors does not keep the order of names
        array = np.ascontiguousarray(arrays[name])
        found.update(f"{name}\n{array.dtype.str}{np.shape(arrays[name])}\n".encode())
        # As uint8, without a copy, since hashlib cannot read the memory of bfloat16 as such.
        found.update(array.reshape(-1).view(np.uint8).data if array.size else b"")
    return found.hexdigest()
