"""Checks of indices, labels and exponents, which a trial with made-up values leaves out."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from gradtape.engine.numpy.no_warnings import quiet
from gradtape.errors import ArgumentError, AxisError

Array = Any


class _Trial(threading.local):
    """Whether the values of this thread are made up: zeros, run through a model to see its shapes."""

    is_on = False


_trial = _Trial()


def check_indices(indices: Array, length: int, who: str) -> Array:
    """Return the indices; AxisError unless all lie in [-length, length).  A trial clips them instead."""
    if not indices.size:
        return indices
    low, high = int(indices.min()), int(indices.max())
    if low < -length or high >= length:
        if _trial.is_on:
            return np.clip(indices, -length, length - 1)
        raise AxisError(f"{who}: indices must be in [{-length}, {length}), got {low} to {high}")
    return indices


def check_labels(
    labels: Array, classes: int, who: str, wanted: str = "labels must be class numbers"
) -> Array:
    """Return the labels; AxisError unless all are in [0, classes).  A trial clips them instead."""
    if not labels.size:
        return labels
    unsigned = labels.view(f"u{labels.itemsize}") if labels.dtype.kind == "i" else labels
    if np.maximum.reduce(unsigned, axis=None) >= classes:  # a negative number is a huge unsigned one
        if _trial.is_on:
            return np.clip(labels, 0, classes - 1)
        low, high = int(labels.min()), int(labels.max())
        raise AxisError(f"{who}: {wanted} in [0, {classes}), got {low} to {high}")
    return labels


def check_exponents(exponents: Array, who: str) -> None:
    """Raise ArgumentError if one of the whole numbers `exponents` is negative."""
    if exponents.size and int(exponents.min()) < 0:
        lowest = int(exponents.min())
        raise ArgumentError(f"{who}: whole numbers need exponents >= 0, got {lowest}; cast to a float first")


def whole_numbers(array: Array, who: str, wanted: str = "labels must be whole class numbers") -> Array:
    """Return floating class numbers as int32; ArgumentError if one is not whole."""
    with quiet():
        whole = array.astype("int32")
    if not _trial.is_on and not np.array_equal(whole, array):
        first = array[whole != array].flat[0].item()
        raise ArgumentError(f"{who}: {wanted}, got {first}")
    return whole


def abstractly(function: Any, *arguments: Any) -> Any:
    """Return `function(*arguments)`, whose shapes and dtypes are wanted; NumPy has to compute the values too.

    The arguments have made-up values, so a value that a check would refuse is not the user's mistake.
    """
    before, _trial.is_on = _trial.is_on, True
    try:
        with quiet():
            return function(*arguments)
    finally:
        _trial.is_on = before
