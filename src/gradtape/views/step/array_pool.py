"""ArrayPool: the arrays of a page, each once, as precisely as the size of the page allows.

A small array goes in whole. A large one goes in as means over blocks, with each block's smallest and largest
value, and then, as long as there is room, whole after all: first what a product of matrices was made of,
because the page spells its sums out. What does not fit is a summary, and the page says so.
"""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape.display import number_text
from gradtape.views.step.schema import ArrayView

SMALL = 16_384  # elements that always go in whole
FINE, COARSE = 96, 48  # cells of a picture made of blocks, along each axis


@dataclass
class Entry:
    """An array of the page.

    Attributes:
        array: its values.
        rank: how much the page needs it whole; 0 most.
        cells: how many blocks at most along each axis.
        level: exact, blocks or summary.
    """

    array: Any
    rank: int
    cells: int
    level: str = "summary"

    @property
    def exact_bytes(self) -> int:
        """The length of the text that holds it whole."""
        # base64 writes 3 bytes as 4 characters; an element has 4 bytes.
        return 4 * math.ceil(4 * int(self.array.size) / 3)

    @property
    def block_bytes(self) -> int:
        """The length of the text that holds its blocks."""
        lengths = flat(self.array).shape
        rows, columns = (math.ceil(int(n) / b) for n, b in zip(lengths, self.blocks, strict=True))
        # Three texts: means, smallest and largest values.
        return 3 * 4 * math.ceil(4 * rows * columns / 3)

    @property
    def blocks(self) -> tuple[int, int]:
        """How many rows and columns one block has."""
        rows, columns = flat(self.array).shape
        return math.ceil(rows / self.cells) or 1, math.ceil(columns / self.cells) or 1


class Pool:
    """The arrays of a page.

    Args:
        room: how many bytes their texts may take.

    Attributes:
        entries: the arrays, by the number under which the page knows them.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self.entries: list[Entry] = []
        self._known: dict[tuple[Any, ...], int] = {}

    def add(self, array: object, rank: int) -> int:
        """Return the number of an array; equal arrays have one number.

        Args:
            array: its values.
            rank: how much it is needed whole, 0 most; from 5 on blocks may be coarse.
        """
        array = np.asarray(array)
        content = np.ascontiguousarray(array)
        key = (array.shape, array.dtype.str, hashlib.sha1(content.data if array.size else b"").digest())
        number = self._known.setdefault(key, len(self.entries))
        if number == len(self.entries):
            self.entries.append(Entry(array, rank, COARSE if rank >= 5 else FINE))
        entry = self.entries[number]
        entry.rank = min(entry.rank, rank)
        entry.cells = FINE if entry.rank < 5 else COARSE
        return number

    def settle(self) -> None:
        """Decide how exactly each array goes in."""
        left = self.room
        order = sorted(self.entries, key=lambda e: (e.rank, e.array.size))
        for entry in order:
            if entry.array.size <= SMALL and entry.exact_bytes <= left:
                entry.level = "exact"
                left -= entry.exact_bytes
        # Every large array is to have its picture before one of them goes in whole.
        large = [e for e in order if e.level != "exact"]
        for entry in large:
            if entry.block_bytes <= left:
                entry.level = "blocks"
                left -= entry.block_bytes
        for entry in large:
            saved = entry.block_bytes if entry.level == "blocks" else 0
            # An array that goes in whole gives back the room of its blocks.
            if entry.rank < 5 and entry.exact_bytes <= left + saved:
                entry.level = "exact"
                left -= entry.exact_bytes - saved

    def described(self) -> list[ArrayView]:
        """Return what the page knows of each array besides its values."""
        return [_described(entry) for entry in self.entries]

    def texts(self) -> list[str]:
        """Return each array's values in base64, "" where it is a summary: float32, row by row.

        Blocks have their means first, then their smallest values, then their largest.
        """
        return [_text(entry) for entry in self.entries]


def flat(array: Any) -> Any:
    """Return an array as rows and columns: the first axis and all others; a vector is one row."""
    if array.ndim < 2:
        return array.reshape(1, -1)
    return array.reshape(array.shape[0], math.prod(array.shape[1:]))


def _described(entry: Entry) -> ArrayView:
    array = entry.array
    values = np.asarray(array, "float64")
    finite = values[np.isfinite(values)]
    return ArrayView(
        shape=list(array.shape),
        dtype=str(array.dtype),
        level=entry.level,
        norm=_number(number_text.norm(values)),
        min=_number(finite.min()) if finite.size else None,
        max=_number(finite.max()) if finite.size else None,
        mean=_number(finite.mean()) if finite.size else None,
        rms=_number(number_text.norm(finite) / math.sqrt(finite.size)) if finite.size else None,
        nan=int(np.isnan(values).sum()),
        inf=int(np.isinf(values).sum()),
        zeros=int(np.count_nonzero(values == 0)),
        block=list(entry.blocks) if entry.level == "blocks" else None,
    )


def _number(value: Any) -> float | None:
    """Return a number that JSON can hold, None for one that is not finite."""
    return float(value) if math.isfinite(value) else None


def _text(entry: Entry) -> str:
    if entry.level == "summary":
        return ""
    values = flat(entry.array)
    if entry.level == "exact":
        return _base64(values)
    means, low, high = in_blocks(np.asarray(values, "float64"), entry.blocks)
    return _base64(means) + _base64(low) + _base64(high)


def _base64(values: object) -> str:
    with np.errstate(over="ignore"):  # a float64 beyond float32 is shown as infinite
        return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode("ascii")


def in_blocks(values: Any, block: tuple[int, int]) -> tuple[Any, Any, Any]:
    """Return the means, the smallest and the largest values of the blocks of a matrix; NaN spreads.

    >>> in_blocks(np.array([[1.0, 3.0, 5.0]]), (1, 2))[0]
    array([[2., 5.]])
    """
    height, width = block
    starts = np.arange(0, values.shape[0], height), np.arange(0, values.shape[1], width)
    counts = np.outer(
        np.diff(np.append(starts[0], values.shape[0])), np.diff(np.append(starts[1], values.shape[1]))
    )

    def reduced(function: Any) -> Any:
        # reduceat takes the shorter blocks at the edges too, which reshaping into blocks could not.
        return function.reduceat(function.reduceat(values, starts[0], axis=0), starts[1], axis=1)

    with np.errstate(invalid="ignore"):
        return reduced(np.add) / counts, reduced(np.minimum), reduced(np.maximum)
