"""Order: argmax and argmin, sorting, and the k largest elements."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core import kinks
from gradtape.core.dtypes import INT
from gradtape.core.op_facts import Attributes, Shape, per_input, size
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ArgumentError, DtypeError, ShapeError
from gradtape.ops.base.axes import count_along, many_axes, one_axis
from gradtape.ops.base.rows import (
    keep_all_but_last,
    keep_leading_axes,
    keep_other_axes,
    keep_taken_along,
    keep_unreduced_axes,
)
from gradtape.ops.numpy.shapes import reshape


def sorting_cost(shapes: Sequence[Shape], output_shape: Shape, attributes: Attributes) -> int:
    """Return log2(n) comparisons for each element, n being how many are sorted together.

    >>> sorting_cost([(3, 8)], (3, 8), {"axis": 1})
    72
    """
    axis, count = attributes.get("axis", -1), size(shapes[0])
    length = count if axis is None else shapes[0][axis]
    return count * math.ceil(math.log2(max(length, 1)))


@operation(differentiable=False, kind="reduction", rows=keep_unreduced_axes)
def argmax(x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    """Return the index of the first largest element along `axis` (None: of x flattened), as int32.

    A NaN counts as the largest.

    Raises:
        ShapeError: if there is no element along `axis`.

    >>> argmax([[1.0, 5.0], [7.0, 7.0]], axis=1)
    Tensor([1, 0], shape=(2,), dtype=int32)
    """
    where = _checked_axis(x, axis, "argmax")
    # int32, as in Keras; NumPy's own indices are int64.
    return engine.active.astype(engine.xp.argmax(x, axis=where, keepdims=keepdims), INT)


@operation(differentiable=False, kind="reduction", rows=keep_unreduced_axes)
def argmin(x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    """Return the index of the first smallest element along `axis` (None: of x flattened), as int32.

    A NaN counts as the smallest.

    Raises:
        ShapeError: if there is no element along `axis`.

    >>> argmin([[1.0, 5.0], [7.0, 7.0]], axis=1)
    Tensor([0, 0], shape=(2,), dtype=int32)
    """
    where = _checked_axis(x, axis, "argmin")
    return engine.active.astype(engine.xp.argmin(x, axis=where, keepdims=keepdims), INT)


def _checked_axis(x: Array, axis: int | None, who: str) -> int | None:
    where = None if axis is None else one_axis(axis, x.ndim, who)
    count_along(x.shape, many_axes(where, x.ndim, who), who)
    return where


@operation(kind="along_axis", cost=sorting_cost, rows=keep_other_axes, kinks=kinks.order_along_axis)
def sort(x: Array, axis: int | None = -1) -> Array:
    """Return the elements in ascending order along `axis` (None: of x flattened), NaN at the end.

    >>> sort([3.0, 1.0, 2.0])
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """
    where = None if axis is None else one_axis(axis, x.ndim, "sort")
    return engine.xp.sort(x, axis=where)


@sort.gradient("x")
def sort_x(g: Tensor, y: Tensor, x: Tensor, axis: int | None) -> Tensor:
    """g at the place where each element went; of equal ones the first goes first"""
    # With axis None the sorted x is flat, and so is g until the reshape below.
    where = 0 if axis is None else axis
    # The inverse of a permutation is its argsort.
    places = argsort(argsort(x, axis), where)
    return reshape(reorder(g, places, axis=where), x.shape)


@operation(differentiable=False, kind="along_axis", cost=sorting_cost, rows=keep_other_axes)
def argsort(x: Array, axis: int | None = -1) -> Array:
    """Return the indices that sort `x` along `axis` (None: x flattened), as int32.

    Equal elements keep their order; NaN comes last.

    >>> argsort([3.0, 1.0, 2.0])
    Tensor([1, 2, 0], shape=(3,), dtype=int32)
    """
    where = None if axis is None else one_axis(axis, x.ndim, "argsort")
    # Stable, which NumPy's own default is not: otherwise equal elements could change places between engines.
    return engine.active.astype(engine.xp.argsort(x, axis=where, stable=True), INT)


@operation(kind="selection", rows=keep_taken_along)
def reorder(x: Array, order: Array, axis: int) -> Array:
    """Return `x` with the elements along `axis` in another order, in which every index comes once.

    >>> reorder([3.0, 1.0, 2.0], [1, 2, 0], axis=0)
    Tensor([1., 2., 3.], shape=(3,), dtype=float32)
    """
    return engine.xp.take_along_axis(x, order, axis=axis)


@reorder.gradient("x")
def reorder_x(g: Tensor, y: Tensor, x: Tensor, order: Tensor, axis: int) -> Tensor:
    """g in the order that undoes it"""
    # Every index comes once, so taking in the inverse order does what adding at the indices would, faster.
    return reorder(g, argsort(order, axis), axis=axis)


@takes_placeholders
def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """Return the k largest elements along the last axis, the largest first, and their indices.

    Args:
        x: (..., n) of any dtype.
        k: how many, at most n.
        sorted: without effect: they always come in order.

    Returns:
        The values (..., k), through which the gradient passes, and their indices (..., k) int32.
        Of equal elements the first comes first; a NaN counts as the largest.

    Raises:
        ArgumentError: if k is not in [0, n].

    >>> top_k([1.0, 4.0, 3.0], k=2)
    (Tensor([4., 3.], shape=(2,), dtype=float32), Tensor([1, 2], shape=(2,), dtype=int32))
    """
    tensor = as_tensor(x, None, "top_k")
    length = tensor.shape[one_axis(-1, tensor.ndim, "top_k")]
    count = whole(k, "top_k", "k")
    if not 0 <= count <= length:
        raise ArgumentError(f"top_k: k must be in [0, {length}], got {count}")
    order = descending(tensor)
    return reorder(tensor, order, axis=-1)[..., :count], order[..., :count]


@operation(differentiable=False, kind="along_axis", cost=sorting_cost, rows=keep_leading_axes(1))
def descending(x: Array) -> Array:
    """Return the indices that sort `x` along the last axis from large to small, as int32; NaN first.

    >>> descending([1.0, 4.0, 4.0])
    Tensor([1, 2, 0], shape=(3,), dtype=int32)
    """
    # Reversed before and after, so that of equal elements the first comes first.
    ascending = engine.xp.argsort(x[..., ::-1], axis=-1, stable=True)
    return engine.active.astype(x.shape[-1] - 1 - ascending[..., ::-1], INT)


@operation(differentiable=False, kind="reduction", cost=per_input(2), rows=keep_all_but_last)
def in_top_k(targets: Array, predictions: Array, k: int) -> Array:
    """Return whether fewer than k predictions are larger than that of the target class.

    Args:
        targets: (...) class numbers.
        predictions: (..., classes).
        k: a whole number.

    Returns:
        (...) bool.  Ties with the k-th count as in; a target whose prediction is NaN is never in.

    Raises:
        ShapeError: if targets do not have the shape of predictions without its last axis.
        AxisError: if a target is not a class number.

    >>> in_top_k([1, 0], [[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]], k=2)
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    if not predictions.ndim or targets.shape != predictions.shape[:-1]:
        raise ShapeError(
            "in_top_k: targets must have the shape of predictions without its last axis, "
            f"got targets {targets.shape} and predictions {predictions.shape}"
        )
    if targets.dtype.kind not in "iu":
        raise DtypeError(f"in_top_k: targets must be whole class numbers, got {targets.dtype}")
    engine.active.check_labels(targets, predictions.shape[-1], "in_top_k")
    chosen = engine.xp.take_along_axis(predictions, targets[..., None], axis=-1)
    larger = engine.active.sum(engine.active.astype(predictions > chosen, INT), (predictions.ndim - 1,))
    # No comparison with NaN is true, so a NaN would have nothing above it and be in.
    return (larger < whole(k, "in_top_k", "k")) & (chosen == chosen)[..., 0]
