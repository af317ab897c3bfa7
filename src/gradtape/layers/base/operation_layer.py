"""Operator: the layer that an operation on placeholders becomes, such as `x + y` or `ops.relu(x)`."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Unpack

import numpy as np

from gradtape import ops
from gradtape.base.trees import leaves, rebuild
from gradtape.core.hooks import local
from gradtape.core.placeholder import placeholder_among
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError, ArgumentTypeError, nearest, show
from gradtape.layers.base.layer import LAYERS, Layer, LayerOptions
from gradtape.layers.base.layer_names import unique_name
from gradtape.layers.base.placeholders import SymbolicTensor

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: value
    for name, value in vars(ops).items()
    if callable(value) and name[0].islower() and not isinstance(value, type | ModuleType)
}
del _FUNCTIONS["operation"]  # it makes operations
# Reversed, so that of several names of one function the first stays.
_NAMES = {id(function): name for name, function in reversed(_FUNCTIONS.items())}


@LAYERS.member()
class Operator(Layer):
    """Calls an operation of `gradtape.ops`.

    Args:
        operation: its name.
        **kwargs: options of every `Layer`: name, dtype, trainable.

    >>> Operator("subtract")(10.0, [[1.0, 2.0]])
    Tensor([[9., 8.]], shape=(1, 2), dtype=float32)
    """

    _takes_anything = True  # not only tensors

    def __init__(self, operation: str, **kwargs: Unpack[LayerOptions]) -> None:
        if operation not in _FUNCTIONS:
            hint = nearest(str(operation), _FUNCTIONS, ["those of gradtape.ops"])
            raise ArgumentError(f"Operator: operation must be one of ops, got {show(operation)}{hint}")
        # No autocast: what ops.cast made float64 is not to become float32 in the next operation.
        options: LayerOptions = {"name": unique_name(operation), "autocast": False, **kwargs}
        super().__init__(**options)
        self.operation = operation
        self.built = True

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Return `call` of the arguments as they are: a Python number is to follow the tensor it meets."""
        if placeholder_among((*args, *kwargs.values())) is not None:
            return super().__call__(*args, **kwargs)
        if local.phase or local.layer or local.outputs:
            return self._run_told(args, kwargs)
        return self._run(args, kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the operation returns for these arguments."""
        return _FUNCTIONS[self.operation](*args, **kwargs)


def _defer(
    self: SymbolicTensor, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return the placeholder for what `function` returns, which an Operator computes later."""
    name = _NAMES.get(id(function))
    if name is None:
        raise ArgumentTypeError(
            f"{getattr(function, '__name__', 'this function')}: takes no placeholders of a functional model: "
            "put it into a layer's call or a Lambda"
        )
    tree = [list(args), kwargs]
    fixed, keywords = rebuild(tree, [_constant(value, name) for value in leaves(tree)])
    return Operator(name)(*fixed, **keywords)


def _constant(value: object, who: str) -> Any:
    """Return an argument as it is stored: arrays on the host, data types by name."""
    if isinstance(value, Variable):
        raise ArgumentTypeError(
            f"{who}: a Variable in the formula of a functional model would not be trained or saved; "
            f"use {value.name!r} in the call of a layer that holds it"
        )
    if isinstance(value, type) and issubclass(value, np.generic):
        return np.dtype(value).name
    if isinstance(value, np.dtype):
        return value.name
    is_array = hasattr(value, "__array__") and not isinstance(value, SymbolicTensor)
    return np.array(value) if is_array else value


def _attach() -> None:
    """Let the operators of placeholders be calls of operations."""

    # A function, so that each pair of lambdas has its own `function`, not the last one of the loop.
    def two(function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
        return lambda self, other: function(self, other), lambda self, other: function(other, self)

    for sign, name in _BINARY.items():
        forward, reflected = two(_FUNCTIONS[name])
        setattr(SymbolicTensor, f"__{sign}__", forward)
        setattr(SymbolicTensor, f"__r{sign}__", reflected)
    for sign, name in _OTHERS.items():
        setattr(SymbolicTensor, f"__{sign}__", two(_FUNCTIONS[name])[0])
    for sign, name in _UNARY.items():
        setattr(SymbolicTensor, f"__{sign}__", lambda self, name=name: _FUNCTIONS[name](self))
    methods = {"__eq__": _equal, "_defer": _defer, "T": property(lambda self: ops.transpose(self))}
    for method, value in methods.items():
        setattr(SymbolicTensor, method, value)


_BINARY = {
    **{"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "matmul": "matmul"},
    **{"pow": "power", "floordiv": "floor_divide", "mod": "mod"},
    **{"and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor"},
}
_OTHERS = {
    **{"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "ne": "not_equal"},
    "getitem": "getitem",
}
_UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "bitwise_invert"}


def _equal(self: SymbolicTensor, other: object) -> Any:
    """Return where the elements equal a number or array; two placeholders are equal if they are one."""
    # Placeholders are looked up in lists and dicts, which need a bool from ==.
    if other is None or isinstance(other, SymbolicTensor):
        return self is other
    return ops.equal(self, other)


_attach()
