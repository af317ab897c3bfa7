"""Random numbers inside a step: functions of a state, (key, counter), that is a tensor.

Unlike those of `host.py` they are computed by the engine, so a compiled step draws new ones each time
it runs, if it counts the counter up.  On one engine equal states give equal numbers, eager or compiled;
NumPy and JAX draw different ones.
"""

from __future__ import annotations

import math
from typing import Any

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.dtypes import (
    FLOAT,
    DTypeLike,
    as_dtype,
    is_floating,
)
from gradtape.core.op_facts import mix_rows
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.errors import DtypeError, ShapeError

# How many binary digits the numbers in [0, 1) have: as many as fit between 0.5 and 1, so none rounds to 1.
_DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}


@operation(differentiable=False, kind="random", rows=mix_rows)
def random_uniform(state: Array, shape: object, dtype: DTypeLike = "float32") -> Array:
    """Return uniformly distributed numbers from [0, 1).

    Args:
        state: (2,) int64: a key and a counter.
        shape: the shape of the result.
        dtype: floating.

    >>> random_uniform([7, 0], (2, 3)).shape
    (2, 3)
    """
    return _evenly(state, _shape(shape, "random_uniform"), _floating(dtype, "random_uniform"))


@operation(differentiable=False, kind="random", rows=mix_rows)
def random_normal(state: Array, shape: object, dtype: DTypeLike = "float32") -> Array:
    """Return normally distributed numbers with mean 0 and standard deviation 1.

    Args:
        state: (2,) int64: a key and a counter.
        shape: the shape of the result.
        dtype: floating; half floats are computed in float32.

    Source: Box, Muller 1958, "A note on the generation of random normal deviates"

    >>> random_normal([7, 0], (2, 3)).shape
    (2, 3)
    """
    kind, size = _floating(dtype, "random_normal"), _shape(shape, "random_normal")
    # Each pair of even draws gives two normal numbers, so half as many pairs are drawn, rounded up.
    half, xp = -(-math.prod(size) // 2), engine.xp
    draws = _evenly(state, (2, half), kind if kind.name == "float64" else FLOAT)
    radius = xp.sqrt(-2 * xp.log(1 - draws[0]))  # 1 - draw is in (0, 1]: its logarithm is finite
    angle = draws[1] * draws.dtype.type(2 * math.pi)
    both = xp.concat([radius * xp.cos(angle), radius * xp.sin(angle)])
    return engine.active.astype(xp.reshape(both[: math.prod(size)], size), kind)


@operation(differentiable=False, kind="random", rows=mix_rows)
def dropout_mask(state: Array, shape: object, rate: float, dtype: DTypeLike = "float32") -> Array:
    """Return 0 with probability `rate` and 1 / (1 - rate) elsewhere: a factor whose mean is 1.

    Args:
        state: (2,) int64: a key and a counter.
        shape: the shape of the result.
        rate: how probable 0 is, in [0, 1]; with 1 there is nothing else.
        dtype: floating.

    >>> dropout_mask([7, 0], (2, 3), 0.0)
    Tensor([[1., 1., 1.],
            [1., 1., 1.]], shape=(2, 3), dtype=float32)
    """
    kind, size = _floating(dtype, "dropout_mask"), _shape(shape, "dropout_mask")
    if rate >= 1:
        return engine.xp.zeros(size, dtype=kind)
    # Compared as whole numbers, without a float for each; 2**32 does not fit into uint32.
    is_kept = _bits(state, size, "uint32") >= min(round(rate * 2**32), 2**32 - 1)
    return engine.active.astype(is_kept, kind) * kind.type(1 / (1 - rate))


def _evenly(state: Array, shape: tuple[int, ...], kind: Any) -> Array:
    """Return uniformly distributed numbers from [0, 1), in dtype `kind`."""
    digits = _DIGITS[kind.name]
    width = 64 if kind.itemsize == 8 else 32
    bits = _bits(state, shape, f"uint{width}") >> (width - digits)
    # As signed numbers, which these bits also are, they are converted to floats ten times as fast.
    return engine.active.astype(bits.view(f"int{width}"), kind) * kind.type(2.0**-digits)


def _bits(state: Array, shape: tuple[int, ...], dtype: str) -> Array:
    if state.shape != (2,) or state.dtype.kind not in "iu":
        raise ShapeError(f"random: the state must be (2,) integers, got {state.shape} {state.dtype}")
    return engine.active.random_bits(engine.active.astype(state, as_dtype("int64")), shape, dtype)


def _shape(shape: object, who: str) -> tuple[int, ...]:
    size = tuple([whole(n, who, "shape") for n in (shape if isinstance(shape, tuple | list) else (shape,))])
    if any(n < 0 for n in size):
        raise ShapeError(f"{who}: shape must not have negative lengths, got {size}")
    return size


def _floating(dtype: DTypeLike, who: str) -> Any:
    kind = as_dtype(dtype, who)
    if not is_floating(kind):
        raise DtypeError(f"{who}: dtype must be floating, got {kind}")
    return kind
