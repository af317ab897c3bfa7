"""The elements of a tf.data.Dataset: each is a function of the pass and the index."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape.base.trees import leaves, mapped, rebuild
from gradtape.core.tensor import as_tensor
from gradtape.errors import ArgumentError, ShapeError
from gradtape.ops.numpy.concatenation import stack


class Elements(ABC):
    """Elements in order, again in every pass."""

    @abstractmethod
    def length(self) -> int | None:
        """Return how many elements there are; None if there is no end."""

    @abstractmethod
    def element(self, pass_number: int, index: int) -> Any:
        """Return an element of a pass."""

    def rows(self, pass_number: int, indices: Any) -> Any:
        """Return several elements of a pass, their tensors along a new first axis."""
        return _stacked([self.element(pass_number, int(i)) for i in indices])


def as_structure(tensors: object) -> Any:
    """Return arrays as tensors; tuples and dicts stay, a list is one array, as in TensorFlow."""
    if isinstance(tensors, tuple):
        return tuple(map(as_structure, tensors))
    if isinstance(tensors, dict):
        return {key: as_structure(value) for key, value in tensors.items()}
    return as_tensor(tensors, None, "Dataset")


def _stacked(elements: list[Any]) -> Any:
    """Return elements of one structure as one, their tensors along a new first axis."""
    columns = [leaves(element) for element in elements]
    shapes = [[as_tensor(t).shape for t in column] for column in columns]
    if any(shape != shapes[0] for shape in shapes):
        other = next(shape for shape in shapes if shape != shapes[0])
        raise ShapeError(f"Dataset.batch: elements must have one shape, got {shapes[0]} and {other}")
    return rebuild(elements[0], [stack(list(column)) for column in zip(*columns, strict=True)])


class Slices(Elements):
    """The slices of tensors along their first axis."""

    def __init__(self, tensors: object) -> None:
        self._tensors = tensors
        counts = {t.shape[0] if t.shape else None for t in leaves(tensors)}
        if len(counts) != 1 or None in counts:
            shapes = [t.shape for t in leaves(tensors)]
            raise ShapeError(f"Dataset.from_tensor_slices: tensors must have one length, got shapes {shapes}")
        self._count = next(iter(counts))
        # Rows are cut from arrays on the host: on a device each would be a computation of its own.
        self._arrays = mapped(np.asarray, tensors)

    def length(self) -> int | None:
        return self._count

    def element(self, pass_number: int, index: int) -> Any:
        return mapped(lambda array: as_tensor(array[index]), self._arrays)

    def rows(self, pass_number: int, indices: object) -> Any:
        return mapped(lambda array: as_tensor(array[indices]), self._arrays)


class Zipped(Elements):
    """Tuples of one element of each of several."""

    def __init__(self, parts: tuple[Elements, ...]) -> None:
        self._parts = parts

    def length(self) -> int | None:
        known = [n for n in (part.length() for part in self._parts) if n is not None]
        return min(known, default=None)

    def element(self, pass_number: int, index: int) -> Any:
        return tuple([part.element(pass_number, index) for part in self._parts])

    def rows(self, pass_number: int, indices: object) -> Any:
        return tuple([part.rows(pass_number, indices) for part in self._parts])


class Mapped(Elements):
    """A function of each element."""

    def __init__(self, source: Elements, function: Callable[..., Any]) -> None:
        self._source, self._function = source, function

    def length(self) -> int | None:
        return self._source.length()

    def element(self, pass_number: int, index: int) -> Any:
        element = self._source.element(pass_number, index)
        result = self._function(*element) if isinstance(element, tuple) else self._function(element)
        return as_structure(result)


class Shuffled(Elements):
    """The elements in random order."""

    def __init__(self, source: Elements, buffer_size: int, seed: int, anew: bool) -> None:
        if source.length() is None:
            raise ArgumentError("Dataset.shuffle: shuffle before repeat(), which has no end")
        self._source, self._buffer_size, self._seed, self._anew = source, buffer_size, seed, anew
        self._order = functools.lru_cache(2)(self._drawn_order)  # of a pass; validation may ask in between

    def length(self) -> int | None:
        return self._source.length()

    def _drawn_order(self, pass_number: int) -> Any:
        """Return the order of a pass: each next element is drawn from a buffer that is filled up again."""
        count = self._source.length() or 0
        generator = np.random.Generator(np.random.Philox(np.random.SeedSequence([self._seed, pass_number])))
        # A buffer for all: drawing from it is a plain permutation.
        if self._buffer_size >= count:
            return generator.permutation(count)
        waiting = list(range(self._buffer_size))
        order = np.empty(count, "int64")
        for place in range(count):
            slot = int(generator.integers(len(waiting)))
            order[place] = waiting[slot]
            upcoming = place + self._buffer_size
            if upcoming < count:
                waiting[slot] = upcoming
            else:
                waiting[slot] = waiting[-1]
                waiting.pop()
        return order

    def _places(self, pass_number: int) -> Any:
        return self._order(pass_number if self._anew else 0)

    def element(self, pass_number: int, index: int) -> Any:
        return self._source.element(pass_number, int(self._places(pass_number)[index]))

    def rows(self, pass_number: int, indices: object) -> Any:
        return self._source.rows(pass_number, self._places(pass_number)[indices])


class Batched(Elements):
    """Elements in a row along a new first axis."""

    def __init__(self, source: Elements, size: int, drops_remainder: bool) -> None:
        self._source, self._size, self._drops = source, size, drops_remainder

    def length(self) -> int | None:
        count = self._source.length()
        if count is None:
            return None
        return count // self._size if self._drops else -(-count // self._size)

    def element(self, pass_number: int, index: int) -> Any:
        count, start = self._source.length(), index * self._size
        stop = start + self._size if count is None else min(start + self._size, count)
        return self._source.rows(pass_number, np.arange(start, stop))


class Repeated(Elements):
    """The elements several times over."""

    def __init__(self, source: Elements, times: int | None) -> None:
        if times is None and source.length() == 0:
            raise ArgumentError("Dataset.repeat: the data set is empty, it cannot go on without end")
        self._source, self._times = source, times

    def length(self) -> int | None:
        count = self._source.length()
        if self._times is None or count is None:
            return None if self._times != 0 else 0
        return count * self._times

    def element(self, pass_number: int, index: int) -> Any:
        count = self._source.length()
        if count is None:
            return self._source.element(pass_number, index)
        # Every pass of the source has a number of its own, so that each is shuffled anew.
        times, place = divmod(index, count)
        return self._source.element(pass_number * (self._times or 0) + times, place)


class Part(Elements):
    """The elements from one number on."""

    def __init__(self, source: Elements, start: int, count: int | None) -> None:
        self._source, self._start, self._count = source, start, count

    def length(self) -> int | None:
        length = self._source.length()
        if length is None:
            return self._count
        left = max(0, length - self._start)
        return left if self._count is None else min(left, self._count)

    def element(self, pass_number: int, index: int) -> Any:
        return self._source.element(pass_number, self._start + index)

    def rows(self, pass_number: int, indices: Any) -> Any:
        return self._source.rows(pass_number, self._start + indices)
