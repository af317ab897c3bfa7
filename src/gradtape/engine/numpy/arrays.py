"""NumPy arrays: creation, conversion, and whose memory may be used again."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from gradtape.engine.numpy.no_warnings import quiet

Array = Any

_FLOAT32 = np.dtype("float32")


def asarray(value: Any, dtype: np.dtype[Any] | None = None) -> Array:
    """Return a new array of `value`, in native byte order and C order, that nobody else holds."""
    if dtype is not None and dtype.kind in "iu" and value.dtype.kind not in "iub":
        value = _as_whole_numbers(value, dtype)
    return np.array(value, dtype=dtype, order="C")


def to_numpy(array: Array) -> Any:
    """Return `array` as a NumPy array without copying it where that is possible."""
    return np.asarray(array)


def astype(array: Array, dtype: np.dtype[Any]) -> Array:
    """Return `array` converted to `dtype`, quietly where a value does not fit."""
    if array.dtype == dtype:
        return array
    with quiet():
        if dtype.kind in "iu" and array.dtype.kind not in "iub":
            return _as_whole_numbers(array, dtype)
        return array.astype(dtype)


def _as_whole_numbers(array: Array, dtype: np.dtype[Any]) -> Array:
    """Return floats without their fractions, those out of range as the nearest in range, NaN as 0.

    NumPy leaves to the processor what becomes of them; this is what XLA does everywhere.
    """
    # float16 cannot hold the limits of int32: it would compare with infinity.
    wide = array if array.dtype.itemsize > 2 else array.astype(_FLOAT32)
    limits = np.iinfo(dtype)
    # NaN is the only value that differs from itself.
    whole = np.where(wide == wide, wide.astype(dtype), dtype.type(0))
    whole = np.where(wide >= limits.max, dtype.type(limits.max), whole)
    return np.where(wide <= limits.min, dtype.type(limits.min), whole)


def is_engine_array(value: object) -> bool:
    """Tell whether `value` is an array that only this engine knows (none: NumPy's are everybody's)."""
    return False


def share(array: object) -> Array:
    """Return a NumPy array as this engine's, without a copy: it must not be changed while it is used."""
    return np.asarray(array)


def broadcast_to(array: Array, shape: tuple[int, ...]) -> Array:
    """Return `array` seen as repeated to `shape`."""
    if not array.shape:  # np.broadcast_to, written in Python, takes five times as long
        return np.ndarray(shape, array.dtype, array, strides=(0,) * len(shape))
    return np.broadcast_to(array, shape)


def subtract_into(array: Array, delta: Array, is_sole_owner: bool) -> Array:
    """Return array - delta, in the memory of `array` if nobody else sees it."""
    return np.subtract(array, delta, out=array) if is_sole_owner else array - delta


def add_into(array: Array, delta: Array, is_sole_owner: bool) -> Array:
    """Return array + delta, in the memory of `array` if nobody else sees it."""
    return np.add(array, delta, out=array) if is_sole_owner else array + delta


def is_sole_owner(tensor: Any, references: int) -> bool:
    """Tell whether nobody but its Variable can see the tensor's array.

    Args:
        tensor: the Variable's tensor.
        references: what sys.getrefcount says of the tensor where only the Variable holds it: 2.
    """
    array = tensor._array
    # The array's three references: the tensor's, this function's, and that of the call to getrefcount.  A
    # view, which has a base, shares its memory with an array that this count does not show.
    return (
        references == 2
        and sys.getrefcount(array) == 3
        and type(array) is np.ndarray
        and array.base is None
        and array.ndim > 0
    )


def gated(g: Array, y: Array) -> Array:
    """Return g * sign(y), in the memory of the signs: this saves a third of the time of a large product."""
    signs = np.sign(y)
    # A number is no array that can be written to, and another dtype or shape would not hold the product.
    is_reusable = signs.shape == g.shape and signs.dtype is g.dtype and signs.shape
    return np.multiply(g, signs, out=signs) if is_reusable else g * signs
