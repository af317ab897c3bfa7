"""Python's operators on Tensors and Variables, each an operation of this floor."""

from __future__ import annotations

from typing import Any

from gradtape.operation import Function
from gradtape.ops import arithmetic, indexing, joining, linear_algebra, shapes
from gradtape.tensor import ArrayLike, Tensor

_BINARY: dict[str, Function[Any]] = {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": arithmetic.divide,
    "matmul": linear_algebra.matmul,
}

_OTHERS: dict[str, Any] = {
    "__neg__": arithmetic.negative,
    "__getitem__": indexing.getitem,
    "T": property(lambda self: shapes.transpose(self), doc="The tensor with its axes turned round."),
    "_cast": shapes.cast,
    "_stack": staticmethod(joining.stack),
}


def _reflected(function: Function[Any]) -> Any:
    def reflected(self: ArrayLike, other: Any) -> Tensor:
        return function(other, self)

    return reflected


def attach() -> None:
    """Give Tensor and Variable their operators."""
    for name, function in _BINARY.items():
        setattr(ArrayLike, f"__{name}__", function)
        setattr(ArrayLike, f"__r{name}__", _reflected(function))
    for name, function in _OTHERS.items():
        setattr(ArrayLike, name, function)


attach()
