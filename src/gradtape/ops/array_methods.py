"""NumPy's functions and array methods, with NumPy's argument names, made of operations.

Each is a method of Tensor and Variable (``t.sum(axis=0)``) and what ``np.sum(t, axis=0)`` calls.  `out`
stands where NumPy has it and must be None: a tensor does not change.
"""

from __future__ import annotations

from typing import Any, NoReturn

from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, MissingAttributeError
from gradtape.ops.base.axes import count_along, many_axes
from gradtape.ops.linalg import contractions
from gradtape.ops.numpy import (
    axis_order,
    cumulative,
    diagonals,
    gather,
    integer_parts,
    order,
    padding,
    reductions,
    selection,
    shapes,
    statistics,
)

Axis = Any


def _no_out(out: object, who: str) -> None:
    if out is not None:
        raise ArgumentTypeError(
            f"{who}: out must be None: a tensor does not change, got {type(out).__name__}"
        )


def _first(a: object, dtype: object) -> Any:
    return a if dtype is None else shapes.cast(a, dtype)


def sum(
    a: object, axis: Axis = None, dtype: object = None, out: None = None, keepdims: bool = False
) -> Tensor:
    """Return the sum of the elements, of all or along `axis`, computed in `dtype`."""
    _no_out(out, "sum")
    return reductions.sum(_first(a, dtype), axis, keepdims)


def mean(
    a: object, axis: Axis = None, dtype: object = None, out: None = None, keepdims: bool = False
) -> Tensor:
    """Return the mean of the elements, of all or along `axis`, computed in `dtype`."""
    _no_out(out, "mean")
    return statistics.mean(_first(a, dtype), axis, keepdims)


def prod(
    a: object, axis: Axis = None, dtype: object = None, out: None = None, keepdims: bool = False
) -> Tensor:
    """Return the product of the elements, of all or along `axis`, computed in `dtype`."""
    _no_out(out, "prod")
    return reductions.prod(_first(a, dtype), axis, keepdims)


