"""Compares two arrays bit for bit, and finds their largest difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def same_bits(a: object, b: object) -> bool:
    """Tell whether two arrays have the same shape, dtype and bits.

    >>> same_bits(np.zeros(2), -np.zeros(2)), same_bits(np.array([np.nan]), np.array([np.nan]))
    (False, True)
    """
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    # as bytes: == holds for 0.0 and -0.0, and not for NaN and NaN
    return bool(a.shape == b.shape and a.dtype == b.dtype) and a.tobytes() == b.tobytes()


@dataclass(frozen=True)
class Element:
    """One element of two arrays.

    Attributes:
        index: where it is.
        first: its value in the first array.
        second: its value in the second one.
        bits: in how many bits the two differ.
        others: how many other elements differ as well.
    """

    index: tuple[int, ...]
    first: float
    second: float
    bits: int
    others: int

    def __str__(self) -> str:
        place = str(list(self.index)) if self.index else ""
        one_bit = ", one bit" if self.bits == 1 else ""
        more = f", and {self.others} other elements" if self.others else ""
        return f"{place} is {self.first!r} and {self.second!r}{one_bit}{more}"


def furthest(a: object, b: object) -> Element:
    """Return the element with the largest difference of two arrays of one shape.

    >>> print(furthest(np.array([1.0, 2.0]), np.array([1.0, 2.7])))
    [1] is 2.0 and 2.7
    """
    one, other = np.asarray(a), np.asarray(b)
    apart = one.reshape(-1) != other.reshape(-1)
    gaps = np.abs(one.astype("float64") - other.astype("float64")).reshape(-1)
    # NaN counts as the largest difference; two equal infinities, whose difference is NaN, as none
    gaps = np.where(np.isnan(gaps) & apart, np.inf, np.nan_to_num(gaps, posinf=np.inf))
    place = int(np.argmax(gaps)) if gaps.size else 0
    index = tuple(int(i) for i in np.unravel_index(place, one.shape)) if one.ndim else ()
    count = int(np.count_nonzero(apart & ~(np.isnan(gaps))))
    return Element(
        index, one[index].item(), other[index].item(), _bits(one[index], other[index]), max(count - 1, 0)
    )


def _bits(a: object, b: object) -> int:
    """Return in how many bits two numbers of one dtype differ."""
    left, right = (int.from_bytes(np.asarray(v).tobytes(), "little") for v in (a, b))
    return (left ^ right).bit_count()
