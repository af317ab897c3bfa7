"""NumPy's functions on tensors: ``np.exp(t)`` is the operation `exp`, and so stays on the tape.

A function of NumPy without an operation computes on the arrays and gives arrays, so that other libraries
go on; but where a tape watches an argument, or a step is being compiled, that would lose the gradient without
a word: there it is an error.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base import absent
from gradtape.core.hooks import local
from gradtape.core.placeholder import Placeholder
from gradtape.core.tensor import ArrayLike, as_tensor
from gradtape.errors import ArgumentTypeError
from gradtape.ops import array_methods as methods
from gradtape.ops.linalg import contractions, linear_algebra
from gradtape.ops.numpy import (
    arithmetic,
    axis_order,
    bitwise,
    comparison,
    concatenation,
    creation,
    diagonals,
    exponential,
    gather,
    integer_parts,
    padding,
    reductions,
    selection,
    shapes,
    statistics,
    trigonometry,
)

Call = Callable[..., Any]


def _named(module: object, names: str) -> dict[Any, Call]:
    """Return our functions of a module by NumPy's functions of the same names."""
    return {getattr(np, name): getattr(module, name) for name in names.split()}


def _divmod(x1: object, x2: object) -> tuple[Any, Any]:
    return integer_parts.floor_divide(x1, x2), integer_parts.mod(x1, x2)


_UFUNCS: dict[Any, Call] = {
    **_named(arithmetic, "add subtract multiply divide power negative positive absolute square reciprocal"),
    **_named(exponential, "exp exp2 expm1 log log1p log2 log10 logaddexp sqrt cbrt"),
    **_named(trigonometry, "sin cos tan arcsin arccos arctan arctan2 hypot"),
    **_named(trigonometry, "sinh cosh tanh arcsinh arccosh arctanh"),
    **_named(integer_parts, "floor_divide mod sign floor ceil trunc"),
    **_named(selection, "maximum minimum"),
    **_named(comparison, "equal not_equal less less_equal greater greater_equal isnan isinf isfinite"),
    **_named(comparison, "logical_and logical_or logical_xor logical_not"),
    **_named(bitwise, "bitwise_and bitwise_or bitwise_xor bitwise_invert left_shift right_shift"),
    np.rint: integer_parts.round,
    np.divmod: _divmod,
    np.matmul: linear_algebra.matmul,
}

# ``np.add.reduce(t)`` and its like; along the first axis unless another is named, as in NumPy.
_REDUCTIONS: dict[Any, Call] = {
    (np.add, "reduce"): methods.sum,
    (np.multiply, "reduce"): methods.prod,
    (np.maximum, "reduce"): methods.max,
    (np.minimum, "reduce"): methods.min,
    (np.logical_and, "reduce"): methods.all,
    (np.logical_or, "reduce"): methods.any,
    (np.add, "accumulate"): methods.cumsum,
    (np.multiply, "accumulate"): methods.cumprod,
}


def _reshape(a: object, /, shape: object, order: str = "C") -> Any:
    return methods.reshape(as_tensor(a), shape, order=order)


def _concatenate(arrays: Any, /, axis: int | None = 0, *, dtype: object = None) -> Any:
    if axis is None:
        arrays, axis = [axis_order.ravel(a) for a in arrays], 0
    joined = concatenation.concatenate(arrays, axis)
    return joined if dtype is None else shapes.cast(joined, dtype)


def _stack(arrays: Any, axis: int = 0) -> Any:
    return concatenation.stack(list(arrays), axis)


def _like(function: Call) -> Call:
    def made(a: object, dtype: object = None) -> Any:
        return function(as_tensor(a), dtype)

    return made


def _full_like(a: object, fill_value: object, dtype: object = None) -> Any:
    return creation.full_like(as_tensor(a), fill_value, dtype)


def _pad(array: object, pad_width: object, mode: str = "constant", *, constant_values: object = None) -> Any:
    if mode not in ("constant", "reflect", "symmetric"):
        return NotImplemented
    return padding.pad(array, pad_width, mode, constant_values)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return statistics.norm(x, ord, axis, keepdims)


def _clip(
    a: object, a_min: object = None, a_max: object = None, *, min: object = None, max: object = None
) -> Any:
    return methods.clip(a, a_min if min is None else min, a_max if max is None else max)


def _size(a: object, axis: int | None = None) -> int:
    shape = creation.shape(a)
    return int(np.prod(shape)) if axis is None else shape[axis]


