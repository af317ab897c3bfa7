"""Products that sum over chosen axes: einsum, tensordot, dot, inner, outer, vdot."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.op_facts import Attributes, Axes, Shape
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ShapeError
from gradtape.ops.base.axes import many_axes
from gradtape.ops.linalg.linear_algebra import matmul
from gradtape.ops.linalg.subscripts import Subscripts, parse
from gradtape.ops.numpy.arithmetic import multiply
from gradtape.ops.numpy.diagonals import diagonal
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.shapes import reshape, transpose


@takes_placeholders
def einsum(subscripts: str, *operands: TensorLike) -> Tensor:
    """Return the product of `operands`, summed over the letters that the output does not name.

    Args:
        subscripts: a letter for each axis of each operand, such as ``"ij,jk->ik"``.  A letter twice in
            one operand takes its diagonal; ``...`` stands for axes that broadcast.  Without ``->`` the
            output has the axes of ``...`` and then, in alphabetical order, the letters that occur once.
        operands: one tensor for each part; they meet in one dtype.

    Raises:
        ArgumentError: if the subscripts cannot be read, or do not match the number of operands.
        ShapeError: if they do not match the shapes.

    >>> einsum("ij,jk->ik", [[1.0, 2.0]], [[3.0], [4.0]])
    Tensor([[11.]], shape=(1, 1), dtype=float32)
    """
    tensors = [as_tensor(x, None, "einsum") for x in operands]
    # Checked here and not by the engines, whose errors differ in class and text.
    parsed = parse(subscripts, tuple([t.shape for t in tensors]))
    # Diagonals and sums of single operands are taken first: then the rule of each operand is an einsum again.
    ready = [_only_needed(t, i, parsed) for i, t in enumerate(tensors)]
    if len(ready) == 1:
        x, letters = ready[0]
        order = tuple([letters.index(c) for c in parsed.output])
        return x if order == tuple(range(x.ndim)) else transpose(x, order)
    text = ",".join([letters for _, letters in ready]) + "->" + parsed.output
    return _einsum(*[x for x, _ in ready], subscripts=text)


def _only_needed(x: Tensor, position: int, parsed: Subscripts) -> tuple[Tensor, str]:
    """Return the operand with every letter once, and only letters that are used elsewhere."""
    letters = parsed.operands[position]
    repeated = [x.shape[i] == 1 < parsed.lengths[c] for i, c in enumerate(letters)]
    if True in repeated:  # an axis of ... with length 1: leaving it out broadcasts it
        x = reshape(x, tuple([n for n, r in zip(x.shape, repeated, strict=True) if not r]))
        letters = "".join([c for c, r in zip(letters, repeated, strict=True) if not r])
    for c in dict.fromkeys(letters):
        while letters.count(c) > 1:
            first = letters.index(c)
            second = letters.index(c, first + 1)
            x = diagonal(x, 0, first, second)
            # diagonal() puts the axis that both become last.
            letters = letters[:first] + letters[first + 1 : second] + letters[second + 1 :] + c
    elsewhere = parsed.output + "".join(parsed.operands[:position] + parsed.operands[position + 1 :])
    alone = tuple([i for i, c in enumerate(letters) if c not in elsewhere])
    return (sum(x, alone) if alone else x), "".join([c for c in letters if c in elsewhere])


def _einsum_cost(shapes: Sequence[Shape], output_shape: Shape, attributes: Attributes) -> int:
    """Return, for all values of all letters, a product of the operands, and a sum if a letter vanishes."""
    left, output = attributes["subscripts"].split("->")
    parts = left.split(",")
    lengths = {
        c: n for part, shape in zip(parts, shapes, strict=True) for c, n in zip(part, shape, strict=True)
    }
    return math.prod(lengths.values()) * (len(parts) - 1 + (len(lengths) > len(output)))


def _einsum_rows(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the letter of the rows stands in the output, if all operands with it have rows there."""
    left, output = attributes["subscripts"].split("->")
    parts = left.split(",")
    letters = {part[axis] for part, axis in zip(parts, axes, strict=True) if axis is not None}
    letter = letters.pop()
    alone = any(letter in part for part, axis in zip(parts, axes, strict=True) if axis is None)
    return None if letters or alone or letter not in output else output.index(letter)


@operation(promotes=True, name="einsum", kind="product", cost=_einsum_cost, rows=_einsum_rows)
def _einsum(*xs: Array, subscripts: str) -> Array:
    """Every letter stands once in a part, and in at least two of the parts and the output."""
    return engine.active.einsum(subscripts, *xs)


