"""Switches NumPy's floating-point warnings off: here, inf and nan are ordinary results."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from contextvars import ContextVar, copy_context
from typing import Any

import numpy as np


def _error_state() -> tuple[ContextVar[Any], Any]:
    """Return where NumPy keeps what to do about errors, and what stands there when they are ignored.

    To set it takes a fifth of the time of np.errstate, which works the value out anew.  If NumPy should ever
    keep it elsewhere, its warnings are heard again, and a test fails.
    """
    outside = copy_context()
    with np.errstate(all="ignore"):
        inside = copy_context()
    changed = [(place, value) for place, value in inside.items() if outside.get(place) is not value]
    return changed[0] if changed else (ContextVar("nowhere"), None)


class _Quiet(threading.local):
    """A scope without NumPy's warnings; entering it again inside costs next to nothing."""

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

    The values say it already: inf and nan are results like others here, as on JAX.
    """
    return _quiet
