"""Switches NumPy's floating-point warnings off: here, inf and nan are ordinary results."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from contextvars import ContextVar, copy_context
from typing import Any

import numpy as np


def _error_state() -> tuple[ContextVar[Any], Any]:
    """Return the ContextVar in which NumPy keeps its error handling, and its value when errors are ignored.

    Setting it takes a fifth of the time of np.errstate, which computes the value anew.  If a future NumPy
    keeps it elsewhere, the warnings come back, and a test fails.
    """
    # The ContextVar has no public name: it is the one whose value np.errstate changes.
    outside = copy_context()
    with np.errstate(all="ignore"):
        inside = copy_context()
    changed = [(place, value) for place, value in inside.items() if outside.get(place) is not value]
    return changed[0] if changed else (ContextVar("nowhere"), None)


class _Quiet(threading.local):
    """A scope without NumPy's warnings; entering it again inside costs next to nothing.

    It is local to the thread, because each thread has a context, and so a value to restore, of its own.
    """

    place, ignoring = _error_state()

    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> None:
        if not self.depth:
            self.token = self.place.set(self.ignoring)
        self.depth += 1

    def __exit__(self, *error: object) -> None:
        self.depth -= 1
        if not self.depth:
            self.place.reset(self.token)


_quiet = _Quiet()


def quiet() -> AbstractContextManager[Any]:
    """Return a scope in which NumPy does not warn of division by zero, overflow and NaN.

    The values show it already: infinities and NaN are ordinary results, as on JAX, which never warns.
    """
    return _quiet
