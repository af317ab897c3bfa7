"""Where weights lie: one folder per training, `runs/mnist-20260131-142500/weights.safetensors`."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from gradtape.errors import RunError, WeightsError

RUNS = Path("runs")
WEIGHTS = "weights.safetensors"


@contextmanager
def folder_for(dataset: str, out: Path | None) -> Iterator[Path]:
    """Make and give the folder for a training's weights: `out`, or a new one under `runs`.

    If nothing has been written into a new folder at the end of the block, it is removed.
    """
    if out is None:
        folder, is_new = _new_folder(dataset), True
    else:
        _check(out)
        folder, is_new = out, not out.exists()
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()


def _check(out: Path) -> None:
    """Refuse what cannot take weights before hours are spent on making them."""
    if (out / WEIGHTS).exists():
        refusal = f"{out / WEIGHTS} exists and is not overwritten; choose another folder"
    elif out.suffix == ".safetensors" or (out.exists() and not out.is_dir()):
        refusal = f"must be a folder, in which {WEIGHTS} is written; got {out}"
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
            (RUNS / f"{name}{ending}").mkdir()
        except FileExistsError:
            continue
        return RUNS / f"{name}{ending}"
    raise AssertionError("there is always another number")


def find_weights(given: Path | None) -> Path:
    """Return the file of weights: `given`, the one in the folder `given`, or the newest under `runs`."""
    if given is None:
        return _newest()
    file = given / WEIGHTS if given.is_dir() else given
    if not file.exists():
        raise WeightsError(f"weights: there is no {file}; `gradtape train mnist` makes weights")
    return file


def _newest() -> Path:
    files = [(file.stat().st_mtime_ns, str(file), file) for file in RUNS.glob(f"*/{WEIGHTS}")]
    if not files:
        raise WeightsError(f"weights: there are none in {RUNS}/ here; `gradtape train mnist` makes some")
    return max(files)[-1]


def runs_in(folder: Path) -> list[Path]:
    """Return the runs' folders in `folder`; RunError if there are none."""
    found = sorted(file.parent for file in folder.glob("*/run.json"))
    if not found and (folder / "run.json").exists():
        raise RunError(f"runs: {folder} is a run itself; see `gradtape show {folder}`")
    if not found:
        raise RunError(f"runs: there are none in {folder}/ here; `gradtape train mnist` makes one")
    return found


def find_run(given: Path | None) -> Path:
    """Return a run's folder: `given`, the one of that name under `runs`, or the newest there."""
    if given is None:
        return max(runs_in(RUNS), key=lambda path: (path / "run.json").stat().st_mtime_ns)
    return RUNS / given if not given.exists() and (RUNS / given).is_dir() else given
