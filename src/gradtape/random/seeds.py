"""`seed` arguments: the state or the host seed that one stands for."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.core.tensor import Tensor, as_tensor
from gradtape.ops.random.seeds import draw_seed
from gradtape.random.seed_generator import SeedGenerator, key_from, key_of


def state_of(seed: object, who: str) -> Tensor:
    """Return the state, (key, counter), for one use of `seed`.

    >>> state_of(7, "dropout").tolist()
    [7, 0]
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    key = key_from(draw_seed(who)) if seed is None else key_of(seed, who)
    return as_tensor(np.array([key, 0], "int64"))


def host_seed(seed: object, who: str) -> Any:
    """Return the seed for a function of `gradtape.ops.random`; for None see `draw_seed`."""
    return draw_seed(who) if seed is None else seed
