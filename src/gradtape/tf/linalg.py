"""tf.linalg: the dictionary's part for products of matrices."""

from __future__ import annotations

from typing import Any

from gradtape import ops
from gradtape.base.absent import answer_for as _answer_for
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.tf.clip import global_norm as global_norm
from gradtape.tf.names import spelled


def matmul(
    a: object, b: object, transpose_a: bool = False, transpose_b: bool = False, name: str | None = None
) -> Tensor:
    """Return the matrix product of `a` and `b`, each transposed first if so asked."""
    return ops.matmul(_transposed(a) if transpose_a else a, _transposed(b) if transpose_b else b)


def _transposed(matrix: object) -> Tensor:
    return ops.swapaxes(as_tensor(matrix), -1, -2)


tensordot = spelled(ops.tensordot, a="x1", b="x2")
einsum = spelled(ops.einsum, equation="subscripts")
trace = spelled(ops.trace)
diag_part = spelled(ops.diagonal, input="x")


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Return the norm; the Euclidean one of all elements unless another is named."""
    return ops.norm(tensor, ord=None if ord == "euclidean" else ord, axis=axis, keepdims=keepdims)


_answer_for(__name__)
