"""Regularizers: penalties on weights, added to the loss.  The names and numbers are Keras'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradtape.base.absent import answer_for as _answer_for
from gradtape.base.checks import number, one_of
from gradtape.base.config import Configurable, Family
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentTypeError, ShapeError
from gradtape.ops.linalg.linear_algebra import matmul
from gradtape.ops.linalg.normalization import normalize
from gradtape.ops.numpy.arithmetic import absolute, square
from gradtape.ops.numpy.creation import eye, zeros
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.shapes import transpose

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "REGULARIZERS",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]


class Regularizer(Configurable):
    """The base of all regularizers: called with a weight, it returns the penalty, a tensor of shape ().

    A subclass defines ``__call__(x)``, and `get_config` if its constructor takes arguments.
    """

    def __call__(self, x: TensorLike) -> Tensor:
        """Return the penalty on the weight `x`."""
        raise ArgumentTypeError(f"{type(self).__name__}: a regularizer must define __call__")


# What is accepted as a regularizer: one, a function, its class, name or configuration.
RegularizerLike = Regularizer | Callable[..., Any] | type | str | Mapping[str, Any] | None


REGULARIZERS = Family("regularizer", Regularizer)
get = REGULARIZERS.get
serialize = REGULARIZERS.serialize
deserialize = REGULARIZERS.deserialize


@REGULARIZERS.member("l1_l2", "l1l2")
class L1L2(Regularizer):
    """l1 * sum(abs(x)) + l2 * sum(x**2).

    Args:
        l1: the factor of the absolute values, not negative.
        l2: the factor of the squares, not negative.

    >>> L1L2(l1=1.0, l2=1.0)([3.0, -4.0])
    Tensor(32., shape=(), dtype=float32)
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = number(0.0 if l1 is None else l1, "L1L2", "l1", "[0, inf)")
        self.l2 = number(0.0 if l2 is None else l2, "L1L2", "l2", "[0, inf)")

    def __call__(self, x: TensorLike) -> Tensor:
        """Return the penalty on the weight `x`."""
        weight = as_tensor(x, None, "L1L2")
        cost = zeros((), weight.dtype)
        if self.l1:
            cost = cost + self.l1 * sum(absolute(weight))
        if self.l2:
            cost = cost + self.l2 * sum(square(weight))
        return cost

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"l1": self.l1, "l2": self.l2}


@REGULARIZERS.member("l1")
class L1(Regularizer):
    """l1 * sum(abs(x)).

    Args:
        l1: the factor, not negative.

    >>> L1(0.5)([3.0, -4.0])
    Tensor(3.5, shape=(), dtype=float32)
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = number(0.01 if l1 is None else l1, "L1", "l1", "[0, inf)")

    def __call__(self, x: TensorLike) -> Tensor:
        """Return the penalty on the weight `x`."""
        return self.l1 * sum(absolute(x))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"l1": self.l1}


@REGULARIZERS.member("l2")
class L2(Regularizer):
    """l2 * sum(x**2).

    Args:
        l2: the factor, not negative.

    >>> L2(0.5)([3.0, -4.0])
    Tensor(12.5, shape=(), dtype=float32)
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = number(0.01 if l2 is None else l2, "L2", "l2", "[0, inf)")

    def __call__(self, x: TensorLike) -> Tensor:
        """Return the penalty on the weight `x`."""
        return self.l2 * sum(square(x))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"l2": self.l2}


@REGULARIZERS.member("orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """factor * the mean of abs(cosine) over all pairs of rows, or columns, of a matrix.

    Args:
        factor: the factor, not negative.
        mode: ``"rows"`` or ``"columns"``.

    A matrix with one row has no pair, and the penalty 0.

    >>> OrthogonalRegularizer(factor=1.0)([[1.0, 0.0], [3.0, 0.0]])
    Tensor(1., shape=(), dtype=float32)
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = number(factor, "OrthogonalRegularizer", "factor", "[0, inf)")
        self.mode = one_of(mode, "OrthogonalRegularizer", "mode", ("rows", "columns"))

    def __call__(self, x: TensorLike) -> Tensor:
        """Return the penalty on the weight `x`, (rows, columns)."""
        weight = as_tensor(x, None, "OrthogonalRegularizer")
        if weight.ndim != 2:
            raise ShapeError(
                f"OrthogonalRegularizer: the weight must have shape (rows, columns), got {weight.shape}"
            )
        # Rows of length 1, so that their products are the cosines; the diagonal is each row with itself.
        rows = normalize(weight if self.mode == "rows" else transpose(weight), axis=1)
        count = rows.shape[0]
        cosines = matmul(rows, transpose(rows)) * (1.0 - eye(count, dtype=rows.dtype))
        # Divided by the number of ordered pairs, as the sum has each pair twice.
        return self.factor * sum(absolute(cosines)) / max(1, count * (count - 1))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"factor": self.factor, "mode": self.mode}


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

_answer_for(__name__)