def max(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """Return the largest element, of all or along `axis`, at least `initial`."""
    _no_out(out, "max")
    return reductions.max(a, axis, keepdims, initial)


def min(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """Return the smallest element, of all or along `axis`, at most `initial`."""
    _no_out(out, "min")
    return reductions.min(a, axis, keepdims, initial)


def all(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False) -> Tensor:
    """Return whether all elements are true, of all or along `axis`."""
    _no_out(out, "all")
    return reductions.all(a, axis, keepdims)


def any(a: object, axis: Axis = None, out: None = None, keepdims: bool = False) -> Tensor:
    """Return whether an element is true, of all or along `axis`."""
    _no_out(out, "any")
    return reductions.any(a, axis, keepdims)


def var(
    a: object,
    axis: Axis = None,
    dtype: object = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
) -> Tensor:
    """Return the variance: squared differences from the mean, divided by their number minus `ddof`."""
    _no_out(out, "var")
    variance = statistics.var(_first(a, dtype), axis, keepdims)
    return variance * _correction(a, axis, ddof, "var") if ddof else variance


def std(
    a: object,
    axis: Axis = None,
    dtype: object = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
) -> Tensor:
    """Return the standard deviation, the root of `var`."""
    _no_out(out, "std")
    deviation = statistics.std(_first(a, dtype), axis, keepdims)
    return deviation * _correction(a, axis, ddof, "std") ** 0.5 if ddof else deviation


def _correction(a: object, axis: Axis, ddof: float, who: str) -> float:
    # Keras' var and std, and so the operations, have no ddof: they divide by n, which this factor corrects.
    shape = as_tensor(a, None, who).shape
    count = count_along(shape, many_axes(axis, len(shape), who), who)
    if ddof >= count:
        raise ArgumentError(f"{who}: ddof must be less than the number of elements, {count}, got {ddof}")
    return count / (count - ddof)


def argmax(a: object, axis: int | None = None, out: None = None, keepdims: bool = False) -> Tensor:
    """Return where the largest element stands, of all in a row or along `axis`."""
    _no_out(out, "argmax")
    return order.argmax(a, axis, keepdims)


def argmin(a: object, axis: int | None = None, out: None = None, keepdims: bool = False) -> Tensor:
    """Return where the smallest element stands, of all in a row or along `axis`."""
    _no_out(out, "argmin")
    return order.argmin(a, axis, keepdims)


def argsort(a: object, axis: int | None = -1, kind: str | None = None) -> Tensor:
    """Return the places of the elements in ascending order along `axis`; equal ones keep their order."""
    return order.argsort(a, axis)


def sort(a: object, axis: int | None = -1, kind: str | None = None) -> Tensor:
    """Return the elements in ascending order along `axis`."""
    return order.sort(a, axis)


def cumsum(a: object, axis: int | None = None, dtype: object = None, out: None = None) -> Tensor:
    """Return the sums of all elements up to each one, of all in a row or along `axis`."""
    _no_out(out, "cumsum")
    return cumulative.cumsum(a, axis, dtype)


def cumprod(a: object, axis: int | None = None, dtype: object = None, out: None = None) -> Tensor:
    """Return the products of all elements up to each one, of all in a row or along `axis`."""
    _no_out(out, "cumprod")
    return cumulative.cumprod(a, axis, dtype)


def clip(a: object, min: object = None, max: object = None, out: None = None) -> Tensor:
    """Return the elements, those below `min` as `min` and those above `max` as `max`."""
    _no_out(out, "clip")
    if min is None and max is None:
        raise ArgumentError("clip: min or max must be given")
    if min is None:
        return selection.minimum(a, max)
    return selection.maximum(a, min) if max is None else selection.clip(a, min, max)


def round(a: object, decimals: int = 0, out: None = None) -> Tensor:
    """Return the elements rounded to `decimals` places, halves to even."""
    _no_out(out, "round")
    return integer_parts.round(a, decimals)


def take(
    a: object, indices: object, axis: int | None = None, out: None = None, mode: str = "raise"
) -> Tensor:
    """Return the elements at `indices`, along `axis` or of all in a row."""
    _no_out(out, "take")
    if mode != "raise":
        raise ArgumentError(f"take: mode must be 'raise', got {mode!r}")
    return gather.take(a, indices, axis)


def repeat(a: object, repeats: object, axis: int | None = None) -> Tensor:
    """Return each element `repeats` times, along `axis` or of all in a row."""
    return padding.repeat(a, repeats, axis)


def dot(a: object, b: object, out: None = None) -> Tensor:
    """Return the product over the last axis of `a` and the last but one of `b`."""
    _no_out(out, "dot")
    return contractions.dot(a, b)


def squeeze(a: object, axis: object = None) -> Tensor:
    """Return the tensor without its axes of length 1, or without those named by `axis`."""
    return axis_order.squeeze(a, axis)


def swapaxes(a: object, axis1: int, axis2: int) -> Tensor:
    """Return the tensor with two axes exchanged."""
    return axis_order.swapaxes(a, axis1, axis2)


def diagonal(a: object, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Return the diagonal of two axes."""
    return diagonals.diagonal(a, offset, axis1, axis2)


def trace(a: object, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Return the sum over the diagonal of two axes."""
    return diagonals.trace(a, offset, axis1, axis2)


def ravel(a: object, order: str = "C") -> Tensor:
    """Return all elements in one row, the last axis running fastest."""
    _row_major(order, "ravel")
    return axis_order.ravel(a)


def reshape(self: ArrayLike, *shape: object, order: str = "C", copy: bool | None = None) -> Tensor:
    """Return the elements in another shape: ``t.reshape(2, 3)`` or ``t.reshape((2, -1))``."""
    _row_major(order, "reshape")
    return shapes.reshape(self, shape[0] if len(shape) == 1 else shape)


def transpose(self: ArrayLike, *axes: Any) -> Tensor:
    """Return the tensor with its axes in the order `axes`, or in reverse order."""
    # Both spellings of NumPy: t.transpose(1, 0) and t.transpose((1, 0)).
    named = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
    return shapes.transpose(self, named)


def astype(self: ArrayLike, dtype: Any, copy: bool = True) -> Tensor:
    """Return the elements converted to `dtype`."""
    return shapes.cast(self, dtype)


def copy(self: ArrayLike) -> Tensor:
    """Return the value: a tensor does not change, so it need not be copied."""
    return as_tensor(self)


def _row_major(order: str, who: str) -> None:
    # "K" and "A" follow the order in memory, and of a tensor that is always C order.
    if order not in ("C", "K", "A"):
        raise ArgumentError(f"{who}: order must be 'C', got {order!r}")


def _matrix_transpose(self: ArrayLike) -> Tensor:
    if self.ndim < 2:
        raise MissingAttributeError(f"mT: needs a matrix or a stack of them, got shape {self.shape}")
    return axis_order.swapaxes(self, -1, -2)


def _item_size(self: ArrayLike) -> int:
    return int(self.dtype.itemsize)


def _byte_count(self: ArrayLike) -> int:
    return int(self.size * self.dtype.itemsize)


METHODS: dict[str, Any] = {
    **{f.__name__: f for f in (sum, mean, prod, max, min, all, any, var, std, argmax, argmin, argsort)},
    **{f.__name__: f for f in (cumsum, cumprod, clip, round, take, repeat, dot, squeeze, swapaxes)},
    **{f.__name__: f for f in (diagonal, trace, ravel, reshape, transpose, astype, copy)},
    "flatten": ravel,
    "mT": property(_matrix_transpose, doc="The tensor with its last two axes exchanged."),
    "itemsize": property(_item_size, doc="The number of bytes of an element."),
    "nbytes": property(_byte_count, doc="The number of bytes of all elements."),
}


class _Absent:
    """An attribute that tensors lack: `hasattr` is False, and its error names the alternative."""

    def __init__(self, name: str, instead: str) -> None:
        self._text = f"a tensor has no {name}, as it does not change: {instead}"

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise AttributeError(self._text)


_SLICE = (
    "v[i].assign(x) for a Variable v is v.assign(ops.scatter_update(v, [[i]], [x])), and for a block "
    "v.assign(ops.slice_update(v, start_indices, x))"
)
ABSENT = {
    "assign": _SLICE,
    "assign_add": _SLICE.replace("assign(x)", "assign_add(x)").replace("[x]", "[v[i] + x]"),
    "assign_sub": _SLICE.replace("assign(x)", "assign_sub(x)").replace("[x]", "[v[i] - x]"),
    "sort": "ops.sort(x) gives the elements in order",
    "fill": "ops.full_like(x, value) gives a new tensor",
    "put": "ops.scatter_update(x, indices, updates) gives a new tensor",
    "resize": "ops.reshape(x, shape) gives a new tensor",
    "partition": "ops.sort(x) gives the elements in order",
}


def attach() -> None:
    """Give Tensor and Variable the methods of NumPy's arrays."""
    for name, method in METHODS.items():
        setattr(ArrayLike, name, method)
    for name, instead in ABSENT.items():
        setattr(Tensor, name, _Absent(name, instead))


attach()
