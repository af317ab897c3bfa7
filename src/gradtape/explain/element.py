"""One element of one Variable of a step, found by path and index."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, nearest, show


def variable_of(step: Any, path: Any, who: str) -> Any:
    """Return the value before the step of the Variable called `path`, or raise ArgumentError.

    Args:
        step: an opened step.
        path: the path of a Variable.
        who: the caller's name, for error messages.
    """
    if not isinstance(path, str):
        raise ArgumentTypeError(f"{who}: path must be a string, such as 'layers.0.kernel', got {show(path)}")
    if path not in step.variables_before:
        listed = list(step.gradients) or list(step.variables_before)
        raise ArgumentError(
            f"{who}: there is no Variable {show(path)}{nearest(path, step.variables_before, listed)}"
        )
    return step.variables_before[path]


def element_of(step: Any, path: Any, index: object, who: str) -> tuple[int, ...]:
    """Return the index of one element of a Variable as numbers from 0, or raise.

    Args:
        step: an opened step.
        path: the path of a Variable.
        index: a whole number for each axis; for one axis, the number alone.
        who: the caller's name, for error messages.
    """
    shape = variable_of(step, path, who).shape
    numbers = tuple(index) if isinstance(index, tuple | list) else (index,)
    if any(isinstance(n, bool) or not hasattr(n, "__index__") for n in numbers):
        raise ArgumentTypeError(f"{who}: index must be whole numbers, one for each axis, got {show(index)}")
    place = tuple([int(n) for n in numbers])
    if len(place) != len(shape):
        raise AxisError(
            f"{who}: index must have one number for each axis of {path}, shape {shape}, got {show(index)}"
        )
    if any(not -n <= i < n for i, n in zip(place, shape, strict=True)):
        within = tuple([min(max(i, -n), n - 1) for i, n in zip(place, shape, strict=True)])
        raise AxisError(
            f"{who}: index must lie in {path}, shape {shape}, got {place}; the nearest is {within}"
        )
    return tuple([i % n for i, n in zip(place, shape, strict=True)])


def resolution(dtype: Any) -> float:
    """Return the relative distance from 1 to the next number of a floating dtype; 0 for others.

    >>> resolution(np.dtype("float32"))
    1.1920928955078125e-07
    """
    # np.finfo does not know it; 7 bits of fraction
    if dtype.name == "bfloat16":
        return 2.0**-7
    return float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.0
