"""The peers' processes as the measuring one sees them: start, ask, end; none may hang or fail unnoticed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.roster import Peer

ROOT = Path(__file__).parents[2]
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "CPU_COUNT",
)
GRACE = 5.0  # seconds in which a worker that has closed its output must have ended


class PeerError(Exception):
    """A peer did not run, or did not answer."""


@dataclass(frozen=True)
class Request:
    """What a worker is started with.

    Attributes:
        peer: key of the peer.
        work: key of the workload.
        data: the file with the data.
        samples: how many of them are trained on; None: all.
        processors: those that the process is pinned to.
    """

    peer: str
    work: str
    data: str
    samples: int | None
    processors: list[int]


ON_CPU = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
ON_GPU = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}  # the peers share its memory


def environment(peer: Peer, threads: int, cache: Path, on_gpu: bool = False) -> dict[str, str]:
    """Return the variables of a peer's process: equal threads, and caches of its own that stay warm."""
    variables = {k: v for k, v in os.environ.items() if k not in peer.without}
    variables |= dict.fromkeys(THREAD_VARIABLES, str(threads))
    variables |= {
        "XDG_CACHE_HOME": str(cache),
        "KERAS_HOME": str(cache / "keras"),
        "TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor"),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONHASHSEED": "0",
        **(ON_GPU if on_gpu else ON_CPU),
    }
    if "gradtape" not in peer.packages:  # gradtape sees to its own cache
        variables |= {
            "JAX_COMPILATION_CACHE_DIR": str(cache / "jax"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    return variables | dict(peer.environment)


class Process:
    """A worker.

    Attributes:
        started: when it was started, by the clock that all processes share.
        known: what it said when it was ready.
    """

    def __init__(self, request: Request, variables: dict[str, str], patience: float) -> None:
        self.patience = patience
        self._reaping = threading.Lock()
        self._errors = Path(request.data).with_name(f"{request.peer}.log").open("w+", encoding="utf-8")
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peers.worker", json.dumps(asdict(request))],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        self.known = self._answer()

    def ask(self, question: str) -> dict[str, Any]:
        """Return the answer, or raise PeerError if there is none in time."""
        assert self._process.stdin
        try:
            print(question, file=self._process.stdin, flush=True)
        except OSError:
            raise PeerError(self._why()) from None
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        late = threading.Timer(self.patience, self.kill)
        late.start()
        line = self._process.stdout.readline()
        is_late = not late.is_alive()
        late.cancel()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        why = f"no answer within {self.patience:.0f} s" if is_late else self._why()
        self.close()
        raise PeerError(why)

    def _why(self) -> str:
        """Return the last line that the worker wrote to its standard error, without paths."""
        until = time.monotonic() + GRACE
        while not self._has_ended() and time.monotonic() < until:
            time.sleep(0.01)
        self._end()
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors if line.strip()]
        return last_words(lines) or f"ended with status {self._process.returncode}"

    def _has_ended(self) -> bool:
        """Tell whether the worker has ended, without reaping it: it keeps its number until then."""
        if self._process.returncode is not None or not hasattr(os, "waitid"):
            return True
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def kill(self) -> None:
        """End the worker and what it started, unless it was reaped: its number may be another's then."""
        with self._reaping, suppress(ProcessLookupError):
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _end(self) -> None:
        """End the worker and what it started, and reap it."""
        self.kill()
        with self._reaping:
            self._process.wait()

    def close(self) -> None:
        """End the worker, and forget its output."""
        self._end()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream:
                stream.close()


def last_words(lines: list[str]) -> str:
    """Return the line of an exception's text that says what went wrong.

    >>> last_words(["Traceback ...", "ModuleNotFoundError: No module named 'keras'"])
    "ModuleNotFoundError: No module named 'keras'"
    """
    named = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return (named or lines or [""])[-1][:200]
