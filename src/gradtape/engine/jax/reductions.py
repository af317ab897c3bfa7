"""Sums, means and maxima on JAX, in the dtypes that gradtape promises."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradtape.engine.jax.arrays import astype
from gradtape.engine.jax.trace import is_traced
from gradtape.engine.numpy import reductions as host

Array = Any


def sum(array: Array, axes: tuple[int, ...] | None, keepdims: bool = False) -> Array:
    """Return the sum over `axes` in the array's own dtype; half floats are added up in float32."""
    is_half = array.dtype.itemsize == 2 and array.dtype.kind not in "iu"
    total = jnp.sum(array, axis=axes, dtype="float32" if is_half else array.dtype, keepdims=keepdims)
    return astype(total, array.dtype)


def sum_of_rows(array: Array) -> Array:
    """Return the sum over the first axis."""
    return sum(array, (0,))


def cumsum(array: Array, axis: int) -> Array:
    """Return the running sum along `axis`; half floats are added up in float32."""
    is_half = array.dtype.itemsize == 2 and array.dtype.kind not in "iu"
    return astype(jnp.cumsum(array, axis=axis, dtype="float32" if is_half else array.dtype), array.dtype)


def wide_sum(array: Array) -> Array:
    """Return the sum of all elements, added up in float64."""
    return jnp.sum(array, dtype="float64")


def quotient(amount: Array, count: Array, dtype: np.dtype[Any]) -> Array:
    """Return amount / count in `dtype`, and 0 where the count is 0; on the host if the sums have values."""
    if is_traced(amount) or is_traced(count):
        return astype(host.quotient_of_arrays(amount, count), dtype)
    # On the host a division is no program: a metric is read after each step.
    return jax.device_put(host.quotient(np.asarray(amount), np.asarray(count), dtype))


def max(array: Array, axis: int | tuple[int, ...], keepdims: bool = False) -> Array:
    """Return the largest element along `axis`; NaN where there is one."""
    return jnp.max(array, axis=axis, keepdims=keepdims)
