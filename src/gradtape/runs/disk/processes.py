"""Which process this is, and whether another one still lives."""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path


@functools.cache
def boot() -> str:
    """Return a short text that is another one after each start of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")[:12]
    except OSError:
        return "0"


def me() -> str:
    """Return this process as part of a file's name: its number and the machine's start."""
    return f"{os.getpid()}-{boot()}"


def host() -> str:
    """Return the machine's name."""
    return socket.gethostname()


def is_alive(pid: int, boot_id: str) -> bool:
    """Tell whether the process with this number, seen since this start of the machine, still lives."""
    if boot_id != boot():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
