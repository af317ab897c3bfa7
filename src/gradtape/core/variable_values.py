"""New values for several Variables at once: all of them or, if one value does not fit, none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError, DtypeError, ShapeError


def assign_by_name(
    variables: Mapping[str, Variable], arrays: Mapping[str, Any], who: str, error: type[Exception]
) -> None:
    """Assign an array to every Variable of the same name, or raise and assign none.

    Args:
        variables: the Variables.
        arrays: one NumPy array for each, of its shape and dtype, and no further one.
        who: the caller and the file, for the error message.
        error: the class of what is raised if an array is missing, left over or does not fit.
    """
    for name, variable in variables.items():
        array = arrays.get(name)
        if array is None or array.shape != variable.shape or array.dtype != variable.dtype:
            came = "nothing" if array is None else f"{array.shape} {array.dtype}"
            raise error(f"{who}: {name} must be {variable.shape} {variable.dtype}, got {came}")
    for name in arrays:
        if name not in variables:
            raise error(f"{who}: the model has nothing called {name}, which the file holds")
    for name, variable in variables.items():
        variable.assign(np.asarray(arrays[name]))


def assign_in_order(variables: Sequence[Variable], values: Sequence[Any], who: str) -> None:
    """Assign a value to each Variable in turn, or raise and assign none.

    Args:
        variables: the Variables.
        values: arrays of their shapes, as many; their dtypes may be others of the same kind.
        who: the caller, for the error message.

    Raises:
        ArgumentError: if there are more or fewer values, or one holds NaN or infinity.
        ShapeError: if one has another shape.
        DtypeError: if one would lose its fraction or its imaginary part.
    """
    arrays = [np.asarray(value) for value in values]
    if len(variables) != len(arrays):
        raise ArgumentError(f"{who}: needs {len(variables)} arrays, one for each weight, got {len(arrays)}")
    pairs = list(zip(variables, arrays, strict=True))
    named = [f"{who}: array {number} ({variable.name})" for number, variable in enumerate(variables)]
    for (variable, array), name in zip(pairs, named, strict=True):
        if array.shape != variable.shape:
            raise ShapeError(f"{name} must have shape {variable.shape}, got {array.shape}")
        if not np.can_cast(array.dtype, variable.dtype, "same_kind"):
            raise DtypeError(f"{name}: {array.dtype} cannot become {variable.dtype}; cast it first")
    # All arrays are checked before the first Variable changes.
    fitted = [_finite(array, variable, name) for (variable, array), name in zip(pairs, named, strict=True)]
    for variable, array in zip(variables, fitted, strict=True):
        variable.assign(array)


def _finite(array: Any, variable: Variable, who: str) -> Any:
    """Return an array in the Variable's dtype, or raise ArgumentError if it holds NaN or infinity there."""
    with np.errstate(all="ignore"):
        found = array.astype(variable.dtype)
        bad: Any = [] if found.dtype.kind in "biu" else np.argwhere(~np.isfinite(found.astype("float64")))
    if len(bad):
        place = tuple(bad[0].tolist())
        kept = "" if np.isfinite(np.asarray(array[place], "float64")) else " or infinity"
        limit = f", beyond {variable.dtype}" if not kept else ""
        raise ArgumentError(f"{who} must hold finite numbers, got {array[place]}{limit} at {list(place)}")
    return found
