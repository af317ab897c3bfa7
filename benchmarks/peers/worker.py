"""One peer's process: it loads its library and its data, says so, and then does what it is asked.

Its one argument is a JSON object (see `processes.Request`).  Questions are lines on standard input
(`epoch`, `accuracy`), answers are JSON objects on standard output, which nothing else may use.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from benchmarks.peers.roster import WORKLOADS, find


def begin(request: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the peer's training, and what is known before its first step."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, request["processors"])
    peer, work = find(request["peer"]), WORKLOADS[request["work"]]
    start = time.perf_counter()
    system = importlib.import_module(f"benchmarks.peers.systems.{peer.system}")
    import_seconds = time.perf_counter() - start
    from benchmarks.peers.data import load, starting_weights
    from benchmarks.peers.systems.contract import Task

    x, y = load(Path(request["data"]), work, "train", request["samples"])
    training = system.start(Task(work, x, y, starting_weights(work), peer.variant))
    return training, {"import_seconds": import_seconds, "samples": len(x)}


def answer(question: str, training: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Return what is asked for, the time by the clock that all processes share, and the peak memory."""
    given: dict[str, Any] = {}
    if question == "epoch":
        given["seconds"] = training.epoch()
    else:
        from benchmarks.peers.data import load

        given["accuracy"] = training.accuracy(
            *load(Path(request["data"]), WORKLOADS[request["work"]], "test")
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return given | {"now": time.monotonic(), "peak_bytes": peak * unit}


def private_output() -> TextIO:
    """Return standard output for the answers; what libraries print goes to standard error from now on."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return output


def main() -> None:
    """Serve until standard input ends."""
    output = private_output()
    request = json.loads(sys.argv[1])
    training, known = begin(request)
    print(json.dumps(known), file=output, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(line.strip(), training, request)), file=output, flush=True)


if __name__ == "__main__":
    main()
