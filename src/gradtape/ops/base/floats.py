"""The dtype of an operation's input: whole numbers become float32, booleans int32."""

from __future__ import annotations

from gradtape import engine
from gradtape.core.dtypes import FLOAT, INT, is_floating
from gradtape.core.tensor import Array


def floating(x: Array) -> Array:
    """Return `x` itself if its dtype is floating, else as float32."""
    return x if is_floating(x.dtype) else engine.active.astype(x, FLOAT)


def countable(x: Array) -> Array:
    """Return `x` itself, or as int32 if it is boolean."""
    return x if x.dtype.kind != "b" else engine.active.astype(x, INT)
