"""Compiled programs: one step, or a loop of many."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from gradtape.engine.jax.rows import Rows

Array = Any


def compiled(function: Any) -> Any:
    """Return `function(state, *arguments)` as one compiled program that may reuse the memory of `state`."""
    # Donated: without it, the old and the new weights are in memory at the same time.
    return jax.jit(function, donate_argnums=0)


def compiled_loop(step: Any, shapes: list[Any]) -> Any:
    """Return a compiled program that runs `step` many times: loop(state, count, data, rows).

    `step(state, *batch)` returns the next state and a list of results, arrays like `shapes`.  Step i takes
    the rows ``rows[i]`` of each array in `data`.  The first `count` steps are done, so that one program
    serves any number up to ``len(rows)``; the results come back stacked, later entries being zero.
    """

    def loop(state: Any, count: object, data: Any, rows: Array) -> Any:
        collected = [jnp.zeros((rows.shape[0], *s.shape), s.dtype) for s in shapes]

        def body(i: Any, carry: Any) -> Any:
            state, collected = carry
            state, results = step(state, *[_rows(d, rows[i]) for d in data])
            return state, [c.at[i].set(r) for c, r in zip(collected, results, strict=True)]

        # `count` is an input of the program: as a Python number each count would be a program of its own.
        return jax.lax.fori_loop(0, count, body, (state, collected))

    return jax.jit(loop, donate_argnums=0)


def _rows(array: Any, numbers: Array) -> Array:
    if isinstance(array, Rows):
        return array.take(numbers)
    # The rows were checked before the call, so XLA need not clamp each of them.
    return array.at[numbers].get(mode="promise_in_bounds")
