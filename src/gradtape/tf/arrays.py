"""tf.boolean_mask and tf.print."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from gradtape import ops
from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.errors import DtypeError, ShapeError


def boolean_mask(tensor: object, mask: object, axis: int | None = None, name: str | None = None) -> Tensor:
    """Return the slices of `tensor` where `mask` is true, in a row along a new axis.

    Args:
        tensor: any shape.
        mask: booleans of the shape of some of the tensor's axes in a row, at least one; its values must be
            known, so not in a compiled step, where `ops.where` keeps the shape.
        axis: the first of these axes; None means 0.
        name: ignored; kept for compatibility with TensorFlow.

    >>> boolean_mask([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [True, False, True])
    Tensor([[1., 2.],
            [5., 6.]], shape=(2, 2), dtype=float32)
    """
    values, chosen = as_tensor(tensor, None, "boolean_mask"), np.asarray(mask)
    if chosen.dtype != bool:
        raise DtypeError(f"boolean_mask: mask must be of booleans, got {chosen.dtype}")
    first = 0 if axis is None else axis + (values.ndim if axis < 0 else 0)
    last = first + chosen.ndim
    if not chosen.ndim or values.shape[first:last] != chosen.shape:
        raise ShapeError(
            f"boolean_mask: mask must have the shape of axes of tensor from axis {first} on, got tensor "
            f"{values.shape} and mask {chosen.shape}"
        )
    # The mask on the host, as the shape of the result depends on its values; `take` has a gradient.
    flat = ops.reshape(values, (*values.shape[:first], chosen.size, *values.shape[last:]))
    return ops.take(flat, np.flatnonzero(chosen).astype("int32"), axis=first)


def print_(
    *inputs: object,
    output_stream: Any = None,
    summarize: int = 3,
    sep: str = " ",
    end: str = "\n",
    name: str | None = None,
) -> None:
    """Print values in a row, tensors as TensorFlow writes them: ``[[1 2] [3 4]]`` over several lines.

    Args:
        *inputs: tensors, numbers, strings, and lists, tuples and dicts of them.
        output_stream: where to; None means the error stream, as in TensorFlow.
        summarize: how many elements at both ends of each axis are shown; -1 shows all.
        sep: what stands between the values.
        end: what stands after them.
        name: ignored; kept for compatibility with TensorFlow.
    """
    text = sep.join(_as_text(value, summarize) for value in inputs)
    print(text, end=end, file=sys.stderr if output_stream is None else output_stream)


def _as_text(value: object, summarize: int) -> str:
    if isinstance(value, ArrayLike | np.ndarray | np.generic):
        return _array_text(np.asarray(value), summarize)
    if isinstance(value, list | tuple):
        inner = ", ".join(_as_text(one, summarize) for one in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_as_text(v, summarize)}" for key, v in value.items()) + "}"
    return str(value)


def _array_text(array: Any, summarize: int) -> str:
    digits = 17 if array.dtype == np.float64 else 9
    form: Any = {"float_kind": lambda x: format(float(x), f".{digits}g"), "bool": lambda x: str(int(x))}
    if not array.ndim:
        is_float = array.dtype.kind == "f"
        return form["float_kind"](array) if is_float else str(int(array))
    # NumPy shortens an array by its size, TensorFlow by the lengths of its axes: hence the threshold.
    ends = summarize if summarize >= 0 else array.size
    is_long = any(n > 2 * ends for n in array.shape)
    return np.array2string(
        array, separator=" ", formatter=form, edgeitems=ends, threshold=0 if is_long else array.size + 1
    )
