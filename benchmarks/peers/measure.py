"""The measuring: every peer in a process of its own, one after the other, round after round."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers.processes import PeerError, Process, Request, environment
from benchmarks.peers.roster import WORKLOADS, Peer, Workload


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        data: the file with the data; caches and logs lie beside it.
        processors: those that every process is pinned to.
        rounds: how often every peer has its turn at a workload.
        starts: how many processes a peer starts for the times from the start of one.
        epochs: epochs of the whole training.
        samples: how many samples are trained on; None: all.
        patience: seconds that a peer may take for an answer.
        deadline: when no further round begins, by time.monotonic.
        on_gpu: whether the peers find the GPU.
    """

    data: Path
    processors: list[int]
    rounds: int = 5
    starts: int = 3
    epochs: int = 5
    samples: int | None = None
    patience: float = 120.0
    deadline: float = float("inf")
    on_gpu: bool = False


@dataclass
class Results:
    """What was measured.

    Attributes:
        steps: milliseconds per step of each round, by workload and peer.
        whole: what each process of a peer told: import_seconds, first_epoch, peak_bytes; one of them also
            total_seconds and accuracy.
        not_run: why, by peer.
    """

    steps: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    whole: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)

    def drop(self, peer: Peer, why: object) -> None:
        """Note that a peer does not run, and why; what it has given so far is incomplete and goes."""
        say(f"{peer.key}: not run: {why}")
        self.not_run[peer.key] = str(why)
        for measured in (*self.steps.values(), self.whole):
            measured.pop(peer.key, None)  # type: ignore[attr-defined]


def say(text: str) -> None:
    """Print what is going on, away from the tables."""
    print(text, file=sys.stderr, flush=True)


def start(peer: Peer, work: Workload, settings: Settings) -> Process:
    """Return the peer's process, ready for its first step."""
    request = Request(peer.key, work.key, str(settings.data), settings.samples, settings.processors)
    cache = settings.data.with_name("cache")
    variables = environment(peer, len(settings.processors), cache, settings.on_gpu)
    return Process(request, variables, settings.patience)


def measure(peers: Sequence[Peer], settings: Settings) -> Results:
    """Return everything: steps of each workload, then whole trainings, which find their caches warm."""
    results = Results()
    begun, budget = time.monotonic(), settings.deadline - time.monotonic()
    for work, share in zip(WORKLOADS.values(), (0.45, 0.65), strict=True):
        steady(work, peers, settings, results, begun + share * budget)
    wholes([p for p in peers if not p.is_floor], settings, results)
    return results


def steady(work: Workload, peers: Sequence[Peer], settings: Settings, results: Results, until: float) -> None:
    """Time epochs in turns, all the processes being there all the time; each has one untimed at first."""
    measured = results.steps.setdefault(work.key, {})
    ready = {}
    try:
        for peer in (p for p in peers if p.key not in results.not_run):
            with suppress(PeerError):
                ready[peer] = prepared(peer, work, settings, results)
        for number in range(settings.rounds):
            if number and time.monotonic() > until:
                break
            for peer in turned(list(ready), number):
                with suppress(PeerError):
                    measured.setdefault(peer.key, []).append(turn(peer, work, ready, results))
            say(f"{work.key}: round {number + 1} done")
    finally:
        for process in ready.values():
            process.close()


def prepared(peer: Peer, work: Workload, settings: Settings, results: Results) -> Process:
    """Return a process of the peer that has compiled all it needs."""
    try:
        process = start(peer, work, settings)
        process.ask("epoch")
        process.ask("accuracy")
    except PeerError as error:
        results.drop(peer, error)
        raise
    say(f"{peer.key}: ready for {work.key}")
    return process


def turn(peer: Peer, work: Workload, ready: dict[Peer, Process], results: Results) -> float:
    """Return milliseconds per step in one epoch."""
    process = ready[peer]
    try:
        seconds: float = process.ask("epoch")["seconds"]
    except PeerError as error:
        del ready[peer]
        results.drop(peer, error)
        raise
    return 1e3 * seconds / -(-int(process.known["samples"]) // work.batch)


def turned(peers: list[Peer], number: int) -> list[Peer]:
    """Return the peers in another order each round, so that none always follows the same one."""
    middle = number * 5 % (len(peers) or 1)
    return peers[middle:] + peers[:middle]


def wholes(peers: Sequence[Peer], settings: Settings, results: Results) -> None:
    """Time processes from their start: in the first round to the end of the training, then of an epoch."""
    for number in range(settings.starts):
        if number and time.monotonic() > settings.deadline:
            break
        for peer in turned([p for p in peers if p.key not in results.not_run], number):
            try:
                told = whole(peer, settings, 1 if number else settings.epochs)
            except PeerError as error:
                results.drop(peer, error)
            else:
                results.whole.setdefault(peer.key, []).append(told)
        say(f"whole: round {number + 1} done")


def whole(peer: Peer, settings: Settings, epochs: int) -> dict[str, float]:
    """Return what one process tells that trains the large network for so many epochs."""
    process = start(peer, WORKLOADS["mlp"], settings)
    try:
        told: dict[str, Any] = {"import_seconds": process.known["import_seconds"]}
        answer = process.ask("epoch")
        told |= {"first_epoch": answer["now"] - process.started, "peak_bytes": answer["peak_bytes"]}
        if epochs > 1:
            for _ in range(epochs - 1):
                process.ask("epoch")
            answer = process.ask("accuracy")
            told |= {"total_seconds": answer["now"] - process.started, "accuracy": answer["accuracy"]}
        return told
    finally:
        process.close()


def processors(threads: int | None) -> list[int]:
    """Return the first `threads` (None: two) of the processors that this process may use."""
    here = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(2))
    return here[: threads or 2]
