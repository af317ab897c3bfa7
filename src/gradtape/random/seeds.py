"""What a `seed` argument may be, and the state or the host seed that it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape import engine
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import CompileError
from gradtape.ops.random.seeds import next_seed
from gradtape.random.seed_generator import SeedGenerator, key_of


def state_of(seed: Any, who: str) -> Tensor:
    """Return the state, (key, counter), for one use of `seed`.

    >>> state_of(7, "dropout").tolist()
    [7, 0]
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    return as_tensor(np.array([key_of(_checked(seed, who), who), 0], "int64"))


def host_seed(seed: Any, who: str) -> Any:
    """Return the seed for a function of `gradtape.ops.random`; None takes the next one of the process."""
    return next_seed() if _checked(seed, who) is None else seed


def _checked(seed: Any, who: str) -> Any:
    if seed is None and engine.active.is_tracing():
        raise CompileError(
            f"compile: {who} without a seed would draw the same numbers in every step; make a "
            "SeedGenerator outside the step and pass it as seed"
        )
    return seed
