"""Sums, means and maxima on NumPy, in the dtypes that gradtape promises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtape.engine.numpy.arrays import astype
from gradtape.engine.numpy.classes import ones
from gradtape.engine.numpy.no_warnings import quiet

Array = Any

_LARGE = 1 << 18  # elements from which a sum is worth some care
_FLOAT32 = np.dtype("float32")


def sum(array: Array, axes: tuple[int, ...] | None, keepdims: bool = False) -> Array:
    """Return the sum over `axes` in the array's own dtype; half floats are added up in float32.

    NumPy adds pairwise along the axis that lies closest in memory only.  Along the others a float32 sum
    would lose digits with its length, so large arrays are added in blocks of about sqrt(length).
    """
    dtype = array.dtype
    if array.size <= _LARGE and dtype is _FLOAT32:
        small: Array = np.add.reduce(array, axis=axes, keepdims=keepdims)  # type: ignore[call-overload]
        return small
    # bfloat16 has the kind "V", so it is asked what the dtype is not.
    if dtype.itemsize == 2 and dtype.kind not in "iu":
        return astype(sum(array.astype("float32"), axes, keepdims), dtype)
    if array.size > _LARGE and dtype.kind == "f":
        return _sum_in_blocks(array, range(array.ndim) if axes is None else axes, keepdims)
    total: Array = np.add.reduce(array, axis=axes, dtype=dtype, keepdims=keepdims)  # type: ignore[call-overload]
    return total


def sum_of_rows(array: Array) -> Array:
    """Return the sum over the first axis, without warnings of infinities."""
    if array.dtype is not _FLOAT32 or array.ndim != 2 or array.size > _LARGE:
        return sum(array, (0,))
    return ones(len(array)).dot(array)  # BLAS takes a third of NumPy's time and rounds no worse


def _sum_in_blocks(array: Array, axes: Sequence[int], keepdims: bool) -> Array:
    # From the last axis on, so that the numbers of those before it stay right.
    for axis in sorted(axes, reverse=True):
        before, after = (slice(None),) * axis, array.shape[axis + 1 :]
        width = math.isqrt(array.shape[axis])
        whole = width * width
        blocks = array[(*before, slice(whole))].reshape((*array.shape[:axis], width, width, *after))
        rest = np.add.reduce(array[(*before, slice(whole, None))], axis=axis)
        array = np.add.reduce(np.add.reduce(blocks, axis=axis + 1), axis=axis) + rest
    return np.expand_dims(array, tuple(axes)) if keepdims else array


def cumsum(array: Array, axis: int) -> Array:
    """Return the running sum along `axis`; floats are added up in float64, one after the other."""
    dtype = array.dtype
    # A running sum cannot be added pairwise, so in float32 its error would grow with the length.
    return astype(np.cumsum(array, axis=axis, dtype=dtype if dtype.kind in "iu" else "float64"), dtype)


def wide_sum(array: Array) -> Array:
    """Return the sum of all elements, added up in float64."""
    if not array.ndim:
        return np.float64(array)
    if array.dtype.kind == "b":
        return np.float64(np.count_nonzero(array))
    wide: Array = np.add.reduce(array, axis=None, dtype=np.float64)
    return wide


def quotient(amount: Array, count: Array, dtype: np.dtype[Any]) -> Array:
    """Return amount / count in `dtype`, and 0 where the count is 0."""
    if amount.ndim or count.ndim:
        return astype(quotient_of_arrays(amount, count), dtype)
    total = amount.item()
    value = total / count.item() if count else total - total  # 0, but NaN for a total that is not finite
    # A metric is read after each step: where nothing can overflow, the scope without warnings is saved.
    if dtype is _FLOAT32 and -1e38 < value < 1e38:
        return np.float32(value)
    return astype(np.float64(value), dtype)


def quotient_of_arrays(amount: Array, count: Array) -> Array:
    """Return amount / count, and 0 where the count is 0, whose values may not be known yet."""
    none = count == 0
    # 0 / 1 where the count is 0.  amount * ~none would be simpler, but XLA makes a choice of it, and a choice
    # hides a NaN.
    with quiet():
        return (amount - amount * none) / (count + none)


def max(array: Array, axis: int | tuple[int, ...], keepdims: bool = False) -> Array:
    """Return the largest element along `axis`; NaN where there is one."""
    largest: Array = np.maximum.reduce(array, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return largest
