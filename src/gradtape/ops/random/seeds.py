"""Seeds for those who gave none: a counter under one global seed.

Every random function of gradtape takes an explicit seed.  What draws numbers for a user who gave none
(starting weights, `gradtape.tf.random`) asks `next_seed`, so that `set_seed` makes a program repeatable.
"""

from __future__ import annotations

import itertools
import secrets

import numpy as np

from gradtape.ops.base.axes import whole


class _Sequence:
    def __init__(self, seed: int, is_given: bool) -> None:
        self.seed, self.is_given = seed, is_given
        self.counter = itertools.count()


_state = _Sequence(secrets.randbits(31), False)


def set_seed(seed: int) -> None:
    """Start the sequence of `next_seed` anew from `seed`, a whole number that is not negative.

    >>> set_seed(7)
    >>> next_seed(), next_seed()
    ((7, 0), (7, 1))
    """
    global _state
    _state = _Sequence(whole(seed, "set_seed", "seed"), True)


def given_seed() -> int | None:
    """Return the seed that `set_seed` was given last; None if it never was.

    >>> set_seed(7)
    >>> given_seed()
    7
    """
    return _state.seed if _state.is_given else None


def next_number() -> int:
    """Return the next seed of this process as one whole number, for what takes no pair.

    >>> set_seed(7)
    >>> next_number() == next_number()
    False
    """
    return int(np.random.SeedSequence(next_seed()).generate_state(1)[0])


def next_seed() -> tuple[int, int]:
    """Return the next seed of this process: the global seed and a running number."""
    return _state.seed, next(_state.counter)
