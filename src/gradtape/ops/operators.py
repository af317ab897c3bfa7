"""Python's operators on Tensors and Variables, each an operation of `gradtape.ops`.

They are attached here, because operations are made of tensors: `core.tensor` cannot import them.
"""

from __future__ import annotations

from typing import Any

from gradtape.core.operation import Function
from gradtape.core.tensor import ArrayLike, Tensor
from gradtape.ops.linalg import linear_algebra
from gradtape.ops.numpy import (
    arithmetic,
    bitwise,
    comparison,
    concatenation,
    index,
    integer_parts,
    shapes,
)

_BINARY: dict[str, Function[Any]] = {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": arithmetic.divide,
    "floordiv": integer_parts.floor_divide,
    "mod": integer_parts.mod,
    "matmul": linear_algebra.matmul,
    "and": bitwise.bitwise_and,
    "or": bitwise.bitwise_or,
    "xor": bitwise.bitwise_xor,
    "lshift": bitwise.left_shift,
    "rshift": bitwise.right_shift,
}

_COMPARISONS: dict[str, Function[Any]] = {
    "lt": comparison.less,
    "le": comparison.less_equal,
    "gt": comparison.greater,
    "ge": comparison.greater_equal,
}


def _pow(self: ArrayLike, exponent: object) -> Tensor:
    """Return self**exponent; the frequent x**2 is `square`, whose gradient 2 * x needs no second power."""
    is_two = type(exponent) in (int, float) and exponent == 2
    return arithmetic.square(self) if is_two else arithmetic.power(self, exponent)


def _rpow(self: ArrayLike, base: object) -> Tensor:
    return arithmetic.power(base, self)


def _divmod(self: ArrayLike, divisor: object) -> tuple[Tensor, Tensor]:
    return integer_parts.floor_divide(self, divisor), integer_parts.mod(self, divisor)


def _rdivmod(self: ArrayLike, dividend: object) -> tuple[Tensor, Tensor]:
    return integer_parts.floor_divide(dividend, self), integer_parts.mod(dividend, self)


def _stands_aside(other: object) -> bool:
    """Tell whether the other operand makes the comparison itself.

    That is None, and a class that says so to NumPy by `__array_ufunc__ = None`, such as `pytest.approx`.
    """
    return other is None or getattr(type(other), "__array_ufunc__", other) is None


def _eq(self: ArrayLike, other: object) -> Any:
    """Return where the elements are equal; nothing is equal to None."""
    return NotImplemented if _stands_aside(other) else comparison.equal(self, other)


def _ne(self: ArrayLike, other: object) -> Any:
    return NotImplemented if _stands_aside(other) else comparison.not_equal(self, other)


_OTHERS: dict[str, Any] = {
    "__neg__": arithmetic.negative,
    "__pos__": arithmetic.positive,
    "__abs__": arithmetic.absolute,
    "__invert__": bitwise.bitwise_invert,
    "__pow__": _pow,
    "__rpow__": _rpow,
    "__divmod__": _divmod,
    "__rdivmod__": _rdivmod,
    "__eq__": _eq,
    "__ne__": _ne,
    "__getitem__": index.getitem,
    "T": property(lambda self: shapes.transpose(self), doc="The tensor with its axes in reverse order."),
    "_cast": shapes.cast,
    "_stack": staticmethod(concatenation.stack),
}


def _reflected(function: Function[Any]) -> Any:
    def reflected(self: ArrayLike, other: object) -> Tensor:
        return function(other, self)

    return reflected


def attach() -> None:
    """Give Tensor and Variable their operators."""
    for name, function in _BINARY.items():
        setattr(ArrayLike, f"__{name}__", function)
        setattr(ArrayLike, f"__r{name}__", _reflected(function))
    for name, function in _COMPARISONS.items():
        setattr(ArrayLike, f"__{name}__", function)
    for name, function in _OTHERS.items():
        setattr(ArrayLike, name, function)


attach()
