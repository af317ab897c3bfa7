"""Indexing on JAX: elements and rows are taken, added, replaced and stacked."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradtape.engine.jax.arrays import astype
from gradtape.engine.jax.trace import concretely, is_traced

Array = Any


def pick(array: Array, index: object) -> Array:
    """Return the elements of `array` at `index`; those of a constant are values even in a trace.

    So ``tf.shape(x)[0]`` is a number that a size can be made of.
    """
    parts = index if isinstance(index, tuple) else (index,)
    if is_traced(array) or any(is_traced(part) for part in parts):
        return array[index]
    with concretely():
        return array[index]


def index_add(shape: tuple[int, ...], index: object, values: Array) -> Array:
    """Return zeros of `shape` to which `values` is added at `index`; equal places add up."""
    # bfloat16 has the kind "V", so it is asked what the dtype is not.
    is_half = values.dtype.itemsize == 2 and values.dtype.kind not in "iu"
    wide = astype(values, np.dtype("float32")) if is_half else values
    return astype(jnp.zeros(shape, wide.dtype).at[index].add(wide), values.dtype)


def index_put(array: Array, index: object, values: Array) -> Array:
    """Return `array` with `values` at `index`; where places are equal, the last one stays.

    XLA writes in order on the CPU; on a GPU whoever comes last, so that there the last one is looked for.
    """
    array = jnp.asarray(array)
    return array.at[index].set(values) if jax.default_backend() == "cpu" else last_put(array, index, values)


def last_put(array: Array, index: object, values: Array) -> Array:
    """Return what `index_put` returns, by the largest number among the values for a place."""
    # The winner of each place is the value with the largest number; max does not depend on the order.
    places = jnp.arange(array.size).reshape(array.shape)[index]
    flat_values = jnp.broadcast_to(values, places.shape).reshape(-1).astype(array.dtype)
    last = jnp.full(array.size, -1).at[places.reshape(-1)].max(jnp.arange(places.size))
    flat = array.reshape(-1)
    return jnp.where(last < 0, flat, flat_values[last] if flat_values.size else flat).reshape(array.shape)


def lookup(table: Array, numbers: Array) -> Array:
    """Return the rows of `table` at `numbers`; NaN for a number outside [0, rows)."""
    # As an unsigned number -1 is outside, so it is filled with NaN; JAX would count it from the end.
    unsigned = numbers.astype("uint32" if numbers.dtype.itemsize < 8 else "uint64")
    return table.at[unsigned].get(mode="fill", fill_value=jnp.nan)


def rows_of(array: Array, numbers: Array) -> Array:
    """Return the rows of `array` at `numbers`, which lie in [0, rows)."""
    return array[numbers]


def stack(arrays: list[Array]) -> Array:
    """Return arrays of one shape and dtype side by side along a new first axis."""
    return jnp.stack(arrays)
