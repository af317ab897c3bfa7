"""What `fit` costs over the bare step, and what recording a run costs over `fit`, turn and turn about."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import gradtape
from benchmarks import page
from benchmarks.surroundings import CORE_TYPE, machine, measured, quartiles
from gradtape.cli.recipes import load, network
from gradtape.data.order import epoch_order

ROUNDS = 9
STEPS = 468  # the full batches of an epoch
BATCH = 128
HIDDEN = 512
STEPS_PER_CALL = 64  # of the bare step, where the engine compiles: as many as `fit` takes
WAYS = ("bare", "fit", "recorded")
RATIOS = (("fit", "bare", 1.05), ("recorded", "fit", 1.03))
TITLES = {"bare": "the bare step", "fit": "`fit`", "recorded": "`fit` on record"}


class Screen(io.StringIO):
    """A terminal, so that the progress bar moves."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


class Clock(gradtape.callbacks.Callback):
    """Notes when the first step begins: what a training sets up before that is not the cost of its steps."""

    began = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start."""
        self.began = time.perf_counter()


def bare(x: Any, y: Any) -> Callable[[], float]:
    """Return an epoch of forward, loss, gradients and update alone, compiled where the engine compiles."""
    model, loss_of = network(HIDDEN), gradtape.losses.SparseCategoricalCrossentropy()
    weights, data = model.trainable_weights, [gradtape.as_tensor(x), gradtape.as_tensor(y)]

    def step(images: Any, labels: Any) -> Any:
        with gradtape.GradientTape() as tape:
            loss = loss_of(labels, model(images, training=True))
        model.optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    compiled = gradtape.compile(step)

    def epoch() -> float:
        begun = time.perf_counter()
        orders = epoch_order(len(x), 0, 0).reshape(STEPS, BATCH)
        for start in range(0, STEPS, STEPS_PER_CALL):
            rows = orders[start : start + STEPS_PER_CALL]
            filled = np.concatenate([rows, orders[: STEPS_PER_CALL - len(rows)]])
            losses = compiled.over(data, filled, count=len(rows)).numpy()
            assert np.isfinite(losses).all()
        return time.perf_counter() - begun

    return epoch


def fitted(x: Any, y: Any, folder: Path | None = None) -> Callable[[], float]:
    """Return an epoch of `fit`, with accuracy, history and progress bar; each a run in `folder` if given.

    The seconds are those from its first step until `fit` returns: with the last checkpoint on the disk.
    """
    model, clock = network(HIDDEN), Clock()

    def epoch() -> float:
        run = None if folder is None else tempfile.mkdtemp(dir=folder) + "/run"
        with contextlib.redirect_stdout(Screen()):
            model.fit(x, y, batch_size=BATCH, verbose=1, callbacks=[clock], run=run)
        return time.perf_counter() - clock.began

    return epoch


def times(rounds: int) -> dict[str, Any]:
    """Return milliseconds per step of each way, and the ratios round by round, as quartiles."""
    (x, y), _ = load("mnist")
    x, y = x[: STEPS * BATCH], y[: STEPS * BATCH]
    with tempfile.TemporaryDirectory() as name:
        ways = dict(zip(WAYS, (bare(x, y), fitted(x, y), fitted(x, y, Path(name))), strict=True))
        for epoch in ways.values():
            epoch()
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        for number in range(rounds):
            for way in WAYS[number % 3 :] + WAYS[: number % 3]:
                seconds[way].append(ways[way]())
    steps = {way: quartiles([1e3 * s / STEPS for s in seconds[way]]) for way in WAYS}
    ratios = [
        quartiles([a / b for a, b in zip(seconds[above], seconds[below], strict=True)])
        for above, below, _ in RATIOS
    ]
    return {"engine": gradtape.get_engine(), "steps": steps, "ratios": ratios}


def table(rows: list[tuple[str, dict[str, Any]]]) -> str:
    """Return the measurements as a Markdown table."""
    lines = [
        "| engine | "
        + " | ".join(f"{TITLES[way]}, ms" for way in WAYS)
        + " | ratio (quartiles) | at most | |",
        "|---|---|---|---|---|---|---|",
    ]
    for title, found in rows:
        cells = " | ".join(f"{found['steps'][way][1]:.2f}" for way in WAYS)
        for (above, below, allowed), (low, ratio, high) in zip(RATIOS, found["ratios"], strict=True):
            verdict = "reached" if ratio <= allowed else "missed"
            what = f"{TITLES[above]} / {TITLES[below]}: {ratio:.3f} ({low:.3f} to {high:.3f})"
            lines.append(f"| {title} | {cells} | {what} | {allowed:.2f} | {verdict} |")
    return "\n".join(lines)


def section(rounds: int) -> str:
    """Return the section of the page."""
    surroundings = (
        (f"NumPy, `{CORE_TYPE}` unset", {"GRADTAPE_ENGINE": "numpy", CORE_TYPE: None}),
        (f"NumPy, `{CORE_TYPE}=Haswell`", {"GRADTAPE_ENGINE": "numpy", CORE_TYPE: "Haswell"}),
        ("JAX", {"GRADTAPE_ENGINE": "jax"}),
    )
    rows = [
        (title, measured("benchmarks.fit", variables, "--rounds", str(rounds)))
        for title, variables in surroundings
    ]
    return f"""## What `fit` and recording cost

{machine()}

One epoch of MNIST, {STEPS} batches of {BATCH} through 784-{HIDDEN}-10 with RMSprop, in one process per
engine, turn and turn about, {rounds} epochs each; milliseconds per step, medians. The bare step is forward,
loss, gradients and update, compiled where the engine compiles, {STEPS_PER_CALL} steps a call. `fit` adds
accuracy, history, callbacks and a progress bar on a terminal; on record, a journal of every step and a
checkpoint, and its time ends when that is on the disk. To repeat:
`python -m benchmarks.fit --write docs/performance.md`.

{table(rows)}"""


def main() -> None:
    """Print the table of this process' engine, or write the section."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the section into this page")
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"epochs of each way (default {ROUNDS})")
    options = parser.parse_args()
    if options.write:
        page.write(options.write, "fit", section(options.rounds))
        return
    found = times(options.rounds)
    print(json.dumps(found) if options.json else table([(found["engine"], found)]))


if __name__ == "__main__":
    main()
