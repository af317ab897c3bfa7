"""How long it takes to open a step of a recorded training: python benchmarks/opening.py [--engine jax].

Trains MNIST for ten epochs on record with the default keep policy, then opens steps in processes of their
own, and prints how long that took.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

STEPS = 4690

TRAIN = """
import sys
from gradtape.cli.recipes import find_recipe, load, starting_model
from gradtape.datasets.by_name import name_of
from gradtape.runs import Recording
(x, y), _ = load("mnist")
starting_model(find_recipe("default"), 0).fit(
    x, y, 128, 10, verbose=0, run=Recording(sys.argv[1], data_name=name_of("mnist")))
"""

OPEN = """
import json, sys, time
started = time.perf_counter()
import gradtape
imported = time.perf_counter()
run = gradtape.open_run(sys.argv[1])
times = []
for number in map(int, sys.argv[2:]):
    before = time.perf_counter()
    step = run.at(number)
    times.append(time.perf_counter() - before)
    assert step.verdict.is_same, str(step.verdict)
print(json.dumps([imported - started, *times]))
"""


def main() -> None:
    """Train, open steps, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="numpy")
    parser.add_argument("--opened", type=int, default=9, help="how many steps are opened first in a process")
    given = parser.parse_args()
    environment = {**os.environ, "GRADTAPE_ENGINE": given.engine}
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        subprocess.run([sys.executable, "-c", TRAIN, run], env=environment, check=True)
        size = sum(p.stat().st_size for p in Path(run).rglob("*") if p.is_file())
        print(f"{given.engine}: the run takes {size / 1e6:.0f} MB on the disk")
        first: list[tuple[float, int]] = []
        later: list[float] = []
        for number in [STEPS * i // given.opened for i in range(given.opened)] + [STEPS - 1]:
            numbers = [number, (number + 1234) % STEPS, (number + 2345) % STEPS]
            importing, opening, *others = _opened(run, numbers, environment)
            first.append((opening, number))
            later += others
            print(f"  step {number}: {opening:.2f} s after an import of {importing:.2f} s")
        print(f"first step opened in a process: median {statistics.median(t for t, _ in first):.2f} s, "
              f"worst {max(first)[0]:.2f} s (step {max(first)[1]})")  # fmt: skip
        print(f"later ones: median {statistics.median(later):.2f} s, worst {max(later):.2f} s")


def _opened(run: str, numbers: list[int], environment: dict[str, str]) -> list[float]:
    """Open steps in a process of their own; return the seconds that the import and each of them took."""
    words = [sys.executable, "-c", OPEN, run, *map(str, numbers)]
    done = subprocess.run(words, env=environment, check=True, capture_output=True, text=True)
    found: list[float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
