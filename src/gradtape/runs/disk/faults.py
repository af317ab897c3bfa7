"""Injected faults: tests kill the process right after a chosen system call, or observe the calls.

``GRADTAPE_FAULT=after:rename:3`` kills the process, as ``kill -9`` does, after the third rename.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

counts: Counter[str] = Counter()
watcher: Callable[[tuple[Any, ...]], None] | None = None
wanted: str | None = os.environ.get("GRADTAPE_FAULT")


def is_watched() -> bool:
    """Tell whether anybody asks what is passed."""
    return watcher is not None or wanted is not None


def passed(point: str, *about: object) -> None:
    """Say that a system call has returned; the process dies here if the environment asks for it.

    Args:
        point: which call: mkdir, write, fsync, rename, trash; or "step", one that is written down.
        *about: what it was done to, for whoever watches.
    """
    if watcher is not None:
        watcher((point, *about))
    if wanted is None:
        return
    counts[point] += 1
    if wanted == f"after:{point}:{counts[point]}":
        die()


def die() -> None:
    """End this process as ``kill -9`` does."""
    # the one signal that runs no handler, no `finally` and no atexit function
    os.kill(os.getpid(), signal.SIGKILL)
