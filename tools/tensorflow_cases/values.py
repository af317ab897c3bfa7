"""How values are written, and the names that recorded code may use."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any, TypeAlias

import keras  # type: ignore[import-not-found, import-untyped, unused-ignore]
import numpy as np
import tensorflow as tf  # type: ignore[import-not-found, import-untyped, unused-ignore]
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Tensor: TypeAlias = Any
Case: TypeAlias = Callable[[], Any]
Json: TypeAlias = Any

INPUT_SEED = 11
MESSAGE_LENGTH = 200
DTYPES = ("float64", "float32")
NAMES = {"tf": tf, "keras": keras, "np": np, "Any": Any}


def encoded(value: Any) -> Json:
    """Return a value as the module's docstring says that it is written."""
    if value is None or isinstance(value, bool | int | str | float):
        return value
    if isinstance(value, tf.IndexedSlices):
        return {"slices": {"values": encoded(value.values), "indices": encoded(value.indices)}}
    if isinstance(value, dict):
        return {"dict": {key: encoded(item) for key, item in value.items()}}
    if isinstance(value, tuple):
        return {"tuple": [encoded(item) for item in value]}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    array = np.asarray(value)
    return {"array": numbers(array), "dtype": array.dtype.name, "shape": list(array.shape)}


def numbers(array: Array) -> Json:
    """Return an array as nested lists in which each float has the fewest digits that give it back."""
    if array.dtype.kind != "f":
        return array.tolist()
    shortest = np.array([float(str(number)) for number in array.ravel()], dtype=object)
    if not np.array_equal(shortest.astype(array.dtype), array.ravel(), equal_nan=True):
        raise AssertionError("a float is not given back by its digits")
    return shortest.reshape(array.shape).tolist()


def outcome(function: Case) -> Json:
    """Return what a function returns, or the exception that it raises, as it is written."""
    try:
        return encoded(function())
    except Exception as error:
        return {"raises": type(error).__name__, "message": str(error)[:MESSAGE_LENGTH]}


def laid_out(value: Json, indent: int = 0) -> str:
    """Return JSON with short values and lists of numbers on one line, and all others split over lines."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= 110 or not isinstance(value, dict | list):
        return line
    inner, outer = " " * (indent + 1), " " * indent
    if isinstance(value, dict):
        items = [f"{json.dumps(key)}: {laid_out(item, indent + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner + item for item in items) + f"\n{outer}}}"
    if all(isinstance(item, int | float) for item in value):
        return f"[\n{textwrap.fill(line[1:-1], 110, initial_indent=inner, subsequent_indent=inner)}\n{outer}]"
    return "[\n" + ",\n".join(inner + laid_out(item, indent + 1) for item in value) + f"\n{outer}]"


def cast(arrays: dict[str, Array], dtype: str) -> dict[str, Array]:
    """Return floating arrays in a dtype, others as they are."""
    return {name: a.astype(dtype) if a.dtype.kind == "f" else a for name, a in arrays.items()}
