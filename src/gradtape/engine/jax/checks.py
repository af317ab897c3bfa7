"""Checks of indices, labels and exponents; a trace has no values, so there everything passes."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.engine.jax.trace import is_traced
from gradtape.engine.numpy import checks as host

Array = Any


def check_indices(indices: Array, length: int, who: str) -> Array:
    """Return the indices; AxisError unless all lie in [-length, length); a trace cannot tell."""
    if not is_traced(indices):
        host.check_indices(np.asarray(indices), length, who)
    return indices


def check_labels(
    labels: Array, classes: int, who: str, wanted: str = "labels must be class numbers"
) -> Array:
    """Return the labels; AxisError unless all are class numbers in [0, classes); a trace cannot tell."""
    if not is_traced(labels):
        host.check_labels(np.asarray(labels), classes, who, wanted)
    return labels


def check_exponents(exponents: Array, who: str) -> None:
    """Raise ArgumentError if one of the whole numbers `exponents` is negative; a trace cannot tell."""
    if not is_traced(exponents):
        host.check_exponents(np.asarray(exponents), who)


def whole_numbers(array: Array, who: str, wanted: str = "labels must be whole class numbers") -> Array:
    """Return floating class numbers as int32; ArgumentError if one is not whole; a trace cannot tell."""
    return array.astype("int32") if is_traced(array) else host.whole_numbers(np.asarray(array), who, wanted)
