"""Random bits on NumPy: functions of a state, (key, counter)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def random_bits(state: Array, shape: tuple[int, ...], dtype: str) -> Array:
    """Return evenly drawn whole numbers of `dtype`, uint32 or uint64: a function of `state`, (key, counter).

    PCG64, because drawing bits from it takes a third of the time of Philox; SeedSequence makes unlike
    starts of like states.  NumPy promises never to change either.
    """
    # Little-endian, so that every machine makes the same 32-bit words of a state.
    seed = np.random.SeedSequence(np.ascontiguousarray(state, "<i8").view("<u4"))
    size = math.prod(shape)
    words = np.random.PCG64(seed).random_raw(-(-size * np.dtype(dtype).itemsize // 8))
    return words.view(dtype)[:size].reshape(shape)
