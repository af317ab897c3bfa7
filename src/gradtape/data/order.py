"""The order of an epoch, as a function of the seed and the epoch."""

from __future__ import annotations

from typing import Any

import numpy as np


def epoch_order(samples: int, seed: int, epoch: int) -> Any:
    """Return the numbers of all samples in the order of one epoch: a permutation, (samples,) int64.

    It depends only on its arguments, so any batch can be computed without those before it.

    >>> sorted(epoch_order(4, seed=7, epoch=0).tolist())
    [0, 1, 2, 3]
    """
    # SeedSequence mixes both numbers: with seed + epoch, seed 8 would begin with the second epoch of seed 7.
    bits = np.random.Philox(np.random.SeedSequence([seed, epoch]))
    return np.random.Generator(bits).permutation(samples)


def batches(order: Any, batch_size: int) -> list[Any]:
    """Return `order` cut into batches; the last one may be smaller.

    >>> [batch.tolist() for batch in batches(np.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
