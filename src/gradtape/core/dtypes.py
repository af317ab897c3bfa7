"""Data types: their names, and what comes out when two of them meet.

The rules are Keras 3's (and so JAX'): a floating type wins over integers and booleans and is never
widened by them (int64 with float32 is float32, where NumPy would give float64); among themselves
floats and integers follow NumPy.  Both engines follow this table and not their own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from gradtape.errors import DtypeError, show

FLOAT = np.dtype("float32")
FLOAT64 = np.dtype("float64")
INT = np.dtype("int32")
BOOL = np.dtype("bool")

DTypeLike = Any

_NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 bfloat16 float32 float64".split()

_PYTHON: dict[Any, np.dtype[Any]] = {
    float: FLOAT, int: INT, bool: BOOL, "float": FLOAT, "int": INT,
}  # fmt: skip


def as_dtype(dtype: DTypeLike, who: str = "dtype") -> np.dtype[Any]:
    """Return the NumPy dtype named by `dtype`, or raise DtypeError.

    Args:
        dtype: a name such as ``"float32"``, a NumPy dtype or scalar type, or Python's ``float``
            (float32), ``int`` (int32) or ``bool``, as types or by name.
        who: the caller's name, for error messages.

    >>> as_dtype("float64"), as_dtype(float)
    (dtype('float64'), dtype('float32'))
    """
    if isinstance(dtype, np.dtype) and dtype.isnative and dtype.name in _NAMES:
        return dtype
    if isinstance(dtype, type | str) and dtype in _PYTHON:
        return _PYTHON[dtype]
    try:
        is_old = isinstance(dtype, str) and dtype.startswith("a")  # for bytes; NumPy would warn
        found: np.dtype[Any] = np.dtype(object if is_old else dtype).newbyteorder("=")
    except (TypeError, ValueError, SyntaxError):
        named = isinstance(dtype, str) and dtype == "bfloat16"
        found = _bfloat16(who) if named else np.dtype(object)
    if isinstance(dtype, np.ndarray) or dtype is None or found.name not in _NAMES:
        raise DtypeError(f"{who}: dtype must be one of {', '.join(_NAMES)}, got {show(dtype)}")
    return found


def _bfloat16(who: str) -> np.dtype[Any]:
    try:
        import ml_dtypes
    except ModuleNotFoundError:
        raise DtypeError(f'{who}: bfloat16 needs ml_dtypes: pip install "gradtape[jax]"') from None
    found: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    return found


@cache
def is_floating(dtype: np.dtype[Any]) -> bool:
    """Tell whether values of this dtype can have a gradient.

    >>> is_floating(np.dtype("float16")), is_floating(np.dtype("int64"))
    (True, False)
    """
    # The bfloat16 of ml_dtypes has kind V, which is otherwise that of raw bytes.
    return dtype.kind == "f" or dtype.name == "bfloat16"


@cache
def result_type(first: np.dtype[Any], second: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype in which `first` and `second` meet.

    >>> result_type(np.dtype("int64"), np.dtype("float32"))
    dtype('float32')
    """
    if first == second or second == BOOL:
        return first
    if first == BOOL:
        return second
    if is_floating(first) != is_floating(second):
        return first if is_floating(first) else second
    # Neither holds the other: bfloat16 has more range, float16 more digits.
    if {first.name, second.name} == {"bfloat16", "float16"}:
        return FLOAT
    # NumPy takes int64 with uint64 to float64; Keras, and so this table, to float32.
    met: np.dtype[Any] = np.promote_types(first, second)
    return FLOAT if is_floating(met) and not is_floating(first) else met


def float_for(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return `dtype` if it is floating, else float32: what a division or a root of it gives."""
    return dtype if is_floating(dtype) else FLOAT


@cache
def wide_for(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the floating dtype in which sums over `dtype` are kept: float32 for half floats and integers.

    >>> wide_for(np.dtype("float16")), wide_for(np.dtype("float64"))
    (dtype('float32'), dtype('float64'))
    """
    return dtype if is_floating(dtype) and dtype.itemsize > 2 else FLOAT


@cache
def smallest(dtype: np.dtype[Any]) -> float:
    """Return the smallest normal number above 0 of a floating dtype.

    >>> smallest(np.dtype("float32"))
    1.1754943508222875e-38
    """
    known = dtype if dtype.kind == "f" else FLOAT  # bfloat16, which NumPy does not know, has float32's range
    return float(np.finfo(known).tiny)


def sum_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype in which `dtype` is summed: small integers and booleans in 32 bits, as Keras."""
    if dtype.kind == "b" or (dtype.kind == "i" and dtype.itemsize < 4):
        return INT
    if dtype.kind == "u" and dtype.itemsize < 4:
        return np.dtype("uint32")
    return dtype
