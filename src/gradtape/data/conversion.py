"""Converts what users pass as data to NumPy arrays of numbers; memory maps stay on disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from numbers import Number
from typing import Any

import numpy as np

from gradtape.base.trees import leaves, rebuild
from gradtape.core.dtypes import as_dtype
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, show

PARTS = ("x", "y", "sample_weight")

_NOT_NUMBERS = {
    "O": "Python objects", "U": "strings", "S": "byte strings", "T": "strings", "c": "complex numbers",
    "M": "dates", "m": "times", "V": "records",
}  # fmt: skip


def as_arrays(tree: object, who: str, name: str) -> Any:
    """Return the structure with NumPy arrays of numbers for leaves, samples along the first axis.

    Args:
        tree: one array, or lists, tuples and dicts of arrays.  An array is whatever has numbers in it: a
            NumPy array or memory map, a Tensor, a pandas frame or series (which becomes one column), an
            array of another library, or a list of numbers, nested or not.
        who: the caller's name, for error messages.
        name: the argument's name there.

    >>> as_arrays({"a": [1, 2], "b": np.zeros((2, 3))}, "fit", "x")["a"]
    array([1, 2], dtype=int32)
    """
    if not is_nested(tree):
        return as_array(tree, who, name)
    arrays = [as_array(leaf, who, leaf_name) for leaf_name, leaf in named_leaves(tree, name)]
    if not arrays:
        raise ArgumentError(f"{who}: {name} must hold at least one sample, got {show(tree)}")
    return rebuild(_without_numbers(tree), arrays)


def is_nested(tree: object) -> bool:
    """Tell whether it is a structure of arrays; a list of only numbers is an array."""
    return isinstance(tree, dict) or (isinstance(tree, list | tuple) and not _is_numbers(tree))


def named_leaves(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each array of a structure with what it is called: ``x``, ``x[0]``, ``x['age']``.

    >>> [leaf_name for leaf_name, _ in named_leaves({"a": np.ones(2), "b": [np.ones(2)]}, "x")]
    ["x['a']", "x['b'][0]"]
    """
    if not is_nested(tree):
        yield name, tree
        return
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in pairs:
        yield from named_leaves(value, f"{name}[{key!r}]")


def as_parts(x: object, y: object, sample_weight: object, who: str) -> list[Any]:
    """Return x, y and sample_weight with arrays for leaves; y, sample_weight or parts of it may be None."""
    _check_indexes({"x": x, "y": y, "sample_weight": sample_weight}, who)
    inputs = as_arrays(x, who, "x")
    targets = None if y is None else as_arrays(y, who, "y")
    if sample_weight is None:
        return [inputs, targets, None]
    if is_nested(sample_weight):
        ones = np.ones(len(leaves(inputs)[0]), "float32")  # what None stands for: all count alike
        parts = leaves(sample_weight)
        if any(weights is None for weights in parts):
            sample_weight = rebuild(sample_weight, [ones if w is None else w for w in parts])
    return [inputs, targets, as_arrays(sample_weight, who, "sample_weight")]


def _check_indexes(parts: dict[str, Any], who: str) -> None:
    """Raise ArgumentError if pandas frames name their rows alike but not in one order: rows go by place."""
    if "pandas" not in sys.modules:
        return
    named = [pair for name, part in parts.items() if part is not None for pair in named_leaves(part, name)]
    frames = [(name, value) for name, value in named if _is_pandas(value)]
    for name, frame in frames[1:]:
        first, index = frames[0][1].index, frame.index
        if len(first) == len(index) and not first.equals(index) and set(first) == set(index):
            raise ArgumentError(
                f"{who}: the rows of {frames[0][0]} and {name} have the same names in another order, and "
                f"rows are paired by their place: write {name}.loc[{frames[0][0]}.index], or to_numpy() if "
                "that is meant"
            )


def named_parts(parts: Sequence[Any]) -> list[tuple[str, Any]]:
    """Return every array in x, y and sample_weight with what it is called."""
    given = zip(PARTS, parts, strict=True)
    return [pair for name, part in given if part is not None for pair in named_leaves(part, name)]


