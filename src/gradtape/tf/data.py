"""tf.data: a Dataset with a length and an index, so that a training on it can be resumed.

Every element is a function of (pass, index): a pass is one iteration over the data set, an epoch of `fit`,
and what is shuffled has another order in each.  So any batch can be had without those before it, which
TensorFlow's iterators cannot do; a function given to `map` is called again where a batch is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from gradtape.base.absent import answer_for as _answer_for
from gradtape.base.checks import whole
from gradtape.base.trees import mapped
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.ops.random.seeds import next_number
from gradtape.tf import elements

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "Dataset"]

AUTOTUNE = -1
INFINITE_CARDINALITY = -1
_METHODS = (
    "from_tensor_slices, from_tensors, range, zip, map, shuffle, batch, prefetch, cache, repeat, take, skip"
)


class Dataset:
    """Elements in order; each method gives another data set, as in TensorFlow.

    >>> data = Dataset.from_tensor_slices(([1, 2, 3, 4, 5], [0, 0, 1, 1, 1])).map(lambda x, y: (x * 10, y))
    >>> for x, y in data.shuffle(5, seed=1).batch(2).take(1):
    ...     print(x.shape, y.shape)
    (2,) (2,)
    >>> len(data.batch(2)), len(data.repeat(3).batch(2, drop_remainder=True))
    (3, 7)
    """

    _passes = 0

    def __init__(self, source: elements.Elements) -> None:
        self._elements = source

    # What makes one.

    @staticmethod
    def from_tensor_slices(tensors: object, name: str | None = None) -> Dataset:
        """Return the data set whose elements are the slices of `tensors` along their first axis.

        Args:
            tensors: an array, or a tuple or dict of arrays of one length.
            name: ignored; kept for compatibility with TensorFlow.
        """
        return Dataset(elements.Slices(elements.as_structure(tensors)))

    @staticmethod
    def from_tensors(tensors: object, name: str | None = None) -> Dataset:
        """Return the data set with the one element `tensors`."""
        return Dataset(
            elements.Slices(mapped(lambda t: as_tensor(np.asarray(t)[None]), elements.as_structure(tensors)))
        )

    @staticmethod
    def range(*args: int, output_type: object = "int64", name: str | None = None) -> Dataset:
        """Return the data set of the numbers of Python's ``range(*args)``."""
        return Dataset(elements.Slices(as_tensor(np.arange(*args), output_type)))

    @staticmethod
    def zip(*datasets: Any, name: str | None = None) -> Dataset:
        """Return the data set whose elements are tuples of one element of each of `datasets`."""
        parts = datasets[0] if len(datasets) == 1 and isinstance(datasets[0], tuple | list) else datasets
        if not parts or not all(isinstance(part, Dataset) for part in parts):
            raise ArgumentTypeError(f"Dataset.zip: needs data sets, got {show(parts)}")
        return Dataset(elements.Zipped(tuple([part._elements for part in parts])))

    # What makes another of it.

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Return the data set of `map_func` of each element; a tuple is given as several arguments.

        Args:
            map_func: a function of tensors, which returns tensors.
            num_parallel_calls: ignored; kept for compatibility with TensorFlow.
            deterministic: ignored, likewise: the order never changes.
            name: ignored, likewise.
        """
        if not callable(map_func):
            raise ArgumentTypeError(f"Dataset.map: map_func must be a function, got {show(map_func)}")
        return Dataset(elements.Mapped(self._elements, map_func))

    def shuffle(
        self,
        buffer_size: int,
        seed: int | None = None,
        reshuffle_each_iteration: bool = True,
        name: str | None = None,
    ) -> Dataset:
        """Return the data set with its elements in random order, drawn from a buffer as TensorFlow does.

        Args:
            buffer_size: the elements among which each next one is drawn; the length of the data set gives
                every order the same chance.
            seed: the order is a function of it and of the pass; None takes the next one of `set_seed`.
            reshuffle_each_iteration: whether each pass has an order of its own.
            name: ignored; kept for compatibility with TensorFlow.
        """
        # The seed is drawn here, once, so that every pass is a function of it and can be had again.
        size = whole(buffer_size, "Dataset.shuffle", "buffer_size", 1)
        return Dataset(
            elements.Shuffled(
                self._elements, size, next_number() if seed is None else seed, reshuffle_each_iteration
            )
        )

    def batch(
        self,
        batch_size: int,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Return the data set of batches: `batch_size` elements in a row along a new first axis.

        Args:
            batch_size: how many; the last batch has what is left.
            drop_remainder: whether a last batch that is smaller is left out.
            num_parallel_calls: ignored; kept for compatibility with TensorFlow.
            deterministic: ignored, likewise.
            name: ignored, likewise.
        """
        return Dataset(
            elements.Batched(
                self._elements, whole(batch_size, "Dataset.batch", "batch_size", 1), drop_remainder
            )
        )

    def repeat(self, count: int | None = None, name: str | None = None) -> Dataset:
        """Return the data set `count` times over; None and -1 repeat it without end."""
        times = None if count is None or count == -1 else whole(count, "Dataset.repeat", "count", 0)
        return Dataset(elements.Repeated(self._elements, times))

    def take(self, count: int, name: str | None = None) -> Dataset:
        """Return the first `count` elements; -1 takes all."""
        number = None if count == -1 else whole(count, "Dataset.take", "count", 0)
        return Dataset(elements.Part(self._elements, 0, number))

    def skip(self, count: int, name: str | None = None) -> Dataset:
        """Return the data set without its first `count` elements; -1 leaves none."""
        start = 0 if count == -1 else whole(count, "Dataset.skip", "count", 0)
        return Dataset(elements.Part(self._elements, start, 0 if count == -1 else None))

    def prefetch(self, buffer_size: int = AUTOTUNE, name: str | None = None) -> Dataset:
        """Return the data set itself: batches are made when they are needed."""
        return self

    def cache(self, filename: str = "", name: str | None = None) -> Dataset:
        """Return the data set itself: elements are made when they are needed, and nothing is written."""
        return self

    # What reads it.

    def __len__(self) -> int:
        length = self._elements.length()
        if length is None:
            raise ArgumentTypeError("Dataset: it has no length, as it is repeated without end")
        return length

    def __bool__(self) -> bool:
        # Python would ask for the length, which an endless data set has not.
        return True

    def cardinality(self, name: str | None = None) -> Tensor:
        """Return how many elements there are, an int64; -1 if there is no end."""
        length = self._elements.length()
        return as_tensor(INFINITE_CARDINALITY if length is None else length, "int64")

    @property
    def num_batches(self) -> int | None:
        """How many elements `fit` finds; None if there is no end."""
        return self._elements.length()

    def batch_at(self, pass_number: int, index: int) -> Any:
        """Return the element with the number `index` of a pass, counted from 0; `fit` asks for it.

        Args:
            pass_number: the number of the pass, from 0.
            index: the number of the element in it.
        """
        length = self._elements.length()
        if not 0 <= index < (index + 1 if length is None else length):
            raise ArgumentError(f"Dataset: index must be in [0, {length}), got {index}")
        return self._elements.element(pass_number, index)

    def __getitem__(self, index: int) -> Any:
        return self.batch_at(0, index)

    def __iter__(self) -> Iterator[Any]:
        # Each loop over it is another pass, with another order if it is shuffled.
        pass_number, index = self._passes, 0
        self._passes += 1
        while (length := self._elements.length()) is None or index < length:
            yield self._elements.element(pass_number, index)
            index += 1

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Yield the elements as NumPy arrays."""
        return (mapped(lambda tensor: tensor.numpy(), element) for element in self)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"gradtape.tf.data.Dataset has no {name}; it has {_METHODS}, as_numpy_iterator")


_answer_for(__name__)
