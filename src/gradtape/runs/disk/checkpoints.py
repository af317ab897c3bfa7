"""Checkpoints: folders that are complete or absent, and checked before they are used.

    checkpoints/step-000000123/arrays.safetensors   all Variables
    checkpoints/step-000000123/manifest.json        what each of them must be, written last

A checkpoint is written under a temporary name, synced to the disk, and then renamed.  After that it is never
written to again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.base.workers import Workers
from gradtape.errors import CheckpointError
from gradtape.runs.disk.arrays import described, read_checked
from gradtape.runs.disk.faults import passed
from gradtape.runs.disk.files import (
    make_folder,
    rename,
    sync_folder,
    write_file,
)
from gradtape.runs.disk.manifest import FORMAT, read_manifest, signed
from gradtape.runs.disk.processes import is_alive, me

ARRAYS, MANIFEST = "arrays.safetensors", "manifest.json"
# nine digits, so that a listing is in the order of the steps; more from step 10**9 on
_NAME = re.compile(r"step-(\d{9,})")
# process id, start of the machine, random part: the first two tell whether its writer is still alive
_UNFINISHED = re.compile(r"\.(?:tmp|trash)-(\d+)-([0-9a-f]+)-[0-9a-f]+")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read and found to be undamaged.

    Attributes:
        step: how many updates had been done.
        arrays: the values of all Variables, by path, as NumPy arrays.
        about: further JSON values.
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
        run_id: of the run; one that says it is of another is damaged. None: not known.
    """

    def __init__(self, folder: Path, run_id: str | None = None) -> None:
        self.run_id = run_id
        self.folder = folder

    def steps(self) -> list[int]:
        """Return the steps of which there is a checkpoint with a manifest, ascending."""
        if not self.folder.is_dir():
            return []
        named = {p: match for p in self.folder.iterdir() if (match := _NAME.fullmatch(p.name))}
        found = [int(match[1]) for p, match in named.items() if (p / MANIFEST).is_file()]
        if not all(map(os.path.lexists, named)):  # deleted meanwhile; the list may lack the one made before
            return self.steps()
        return sorted(found)

    def path(self, step: int) -> Path:
        """Return the folder of the checkpoint after `step` updates."""
        return self.folder / f"step-{step:09d}"

    def save(self, step: int, arrays: Mapping[str, Any], about: Mapping[str, Any]) -> Path:
        """Write a checkpoint; if that fails, there is none, and the older ones are unchanged.

        Args:
            step: how many updates have been done.
            arrays: NumPy arrays by name.
            about: further JSON values to store.

        Returns:
            Its folder; a whole one that is there already is kept, a damaged one is put aside.

        Raises:
            CheckpointError: if it cannot be written.
        """
        final = self.path(step)
        try:
            if os.path.lexists(final):
                if self.is_whole(step):
                    return final
                # not deleted: a damaged file is evidence, and what is in it may still be rescued by hand
                rename(final, self.folder / f"damaged-{final.name}-{secrets.token_hex(4)}")
            self._commit(final, step, arrays, about)
        except OSError as error:
            raise CheckpointError(
                f"checkpoint: {final} cannot be written: {error.strerror or error}; "
                "the checkpoints before it are unharmed"
            ) from error
        return final

    def _commit(self, final: Path, step: int, arrays: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        """Write under a temporary name, and rename when everything is on the disk."""
        for is_last in (False, True):
            unfinished = self.folder / f".tmp-{me()}-{secrets.token_hex(4)}"
            try:
                make_folder(self.folder)
                _write(unfinished, step, arrays, about)
                # Only after everything in it is synced: otherwise a power failure could leave the final name
                # with empty files behind it. The sync of the parent folder makes the new name itself durable.
                rename(unfinished, final)
                sync_folder(self.folder)
                return
            except OSError as error:
                shutil.rmtree(unfinished, ignore_errors=True)
                # after a failed fsync the pages may be marked clean: only new files tell
                # Other errors, such as a full disk, would come again. If `final` exists, the rename is done
                # and only the last sync failed.
                if is_last or error.errno != errno.EIO or final.exists():
                    raise

    def is_whole(self, step: int) -> bool:
        """Tell whether there is an undamaged checkpoint after `step` updates."""
        try:
            self.load(step)
        except CheckpointError:
            return False
        return True

    def load(self, step: int) -> Checkpoint:
        """Return the checkpoint after `step` updates; CheckpointError says what is damaged."""
        path, manifest = self.path(step), self.manifest(step)
        return Checkpoint(step, read_checked(path / ARRAYS, manifest), manifest["about"], path)

    def manifest(self, step: int) -> dict[str, Any]:
        """Return what is written of the checkpoint after `step` updates, its digests too, without its arrays.

        Raises CheckpointError if it is damaged.
        """
        path = self.path(step)
        if path.is_symlink():
            raise CheckpointError(f"checkpoint: {path} is a link; a checkpoint must be a folder of its own")
        manifest = read_manifest(path / MANIFEST)
        if manifest["step"] != step:
            raise CheckpointError(f"checkpoint: {path / MANIFEST} is that of step {manifest['step']}")
        made_by = manifest["about"].get("run")
        found = made_by.get("id") if isinstance(made_by, dict) else None  # older ones do not say
        if None not in (found, self.run_id) and found != self.run_id:
            raise CheckpointError(
                f"checkpoint: {path} belongs to another run: this one is {self.run_id}, that is {found!r}"
            )
        return manifest

    def latest(self, before: int | None = None) -> tuple[Checkpoint | None, list[str]]:
        """Return the newest checkpoint that is whole, and what is wrong with those that are newer.

        Args:
            before: only look at those of at most so many steps; None looks at all.
        """
        faults: list[str] = []
        is_gone = False
        for step in reversed([s for s in self.steps() if before is None or s <= before]):
            try:
                return self.load(step), faults
            except CheckpointError as error:
                if self.path(step).exists():
                    faults.append(str(error))
                else:  # deleted meanwhile, by the one who trains: then there is a newer one
                    is_gone = True
        return self.latest(before) if is_gone else (None, faults)

    def remove(self, step: int) -> None:
        """Delete a checkpoint: it loses its name first, so that half of one is never seen."""
        trash = self.folder / f".trash-{me()}-{secrets.token_hex(4)}"
        try:
            os.rename(self.path(step), trash)
        except FileNotFoundError:  # somebody has deleted it by hand
            return
        except OSError as error:
            raise CheckpointError(
                f"checkpoint: {self.path(step)} cannot be deleted: {error.strerror or error}"
            ) from error
        # from here on a crash leaves only a .trash folder, which `sweep` deletes
        passed("trash", trash)
        shutil.rmtree(trash, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what processes that have ended left unfinished."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            # nothing else is ever deleted: other names may be the user's own
            match = _UNFINISHED.fullmatch(path.name)
            if match and not is_alive(int(match[1]), match[2]):
                shutil.rmtree(path, ignore_errors=True)


def _write(folder: Path, step: int, arrays: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write both files and bring them, and the folder, to the disk; the manifest last."""
    from safetensors.numpy import save

    # digest and safetensors need C order; ascontiguousarray turns shape () into (1,), which reshape undoes
    held = {name: np.ascontiguousarray(a).reshape(np.shape(a)) for name, a in arrays.items()}
    os.mkdir(folder)
    passed("mkdir", folder)
    data = save(held)
    with Workers(2, "digest") as beside:  # digests take as long as the disk, and need no order
        digest = beside.submit(lambda: hashlib.sha256(data).hexdigest())
        lines = beside.submit(lambda: {name: described(array) for name, array in held.items()})
        write_file(folder / ARRAYS, data)
    manifest = {
        "format": FORMAT,
        "step": step,
        "size_bytes": len(data),
        "sha256": digest.result(),
        "arrays": lines.result(),
        "about": dict(about),
    }
    write_file(folder / MANIFEST, signed(manifest))
    sync_folder(folder)