@_einsum.gradient("xs")
def einsum_xs(position: int, g: Tensor, y: Tensor, xs: tuple[Tensor, ...], subscripts: str) -> Tensor:
    """einsum of g and the other operands, with the operand's letters as output"""
    left, output = subscripts.split("->")
    parts = left.split(",")
    others = [i for i in range(len(xs)) if i != position]
    # Every letter of the operand stands in the output or in another part (`_only_needed`), so g and the
    # others name all its axes, and the product needs no broadcast.
    text = ",".join([output, *[parts[i] for i in others]]) + "->" + parts[position]
    return _einsum(g, *[xs[i] for i in others], subscripts=text)


@takes_placeholders
def tensordot(x1: TensorLike, x2: TensorLike, axes: object = 2) -> Tensor:
    """Return the products of `x1` and `x2` summed over pairs of axes.

    Args:
        x1, x2: any shapes.
        axes: how many, the last of x1 with the first of x2; or a pair: the axes of x1, the axes of x2.

    Returns:
        The other axes of x1, then the other axes of x2.

    Raises:
        ShapeError: if paired axes differ in length.

    >>> tensordot([[1.0, 2.0]], [[3.0], [4.0]], axes=1)
    Tensor([[11.]], shape=(1, 1), dtype=float32)
    """
    return _tensordot(as_tensor(x1, None, "tensordot"), as_tensor(x2, None, "tensordot"), axes, "tensordot")


def _tensordot(a: Tensor, b: Tensor, axes: object, who: str) -> Tensor:
    left, right = _paired_axes(a, b, axes, who)
    free_left = tuple([i for i in range(a.ndim) if i not in left])
    free_right = tuple([i for i in range(b.ndim) if i not in right])
    depth = math.prod([a.shape[i] for i in left])
    rows, columns = [a.shape[i] for i in free_left], [b.shape[i] for i in free_right]
    # One product of two matrices, which BLAS computes, whatever the axes are.
    first = reshape(transpose(a, free_left + left), (math.prod(rows), depth))
    second = reshape(transpose(b, right + free_right), (depth, math.prod(columns)))
    return reshape(matmul(first, second), (*rows, *columns))


def _paired_axes(a: Tensor, b: Tensor, axes: object, who: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if isinstance(axes, tuple | list) and len(axes) == 2:
        left, right = many_axes(axes[0], a.ndim, who), many_axes(axes[1], b.ndim, who)
    else:
        count = whole(axes, who, "axes")
        if not 0 <= count <= min(a.ndim, b.ndim):
            raise ShapeError(f"{who}: axes={count} needs that many axes, got x1 {a.shape} and x2 {b.shape}")
        left, right = tuple(range(a.ndim - count, a.ndim)), tuple(range(count))
    if [a.shape[i] for i in left] != [b.shape[i] for i in right]:
        raise ShapeError(
            f"{who}: axes {left} of x1 and {right} of x2 must be equally long, "
            f"got x1 {a.shape} and x2 {b.shape}"
        )
    return left, right


@takes_placeholders
def dot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Return the sum of products over the last axis of `x1` and the last but one (or only) axis of `x2`.

    With a tensor of rank 0 it is the plain product.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    Tensor(11., shape=(), dtype=float32)
    """
    a, b = as_tensor(x1, None, "dot"), as_tensor(x2, None, "dot")
    if not a.ndim or not b.ndim:
        return multiply(a, b)
    return _tensordot(a, b, ((-1,), (-1 if b.ndim == 1 else -2,)), "dot")


@takes_placeholders
def inner(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Return the sum of products over the last axes of `x1` and `x2`.

    >>> inner([1.0, 2.0], [3.0, 4.0])
    Tensor(11., shape=(), dtype=float32)
    """
    a, b = as_tensor(x1, None, "inner"), as_tensor(x2, None, "inner")
    if not a.ndim or not b.ndim:
        return multiply(a, b)
    return _tensordot(a, b, ((-1,), (-1,)), "inner")


@takes_placeholders
def vdot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Return the sum of the products of all elements of `x1` and `x2`, both flattened.

    >>> vdot([[1.0, 2.0]], [[3.0], [4.0]])
    Tensor(11., shape=(), dtype=float32)
    """
    return _tensordot(reshape(x1, (-1,)), reshape(x2, (-1,)), 1, "vdot")


@takes_placeholders
def outer(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Return every element of `x1` times every element of `x2`, both flattened: (n1, n2).

    >>> outer([1.0, 2.0], [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]], shape=(2, 2), dtype=float32)
    """
    return reshape(x1, (-1, 1)) * reshape(x2, (1, -1))
