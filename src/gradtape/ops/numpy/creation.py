"""Tensors made from a shape or a rule, and conversions from and to NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.dtypes import FLOAT, DTypeLike, as_dtype
from gradtape.core.op_facts import keep_rows
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    ArrayLike,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ArgumentError, DtypeError
from gradtape.ops.base.axes import one_axis
from gradtape.ops.numpy.axis_order import moveaxis
from gradtape.ops.numpy.ranges import check_fits
from gradtape.ops.numpy.shapes import as_shape, broadcast_to, cast


def zeros(shape: object, dtype: DTypeLike = None) -> Tensor:
    """Return a tensor of zeros; float32 unless `dtype` names another.

    >>> zeros((2,))
    Tensor([0., 0.], shape=(2,), dtype=float32)
    """
    return full(shape, 0, as_dtype(FLOAT if dtype is None else dtype, "zeros"), who="zeros")


def ones(shape: object, dtype: DTypeLike = None) -> Tensor:
    """Return a tensor of ones; float32 unless `dtype` names another.

    >>> ones((2,), "int32")
    Tensor([1, 1], shape=(2,), dtype=int32)
    """
    return full(shape, 1, as_dtype(FLOAT if dtype is None else dtype, "ones"), who="ones")


def full(shape: object, fill_value: TensorLike, dtype: DTypeLike = None, *, who: str = "full") -> Tensor:
    """Return a tensor of `shape` with `fill_value` everywhere, in its dtype unless another is named.

    Args:
        shape: one length or several.
        fill_value: a number, or what broadcasts to `shape`; a Tensor is converted as by `cast`.
        dtype: of the result; None keeps that of `fill_value`.
        who: the caller's name, for error messages.

    Raises:
        ArgumentError: if a number does not fit into `dtype`.
        DtypeError: if `dtype` is for whole numbers and one is not whole.

    >>> full((2,), 7.0)
    Tensor([7., 7.], shape=(2,), dtype=float32)
    """
    size = as_shape(shape, who)
    if any(n < 0 for n in size):
        raise ArgumentError(f"{who}: shape must not have negative lengths, got {size}")
    # By an operation, so that the gradient reaches a fill_value that is a Tensor.
    return broadcast_to(_filling(fill_value, None if dtype is None else as_dtype(dtype, who), who), size)


def _filling(value: TensorLike, dtype: np.dtype[Any] | None, who: str) -> Tensor:
    if dtype is None or isinstance(value, ArrayLike):
        tensor = as_tensor(value, None, who)
        return tensor if dtype is None else cast(tensor, dtype)
    # Numbers that do not fit are refused; a Tensor was converted by `cast` above, which drops fractions.
    if isinstance(value, float | np.ndarray | np.generic):
        tensor = as_tensor(np.asarray(value), None, who)
        check_fits(np.asarray(tensor), dtype, who)
        return cast(tensor, dtype)
    return as_tensor(value, dtype, who)


@takes_placeholders
def array(x: object, dtype: DTypeLike = None) -> Tensor:
    """Return `x` as a tensor, as `convert_to_tensor` does.

    Args:
        x: anything that `as_tensor` takes.
        dtype: of the tensor; None keeps the one that follows from `x`.

    >>> array([1, 2], "float32")
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """
    return as_tensor(x, dtype, "array")


@takes_placeholders
def zeros_like(x: TensorLike, dtype: DTypeLike = None) -> Tensor:
    """Return zeros of the shape and dtype of `x`.

    >>> zeros_like([1, 2])
    Tensor([0, 0], shape=(2,), dtype=int32)
    """
    return full_like(x, 0, dtype)


@takes_placeholders
def ones_like(x: TensorLike, dtype: DTypeLike = None) -> Tensor:
    """Return ones of the shape and dtype of `x`.

    >>> ones_like([1.5, 2.5])
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """
    return full_like(x, 1, dtype)


@takes_placeholders
def full_like(x: TensorLike, fill_value: TensorLike, dtype: DTypeLike = None) -> Tensor:
    """Return `fill_value` everywhere, in the shape and dtype of `x`.

    >>> full_like([1.5, 2.5], 3)
    Tensor([3., 3.], shape=(2,), dtype=float32)
    """
    tensor = as_tensor(x, None, "full_like")
    return full(tensor.shape, fill_value, tensor.dtype if dtype is None else dtype, who="full_like")


def eye(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike = None) -> Tensor:
    """Return an (N, M) matrix with ones on its k-th diagonal and zeros elsewhere.

    >>> eye(2)
    Tensor([[1., 0.],
            [0., 1.]], shape=(2, 2), dtype=float32)
    """
    rows = whole(N, "eye", "N", 0)
    columns = rows if M is None else whole(M, "eye", "M", 0)
    kind = as_dtype(FLOAT if dtype is None else dtype, "eye")
    return as_tensor(np.eye(rows, columns, whole(k, "eye", "k")).astype(kind))


def identity(n: int, dtype: DTypeLike = None) -> Tensor:
    """Return the (n, n) matrix with ones on its diagonal.

    >>> identity(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return eye(n, dtype=dtype)


@takes_placeholders
def one_hot(x: TensorLike, num_classes: int, axis: int = -1, dtype: DTypeLike = None) -> Tensor:
    """Return 1 at each label and 0 elsewhere, along a new axis of length `num_classes`.

    A label outside [0, num_classes), a negative one too, gives zeros: never another class.

    Args:
        x: whole numbers of any shape.
        num_classes: how many classes there are.
        axis: where the new axis stands in the result.
        dtype: of the result; None means float32.

    >>> one_hot([1, -1], 2)
    Tensor([[0., 1.],
            [0., 0.]], shape=(2, 2), dtype=float32)
    """
    labels = as_tensor(x, None, "one_hot")
    classes = whole(num_classes, "one_hot", "num_classes", 0)
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"one_hot: labels must be whole numbers, got {labels.dtype}")
    kind = as_dtype(FLOAT if dtype is None else dtype, "one_hot")
    where = one_axis(axis, labels.ndim + 1, "one_hot")
    rows = _one_hot(labels, classes=classes, dtype=kind)
    return rows if where == labels.ndim else moveaxis(rows, -1, where)


@operation(differentiable=False, name="one_hot", kind="selection", rows=keep_rows)
def _one_hot(x: Array, classes: int, dtype: np.dtype[Any]) -> Array:
    return engine.active.one_hot(x, classes, dtype)


@takes_placeholders
def convert_to_tensor(x: TensorLike, dtype: DTypeLike = None) -> Tensor:
    """Return `x` as a Tensor; see `gradtape.as_tensor`.

    >>> convert_to_tensor([1, 2], dtype="float32")
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """
    return as_tensor(x, dtype, "convert_to_tensor")


def convert_to_numpy(x: TensorLike) -> Any:
    """Return `x` as a NumPy array of its own.

    >>> convert_to_numpy(zeros((2,)))
    array([0., 0.], dtype=float32)
    """
    # A copy, since a Tensor's values must not change with the caller's array.
    return np.array(as_tensor(x, None, "convert_to_numpy"))


def shape(x: TensorLike) -> tuple[int, ...]:
    """Return the length of each axis of `x`.

    >>> shape([[1.0, 2.0]])
    (1, 2)
    """
    # Not converted where a shape is there already: a placeholder has one, but no values.
    if not isinstance(x, str) and hasattr(x, "shape"):
        return tuple(x.shape)
    return as_tensor(x, None, "shape").shape


def size(x: TensorLike) -> int:
    """Return how many elements `x` has.

    >>> size([[1.0, 2.0]])
    2
    """
    return as_tensor(x, None, "size").size
