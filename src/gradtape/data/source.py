"""Source: the interface of data for the training loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

from gradtape.errors import ArgumentError

Batch = tuple[Any, Any, Any]


class Source(ABC):
    """Batches of x, y and sample_weight, epoch after epoch.

    Attributes:
        steps: batches in an epoch; None while it is not known.
        batch_size: samples in a full batch; None if each batch brings its own size.
        samples: samples in all; None if it is not known.
        is_resumable: whether any epoch can be computed without the ones before it.
    """

    steps: int | None = None
    batch_size: int | None = None
    samples: int | None = None
    is_resumable: bool = False

    @abstractmethod
    def batches(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield (x, y, sample_weight) for each step of the epoch; a missing one is None."""

    def let_vary(self) -> None:  # noqa: B027  # arrays have one shape
        """Let batches be longer or shorter than the first one in all axes: the model takes any length."""

    def check_each(  # noqa: B027  # most sources have nothing left to check
        self, check: Callable[[Batch, str], None]
    ) -> None:
        """Let `check` look at each batch before it is used, and raise; where all data is at hand, it has."""

    @abstractmethod
    def peek(self) -> Batch:
        """Return the first batch without using it up: its shapes build a model."""


def passes(steps: int | None, available: int, epoch: int) -> list[tuple[int, int]]:
    """Return the batches of an epoch, as (pass, number in the pass); a pass uses every batch once.

    Without `steps` an epoch is a pass.  With it, each epoch continues where the one before it stopped.

    >>> passes(None, 2, epoch=1), passes(3, 2, epoch=1)
    ([(1, 0), (1, 1)], [(1, 1), (2, 0), (2, 1)])
    """
    steps = available if steps is None else steps
    return [divmod(number, available) for number in range(epoch * steps, (epoch + 1) * steps)]


def check_supply(available: int, steps: int | None, repeat: bool, who: str) -> None:
    """Raise ArgumentError if a pass has no batches, or too few for an epoch that must not begin another."""
    if available == 0:
        raise ArgumentError(f"{who}: x must give at least one batch, its length is 0")
    # In a test samples of a second pass would count twice.
    if steps is not None and steps > available and not repeat:
        raise ArgumentError(f"{who}: x has {available} batches, which is not enough for {steps} steps")
