"""Seeds for those who gave none: a counter under one global seed, and in a step of `fit` the step's own.

Every random function of gradtape takes an explicit seed.  Who gave none gets one from the sequence of
`set_seed`, so that a program can be repeated.  But what may run in a step asks `draw_seed` or `stream_seed`:
there the process's counter would be a side door, through which a training that is resumed, or a step that is
done again, gets other numbers than the first time.
"""

from __future__ import annotations

import itertools
import secrets
import threading

import numpy as np

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.source_line import here
from gradtape.errors import CompileError


class _Sequence:
    def __init__(self, seed: int, is_given: bool) -> None:
        self.seed, self.is_given = seed, is_given
        self.counter = itertools.count()


_state = _Sequence(secrets.randbits(31), False)


def set_seed(seed: int) -> None:
    """Start the sequence of `next_seed` anew from `seed`, a whole number, 0 or more.

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


class _Running(threading.local):
    step: StepSeeds | None = None


_running = _Running()


class StepSeeds:
    """A context in which a step runs: seeds inside it are a function of (key, batch, how many were drawn).

    Entering it again is the next batch.

    Args:
        key: whole numbers that are not negative, such as (seed of the training, epoch).
        batch: the number of the first step's batch.

    >>> with StepSeeds((7, 0), 3):
    ...     draw_seed("normal"), draw_seed("normal")
    ((7, 0, 3, 1), (7, 0, 3, 2))
    """

    def __init__(self, key: tuple[int, ...], batch: int) -> None:
        self._key, self._batch, self._drawn = key, batch - 1, 0
        self._outside: StepSeeds | None = None

    def begin(self) -> None:
        """Let the next step run by these seeds."""
        self._batch += 1
        self._drawn = 0
        self._outside, _running.step = _running.step, self

    def end(self) -> None:
        """Give the seeds after the step back to whatever gave them before it."""
        _running.step = self._outside

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, *error: object) -> None:
        self.end()

    def next(self) -> tuple[int, ...]:
        """Return the next seed of the running step."""
        self._drawn += 1  # so that the last number is not 0, of which SeedSequence takes no notice
        return (*self._key, self._batch, self._drawn)


def stream_seed() -> tuple[int, ...]:
    """Return the seed of what goes on by itself, a generator or an initializer.

    It is the running step's next one, or the process's.
    """
    return next_seed() if _running.step is None else _running.step.next()


def draw_seed(who: str) -> tuple[int, ...]:
    """Return the seed of one draw for which none was given.

    Args:
        who: what draws.

    Raises:
        CompileError: in a step that is being compiled: the numbers would become constants of its program.

    >>> set_seed(7)
    >>> draw_seed("normal")
    (7, 0)
    """
    if engine.active.is_tracing():
        raise CompileError(
            f"compile: {who} without a SeedGenerator would draw the same numbers in every step ({here()}); "
            "make one outside the step and pass it as seed to a function of gradtape.random"
        )
    return stream_seed()
