"""Traces: NumPy has none, every operation is computed at once."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from typing import Any

Array = Any

_always = contextlib.nullcontext()


def is_traced(array: Array) -> bool:
    """Tell whether `array` only stands for a value (never here)."""
    return False


def is_tracing() -> bool:
    """Tell whether a step is being compiled: never here."""
    return False


def concretely() -> AbstractContextManager[Any]:
    """Return a scope in which arrays are computed at once: they always are."""
    return _always


def is_shape_error(error: Exception) -> bool:
    """Tell whether `error` is about shapes that do not fit."""
    return isinstance(error, ValueError | IndexError)  # indices are checked before they are used


def is_trace_error(error: Exception) -> bool:
    """Tell whether `error` is about compiling (never here: NumPy computes at once)."""
    return False


def trace_error(error: Exception) -> Exception:
    """Return what to raise for an error that `is_trace_error`."""
    return error
