"""Checkpoints: folders that are there as a whole or not at all, and checked before they are used.

    checkpoints/step-000000123/arrays.safetensors   all Variables
    checkpoints/step-000000123/manifest.json        what each of them must be, written last

A checkpoint is made under a temporary name, brought to the disk, and then given its name.  One that has its
name is never written to again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.errors import CheckpointError, show
from gradtape.runs.faults import passed
from gradtape.runs.processes import is_alive, me

FORMAT = 1
ARRAYS, MANIFEST = "arrays.safetensors", "manifest.json"
_NAME = re.compile(r"step-(\d{9,})")
_UNFINISHED = re.compile(r"\.(?:tmp|trash)-(\d+)-([0-9a-f]+)-[0-9a-f]+")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read and found to be whole.

    Attributes:
        step: how many updates had been done.
        arrays: the values of all Variables, by path, as NumPy arrays.
        about: what else was kept, JSON values.
        path: its folder.
    """

    step: int
    arrays: dict[str, Any]
    about: dict[str, Any]
    path: Path


class Checkpoints:
    """The checkpoints of one run.

    Args:
        folder: where they are; made by the first save.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def steps(self) -> list[int]:
        """Return the steps of which there is a checkpoint with a manifest, ascending."""
        if not self.folder.is_dir():
            return []
        found = [_NAME.fullmatch(p.name) for p in self.folder.iterdir() if (p / MANIFEST).is_file()]
        return sorted(int(match[1]) for match in found if match)

    def path(self, step: int) -> Path:
        """Return the folder of the checkpoint after `step` updates."""
        return self.folder / f"step-{step:09d}"

    def save(self, step: int, arrays: Mapping[str, Any], about: Mapping[str, Any]) -> Path:
        """Write a checkpoint; if that fails, none is there and the older ones are as they were.

        Args:
            step: how many updates have been done.
            arrays: NumPy arrays by name.
            about: what else to keep, as JSON values.

        Returns:
            Its folder; one that is there already is kept.

        Raises:
            CheckpointError: if it cannot be written.
        """
        final = self.path(step)
        if (final / MANIFEST).is_file():
            return final
        unfinished = self.folder / f".tmp-{me()}-{secrets.token_hex(4)}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(unfinished, step, arrays, about)
            os.rename(unfinished, final)
            passed("rename")
            _sync_folder(self.folder)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise CheckpointError(
                f"checkpoint: {final} cannot be written: {error.strerror or error}; "
                "the checkpoints before it are unharmed"
            ) from error
        return final

    def load(self, step: int) -> Checkpoint:
        """Return the checkpoint after `step` updates; CheckpointError names what is wrong with it."""
        path, manifest = self.path(step), self.manifest(step)
        return Checkpoint(step, _checked_arrays(path, manifest), manifest["about"], path)

    def manifest(self, step: int) -> dict[str, Any]:
        """Return what is written of the checkpoint after `step` updates, its digests too, without its arrays.

        Raises CheckpointError if it is damaged.
        """
        path = self.path(step)
        if path.is_symlink():
            raise CheckpointError(f"checkpoint: {path} is a link; a checkpoint must be a folder of its own")
        manifest = _manifest(path)
        if manifest["step"] != step:
            raise CheckpointError(f"checkpoint: {path / MANIFEST} is that of step {manifest['step']}")
        return manifest

    def latest(self, before: int | None = None) -> tuple[Checkpoint | None, list[str]]:
        """Return the newest checkpoint that is whole, and what is wrong with those that are newer.

        Args:
            before: only look at those of at most so many steps; None looks at all.
        """
        faults: list[str] = []
        for step in reversed([s for s in self.steps() if before is None or s <= before]):
            try:
                return self.load(step), faults
            except CheckpointError as error:
                faults.append(str(error))
        return None, faults

    def remove(self, step: int) -> None:
        """Delete a checkpoint: it loses its name first, so that half of one is never seen."""
        trash = self.folder / f".trash-{me()}-{secrets.token_hex(4)}"
        os.rename(self.path(step), trash)
        passed("trash")
        shutil.rmtree(trash, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what dead processes left unfinished; everything else stays."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            match = _UNFINISHED.fullmatch(path.name)
            if match and not is_alive(int(match[1]), match[2]):
                shutil.rmtree(path, ignore_errors=True)


def _write(folder: Path, step: int, arrays: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write both files and bring them, and the folder, to the disk; the manifest last."""
    from safetensors.numpy import save

    held = {name: np.ascontiguousarray(a).reshape(np.shape(a)) for name, a in arrays.items()}
    os.mkdir(folder)
    passed("mkdir")
    data = save(held) if held else b""
    _write_file(folder / ARRAYS, data)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "step": step,
        "size_bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "arrays": {name: described(array) for name, array in held.items()},
        "about": dict(about),
    }
    manifest["self"] = _self_digest(manifest)
    _write_file(folder / MANIFEST, json.dumps(manifest, indent=1).encode())
    _sync_folder(folder)


def described(array: Any) -> dict[str, Any]:
    """Return what a manifest says of a NumPy array, contiguous in memory."""
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "size_bytes": array.nbytes,
        "sha256": hashlib.sha256(array.data if array.size else b"").hexdigest(),
    }


def _write_file(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        passed("write")
        file.flush()
        os.fsync(file.fileno())
        passed("fsync")


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
    passed("fsync")


def _self_digest(manifest: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in manifest.items() if name != "self"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a checkpoint, or raise CheckpointError."""
    file = path / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
        version = manifest["format"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"checkpoint: {file} cannot be read: {show(str(error))}") from None
    if version != FORMAT:
        raise CheckpointError(
            f"checkpoint: {file} has the format {show(version)}; "
            f"this version of gradtape reads format {FORMAT}"
        )
    if manifest.get("self") != _self_digest(manifest):
        raise CheckpointError(f"checkpoint: {file} is damaged: it does not match its own digest")
    return manifest  # type: ignore[no-any-return]


def _checked_arrays(path: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arrays, each as the manifest says it must be, or raise CheckpointError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    file = path / ARRAYS
    try:
        if file.stat().st_size != manifest["size_bytes"]:
            raise CheckpointError(
                f"checkpoint: {file} must have {manifest['size_bytes']} bytes, has {file.stat().st_size}"
            )
        data = file.read_bytes()
    except OSError as error:
        raise CheckpointError(f"checkpoint: {file} cannot be read: {error.strerror}") from None
    if hashlib.sha256(data).hexdigest() != manifest["sha256"]:
        raise CheckpointError(f"checkpoint: {file} is damaged: it does not match the digest in its manifest")
    try:
        arrays = load(data) if data else {}
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"checkpoint: {file} is damaged: {show(str(error))}") from None
    if {name: described(a) for name, a in arrays.items()} != manifest["arrays"]:
        raise CheckpointError(f"checkpoint: {file} does not hold the arrays that its manifest lists")
    return arrays
