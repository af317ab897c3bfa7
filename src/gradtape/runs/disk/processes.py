"""Which process this is, and whether another one is still running."""

from __future__ import annotations

import functools
import os
import socket
import sys
from pathlib import Path


@functools.cache
def boot() -> str:
    """Return a short text that is another one after each start of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")[:12]
    except OSError:
        # without /proc two starts of the machine look alike: then the process id alone decides
        return "0"


def me() -> str:
    """Return this process as part of a file's name: its number and the machine's start."""
    return f"{os.getpid()}-{boot()}"


def host() -> str:
    """Return the machine's name."""
    return socket.gethostname()


def started(pid: int) -> str:
    """Return when a process was started, which tells it from a later one of its number; "" if unknown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # field 22 of proc(5), the start time in clock ticks: number 19 after the name
    return stat.rpartition(")")[2].split()[19]  # the name before it, in brackets, may hold spaces


if sys.platform == "win32":

    def _exists(pid: int) -> bool:
        import ctypes  # os.kill(pid, 0), which asks elsewhere, would end the process here

        kernel, query_limited_information, still_active = ctypes.windll.kernel32, 0x1000, 259
        handle = kernel.OpenProcess(query_limited_information, False, pid)
        if not handle:
            return bool(kernel.GetLastError() == 5)  # access denied: it is there, another user's
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == still_active

else:

    def _exists(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        # another user's process exists. A number too large for the system comes from a damaged file: then,
        # as always in doubt, the process counts as alive and nothing of it is deleted.
        except (PermissionError, OverflowError):
            return True
        return True


def is_alive(pid: int, boot_id: str, start: str = "") -> bool:
    """Tell whether the process with this number, seen since this start of the machine, is still running.

    Args:
        pid: its number.
        boot_id: what `boot` said then.
        start: what `started` said of it then, if anything.
    """
    if boot_id != boot() or not _exists(pid):
        return False
    return not start or started(pid) in ("", start)