def _copy(a: object, order: str = "K") -> Any:
    return as_tensor(a)


_FUNCTIONS: dict[Any, Call] = {
    **_named(methods, "sum mean prod max min all any var std argmax argmin argsort sort cumsum cumprod"),
    **_named(methods, "round take repeat dot squeeze swapaxes diagonal trace ravel"),
    np.amax: methods.max,
    np.amin: methods.min,
    np.around: methods.round,
    np.clip: _clip,
    np.reshape: _reshape,
    np.transpose: lambda a, axes=None: shapes.transpose(a, axes),
    np.moveaxis: lambda a, source, destination: axis_order.moveaxis(a, source, destination),
    np.expand_dims: lambda a, axis: axis_order.expand_dims(a, axis),
    np.broadcast_to: lambda array, shape: shapes.broadcast_to(array, shape),
    np.flip: lambda m, axis=None: padding.flip(m, axis),
    np.roll: lambda a, shift, axis=None: padding.roll(a, shift, axis),
    np.rot90: lambda m, k=1, axes=(0, 1): axis_order.rot90(m, k, axes),
    np.tile: lambda A, reps: padding.tile(A, reps),
    np.pad: _pad,
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.vstack: lambda tup: padding.vstack(list(tup)),
    np.hstack: lambda tup: padding.hstack(list(tup)),
    np.split: lambda ary, indices_or_sections, axis=0: concatenation.split(ary, indices_or_sections, axis),
    np.meshgrid: lambda *xi, indexing="xy": padding.meshgrid(*xi, indexing=indexing),
    np.where: lambda condition, x, y, /: selection.where(condition, x, y),
    np.nan_to_num: lambda x, nan=0.0, posinf=None, neginf=None: selection.nan_to_num(x, nan, posinf, neginf),
    np.take_along_axis: lambda arr, indices, axis=-1: gather.take_along_axis(arr, indices, axis),
    np.diag: lambda v, k=0: diagonals.diag(v, k),
    np.tril: lambda m, k=0: diagonals.tril(m, k),
    np.triu: lambda m, k=0: diagonals.triu(m, k),
    np.count_nonzero: lambda a, axis=None: reductions.count_nonzero(a, axis),
    np.vdot: lambda a, b, /: contractions.vdot(a, b),
    np.inner: lambda a, b, /: contractions.inner(a, b),
    np.outer: lambda a, b: contractions.outer(a, b),
    np.tensordot: lambda a, b, axes=2: contractions.tensordot(a, b, axes),
    np.einsum: lambda *operands, optimize=False: contractions.einsum(*operands),
    np.linalg.norm: _norm,
    np.zeros_like: _like(creation.zeros_like),
    np.ones_like: _like(creation.ones_like),
    np.full_like: _full_like,
    np.copy: _copy,
    np.shape: creation.shape,
    np.ndim: lambda a: len(creation.shape(a)),
    np.size: _size,
}

# Their results have no gradient: nothing is lost where a tape watches.
_WITHOUT_GRADIENT = frozenset(
    getattr(np, name)
    for name in (
        "allclose isclose array_equal array_equiv array_repr array_str array2string result_type can_cast "
        "may_share_memory shares_memory iscomplexobj isrealobj iscomplex isreal save savez savetxt nonzero "
        "flatnonzero argwhere searchsorted digitize bincount histogram isin argpartition signbit common_type "
        "min_scalar_type"
    ).split()
)


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: object, **options: object) -> Any:
    """Answer for a ufunc of NumPy with a tensor among its inputs; NumPy calls it `__array_ufunc__`."""
    if any(_answers_itself(x, "__array_ufunc__") for x in inputs):
        return NotImplemented
    options = {name: value for name, value in options.items() if not _is_default(name, value)}
    ours = _UFUNCS.get(ufunc) if method == "__call__" else _REDUCTIONS.get((ufunc, method))
    if method in ("reduce", "accumulate"):
        # np.add.reduce(x) sums along the first axis, unlike np.sum(x).
        options.setdefault("axis", 0)
    if ours is not None and all(map(_is_number, inputs)) and _takes(ours, inputs, options):
        return ours(*inputs, **options)
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    return _on_arrays(name, ufunc, getattr(ufunc, method), inputs, options)


