"""JAX arrays: conversion from and to NumPy, dtypes, and whose memory may be used again."""

from __future__ import annotations

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradtape.engine.jax.rows import Rows
from gradtape.engine.jax.trace import LOST, is_traced, is_tracing
from gradtape.engine.numpy import arrays as host
from gradtape.errors import CompileError

Array = Any

_LARGE = 1 << 22  # bytes from which copying an array to the device takes noticeable time


def asarray(value: object, dtype: np.dtype[Any] | None = None) -> Array:
    """Return a new array of `value` that nobody else holds.

    NumPy's arrays are converted and copied on the host, without a program for each shape, and have their
    values even in a trace, so that masks can be counted and indices be checked.
    """
    if is_engine_array(value):
        return jnp.array(value if dtype is None else astype(value, dtype), copy=True)
    with jax.ensure_compile_time_eval():
        return jax.device_put(host.asarray(value, dtype))


def is_engine_array(value: object) -> bool:
    """Tell whether `value` is a JAX array, or stands for one in a trace."""
    return isinstance(value, jax.Array)


def to_numpy(array: Array) -> Any:
    """Return `array` as a NumPy array, or raise CompileError where it has no value."""
    if is_traced(array):
        raise CompileError("the value of a tensor is needed" if is_tracing() else LOST)
    return np.asarray(array)


def astype(array: Array, dtype: np.dtype[Any]) -> Array:
    """Return `array` converted to `dtype`."""
    return array if array.dtype == dtype else jnp.astype(jnp.asarray(array), dtype)


def share(array: Any) -> Array:
    """Return a NumPy array on the device; it must not be changed while it is used.

    On the CPU a large one is not copied: only its rows can be had then, see `jax_rows`.
    """
    is_copied = array.nbytes < _LARGE or jax.default_backend() != "cpu"
    rows = None if is_copied else Rows.of(array)
    return jnp.asarray(array) if rows is None else rows


def broadcast_to(array: Array, shape: tuple[int, ...]) -> Array:
    """Return `array` repeated to `shape`; a number on the CPU without a program for each shape."""
    if array.ndim == 0 and jax.default_backend() == "cpu" and not (is_traced(array) or is_tracing()):
        return jax.device_put(np.full(shape, np.asarray(array)))
    return jnp.broadcast_to(array, shape)


def subtract_into(array: Array, delta: Array, is_sole_owner: bool) -> Array:
    """Return array - delta."""
    return jnp.subtract(array, delta)


def add_into(array: Array, delta: Array, is_sole_owner: bool) -> Array:
    """Return array + delta."""
    return jnp.add(array, delta)


def is_sole_owner(tensor: object, references: int) -> bool:
    """Tell whether memory may be used again: not here, arrays never change."""
    return False


def private(tensor: Any, references: int) -> Array:
    """Return the tensor's array, or a copy of it if anybody but its Variable can still see it.

    A compiled program reuses the memory of its state, which must not be seen from outside then.

    Args:
        tensor: the Variable's tensor.
        references: what sys.getrefcount says of the tensor where only the Variable holds it: 2.
    """
    array = tensor._array
    # The array's three references: the tensor's, this function's, and that of the call to getrefcount.
    is_shared = references > 2 or sys.getrefcount(array) > 3 or not is_engine_array(array)
    # np.asarray(array) leaves a NumPy array in `_npy_value` that, on the CPU, views the same memory.
    seen_by_numpy = getattr(array, "_npy_value", None) is not None
    return jnp.array(array, copy=True) if is_shared or seen_by_numpy else array
