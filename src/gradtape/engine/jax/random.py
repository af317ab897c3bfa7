"""Random bits on JAX: functions of a state, (key, counter)."""

from __future__ import annotations

import functools
from typing import Any

import jax

Array = Any


def random_bits(state: Array, shape: tuple[int, ...], dtype: str) -> Array:
    """Return evenly drawn whole numbers of `dtype`, uint32 or uint64, a function of `state`."""
    return _random_bits(state, shape, dtype)


@functools.partial(jax.jit, static_argnums=(1, 2))
def _random_bits(state: Array, shape: tuple[int, ...], dtype: str) -> Array:
    # The generator is named, so that a change of JAX' default does not change the numbers of old runs.
    key = jax.random.key(state[0], impl="threefry2x32")
    return jax.random.bits(jax.random.fold_in(key, state[1].astype("uint32")), shape, dtype)
