"""SeedGenerator: a stream of random numbers whose position is a Variable."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.base.checks import whole
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError, show
from gradtape.ops.random.seeds import stream_seed

_ONE_FURTHER = Tensor(np.array([0, 1]))


class SeedGenerator:
    """A stream of random numbers: each use gives new ones, inside a compiled step too.

    Make it in a layer's `__init__` and keep it as an attribute; then it is saved and resumed with the layer.

    Args:
        seed: a whole number, 0 or more; None takes the next seed of `set_seed`'s sequence.
        name: its name.

    Attributes:
        state: the Variable that holds (key, counter), (2,) int64.

    >>> stream = SeedGenerator(7)
    >>> stream.next().tolist(), stream.next().tolist()
    ([7, 0], [7, 1])
    """

    def __init__(self, seed: int | None = None, name: str = "seed_generator") -> None:
        key = key_of(seed, "SeedGenerator")
        self._given_seed = None if seed is None else key
        start = np.array([key, 0], "int64")
        self.name = name
        # A Variable, so that a compiled step counts on, and a checkpoint keeps the position.
        self.state = Variable(start, trainable=False, name="seed_generator_state")

    @property
    def variables(self) -> list[Variable]:
        """Its state, in a list."""
        return [self.state]

    def next(self) -> Tensor:
        """Return the state, (key, counter), and increase the counter."""
        state = self.state.value
        self.state.assign_add(_ONE_FURTHER)
        return state

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"seed": self._given_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Return a new one, made with the arguments in `config`."""
        return cls(**config)


def key_of(seed: object, who: str) -> int:
    """Return the key of a stream: the seed itself; for None one made of the next seed of the process."""
    if seed is None:
        return key_from(stream_seed())
    key = whole(seed, who, "seed")
    if not 0 <= key < 2**63:
        raise ArgumentError(f"{who}: seed must be in [0, 2**63), got {show(seed)}")
    return key


def key_from(numbers: tuple[int, ...]) -> int:
    """Return a key made of several whole numbers."""
    # Without its lowest bit, so that it fits into int64, which the state is.
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)
