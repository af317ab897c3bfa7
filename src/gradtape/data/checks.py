"""Checks of the data before the first step: counts, lengths, finite numbers, sample weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtape.base.weight_shape import weight_shape
from gradtape.core.dtypes import is_floating
from gradtape.errors import ArgumentError, ShapeError

Named = Sequence[tuple[str, Any]]

DEFAULT_BATCH_SIZE = 32
_CHUNK = 1 << 18  # elements looked at together: they stay in the processor's cache


def check_lengths(named: Named, who: str) -> int:
    """Return how many samples the arrays have, all the same and at least one, or raise ShapeError."""
    lengths = {name: len(array) for name, array in named}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise ShapeError(f"{who}: all arrays must have equally many samples, got {listed}{_hint(lengths)}")
    for name, array in named:
        if array.size == 0:
            raise ArgumentError(f"{who}: {name} must not be empty, got shape {array.shape}")
    return next(iter(lengths.values()))


def _hint(lengths: dict[str, int]) -> str:
    """Return advice about a list of samples, in which each counts as one input."""
    inputs = sum(name.startswith("x[") for name in lengths)
    if inputs > 1 and lengths.get("y") == inputs:
        return f"; a list of {inputs} arrays counts as {inputs} inputs: for one input, give np.stack(x)"
    return ""


def check_finite(
    array: Any, who: str, name: str, is_weights: bool = False, within: bool | str = "float32"
) -> None:
    """Raise ArgumentError if a floating array holds nan or inf, and say where; one pass over the array.

    Sample weights are always checked.

    >>> check_finite(np.array([[1.0], [np.nan]]), "fit", "x")
    Traceback (most recent call last):
    gradtape.errors.ArgumentError: fit: x must hold finite numbers, got nan at [1, 0]; mend the data, or ...
    """
    if not is_floating(array.dtype) or array.size == 0:
        return
    limit = np.dtype("float32" if isinstance(within, bool) else within)  # in which the layers compute
    # 1e300 is finite in float64 and infinite in float32, which the first layer would see.
    narrower = limit if limit.kind == "f" and limit.itemsize < array.dtype.itemsize else None
    rows = max(1, _CHUNK * len(array) // array.size)
    for start in range(0, len(array), rows):
        part = array[start : start + rows]
        with np.errstate(all="ignore"):
            seen = part if narrower is None else part.astype(narrower)
        if not _is_finite(seen):
            place = np.argwhere(~np.isfinite(seen.astype("float64")))[0]
            value = part[tuple(place)]
            if np.isfinite(value):
                raise ArgumentError(
                    f"{who}: {name} must fit into {limit.name}, in which the layers compute, got {value} at "
                    f"{[int(place[0]) + start, *place[1:].tolist()]}; scale the data"
                )
            place[0] += start
            advice = "" if is_weights else "; mend the data, or switch this check off with check_finite=False"
            raise ArgumentError(
                f"{who}: {name} must hold finite numbers, got {value} at {place.tolist()}{advice}"
            )


def _is_finite(part: Any) -> bool:
    """Tell whether all is finite: then so is the sum, unless the numbers are huge."""
    with np.errstate(all="ignore"):
        # One pass without an array of booleans; float16 in float32, as its own sums overflow at 65504.
        total = part.sum(dtype="float32" if part.itemsize < 4 else None)
    return bool(np.isfinite(total)) or bool(np.isfinite(part).all())


def check_weights(array: Any, y: Any, who: str, name: str, may_be_zero: bool = False) -> Any:
    """Return sample weights as floats if they are finite, not negative, not all 0, and fit y.

    Args:
        array: (samples,) or (samples, steps ...): an axis beyond the first is as long as y's, or 1.
        y: the labels, or None.
        who: the caller's name, for error messages.
        name: the weights' name there.
        may_be_zero: whether all of them may be 0, as in one batch of many.
    """
    if y is not None and weight_shape(array.shape[1:], y.shape[1:]) is None:
        raise ShapeError(
            f"{who}: {name} must have one weight per sample, or one per element of y, "
            f"got shape {array.shape} for y of shape {y.shape}"
        )
    weights = array if is_floating(array.dtype) else array.astype("float32")
    check_finite(weights, who, name, is_weights=True)
    # Keras trains on such weights, away from the targets of these samples.
    if weights.size and weights.min() < 0:
        raise ArgumentError(f"{who}: {name} must not be negative, got {weights.min()}")
    if not may_be_zero and not weights.any():
        raise ArgumentError(f"{who}: {name} must not be 0 for every sample: none would count")
    return weights


def check_like_first(
    named: Named, first: dict[str, tuple[int, ...]], who: str, may_vary: bool = False
) -> None:
    """Raise ShapeError unless the arrays have the names and shapes of the first batch, but for its size."""
    shapes = {name: array.shape for name, array in named}
    if shapes.keys() != first.keys():
        raise ShapeError(
            f"{who} must have the parts of the first batch, {', '.join(first)}, got {', '.join(shapes)}"
        )
    for name, shape in shapes.items():
        if len(shape) != len(first[name]) or (shape[1:] != first[name][1:] and not may_vary):
            raise ShapeError(
                f"{who} must have the shapes of the first batch but for its size: "
                f"{name} was {first[name]}, now it is {shape}"
            )
