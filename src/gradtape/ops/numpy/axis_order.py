"""Axes added, removed and put in another order."""

from __future__ import annotations

from gradtape.base.checks import whole
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, AxisError, ShapeError, show
from gradtape.ops.base.axes import many_axes, one_axis
from gradtape.ops.numpy.padding import flip
from gradtape.ops.numpy.shapes import reshape, transpose


@takes_placeholders
def expand_dims(x: TensorLike, axis: object) -> Tensor:
    """Return `x` with an axis of length 1 at `axis`, or at each of several.

    >>> expand_dims([1.0, 2.0], 0).shape, expand_dims([1.0, 2.0], (0, -1)).shape
    ((1, 2), (1, 2, 1))
    """
    tensor = as_tensor(x, None, "expand_dims")
    count = len(axis) if isinstance(axis, tuple | list) else 1
    # The new axes are counted in the result, as in NumPy: -1 is its last one.
    new = many_axes(axis, tensor.ndim + count, "expand_dims")
    old = iter(tensor.shape)
    return reshape(tensor, tuple([1 if i in new else next(old) for i in range(tensor.ndim + count)]))


@takes_placeholders
def squeeze(x: TensorLike, axis: object = None) -> Tensor:
    """Return `x` without its axes of length 1, or without those named.

    Raises:
        ShapeError: if an axis named is longer than 1.

    >>> squeeze([[[1.0], [2.0]]]).shape, squeeze([[[1.0], [2.0]]], axis=0).shape
    ((2,), (2, 1))
    """
    tensor = as_tensor(x, None, "squeeze")
    if axis is None:
        gone = tuple([i for i, n in enumerate(tensor.shape) if n == 1])
    else:
        gone = many_axes(axis, tensor.ndim, "squeeze")
    if any(tensor.shape[i] != 1 for i in gone):
        raise ShapeError(f"squeeze: the axes left out must have length 1, got {gone} of shape {tensor.shape}")
    return reshape(tensor, tuple([n for i, n in enumerate(tensor.shape) if i not in gone]))


@takes_placeholders
def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Return `x` with two axes exchanged.

    >>> swapaxes([[1.0, 2.0]], 0, 1).shape
    (2, 1)
    """
    tensor = as_tensor(x, None, "swapaxes")
    first, second = (one_axis(a, tensor.ndim, "swapaxes") for a in (axis1, axis2))
    order = list(range(tensor.ndim))
    order[first], order[second] = order[second], order[first]
    return transpose(tensor, tuple(order))


@takes_placeholders
def moveaxis(x: TensorLike, source: object, destination: object) -> Tensor:
    """Return `x` with the axes `source` at the places `destination`; the others keep their order.

    >>> moveaxis([[[1.0, 2.0]]], -1, 0).shape
    (2, 1, 1)
    """
    tensor = as_tensor(x, None, "moveaxis")
    start, end = many_axes(source, tensor.ndim, "moveaxis"), many_axes(destination, tensor.ndim, "moveaxis")
    if len(start) != len(end):
        raise ArgumentError(
            f"moveaxis: source and destination must be equally many, got {len(start)} and {len(end)}"
        )
    order = [i for i in range(tensor.ndim) if i not in start]
    # In ascending order, so that no later insertion moves an axis that stands in its place already.
    for place, axis in sorted(zip(end, start, strict=True)):
        order.insert(place, axis)
    return transpose(tensor, tuple(order))


@takes_placeholders
def ravel(x: TensorLike) -> Tensor:
    """Return the elements of `x` in C order along one axis.

    >>> ravel([[1.0, 2.0], [3.0, 4.0]])
    Tensor([1., 2., 3., 4.], shape=(4,), dtype=float32)
    """
    tensor = as_tensor(x, None, "ravel")
    return reshape(tensor, (tensor.size,))


@takes_placeholders
def rot90(x: TensorLike, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """Return `x` turned by 90 degrees `k` times, from the first of `axes` towards the second.

    >>> rot90([[1.0, 2.0], [3.0, 4.0]])
    Tensor([[2., 4.],
            [1., 3.]], shape=(2, 2), dtype=float32)
    """
    tensor = as_tensor(x, None, "rot90")
    if not isinstance(axes, tuple | list) or len(axes) != 2:
        raise AxisError(f"rot90: axes must be two axes, got {show(axes)}")
    first, second = many_axes(axes, tensor.ndim, "rot90")
    turns = whole(k, "rot90", "k") % 4
    if turns == 0:
        return tensor
    if turns == 2:
        return flip(tensor, (first, second))
    # A quarter turn is a transpose and a flip.
    transposed = swapaxes(tensor, first, second)
    return flip(transposed, first) if turns == 1 else flip(transposed, second)
