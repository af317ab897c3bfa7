"""The manifest of a checkpoint: JSON whose last entry is the digest of all the bytes before it.

    {"format": 1, "step": 123, "size_bytes": ..., "sha256": ..., "arrays": {...}, "about": {...},
     "self": "..."}

The digest is checked before the bytes are used for anything else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradtape.errors import CheckpointError, show
from gradtape.runs.disk.files import open_plain

FORMAT = 1
_LARGEST_BYTES = 1 << 26
_SELF = re.compile(rb',\n "self": "([0-9a-f]{64})"\n\}')
_SELF_BYTES = len(b',\n "self": ""\n}') + 64
_ENTRIES = {"format": int, "step": int, "size_bytes": int, "sha256": str, "arrays": dict, "about": dict}
_OF_AN_ARRAY = {"dtype": str, "shape": list, "size_bytes": int, "sha256": str}


def signed(manifest: Mapping[str, Any]) -> bytes:
    """Return the manifest as it is written, with its own digest at its end."""
    body = json.dumps(manifest, indent=1).removesuffix("\n}").encode()
    return body + f',\n "self": "{hashlib.sha256(body).hexdigest()}"\n}}'.encode()


def read_manifest(file: Path) -> dict[str, Any]:
    """Return the manifest in the file, or raise CheckpointError saying what is wrong with it."""
    data = _read(file)
    # cut off as bytes: nothing of the file is parsed before its digest is known to be right
    seal = _SELF.fullmatch(data[-_SELF_BYTES:])
    if seal is None or hashlib.sha256(data[:-_SELF_BYTES]).hexdigest() != seal[1].decode():
        raise CheckpointError(f"checkpoint: {file} is damaged: it does not match its own digest")
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"checkpoint: {file} cannot be read: {show(str(error))}") from None
    version = manifest.get("format")
    if version != FORMAT:
        raise CheckpointError(
            f"checkpoint: {file} has the format {show(version)}; "
            f"this version of gradtape reads format {FORMAT}"
        )
    if not _is_shaped(manifest, _ENTRIES | {"self": str}) or not all(
        _is_shaped(one, _OF_AN_ARRAY) for one in manifest["arrays"].values()
    ):
        raise CheckpointError(
            f"checkpoint: {file} is damaged: an entry is missing, unknown or of the wrong type"
        )
    return manifest  # type: ignore[no-any-return]


def _read(file: Path) -> bytes:
    try:
        with open_plain(file) as opened:
            if os.fstat(opened.fileno()).st_size > _LARGEST_BYTES:
                raise CheckpointError(
                    f"checkpoint: {file} is no manifest: it has more than {_LARGEST_BYTES} bytes"
                )
            return opened.read()
    except OSError as error:
        raise CheckpointError(f"checkpoint: {file} cannot be read: {error.strerror or error}") from None


def _is_shaped(given: object, entries: Mapping[str, type]) -> bool:
    """Tell whether `given` has exactly these entries, each of its type."""
    if not isinstance(given, dict) or given.keys() != entries.keys():
        return False
    # `is`, as isinstance takes True for an int
    return all(type(given[name]) is kind for name, kind in entries.items())
