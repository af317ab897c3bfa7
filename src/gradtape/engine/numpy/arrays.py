"""The NumPy engine: every operation is computed at once, on the CPU."""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from gradtape.engine.numpy.checks import abstractly as abstractly
from gradtape.engine.numpy.checks import check_exponents as check_exponents
from gradtape.engine.numpy.checks import check_indices as check_indices
from gradtape.engine.numpy.checks import check_labels as check_labels
from gradtape.engine.numpy.checks import whole_numbers as whole_numbers
from gradtape.engine.numpy.classes import crossentropy as crossentropy
from gradtape.engine.numpy.classes import minus_one_hot as minus_one_hot
from gradtape.engine.numpy.classes import one_hot as one_hot
from gradtape.engine.numpy.classes import ones
from gradtape.engine.numpy.classes import softmax as softmax
from gradtape.engine.numpy.erf import erf as erf
from gradtape.engine.numpy.erf import erfc as erfc
from gradtape.engine.numpy.no_warnings import quiet as quiet

name = "numpy"
xp: Any = np
compiles = False

Array = Any

_LARGE = 1 << 18  # elements from which a sum is worth some care
_FLOAT32 = np.dtype("float32")

_always = contextlib.nullcontext()

# Of matrices the same product as np.dot and np.matmul, which look for other kinds of arrays first: 0.7 µs
# instead of 0.9 and 1.3 for (32, 32) times (32, 10).
matrix_product = np.ndarray.dot
# But dot puts zeros where the product will stand: of a large one with a turned factor np.matmul takes less,
# 0.60 ms instead of 0.74 for (784, 128) times (128, 512).
_LARGE_PRODUCT = 1 << 15  # elements of the product


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
    wide = array if array.dtype.itemsize > 2 else array.astype(_FLOAT32)
    limits = np.iinfo(dtype)
    whole = np.where(wide == wide, wide.astype(dtype), dtype.type(0))
    whole = np.where(wide >= limits.max, dtype.type(limits.max), whole)
    return np.where(wide <= limits.min, dtype.type(limits.min), whole)


def sum(array: Array, axes: tuple[int, ...] | None, keepdims: bool = False) -> Array:
    """Return the sum over `axes` in the array's own dtype; half floats are added up in float32.

    NumPy adds pairwise along the axis that lies closest in memory only.  Along the others a float32 sum
    would lose digits with its length, so large arrays are added in blocks of about sqrt(length).
    """
    dtype = array.dtype
    if array.size <= _LARGE and dtype is _FLOAT32:
        small: Array = np.add.reduce(array, axis=axes, keepdims=keepdims)  # type: ignore[call-overload]
        return small
    if dtype.itemsize == 2 and dtype.kind not in "iu":
        return astype(sum(array.astype("float32"), axes, keepdims), dtype)
    if array.size > _LARGE and dtype.kind == "f":
        return _sum_in_blocks(array, range(array.ndim) if axes is None else axes, keepdims)
    total: Array = np.add.reduce(array, axis=axes, dtype=dtype, keepdims=keepdims)  # type: ignore[call-overload]
    return total


def sum_of_rows(array: Array) -> Array:
    """Return the sum over the first axis, for which nobody is to be warned of infinities."""
    if array.dtype is not _FLOAT32 or array.ndim != 2 or array.size > _LARGE:
        return sum(array, (0,))
    return ones(len(array)).dot(array)  # BLAS takes a third of NumPy's time and rounds no worse


def _sum_in_blocks(array: Array, axes: Sequence[int], keepdims: bool) -> Array:
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
    return astype(np.cumsum(array, axis=axis, dtype=dtype if dtype.kind in "iu" else "float64"), dtype)


def matmul_transpose_a(x1: Array, x2: Array) -> Array:
    """Return transpose(x1) @ x2 of two matrices."""
    if x1.shape[1] * x2.shape[1] > _LARGE_PRODUCT:
        return np.matmul(x1.T, x2)
    return matrix_product(x1.T, x2)


def matmul_transpose_b(x1: Array, x2: Array) -> Array:
    """Return x1 @ transpose(x2) of two matrices."""
    if x1.shape[0] * x2.shape[0] > _LARGE_PRODUCT:
        return np.matmul(x1, x2.T)
    return matrix_product(x1, x2.T)


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
    value = total / count.item() if count else total - total
    if dtype is _FLOAT32 and -1e38 < value < 1e38:  # a metric after each step: nothing can overflow
        return np.float32(value)
    return astype(np.float64(value), dtype)


def quotient_of_arrays(amount: Array, count: Array) -> Array:
    """Return amount / count, and 0 where the count is 0, whose values may not be known yet."""
    none = count == 0  # amount * ~none becomes a choice in XLA, which hides a NaN
    with quiet():
        return (amount - amount * none) / (count + none)


def einsum(subscripts: str, *arrays: Array) -> Array:
    """Return the product of `arrays` that the subscripts describe, by matrix products where possible."""
    return np.einsum(subscripts, *arrays, optimize=True)


def pick(array: Array, index: Any) -> Array:
    """Return the elements of `array` at `index`."""
    return array[index]


