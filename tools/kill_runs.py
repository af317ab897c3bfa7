"""Kill trainings, resume them, and compare with one that nothing happened to, bit by bit.

    python tools/kill_runs.py --engine numpy --results kills.jsonl --write docs/reliability.md

Each training is a process of its own.  It dies by SIGKILL at every instrumented point of the saving path
(each mkdir, create, write, fsync, rename, delete, and each step), one run for each point; some of them are
killed once or twice more, at random moments of their resumes, and when the points are through, runs are
killed at random moments only.  After each kill all checkpoints that are there must be whole and those of the
unbroken training; the training that is resumed last must end with the same Variables, the same record of all
steps and the same epochs.

Every run that has ended is a line in the file of results.  The same call goes on where the last one stopped,
so that the kills can be had in portions (`--seconds 60`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import re
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import gradtape
from gradtape.callbacks import EarlyStopping, ReduceLROnPlateau
from gradtape.errors import RunError
from gradtape.layers import BatchNormalization, Dense, Dropout, GaussianNoise, Input
from gradtape.replay.run import open_run
from gradtape.runs import Recording
from gradtape.runs.disk import faults
from gradtape.runs.disk.checkpoints import Checkpoints
from gradtape.runs.run_config import read_config

EPOCHS, EVERY_STEPS = 3, 2
POINTS = ("mkdir", "create", "write", "fsync", "rename", "trash", "step")
AGAIN = (0, 0, 1, 2)  # how often a run is killed once more, drawn by lot

Line = dict[str, Any]


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
    """Do the work in a process of its own; return its number.

    The process is a copy of this one, which has imported all and computed nothing: on JAX as well nothing of
    a step, no program and no thread, is there before the copy makes it.
    """
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
        faults.wanted = f"after:{point}"
        train(folder)

    return ended(started(work)) == signal.SIGKILL


def killed_after(folder: Path, calls: int, seconds: float) -> bool:
    """Kill the training a time after so many system calls; tell whether it was still running."""
    reading, writing = os.pipe()

    def work() -> None:
        faults.watcher = tell
        train(folder)

    def tell(event: tuple[Any, ...]) -> None:
        os.write(writing, b".")

    child = started(work)
    os.close(writing)
    while calls and os.read(reading, 1):
        calls -= 1
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    is_killed = ended(child) == signal.SIGKILL
    os.close(reading)
    return is_killed


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


class Reference:
    """The training that nothing happened to: what it passes, how it ends, how long one call takes of it."""

    def __init__(self, folder: Path) -> None:
        self.points = points(folder)  # compiles, where the engine does
        began = time.monotonic()
        ended(started(lambda: train(folder.with_name("again"))))
        self.seconds_each = (time.monotonic() - began) / len(self.points)
        self.result, self.digests = result(folder), open_run(folder).digests

    def moment(self, dice: random.Random) -> tuple[int, float]:
        """Return a random moment: after how many system calls, and how long after that."""
        return dice.randrange(len(self.points)), dice.uniform(0, 3 * self.seconds_each)


def one_run(folder: Path, point: str | None, reference: Reference, dice: random.Random) -> Line | None:
    """Kill a run at a point or a random moment, perhaps again, and let it end; None: it was too fast."""
    if point is None:
        kills, is_killed = ["at a random moment"], killed_after(folder, *reference.moment(dice))
    else:
        kills, is_killed = [f"after {point.partition(':')[0]}"], killed_at(folder, point)
    if not is_killed:
        return None
    wrong = faults_of(folder, reference.digests)
    for _ in range(dice.choice(AGAIN)):
        if killed_after(folder, *reference.moment(dice)):
            kills.append("at a random moment of a resume")
            wrong += faults_of(folder, reference.digests)
    ended(started(lambda: train(folder)))
    if result(folder) != reference.result:
        wrong.append("it did not end as the unbroken one")
    return {"point": point, "kills": kills, "wrong": wrong}


def runs(seed: int, before: list[Line], more: int, seconds: float) -> Iterator[Line]:
    """Kill runs until there are so many more kills, or the seconds are over; yield what came of each run."""
    until, dice = time.monotonic() + seconds, random.Random(f"{seed} {len(before)}")
    with tempfile.TemporaryDirectory() as place:
        reference, number = Reference(Path(place) / "reference"), 0
        if any(line["result"] != reference.result for line in before):
            raise SystemExit("the results in the file are those of another training")
        seen = {line["point"] for line in before}
        left = [point for point in reference.points if point not in seen]
        while more > 0 and time.monotonic() < until:
            number += 1
            line = one_run(Path(place) / str(number), left[0] if left else None, reference, dice)
            if line is None:
                continue
            del left[:1]
            more -= len(line["kills"])
            yield line | {"result": reference.result}


def page(lines: list[Line]) -> str:
    """Return the part of the page that says what came out on the engine that is in use."""
    info = gradtape.engine_info()
    done = Counter(kind for line in lines for kind in line["kills"])
    same = Counter(kind for line in lines for kind in line["kills"] if not line["wrong"])
    kinds = sorted(done, key=lambda kind: "random" in kind)  # in the order of the points, then the others
    said = [
        f"### {info['engine']}",
        "",
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; "
        f"Python {platform.python_version()}, "
        f"{info['engine']} {info['version']}, NumPy {np.__version__}, gradtape {gradtape.__version__}; "
        f"{time.strftime('%Y-%m-%d')}. {len(lines)} runs.",
        "",
        "| killed | times | all checkpoints whole, resumed to the same bits |",
        "|---|---|---|",
        *(f"| {kind} | {done[kind]} | {same[kind]} |" for kind in kinds),
        f"| **together** | **{done.total()}** | **{same.total()}** |",
        "",
        *(f"- {line['kills'][0]}, {line['point']}: {fault}" for line in lines for fault in line["wrong"]),
    ]
    return "\n".join(said).rstrip() + "\n"


def written(text: str, engine: str, part: str) -> str:
    """Return the page with the part for the engine in its place."""
    between = re.compile(rf"(<!-- {engine} -->\n).*?(<!-- end of {engine} -->)", re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"the page has no place for {engine}")
    return between.sub(lambda match: f"{match[1]}{part}{match[2]}", text)


def main() -> None:
    """Read the command line, kill, note what came out, and print or write all of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="how many there are to be in all")
    parser.add_argument("--engine", choices=["numpy", "jax"], default="numpy")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no run after so many")
    parser.add_argument(
        "--results", type=Path, required=True, help="one engine's results, a line for each run"
    )
    parser.add_argument("--write", type=Path, help="the page in which the results are put")
    given = parser.parse_args()
    gradtape.set_engine(given.engine)
    lines: list[Line] = []
    if given.results.exists():
        lines = [json.loads(line) for line in given.results.read_text().splitlines()]
    more = given.kills - sum(len(line["kills"]) for line in lines)
    for line in runs(given.seed, list(lines), more, given.seconds) if more > 0 else ():
        lines.append(line)
        with given.results.open("a") as file:
            file.write(json.dumps(line) + "\n")
    part = page(lines)
    print(part)
    if given.write:
        given.write.write_text(written(given.write.read_text(), given.engine, part))
    raise SystemExit(1 if any(line["wrong"] for line in lines) else 0)


if __name__ == "__main__":
    main()
