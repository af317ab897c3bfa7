"""Reads the arrays of a checkpoint; every array is checked against the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.errors import CheckpointError, show
from gradtape.runs.disk.files import digest_of, open_plain


def described(array: Any) -> dict[str, Any]:
    """Return a manifest's entry for a NumPy array that is contiguous in memory."""
    # bytes, because bfloat16 has no buffer for hashlib; flat, because NumPy views no 0-d array as bytes
    data = array.reshape(-1).view(np.uint8).data if array.size else b""
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "size_bytes": array.nbytes,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def read_checked(file: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arrays in the file, each as the manifest says it must be, or raise CheckpointError.

    The digest of the whole file is checked, a piece at a time, before any array is made.
    """
    try:
        with open_plain(file) as opened:
            size, digest = file.stat().st_size, digest_of(opened)
    except OSError as error:
        raise CheckpointError(f"checkpoint: {file} cannot be read: {error.strerror or error}") from None
    if size != manifest["size_bytes"]:
        raise CheckpointError(f"checkpoint: {file} must have {manifest['size_bytes']} bytes, has {size}")
    if digest != manifest["sha256"]:
        raise CheckpointError(f"checkpoint: {file} is damaged: it does not match the digest in its manifest")
    arrays = _parsed(file)
    # the digest of the file holds for its bytes; this holds for what safetensors made of them
    if {name: described(array) for name, array in arrays.items()} != manifest["arrays"]:
        raise CheckpointError(f"checkpoint: {file} does not hold the arrays that its manifest lists")
    return arrays


def _parsed(file: Path) -> dict[str, Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            return {name: opened.get_tensor(name) for name in opened.keys()}
    # a hostile header fails in safetensors or in NumPy, each in its own way
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"checkpoint: {file} is damaged: {show(str(error))}") from None
