"""Numbers in equal steps, counted in float64 or whole numbers, and whether a dtype can hold them."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from gradtape.base.checks import whole
from gradtape.core.dtypes import (
    FLOAT,
    INT,
    DTypeLike,
    as_dtype,
    float_for,
    is_floating,
    result_type,
)
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import ArgumentError, DtypeError


def arange(start: object, stop: object = None, step: object = 1, dtype: DTypeLike = None) -> Tensor:
    """Return start, start + step, ... below `stop`; with one number, from 0 up to it.

    Args:
        start: the first number; with `stop` None the end, and 0 is the first.
        stop: the end, which is not among the numbers.
        step: from each number to the next; not 0.
        dtype: of the result; None means the dtype of the NumPy values and tensors given, else int32 if
            all are whole numbers and float32 if not.

    Raises:
        ArgumentError: if a number does not fit into `dtype`.
        DtypeError: if `dtype` is for whole numbers and one is not whole.

    >>> arange(3), arange(1.0, 2.0, 0.5)
    (Tensor([0, 1, 2], shape=(3,), dtype=int32), Tensor([1. , 1.5], shape=(2,), dtype=float32))
    """
    first, last = (0, start) if stop is None else (start, stop)
    numbers = [_number(n) for n in (first, last, step)]
    if not numbers[2]:
        raise ArgumentError("arange: step must not be 0")
    if not all(math.isfinite(n) for n in numbers):
        raise ArgumentError(f"arange: start, stop and step must be finite, got {numbers}")
    kind = _default(first, last, step) if dtype is None else as_dtype(dtype, "arange")
    # Counted in float64 or int64, and then converted: in float32 the errors of 0.1 * i would show, and the
    # last number could be one too many.
    return _converted(np.arange(*numbers), kind, "arange")


def linspace(
    start: object, stop: object, num: int = 50, endpoint: bool = True, dtype: DTypeLike = None
) -> Tensor:
    """Return `num` numbers evenly spaced from `start` to `stop`, which is the last one if `endpoint`.

    Args:
        start: a number, or an array of them: the numbers then stand along a new first axis.
        stop: as `start`.
        num: how many.
        endpoint: whether `stop` is the last of them.
        dtype: of the result, for whole numbers rounded down; None means the floating dtype of NumPy
            values and tensors given, else float32.

    Raises:
        ArgumentError: if a number does not fit into `dtype`.

    >>> linspace(0.0, 1.0, 3)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    count = whole(num, "linspace", "num", 0)
    kind = float_for(_default(start, stop)) if dtype is None else as_dtype(dtype, "linspace")
    values = np.linspace(np.asarray(start, "float64"), np.asarray(stop, "float64"), count, endpoint=endpoint)
    # Rounded down, as NumPy's linspace does for whole numbers; a cast would round towards 0.
    return _converted(np.floor(values) if kind.kind in "iu" else values, kind, "linspace")


def check_fits(values: Any, dtype: np.dtype[Any], who: str) -> None:
    """Raise unless an integer `dtype` can hold each of the NumPy `values`: whole, and in range.

    Raises:
        ArgumentError: if one does not fit.
        DtypeError: if one has a fraction or is NaN.
    """
    if dtype.kind not in "iu" or not values.size:
        return
    if values.dtype.kind == "f":
        broken = values[values != np.floor(values)]
        if broken.size:
            first = broken.flat[0].item()
            raise DtypeError(f"{who}: {first} is not whole and cannot become {dtype}; round or cast it first")
    limits = np.iinfo(dtype)
    for extreme in (values.min().item(), values.max().item()):
        if not limits.min <= extreme <= limits.max:
            raise ArgumentError(f"{who}: {extreme} does not fit into {dtype}; name a wider dtype")


def _converted(values: object, dtype: np.dtype[Any], who: str) -> Tensor:
    check_fits(values, dtype, who)
    return as_tensor(values, dtype, who)


def _number(value: object) -> Any:
    return value if type(value) in (int, float) else as_tensor(value, None, "arange").item()


def _default(*numbers: object) -> np.dtype[Any]:
    """Return the dtype in which NumPy values and tensors meet; Python numbers follow them."""
    strong = [as_dtype(n.dtype) for n in numbers if hasattr(n, "dtype")]
    met = functools.reduce(result_type, strong) if strong else INT
    return FLOAT if any(isinstance(n, float) for n in numbers) and not is_floating(met) else met
