"""python -m benchmarks.peers: measure all peers, print the tables, write them into the page."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks import page
from benchmarks.peers.measure import Settings, measure, processors
from benchmarks.peers.report import report
from benchmarks.peers.roster import BY_KEY, KERNELS, entries


def options() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the section into this page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all that was measured in this file")
    parser.add_argument("--only", type=keys, default=(), metavar="PEER,...", help=", ".join(BY_KEY))
    parser.add_argument("--quick", action="store_true", help="few samples, two rounds: does it run?")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each peer (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="processors to pin to (default 2)")
    parser.add_argument("--gpu", action="store_true", help="let JAX and PyTorch compute on the GPU")
    parser.add_argument(
        "--minutes", type=float, default=14.0, help="no round begins that would go far beyond (default 14)"
    )
    return parser.parse_args()


def keys(text: str) -> tuple[str, ...]:
    """Return the keys in a list with commas, all of which must be known."""
    given = tuple(text.split(","))
    unknown = [key for key in given if key not in BY_KEY]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such peer: {', '.join(unknown)}; there are {', '.join(BY_KEY)}")
    return given


def settings(given: argparse.Namespace, folder: Path) -> Settings:
    """Return how much is to be measured."""
    deadline = time.monotonic() + 60 * given.minutes
    data, cores = folder / "data.npz", processors(given.threads)
    full = Settings(data, cores, given.rounds, deadline=deadline, on_gpu=given.gpu)
    return replace(full, rounds=2, starts=2, epochs=2, samples=6400) if given.quick else full


def main() -> None:
    """Measure, print, write."""
    given = options()
    begun = time.monotonic()
    peers = entries(given.only, kernels_are_held=any(name in os.environ for name in KERNELS))
    with tempfile.TemporaryDirectory() as name:
        plan = settings(given, Path(name))
        subprocess.run([sys.executable, "-m", "benchmarks.peers.data", str(plan.data)], check=True)
        results = measure(peers, plan)
    section = report(results, peers, plan, (time.monotonic() - begun) / 60)
    print(section)
    if given.json:
        given.json.write_text(json.dumps(asdict(results), indent=1), encoding="utf-8")
    if given.write:
        page.write(given.write, "peers-gpu" if given.gpu else "peers", section)


if __name__ == "__main__":
    main()
