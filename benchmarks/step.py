"""One training step on the tape against the same step written by hand in NumPy, turn and turn about."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import gradtape
from benchmarks import page
from benchmarks.surroundings import CORE_TYPE, machine, measured, quartiles
from gradtape import ops
from gradtape.article import naive

STEPS = 200
LEARNING_RATE = np.float32(naive.LEARNING_RATE)


@dataclass(frozen=True)
class Workload:
    """A network, its batch, and how much slower than by hand the tape may be.

    Attributes:
        sizes: units of input, hidden and output layer.
        batch: samples per step.
        allowed: the ratio that must not be exceeded.
    """

    sizes: tuple[int, int, int]
    batch: int
    allowed: float

    @property
    def name(self) -> str:
        """How the tables call it."""
        return f"{'-'.join(map(str, self.sizes))}, batch {self.batch}"


WORKLOADS = (Workload((784, 512, 10), 128, 1.10), Workload((64, 32, 10), 32, 2.5))


def start(work: Workload) -> tuple[list[Any], Any, Any]:
    """Return starting weights W1, b1, W2, b2, and a batch of inputs and labels."""
    rng = np.random.default_rng(0)
    inputs, hidden, classes = work.sizes
    weights = [
        rng.normal(0, 0.05, (inputs, hidden)),
        np.zeros(hidden),
        rng.normal(0, 0.05, (hidden, classes)),
        np.zeros(classes),
    ]
    x = rng.random((work.batch, inputs)).astype("float32")
    return [w.astype("float32") for w in weights], x, rng.integers(0, classes, work.batch).astype("int32")


def by_hand(work: Workload) -> Callable[[], float]:
    """Return the step as one writes it in NumPy who knows the gradient: in place where that is possible."""
    (w1, b1, w2, b2), x, y = start(work)
    rows = np.arange(work.batch)

    def step() -> float:
        h = x @ w1
        h += b1
        np.maximum(h, 0, out=h)
        p = h @ w2
        p += b2
        p -= p.max(axis=1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[rows, y]).mean()
        p[rows, y] -= 1
        p /= work.batch
        back = p @ w2.T
        back *= h > 0
        gradients = (x.T @ back, back.sum(axis=0), h.T @ p, p.sum(axis=0))
        for w, g in zip((w1, b1, w2, b2), gradients, strict=True):
            w -= LEARNING_RATE * g
        return float(loss)

    return step


def on_the_tape(work: Workload) -> Callable[[], float]:
    """Return the article's step on gradtape's tape."""
    weights, x, y = start(work)
    model = naive.NaiveSequential(
        [
            naive.NaiveDense(*work.sizes[:2], ops.relu),
            naive.NaiveDense(*work.sizes[1:], ops.softmax),
        ]
    )
    for variable, value in zip(model.weights, weights, strict=True):
        variable.assign(value)
    images, labels = gradtape.as_tensor(x), gradtape.as_tensor(y)
    return lambda: float(naive.one_training_step(model, images, labels))


def measure(work: Workload) -> dict[str, Any]:
    """Return microseconds per step of both, and their ratio step by step, as quartiles."""
    hand, tape = by_hand(work), on_the_tape(work)
    last = [(hand(), tape()) for _ in range(20)][-1]
    assert abs(last[0] - last[1]) < 1e-4, f"the steps are not the same: losses {last}"
    times: list[tuple[float, float]] = []
    for _ in range(STEPS):
        t0 = time.perf_counter()
        hand()
        t1 = time.perf_counter()
        tape()
        times.append((t1 - t0, time.perf_counter() - t1))
    return {
        "work": work.name,
        "hand": quartiles([a * 1e6 for a, _ in times]),
        "tape": quartiles([b * 1e6 for _, b in times]),
        "ratio": quartiles([b / a for a, b in times]),
        "allowed": work.allowed,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return the measurements as a Markdown table."""
    lines = [
        "| network | by hand, µs | on the tape, µs | ratio (quartiles) | required | |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, ratio, high = row["ratio"]
        verdict = "reached" if ratio <= row["allowed"] else "missed"
        lines.append(
            f"| {row['work']} | {row['hand'][1]:.0f} | {row['tape'][1]:.0f} "
            f"| {ratio:.2f} ({low:.2f} to {high:.2f}) | {row['allowed']:.2f} | {verdict} |"
        )
    return "\n".join(lines)


def section() -> str:
    """Return the section of the page."""
    free, held = (measured("benchmarks.step", {CORE_TYPE: value}) for value in (None, "Haswell"))
    return f"""## The tape against NumPy by hand

{machine()}

One step of the article (`naive.one_training_step`: forward, loss, gradients, update) against the same
arithmetic written by hand, in one process, turn and turn about; medians of {STEPS} steps each. To repeat:
`python -m benchmarks.step --write docs/performance.md`.

With `OPENBLAS_CORETYPE` unset:

{table(free)}

With `OPENBLAS_CORETYPE=Haswell`, which holds NumPy to AVX2:

{table(held)}"""


def main() -> None:
    """Print the table, or write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the section into this page")
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    options = parser.parse_args()
    if options.write:
        page.write(options.write, "step", section())
    elif options.json:
        print(json.dumps([measure(work) for work in WORKLOADS]))
    else:
        print(table([measure(work) for work in WORKLOADS]))


if __name__ == "__main__":
    main()
