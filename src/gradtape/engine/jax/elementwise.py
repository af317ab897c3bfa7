"""Functions of single elements that JAX spells otherwise than NumPy."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

Array = Any


def erf(x: Array) -> Array:
    """Return erf(x) for a floating array, in its dtype."""
    return jax.lax.erf(x)


def erfc(x: Array) -> Array:
    """Return 1 - erf(x) for a floating array, in its dtype, small values with all their digits."""
    return jax.lax.erfc(x)


def gated(g: Array, y: Array) -> Array:
    """Return g * sign(y)."""
    return g * jnp.sign(y)
