"""Operator: what `x + y`, `2 * x` and their like become between placeholders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtape.errors import ArgumentError, show
from gradtape.layers.layer import LAYERS, Layer
from gradtape.layers.symbolic import SymbolicTensor
from gradtape.ops.arithmetic import absolute, add, divide, multiply, negative, power, subtract
from gradtape.ops.linear_algebra import matmul

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": divide,
    "power": power,
    "matmul": matmul,
    "negative": negative,
    "absolute": absolute,
}


@LAYERS.member()
class Operator(Layer):
    """Computes an arithmetic operation of its inputs and constants.

    Args:
        operation: add, subtract, multiply, divide, power, matmul, negative or absolute.
        operands: its operands in order: numbers or lists of numbers, and None for each input.
        **kwargs: name, dtype, trainable, as of every `Layer`.

    >>> Operator("subtract", [10.0, None])([[1.0, 2.0]])
    Tensor([9., 8.], shape=(2,), dtype=float32)
    """

    def __init__(self, operation: str, operands: list[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if operation not in _FUNCTIONS:
            known = ", ".join(_FUNCTIONS)
            raise ArgumentError(f"Operator: operation must be one of {known}, got {show(operation)}")
        self.operation, self.operands = operation, list(operands)

    def call(self, inputs: Any) -> Any:
        """Return the result of the operation on the list of inputs."""
        given = iter(inputs)
        return _FUNCTIONS[self.operation](*[next(given) if o is None else o for o in self.operands])


def _attach(operation: str, method: str, reverse: str | None = None) -> None:
    """Let `method` of a placeholder, and `reverse` with the operands exchanged, call an Operator."""

    def apply(*operands: Any) -> Any:
        symbolic = [o for o in operands if isinstance(o, SymbolicTensor)]
        constants = [None if isinstance(o, SymbolicTensor) else _constant(o) for o in operands]
        return Operator(operation, constants, dtype=symbolic[0].dtype, name=None)(symbolic)

    setattr(SymbolicTensor, method, lambda *operands: apply(*operands))
    if reverse is not None:
        setattr(SymbolicTensor, reverse, lambda second, first: apply(first, second))


def _constant(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


_attach("add", "__add__", "__radd__")
_attach("multiply", "__mul__", "__rmul__")
_attach("matmul", "__matmul__", "__rmatmul__")
_attach("subtract", "__sub__", "__rsub__")
_attach("divide", "__truediv__", "__rtruediv__")
_attach("power", "__pow__", "__rpow__")
_attach("negative", "__neg__")
_attach("absolute", "__abs__")