def index_add(shape: tuple[int, ...], index: Any, values: Array) -> Array:
    """Return zeros of `shape` to which `values` is added at `index`; equal places add up, in order.

    np.add.at is quick on a flat array only.  Adding 4096 rows to a table of (10000, 64) in float32 took
    2.3 ms with the rows' numbers, 0.5 ms with the flat places of their elements; np.bincount took 0.7 ms,
    sorting and np.add.reduceat 1.4 ms.
    """
    if values.dtype.itemsize == 2 and values.dtype.kind not in "iu":
        return astype(index_add(shape, index, values.astype("float32")), values.dtype)
    result = np.zeros(shape, values.dtype)
    if all(part is None or isinstance(part, int | slice) or part is Ellipsis for part in index):
        result[index] = values
    elif values.size > 256 and all(isinstance(part, np.ndarray) for part in index):
        np.add.at(result.reshape(-1), _flat_places(shape, index), values.reshape(-1))
    else:
        np.add.at(result, index, values)
    return result


def _flat_places(shape: tuple[int, ...], index: tuple[Array, ...]) -> Array:
    """Return where the elements at `index`, arrays for the first axes, stand in the flat array."""
    lead, rest = shape[: len(index)], math.prod(shape[len(index) :])
    numbers = [part.astype(np.intp) for part in index]
    first = numbers[0] if len(lead) == 1 else np.ravel_multi_index(numbers, lead, mode="wrap")
    return (first.reshape(-1, 1) * rest + np.arange(rest)).reshape(-1)


def is_engine_array(value: Any) -> bool:
    """Tell whether `value` is an array that only this engine knows (none: NumPy's are everybody's)."""
    return False


def is_shape_error(error: Exception) -> bool:
    """Tell whether `error` speaks of shapes that do not fit."""
    return isinstance(error, ValueError | IndexError)  # indices are checked before they are used


def is_trace_error(error: Exception) -> bool:
    """Tell whether `error` speaks of compiling (never here: NumPy computes at once)."""
    return False


def trace_error(error: Exception) -> Exception:
    """Return what to raise for an error that `is_trace_error`."""
    return error


def max(array: Array, axis: int | tuple[int, ...], keepdims: bool = False) -> Array:
    """Return the largest element along `axis`; NaN where there is one."""
    largest: Array = np.maximum.reduce(array, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
    return largest


def is_traced(array: Array) -> bool:
    """Tell whether `array` only stands for a value (never here)."""
    return False


def concretely() -> AbstractContextManager[Any]:
    """Return a scope in which arrays are computed at once: they always are."""
    return _always


def info() -> dict[str, Any]:
    """Return what this engine computes with."""
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return {
        "engine": name,
        "version": np.__version__,
        "device": "cpu",
        "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
    }


def share(array: Any) -> Array:
    """Return a NumPy array as this engine's, without a copy: it must not be changed while it is used."""
    return np.asarray(array)


def fits(size_bytes: int) -> bool:
    """Tell whether data of this size can stay where the engine computes: it lies there already."""
    return True


def gated(g: Array, y: Array) -> Array:
    """Return g * sign(y), in the memory of the signs: a large product takes a third less time so."""
    signs = np.sign(y)
    fits = signs.shape == g.shape and signs.dtype is g.dtype and signs.shape
    return np.multiply(g, signs, out=signs) if fits else g * signs


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
    return (
        references == 2
        and sys.getrefcount(array) == 3
        and type(array) is np.ndarray
        and array.base is None
        and array.ndim > 0
    )


def index_put(array: Array, index: Any, values: Array) -> Array:
    """Return `array` with `values` at `index`; where places are equal, the last one stays."""
    result = np.array(array)
    result[index] = values
    return result


def random_bits(state: Array, shape: tuple[int, ...], dtype: str) -> Array:
    """Return evenly drawn whole numbers of `dtype`, uint32 or uint64: a function of `state`, (key, counter).

    PCG64, because drawing bits from it takes a third of the time of Philox; SeedSequence makes unlike
    starts of like states.  NumPy promises never to change either.
    """
    seed = np.random.SeedSequence(np.ascontiguousarray(state, "<i8").view("<u4"))
    size = math.prod(shape)
    words = np.random.PCG64(seed).random_raw(-(-size * np.dtype(dtype).itemsize // 8))
    return words.view(dtype)[:size].reshape(shape)


def is_tracing() -> bool:
    """Tell whether a step is being compiled: never here."""
    return False


def lookup(table: Array, numbers: Array) -> Array:
    """Return the rows of `table` at `numbers`, which lie in [0, rows)."""
    return rows_of(table, numbers)


def rows_of(array: Array, numbers: Array) -> Array:
    """Return the rows of `array` at `numbers`, which lie in [0, rows)."""
    flags = array.flags
    if flags.c_contiguous and flags.aligned:
        return array.take(numbers, axis=0)  # a sixth faster; of any other array it would copy all first
    return array[numbers]


def stack(arrays: list[Array]) -> Array:
    """Return arrays of one shape and dtype side by side along a new first axis."""
    return np.stack(arrays) if arrays[0].ndim else np.array(arrays)  # of numbers, in a tenth of the time