def array_function(self: Any, function: Any, types: Any, args: Any, options: Any) -> Any:
    """Answer for a function of NumPy with a tensor among its arguments: `__array_function__`."""
    if any(_is_foreign(kind, "__array_function__") for kind in types):
        return NotImplemented
    options = {name: value for name, value in options.items() if not _is_default(name, value)}
    ours = _FUNCTIONS.get(function)
    if ours is not None and all(map(_is_number, _leaves(args))) and _takes(ours, args, options):
        result = ours(*args, **options)
        if result is not NotImplemented:
            return result
    return _on_arrays(function.__name__, function, function, args, options)


def _is_default(name: str, value: object) -> bool:
    """Tell whether an option has its default value, as NumPy passes on all options of some functions."""
    return (
        value is np._NoValue
        or (name in ("out", "dtype") and value is None)
        or (name == "where" and value is True)
    )


def _answers_itself(value: object, protocol: str) -> bool:
    return _is_foreign(type(value), protocol)


def _is_foreign(kind: type, protocol: str) -> bool:
    """Tell whether a class of another library answers for NumPy's functions itself."""
    if issubclass(kind, ArrayLike | Placeholder):
        return False
    # A subclass of ndarray that inherits NumPy's own answer is an array like others.
    return getattr(kind, protocol, None) not in (None, getattr(np.ndarray, protocol))


def _is_number(value: object) -> bool:
    """Tell whether an operation can take the value: no object, text, date or complex number."""
    # "V" is the kind of bfloat16, and "f" stands for lists and numbers, which have no dtype.
    dtype = getattr(value, "dtype", None)
    return getattr(dtype, "kind", "f") in "biufV" and not isinstance(value, complex | np.ma.MaskedArray)


def _takes(function: Any, args: Any, options: Any) -> bool:
    """Tell whether ours has these arguments; an operation says itself what it takes."""
    if hasattr(function, "operation"):
        made = function.operation
        return len(args) <= len(made.tensors) and not options
    try:
        inspect.signature(function).bind(*args, **options)
    except TypeError:
        return False
    return True


def _on_arrays(name: str, function: object, call: Call, args: Any, options: Any) -> Any:
    """Return what NumPy's function gives for the arrays, where no gradient is lost by that."""
    for leaf in _leaves((args, list(options.values()))):
        if isinstance(leaf, Placeholder):
            raise ArgumentTypeError(f"np.{name}: needs numbers, and there is a placeholder; {_near(name)}")
        if isinstance(leaf, ArrayLike):
            _refuse_loss(name, function, leaf)
    if any(isinstance(leaf, ArrayLike) for leaf in _leaves(options.get("out", ()))):
        raise ArgumentTypeError(f"np.{name}: out must be an array: a tensor does not change")
    return call(*_as_arrays(args), **{key: _as_arrays(value) for key, value in options.items()})


def _refuse_loss(name: str, function: object, value: ArrayLike) -> None:
    """Raise if the value is needed of a tensor whose gradient a tape follows, or that has no value yet."""
    lacks = "no operation does this"
    if function in _UFUNCS or function in _FUNCTIONS:
        lacks = "no operation does this with these arguments"
    if function not in _WITHOUT_GRADIENT and _is_watched(value):
        raise ArgumentTypeError(
            f"np.{name}: {lacks}, so the tape that watches an argument would lose its gradient; "
            f"{_near(name)}; np.asarray(x) is a plain array, without gradient"
        )
    if engine.active.is_traced(value._array):
        raise ArgumentTypeError(
            f"np.{name}: {lacks}, and while a step is compiled tensors have no values yet; {_near(name)}"
        )


def _near(name: str) -> str:
    return f"near: {absent.near('ops', name.partition('.')[0])}"


def _is_watched(value: ArrayLike) -> bool:
    """Tell whether a tape of this thread follows the tensor or Variable."""
    return any(hook.watches(value) for hook in local.hooks)


def _leaves(values: object) -> Iterator[Any]:
    for value in values if isinstance(values, list | tuple) else (values,):
        if isinstance(value, list | tuple):
            yield from _leaves(value)
        else:
            yield value


def _as_arrays(value: object) -> Any:
    """Return a structure of lists, tuples and dicts with arrays in the place of tensors."""
    if isinstance(value, ArrayLike):
        return np.asarray(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_as_arrays, value))
    return {key: _as_arrays(v) for key, v in value.items()} if isinstance(value, dict) else value


def attach() -> None:
    """Let Tensor, Variable and placeholders answer for NumPy's functions."""
    for kind in (ArrayLike, Placeholder):
        for protocol, answer in (("__array_ufunc__", array_ufunc), ("__array_function__", array_function)):
            setattr(kind, protocol, answer)


attach()
