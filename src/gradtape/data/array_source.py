"""ArraySource: batches that are rows of arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from gradtape.base.checks import whole
from gradtape.base.trees import leaves, mapped, rebuild
from gradtape.data.checks import DEFAULT_BATCH_SIZE, check_finite, check_lengths
from gradtape.data.conversion import as_parts, is_mapped, named_parts
from gradtape.data.order import batches, epoch_order
from gradtape.data.sample_weights import checked_weights, class_weighted
from gradtape.data.source import Batch, Source, check_supply, passes
from gradtape.errors import ArgumentError, show


@dataclass(frozen=True)
class Structure:
    """Rebuilds x, y and sample_weight from a flat list of arrays.

    Attributes:
        x: the structure of x, with its arrays' places in the flat list for leaves.
        y: the same for y; None if there is none.
        sample_weight: the same for the weights.
    """

    x: Any
    y: Any
    sample_weight: Any

    def rebuild(self, flat: Sequence[Any]) -> Batch:
        """Return x, y and sample_weight with the values in `flat` for leaves."""
        at, y, weights = flat.__getitem__, self.y, self.sample_weight
        return (
            mapped(at, self.x),
            None if y is None else mapped(at, y),
            None if weights is None else mapped(at, weights),
        )


class ArraySource(Source):
    """Batches of arrays that are complete, in memory or mapped from a file.

    Args:
        x: one array or a structure of arrays, samples along the first axis; see `as_arrays`.
        y: the same for the targets, or None.
        sample_weight: weights for the samples: one array, or a structure like y's.
        batch_size: samples per batch; None takes 32, or the size that makes one pass of `steps` batches.
        shuffle: True shuffles the samples in each pass, "batch" only whole batches.
        class_weight: a dict from class numbers to weights.
        steps: batches in an epoch; None makes each pass over the data an epoch.
        repeat: whether an epoch of `steps` may begin another pass when one ends.
        who: the caller's name, for error messages.
        check_finite: whether to search x and y for NaN and infinity.

    Attributes:
        arrays: all arrays in one flat list, of NumPy.
        structure: makes x, y and sample_weight of such a list.
        shared: the same on the device, once they have been brought there.
        resident: False if an array lies in a file and so must not be loaded whole, else None.

    >>> source = ArraySource(np.arange(5), batch_size=2)
    >>> [rows.tolist() for rows in source.order(seed=0, epoch=0)]
    [[0, 1], [2, 3], [4]]
    """

    is_resumable = True

    def __init__(
        self,
        x: object,
        y: object = None,
        sample_weight: object = None,
        batch_size: int | None = None,
        shuffle: bool | str = False,
        class_weight: object = None,
        steps: int | None = None,
        repeat: bool = True,
        who: str = "fit",
        check_finite: bool | str = True,
    ) -> None:
        parts = as_parts(x, y, sample_weight, who)
        self.samples = samples = check_lengths(named_parts(parts), who)
        if check_finite:
            _check_all_finite(parts[:2], who, check_finite)
        parts[2] = _weights(parts, class_weight, who)
        self.shuffle = _checked_shuffle(shuffle, who)
        self.batch_size = size = _batch_size(batch_size, steps, samples, who)
        self._pass_length = math.ceil(samples / size)  # the batches that see all samples
        check_supply(self._pass_length, steps, repeat, who)
        self._asked_steps = steps
        self.steps = self._pass_length if steps is None else steps
        self.structure, self.arrays = flattened(parts)
        self.shared: list[Any] = []
        self.resident = False if any(map(is_mapped, self.arrays)) else None
        # Two: an epoch of `steps` batches may end one pass over the data and begin the next.
        self._pass_order = lru_cache(maxsize=2)(
            lambda seed, pass_number: self._ordered(samples, size, seed, pass_number)
        )

    def order(self, seed: int, epoch: int) -> list[Any]:
        """Return the row numbers of each batch of the epoch, (samples in the batch,) int64 each."""
        wanted = passes(self._asked_steps, self._pass_length, epoch)
        return [self._pass_order(seed, pass_number)[number] for pass_number, number in wanted]

    def batches(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield x, y and sample_weight of each batch of the epoch, as NumPy arrays."""
        for rows in self.order(seed, epoch):
            yield self.structure.rebuild([np.asarray(array[rows]) for array in self.arrays])

    def peek(self) -> Batch:
        """Return the first samples, as many as make a batch."""
        return self.structure.rebuild([np.asarray(array[: self.batch_size]) for array in self.arrays])

    def _ordered(self, samples: int, size: int, seed: int, pass_number: int) -> list[Any]:
        if self.shuffle is True:
            return batches(epoch_order(samples, seed, pass_number), size)
        in_order = batches(np.arange(samples), size)
        if self.shuffle == "batch":
            return [in_order[number] for number in epoch_order(len(in_order), seed, pass_number)]
        return in_order


def _checked_shuffle(shuffle: object, who: str) -> bool | str:
    if shuffle == "batch" or isinstance(shuffle, bool | np.bool_):
        return "batch" if isinstance(shuffle, str) else bool(shuffle)
    raise ArgumentError(f'{who}: shuffle must be True, False or "batch", got {show(shuffle)}')


def _batch_size(batch_size: object, steps: int | None, samples: int, who: str) -> int:
    if batch_size is not None:
        return whole(batch_size, who, "batch_size", 1)
    # As in Keras, `steps` without batch_size cuts the data into so many batches.
    return DEFAULT_BATCH_SIZE if steps is None else math.ceil(samples / steps)


def _check_all_finite(parts: Sequence[Any], who: str, within: bool | str) -> None:
    for name, array in named_parts([*parts, None]):
        check_finite(array, who, name, within=within)


def flattened(parts: Sequence[Any]) -> tuple[Structure, list[Any]]:
    """Return the structure of the parts, and all their arrays in a row."""
    flat: list[Any] = []
    trees = []
    for part in parts:
        found = [] if part is None else leaves(part)
        trees.append(None if part is None else rebuild(part, range(len(flat), len(flat) + len(found))))
        flat += found
    return Structure(*trees), flat


def _weights(parts: Sequence[Any], class_weight: object, who: str) -> Any:
    """Return the sample weights with the class weights in them, in y's structure; None if there are none."""
    _, y, weights = parts
    if weights is not None:
        weights = checked_weights(weights, y, who)
    if class_weight is None:
        return weights
    return class_weighted(y, class_weight, weights, who)
