"""Prepares a layer's `call`: converts the arguments to tensors of its dtype, and builds the layer."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from gradtape.base.trees import leaves, rebuild
from gradtape.core.dtypes import is_floating
from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.errors import ArgumentTypeError, show
from gradtape.layers.base.placeholders import SymbolicTensor
from gradtape.ops.numpy.shapes import cast

_ARRAYS = (ArrayLike, np.ndarray, np.generic)
_VALUES = (*_ARRAYS, SymbolicTensor)


def tensor_arguments(layer: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments of a call with arrays as tensors, floating ones in the layer's dtype."""
    dtype = layer._dtype
    # The usual call.  `is` is enough: NumPy has one object per dtype, and others only take the long way.
    if len(args) == 1 and type(args[0]) is Tensor and args[0]._array.dtype is dtype:
        return args
    first = args[0] if args else None
    if _is_numbers(first):
        args = (as_tensor(first, None, layer.name), *args[1:])
    if args and _wants_tensors(type(layer)):
        _check_tensors(layer, args[0])
    return tuple([_fitting(layer, arg) for arg in args])


def _wants_tensors(made: type) -> bool:
    """Tell whether it is a layer of gradtape that takes only tensors; a user's layer may take anything."""
    return made.__module__.startswith("gradtape.layers.") and not getattr(made, "_takes_anything", False)


def _check_tensors(layer: Any, inputs: Any) -> None:
    """Raise ArgumentTypeError unless the inputs are a tensor, or a list of them where several are merged."""
    takes_several = hasattr(layer, "merged")
    for value in inputs if takes_several and isinstance(inputs, list | tuple) else [inputs]:
        if not isinstance(value, ArrayLike) and not hasattr(value, "__array__"):
            wanted = "a list of tensors" if takes_several else "a tensor"
            raise ArgumentTypeError(f"{layer.name}: inputs must be {wanted} or arrays, got {show(value)}")


def _is_numbers(value: Any) -> bool:
    """Tell whether `value` is a number or nested lists of numbers, not a structure of arrays."""
    if isinstance(value, list | tuple):
        return bool(value) and not any(isinstance(leaf, _VALUES) for leaf in leaves(value))
    return isinstance(value, int | float) or (hasattr(value, "__array__") and not isinstance(value, _VALUES))


def _fitting(layer: Any, arg: Any) -> Any:
    if isinstance(arg, list | tuple | dict):
        return rebuild(arg, [_fitting(layer, leaf) for leaf in leaves(arg)])
    if not isinstance(arg, _ARRAYS):
        return arg
    tensor = as_tensor(arg, None, layer.name)
    # Whole numbers and booleans stay: they are labels, indices or masks.
    wrong = tensor.dtype != layer._dtype and is_floating(tensor.dtype)
    return cast(tensor, layer._dtype) if wrong and layer.autocast else tensor


def build(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Call the layer's `build` with the shapes of the arguments it is called with."""
    parameters = list(inspect.signature(layer.build).parameters)
    if hasattr(layer.build, "by_trial"):  # it would only call the layer, which happens anyway
        pass
    elif len(parameters) <= 1:
        layer.build(shapes(args[0]) if args else None)
    else:  # build(self, query_shape, value_shape): one shape for each argument of call
        arguments = inspect.signature(layer.call).bind(*args, **kwargs).arguments
        layer.build(**{f"{n}_shape": shapes(v) for n, v in arguments.items() if f"{n}_shape" in parameters})
    layer.built = True
    if args:
        layer.built_for = {"shape": shapes(args[0]), "dtype": dtypes(args[0])}


def dtypes(value: object) -> Any:
    """Return the name of a tensor's dtype, or the structure of them of a structure of tensors."""
    if isinstance(value, dict):
        return {k: dtypes(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [dtypes(v) for v in value]
    dtype = getattr(value, "dtype", None)
    return None if dtype is None else str(dtype)


def shapes(value: object) -> Any:
    """Return the shape of a tensor, or the structure of shapes of a structure of tensors.

    >>> shapes({"a": as_tensor([1.0]), "b": [as_tensor(2.0)]})
    {'a': (1,), 'b': [()]}
    """
    if isinstance(value, dict):
        return {k: shapes(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [shapes(v) for v in value]
    shape = getattr(value, "shape", None)
    return None if shape is None else tuple(shape)