def as_array(value: object, who: str, name: str) -> Any:
    """Return `value` as a NumPy array of numbers in this machine's byte order, of rank 1 or more.

    Raises:
        ArgumentTypeError: if it is nothing that holds numbers.
        DtypeError: for strings, objects, complex numbers, dates, and masked arrays.
        ArgumentError: for ragged lists and single numbers.
    """
    array = _plain_array(value, who, name)
    # NumPy knows bfloat16 only as an extension, of kind V like a record.
    if array.dtype.kind in _NOT_NUMBERS and array.dtype.name != "bfloat16":
        raise DtypeError(
            f"{who}: {name} must hold numbers, got {_NOT_NUMBERS[array.dtype.kind]} in {show(value)}"
        )
    as_dtype(array.dtype, f"{who}: {name}")
    if array.ndim == 0:
        raise ArgumentError(
            f"{who}: {name} must have its samples along the first axis, got a single number: {show(value)}"
        )
    if isinstance(value, list | tuple | range):
        return _as_list_dtype(array)
    # Files of other machines: JAX takes no foreign byte order, and NumPy computes more slowly in it.
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _as_list_dtype(array: Any) -> Any:
    """Return an array made of a list as float32 or int32, as Tensors are; int64 where the numbers need it."""
    if array.dtype.kind == "f":
        return array.astype("float32", copy=False)
    # A number that int32 cannot hold wraps around, and so compares as another one.
    if array.dtype.kind == "i" and (array == array.astype("int32")).all():
        return array.astype("int32", copy=False)
    return array


def is_mapped(array: object) -> bool:
    """Tell whether the array's values lie in a file, not in memory."""
    # A slice or a reshaped view of a memory map has it as its base.
    while array is not None:
        if isinstance(array, np.memmap):
            return True
        array = getattr(array, "base", None)
    return False


def _is_numbers(tree: object) -> bool:
    """Tell whether a list holds numbers, or lists of numbers, and nothing else."""
    if not isinstance(tree, list | tuple):
        # Strings and None too: such a list is an array that is refused, and no structure.
        return isinstance(tree, Number | np.generic | str | bytes | None)
    return len(tree) > 0 and all(map(_is_numbers, tree))


def _without_numbers(tree: Any) -> Any:
    """Return the structure with each list of numbers made one leaf."""
    if isinstance(tree, dict):
        return {key: _without_numbers(value) for key, value in tree.items()}
    if not is_nested(tree):
        return None
    parts = [_without_numbers(value) for value in tree]
    if hasattr(tree, "_fields"):
        return type(tree)(*parts)
    return tuple(parts) if isinstance(tree, tuple) else parts


def _plain_array(value: object, who: str, name: str) -> Any:
    # asarray would drop the mask and take what is under it for data.
    if isinstance(value, np.ma.MaskedArray):
        raise DtypeError(f"{who}: {name} is a masked array; fill it first: {name}.filled(0)")
    # asarray would make one Python object of it.
    if hasattr(value, "tocsr"):
        raise ArgumentTypeError(f"{who}: {name} is a sparse matrix; make it dense first: {name}.toarray()")
    if _is_pandas(value):
        return _from_pandas(value, who, name)
    if not hasattr(value, "__array__") and hasattr(value, "numpy"):
        value = value.numpy()
    if not (hasattr(value, "__array__") or isinstance(value, list | tuple | range | Number | str | bytes)):
        raise ArgumentTypeError(f"{who}: {name} must be an array, got {type(value).__name__}: {show(value)}")
    try:
        return np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = "its rows are not equally long" if isinstance(value, list | tuple) else error
        raise ArgumentError(f"{who}: {name} cannot become an array: {reason}") from None


def _is_pandas(value: object) -> bool:
    # Not imported: whoever passes a frame has done so already.
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series)


def _from_pandas(frame: Any, who: str, name: str) -> Any:
    """Return a frame as (samples, columns), a series as (samples, 1), in the dtype its columns meet in."""
    frame = frame.to_frame(frame.name or "values") if frame.ndim == 1 else frame
    bad = [f"{column!r} ({dtype})" for column, dtype in frame.dtypes.items() if not _holds_numbers(dtype)]
    if bad:
        raise DtypeError(
            f"{who}: {name} must hold numbers, but these columns do not: {', '.join(bad)}; "
            "drop them or turn them into numbers"
        )
    # pandas' own dtypes, such as Int64, know NumPy's; only in floats can missing values become NaN.
    dtypes = [getattr(dtype, "numpy_dtype", dtype) for dtype in frame.dtypes]
    missing = float("nan") if frame.isna().to_numpy().any() else None
    dtype = np.result_type(*dtypes, *(["float32"] if missing is not None else [])) if dtypes else "float32"
    return frame.to_numpy(dtype=dtype) if missing is None else frame.to_numpy(dtype=dtype, na_value=missing)


def _holds_numbers(dtype: Any) -> bool:
    return getattr(dtype, "kind", "O") in "biuf"
