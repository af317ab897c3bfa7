"""Kill trainings, resume them, and compare with one that nothing happened to, bit by bit.

    python tools/kill_runs.py --kills 200 --engine numpy --write docs/reliability.md

Each training is a process of its own.  It dies by SIGKILL at every instrumented point of the saving path
(each mkdir, create, write, fsync, rename, delete, and each step), one after the other, and then
at random moments until there have been so many kills; every third of those is killed once more while it is
resumed.  After each kill all checkpoints that are there must be whole and those of the unbroken training; the
resumed training must end with the same Variables, the same record of all steps and the same epochs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import random
import re
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import gradtape
from gradtape.callbacks import EarlyStopping, ReduceLROnPlateau
from gradtape.errors import RunError
from gradtape.layers import BatchNormalization, Dense, Dropout, GaussianNoise, Input
from gradtape.runs import Recording, faults, open_run
from gradtape.runs.checkpoints import Checkpoints
from gradtape.runs.comparing import read_config

EPOCHS, EVERY_STEPS = 3, 2
POINTS = ("mkdir", "create", "write", "fsync", "rename", "trash", "step")


def train(folder: Path) -> None:
    """Begin the training, or go on with it: dropout, noise, moving statistics, momentum, two callbacks."""
    gradtape.set_seed(7)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(104, 5)).astype("float32")
    y = (x.sum(axis=1) > 0).astype("int32")
    layers = [GaussianNoise(0.1), Dense(8, activation="tanh"), BatchNormalization(), Dropout(0.2)]
    model = gradtape.Sequential([Input((5,)), *layers, Dense(2, activation="softmax")])
    optimizer = gradtape.optimizers.SGD(0.1, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    told: list[Any] = [EarlyStopping(monitor="val_loss", patience=9, restore_best_weights=True)]
    told += [ReduceLROnPlateau(monitor="val_loss", patience=1, min_delta=0.2)]
    recording = Recording(folder, every_steps=EVERY_STEPS, every_seconds=None, keep_last=3, keep_spread=None)
    model.fit(x, y, 16, EPOCHS, 0, told, validation_split=0.1, run=recording, resume=True)


def started(work: Callable[[], None]) -> int:
    """Do the work in a process of its own; return its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        faults.counts.clear()
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Wait for the process; return the signal that ended it, or 0."""
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    if os.WEXITSTATUS(status):
        raise RuntimeError("a training failed by itself")
    return 0


def killed_at(folder: Path, point: str) -> bool:
    """Let the training die after a point, such as "rename:3"; tell whether it came that far."""

    def work() -> None:
        os.environ["GRADTAPE_FAULT"] = f"after:{point}"
        train(folder)

    return ended(started(work)) == signal.SIGKILL


def killed_after(folder: Path, seconds: float) -> bool:
    """Kill the training after a time; tell whether it was still running."""
    child = started(lambda: train(folder))
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return ended(child) == signal.SIGKILL


def result(folder: Path) -> str:
    """Return one digest of all that must be the same: last Variables, steps and epochs, but no times."""
    run = open_run(folder)
    checkpoint, found = run.checkpoint(), hashlib.sha256()
    for name, array in sorted(checkpoint.arrays.items()):
        found.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    for table in (run.steps, run.epochs):
        for name in table.dtype.names:
            if name != "wall_seconds":
                found.update(name.encode() + np.asarray(table[name]).tobytes())
    return found.hexdigest()


def faults_of(folder: Path, digests: dict[int, str]) -> list[str]:
    """Return what is wrong with what a kill has left: nothing, if all is well."""
    try:
        read_config(folder)
    except RunError:
        return []  # it died before there was a run
    store, said = Checkpoints(folder / "checkpoints"), []
    if not store.steps():
        said.append("no checkpoint is left")
    for step in store.steps():
        if not store.is_whole(step):
            said.append(f"step {step} is torn")
    said += [f"step {s} differs" for s, d in open_run(folder).digests.items() if digests.get(s) != d]
    return said


def points(folder: Path) -> list[str]:
    """Return every instrumented point that a training passes, in a process of its own."""
    reading, writing = os.pipe()

    def work() -> None:
        seen: Counter[str] = Counter()
        faults.watcher = lambda event: seen.update([event[0]])
        train(folder)
        os.write(writing, " ".join(f"{kind}:{seen[kind]}" for kind in POINTS).encode())

    assert ended(started(work)) == 0
    pairs = [one.split(":") for one in os.read(reading, 4096).decode().split()]
    return [f"{kind}:{number}" for kind, count in pairs for number in range(1, int(count) + 1)]


def kill_all(kills: int, engine: str, seed: int) -> tuple[Counter[str], Counter[str], list[str]]:
    """Kill so often; return how many kills of each kind, how many came out identical, and what went wrong."""
    dice, done, same, wrong = random.Random(seed), Counter[str](), Counter[str](), []
    with tempfile.TemporaryDirectory() as place:
        reference = Path(place) / "reference"
        every = points(reference)
        expected, digests = result(reference), open_run(reference).digests
        began = time.monotonic()
        ended(started(lambda: train(Path(place) / "timed")))
        seconds = time.monotonic() - began
        number, most = 0, kills * 3 // 4  # of few kills, a quarter are at random moments too
        if most < len(every):
            every = dice.sample(every, most)
        while sum(done.values()) < kills:
            folder = Path(place) / str(number)
            if number < len(every):
                kind = f"after {every[number].partition(':')[0]}"
                was_killed = killed_at(folder, every[number])
            else:
                kind = "at a random moment"
                was_killed = killed_after(folder, dice.uniform(0, seconds))
                if was_killed and number % 3 == 0:
                    done["at a random moment of a resume"] += killed_after(folder, dice.uniform(0, seconds))
            number += 1
            if not was_killed:
                continue
            found = faults_of(folder, digests)
            ended(started(lambda folder=folder: train(folder)))  # type: ignore[misc]
            if result(folder) != expected:
                found.append("it did not end as the unbroken one")
            done[kind] += 1
            same[kind] += not found
            wrong += [f"{kind}, number {number}: {fault}" for fault in found]
    same["at a random moment of a resume"] = done["at a random moment of a resume"]
    return done, same, wrong


def page(engine: str, done: Counter[str], same: Counter[str], wrong: list[str]) -> str:
    """Return the part of the page that says what came out on one engine."""
    info = gradtape.engine_info()
    lines = [
        f"### {engine}",
        "",
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; "
        f"Python {platform.python_version()}, "
        f"{info['engine']} {info['version']}, NumPy {np.__version__}, gradtape {gradtape.__version__}; "
        f"{time.strftime('%Y-%m-%d')}.",
        "",
        "| killed | times | all checkpoints whole, resumed to the same bits |",
        "|---|---|---|",
        *(f"| {kind} | {done[kind]} | {same[kind]} |" for kind in done),
        f"| **together** | **{sum(done.values())}** | **{sum(same.values())}** |",
        "",
        *(f"- {fault}" for fault in wrong),
    ]
    return "\n".join(lines).rstrip() + "\n"


def written(text: str, engine: str, part: str) -> str:
    """Return the page with the part for the engine in its place."""
    between = re.compile(rf"(<!-- {engine} -->\n).*?(<!-- end of {engine} -->)", re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"the page has no place for {engine}")
    return between.sub(lambda match: f"{match[1]}{part}{match[2]}", text)


def main() -> None:
    """Read the command line, kill, and print or write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--engine", choices=["numpy", "jax"], default="numpy")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, help="the page in which the result is put")
    given = parser.parse_args()
    gradtape.set_engine(given.engine)
    done, same, wrong = kill_all(given.kills, given.engine, given.seed)
    part = page(given.engine, done, same, wrong)
    print(part)
    if given.write:
        given.write.write_text(written(given.write.read_text(), given.engine, part))
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
