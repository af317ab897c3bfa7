"""Folders of runs: one per training, such as `runs/mnist-20260131-142500`."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from gradtape.errors import RunError

RUNS = Path("runs")
RUN, WEIGHTS = "run.json", "weights.safetensors"


@contextmanager
def folder_for(dataset: str, out: Path | None, private: bool = False) -> Iterator[Path]:
    """Make and give the folder for a training: `out`, or a new one under `runs`; `private` closes a new one.

    If nothing has been written into a new folder at the end of the block, it is removed.
    """
    if out is None:
        folder, is_new = _new_folder(dataset), True
    else:
        _check(out)
        folder, is_new = out, not out.exists()
        folder.mkdir(parents=True, exist_ok=True)
    if private and is_new:
        # at once, as nobody else is to read what is written meanwhile
        folder.chmod(0o700)
    try:
        yield folder
    finally:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()


def _check(out: Path) -> None:
    """Refuse what cannot take a run before hours are spent on it."""
    if (out / RUN).exists():
        refusal = f"{out} holds a run; `gradtape resume {out}` continues it, or choose another folder"
    elif (out / WEIGHTS).exists():
        refusal = f"{out / WEIGHTS} exists and is not overwritten; choose another folder"
    elif out.suffix == ".safetensors" or (out.exists() and not out.is_dir()):
        refusal = f"must be a folder, in which the run is written; got {out}"
    elif out.exists() and not os.access(out, os.W_OK):
        refusal = f"must be a folder that may be written to; got {out}"
    else:
        return
    raise typer.BadParameter(refusal, param_hint="'--out'")


def _new_folder(dataset: str) -> Path:
    name = f"{dataset}-{time.strftime('%Y%m%d-%H%M%S')}"
    RUNS.mkdir(exist_ok=True)
    for ending in itertools.chain([""], (f"-{number}" for number in itertools.count(2))):
        try:
            # mkdir instead of a question whether it exists: two trainings may begin in the same second
            (RUNS / f"{name}{ending}").mkdir()
        except FileExistsError:
            continue
        return RUNS / f"{name}{ending}"
    raise AssertionError("there is always another number")


def find_trained(given: Path | None) -> Path:
    """Return a run's folder, or a file of weights: `given`, that name in `runs`, or the newest there."""
    if given is None:
        return _newest(RUN, WEIGHTS)
    place = _placed(given)
    if (place / RUN).exists():
        return place
    file = place / WEIGHTS if place.is_dir() else place
    if not file.exists():
        where = f"no run in {given}" if place.is_dir() else f"no {given}"
        raise RunError(f"run: there is {where}; `gradtape train mnist` makes one")
    return file


def is_run(given: Path) -> bool:
    """Tell whether that is a run's folder, or the name of one in `runs`."""
    return (_placed(given) / RUN).exists()


def _placed(given: Path) -> Path:
    return RUNS / given if not given.exists() and (RUNS / given).is_dir() else given


def _newest(*kinds: str) -> Path:
    files = [file for kind in kinds for file in RUNS.glob(f"*/{kind}")]
    if not files:
        raise RunError(f"run: there is none in {RUNS}/ here; `gradtape train mnist` makes one")
    newest = max(files, key=lambda file: (file.stat().st_mtime_ns, str(file)))
    return newest.parent if newest.name == RUN else newest


def runs_in(folder: Path) -> list[Path]:
    """Return the runs' folders in `folder`; RunError if there are none."""
    found = sorted(file.parent for file in folder.glob(f"*/{RUN}"))
    if not found and (folder / RUN).exists():
        raise RunError(f"runs: {folder} is a run itself; see `gradtape show {folder}`")
    if not found:
        raise RunError(f"runs: there are none in {folder}/ here; `gradtape train mnist` makes one")
    return found


def find_run(given: Path | None) -> Path:
    """Return a run's folder: `given`, that of this name in `runs`, or the newest there."""
    return _newest(RUN) if given is None else _placed(given)
