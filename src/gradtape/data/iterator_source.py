"""IteratorSource: batches from a generator or another iterable."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from gradtape.data.batch_reader import Reader
from gradtape.data.sequence_source import length_of
from gradtape.data.source import Batch, Source, check_supply
from gradtape.errors import ArgumentError

_END = object()
MANY_BATCHES = 10_000  # of an iterable without a length, after which a word is said


class IteratorSource(Source):
    """Batches in the order in which they come: ``x``, ``(x, y)`` or ``(x, y, sample_weight)`` each.

    Args:
        data: an iterable that starts again each time; or a generator, which can be used once.
        reader: converts and checks each batch.
        steps: batches in an epoch, the next one continuing where it stopped; None takes all there are.
        epochs: for how many epochs there must be batches.
        repeat: whether an epoch of `steps` may start the iterable again when it ends.
        who: the caller's name, for error messages.

    >>> numbers = ([[float(i)]] for i in range(5))
    >>> source = IteratorSource(numbers, Reader("fit"), steps=2)
    >>> [x.item() for epoch in (0, 1) for x, _, _ in source.batches(0, epoch)]
    [0.0, 1.0, 2.0, 3.0]
    >>> list(source.batches(0, 2))
    Traceback (most recent call last):
    gradtape.errors.ArgumentError: fit: x ended after 1 of the 2 batches of epoch 3; a generator must ...
    """

    def __init__(
        self,
        data: Any,
        reader: Reader,
        steps: int | None = None,
        epochs: int = 1,
        repeat: bool = True,
        who: str = "fit",
    ) -> None:
        self._data = data
        self._reader = reader
        self._asked_steps = steps
        self._who = who
        # What is its own iterator cannot start again.
        self._is_generator = iter(data) is data
        self._goes_on = steps is not None and (repeat or self._is_generator)
        self._ahead: list[Any] = []
        self._running = self._stream()
        length = length_of(data)
        if length is not None:
            check_supply(length, steps, repeat, who)
        if steps is None and epochs > 1 and self._is_generator:
            raise ArgumentError(
                f"{who}: a generator can be gone through once, which is not enough for {epochs} epochs: "
                "say how many steps make an epoch, or give an object that can be iterated again"
            )
        self.steps = length if steps is None else steps

    def batches(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield x, y and sample_weight of each batch of the epoch, as NumPy arrays."""
        self._begin()
        done = 0
        while done != self._asked_steps:
            raw = self._next()
            if raw is _END:
                self._check_end(done, epoch)
                break
            done += 1
            if done == MANY_BATCHES and self._asked_steps is None and self.steps is None:
                warnings.warn(
                    f"{self._who}: x has given {done} batches in one epoch and does not say how many there "
                    "are; if it never ends, say how many make an epoch: steps_per_epoch (steps in evaluate "
                    "and predict)",
                    stacklevel=2,
                )
            yield self._reader(raw, f"batch {done} of epoch {epoch + 1}")
        # Known after one epoch, so that later ones can show how far they are.
        self.steps = done

    def let_vary(self) -> None:
        """Let batches be longer or shorter than the first one in all axes: the model takes any length."""
        self._reader.may_vary = True

    def check_each(self, check: Callable[[Batch, str], None]) -> None:
        """Let `check` look at each batch, with a text that says which it is, before it is used."""
        self._reader.further = check

    def peek(self) -> Batch:
        """Return the first batch, which will come again in the first epoch."""
        self._begin()
        first = self._next()
        if first is _END:
            self._check_end(0, 0)
        self._ahead.append(first)
        return self._reader(first, "batch 1 of epoch 1")

    def _begin(self) -> None:
        """Start again, unless an epoch continues from the one before it."""
        if not (self._goes_on or self._ahead):
            self._running = self._stream()

    def _stream(self) -> Iterator[Any]:
        """Yield the batches as they come, over and over where that is allowed."""
        is_empty = False
        # A pass without batches ends it: to begin again and again would never end.
        while not is_empty:
            is_empty = True
            for batch in self._data:
                is_empty = False
                yield batch
            if self._is_generator or not self._goes_on:
                return

    def _next(self) -> Any:
        return self._ahead.pop() if self._ahead else next(self._running, _END)

    def _check_end(self, done: int, epoch: int) -> None:
        """Raise if the batches must not end after `done` of this epoch."""
        if done == 0 and self._asked_steps is None:
            raise ArgumentError(f"{self._who}: x must give at least one batch, it gave none")
        if self._asked_steps is not None:
            advice = "; a generator must give as many for every epoch" if self._is_generator else ""
            raise ArgumentError(
                f"{self._who}: x ended after {done} of the {self._asked_steps} batches of epoch {epoch + 1}"
                f"{advice}"
            )
