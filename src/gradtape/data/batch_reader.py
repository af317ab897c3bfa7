"""Unpacks, converts and checks batches from generators, one at a time."""

from __future__ import annotations

from collections.abc import Callable

from gradtape.data.checks import check_finite, check_lengths, check_like_first
from gradtape.data.conversion import as_parts, named_parts
from gradtape.data.sample_weights import checked_weights, class_weighted
from gradtape.data.source import Batch
from gradtape.errors import ArgumentError


class Reader:
    """Returns x, y and sample_weight of a batch from outside, and raises if it cannot be used.

    Args:
        who: the caller's name, for error messages.
        class_weight: a dict from class numbers to weights, or None.
        check_finite: whether to search x and y for NaN and infinity.

    Attributes:
        further: raises if a batch, of which its second argument says which it is, cannot be used.

    >>> x, y, weights = Reader("fit")(([[1.0], [2.0]], [0, 1]), "batch 1")
    >>> y
    array([0, 1], dtype=int32)
    """

    def __init__(self, who: str, class_weight: object = None, check_finite: bool | str = True) -> None:
        self._who = who
        self._class_weight = class_weight
        self._check_finite = check_finite
        self.may_vary = False  # whether batches may be longer than the first in other axes too
        self.further: Callable[[Batch, str], None] | None = None
        self._first: dict[str, tuple[int, ...]] = {}

    def __call__(self, batch: object, place: str) -> Batch:
        """Return x, y and sample_weight; `place` says in an error message which batch it is."""
        who = f"{self._who}: {place}"
        x, y, weights = as_parts(*unpacked(batch, who), who)
        named = named_parts((x, y, weights))
        check_lengths(named, who)
        self._first = self._first or {name: array.shape for name, array in named}
        check_like_first(named, self._first, who, self.may_vary)
        if self._check_finite:
            for name, array in named_parts((x, y, None)):
                check_finite(array, who, name, within=self._check_finite)
        # Zeros may fill a batch here: other batches can have the samples that count.
        if weights is not None:
            weights = checked_weights(weights, y, who, may_be_zero=True)
        if self._class_weight is not None:
            weights = class_weighted(y, self._class_weight, weights, who, every_class=False)
        if self.further is not None:
            self.further((x, y, weights), who)
        return x, y, weights


def unpacked(batch: object, who: str) -> Batch:
    """Return x, y and sample_weight of a batch; what it does not have is None.

    >>> unpacked((1, 2), "fit")
    (1, 2, None)
    """
    if not isinstance(batch, list | tuple):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise ArgumentError(f"{who} must be x, (x, y) or (x, y, sample_weight), got {len(batch)} parts")
    x, y, weights = (*batch, None, None)[:3]
    return x, y, weights
