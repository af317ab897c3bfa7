"""SequenceSource: batches from an object that is indexed by batch number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gradtape.data.batch_reader import Reader
from gradtape.data.order import epoch_order
from gradtape.data.source import Batch, Source, check_supply, passes
from gradtape.errors import ArgumentError


class SequenceSource(Source):
    """Batches by number: ``data[i]`` is ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.

    Args:
        data: has ``__getitem__``, ``__len__`` or ``num_batches``, and perhaps ``on_epoch_begin`` and
            ``on_epoch_end``, which are called without arguments.  If it has
            ``batch_at(pass_number, number)``, this returns the batches, in an order of its own for each pass.
        reader: converts and checks each batch.
        shuffle: whether the batches are shuffled in each pass.
        steps: batches in an epoch; None makes each pass over the data an epoch.
        repeat: whether an epoch of `steps` may begin another pass when one ends.
        who: the caller's name, for error messages.

    Keras calls such an object a PyDataset.

    >>> class Squares:
    ...     def __len__(self):
    ...         return 2
    ...     def __getitem__(self, i):
    ...         return [[i]], [[i * i]]
    >>> [y.item() for x, y, _ in SequenceSource(Squares(), Reader("fit")).batches(seed=0, epoch=0)]
    [0, 1]
    """

    is_resumable = True

    def __init__(
        self,
        data: Any,
        reader: Reader,
        shuffle: bool | str = False,
        steps: int | None = None,
        repeat: bool = True,
        who: str = "fit",
    ) -> None:
        self._data, self._who = data, who
        self._reader = reader
        self._batch_at = getattr(data, "batch_at", None) or (lambda pass_number, number: data[number])
        # With batch_at the data (a tf.data.Dataset) orders its own elements in each pass.
        self._shuffle = bool(shuffle) and not hasattr(data, "batch_at")
        self._asked_steps = steps
        self._pass_length = length_of(data)
        if self._pass_length is None and steps is None:
            raise ArgumentError(f"{who}: x has no length: say how many steps make an epoch")
        if self._pass_length is not None:
            check_supply(self._pass_length, steps, repeat, who)
        self.steps = self._pass_length if steps is None else steps

    def batches(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield x, y and sample_weight of each batch of the epoch, as NumPy arrays."""
        self._tell("on_epoch_begin")
        for pass_number, number in self._places(seed, epoch):
            yield self._reader(self._batch(pass_number, number), f"batch x[{number}]")
        self._tell("on_epoch_end")

    def let_vary(self) -> None:
        """Let batches be longer or shorter than the first one in all axes: the model takes any length."""
        self._reader.may_vary = True

    def check_each(self, check: Callable[[Batch, str], None]) -> None:
        """Let `check` look at each batch, with a text that says which it is, before it is used."""
        self._reader.further = check

    def peek(self) -> Batch:
        """Return the batch with the number 0."""
        return self._reader(self._batch(0, 0), "batch x[0]")

    def _batch(self, pass_number: int, number: int) -> Any:
        """Return a batch; ArgumentError if the data has none of a number that its length promised."""
        try:
            return self._batch_at(pass_number, number)
        # A StopIteration would become a RuntimeError in the generator that asks for the batch.
        except (IndexError, StopIteration) as error:
            said = (
                "its length is not known"
                if self._pass_length is None
                else f"its length is {self._pass_length}"
            )
            raise ArgumentError(
                f"{self._who}: x has no x[{number}] ({type(error).__name__}: {error}), though {said}"
            ) from error

    def _places(self, seed: int, epoch: int) -> Iterator[tuple[int, int]]:
        """Yield (pass, number) of each batch of the epoch."""
        # No end, so there is one pass, and each epoch takes the batches that follow.
        if self._pass_length is None:
            steps = self.steps or 0
            yield from ((0, number) for number in range(epoch * steps, (epoch + 1) * steps))
            return
        for pass_number, place in passes(self._asked_steps, self._pass_length, epoch):
            yield (
                pass_number,
                int(epoch_order(self._pass_length, seed, pass_number)[place]) if self._shuffle else place,
            )

    def _tell(self, hook: str) -> None:
        getattr(self._data, hook, _nothing)()


def length_of(data: Any) -> int | None:
    """Return how many batches there are, or None where the object does not know or there is no end."""
    length = getattr(data, "num_batches", None)
    if length is None:
        try:
            length = len(data)
        except (TypeError, NotImplementedError):
            return None
    return int(length)


def _nothing() -> None:
    pass
