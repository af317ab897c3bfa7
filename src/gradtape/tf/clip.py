"""Gradients made shorter, and sums of them: tf.clip_by_norm, tf.clip_by_global_norm, tf.add_n."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from gradtape import ops
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show


def add_n(inputs: Sequence[Any], name: str | None = None) -> Tensor:
    """Return the sum of tensors of one shape, element by element.

    Args:
        inputs: at least one; nothing is broadcast.
        name: ignored; kept for compatibility with TensorFlow.

    >>> add_n([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    Tensor([ 9., 12.], shape=(2,), dtype=float32)
    """
    if not isinstance(inputs, list | tuple) or not inputs:
        raise ArgumentError(f"add_n: inputs must be a list of at least one tensor, got {show(inputs)}")
    tensors = [as_tensor(x, None, "add_n") for x in inputs]
    if any(t.shape != tensors[0].shape for t in tensors):
        raise ShapeError(f"add_n: inputs must have one shape, got {[t.shape for t in tensors]}")
    return functools.reduce(ops.add, tensors)


def clip_by_norm(t: object, clip_norm: object, axes: Any = None, name: str | None = None) -> Tensor:
    """Return `t`, made shorter to the Euclidean norm `clip_norm` where it is longer.

    Args:
        t: any shape.
        clip_norm: the greatest norm, above 0.
        axes: the axes over which the norm is taken; None takes all.
        name: ignored; kept for compatibility with TensorFlow.

    >>> clip_by_norm([3.0, 4.0], 1.0)
    Tensor([0.6, 0.8], shape=(2,), dtype=float32)
    """
    tensor = as_tensor(t, None, "clip_by_norm")
    squares = ops.sum(ops.square(tensor), axis=axes, keepdims=True)
    has_length = squares > 0.0  # the root's gradient at 0 would be infinite
    # Without the inner `where` the gradient there would be 0 times the root's infinite one: NaN.
    norm = ops.where(has_length, ops.sqrt(ops.where(has_length, squares, ops.ones_like(squares))), squares)
    return ops.divide(tensor * clip_norm, ops.maximum(norm, clip_norm))


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    """Return the Euclidean norm of all tensors together; None among them counts nothing.

    >>> global_norm([[3.0], None, [[4.0]]])
    Tensor(5., shape=(), dtype=float32)
    """
    if not isinstance(t_list, list | tuple):
        raise ArgumentTypeError(f"global_norm: t_list must be a list of tensors, got {show(t_list)}")
    squares = [ops.sum(ops.square(t)) for t in t_list if t is not None]
    return ops.sqrt(add_n(squares)) if squares else as_tensor(0.0)


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: object, use_norm: object = None, name: str | None = None
) -> tuple[list[Tensor | None], Tensor]:
    """Return the tensors, all made shorter by one factor so that their global norm is `clip_norm` at most.

    Args:
        t_list: tensors; None among them stays None.
        clip_norm: the greatest norm, above 0.
        use_norm: the global norm, if it is known already.
        name: ignored; kept for compatibility with TensorFlow.

    Returns:
        The list of tensors, and the global norm before.  Where that is infinite or NaN, the tensors are NaN.

    >>> clipped, norm = clip_by_global_norm([as_tensor([3.0]), None, as_tensor([4.0])], 1.0)
    >>> [None if t is None else round(t.item(), 6) for t in clipped], norm.item()
    ([0.6, None, 0.8], 5.0)
    """
    norm = global_norm(t_list) if use_norm is None else as_tensor(use_norm)
    # TensorFlow's formula: a norm of 0 gives 1 / 0 = inf, and the minimum the factor 1.
    scale = clip_norm * ops.minimum(1.0 / norm, 1.0 / as_tensor(clip_norm, norm.dtype))
    # As in TensorFlow, NaN everywhere: with 1 / inf = 0 an overflow would pass for a step of 0.
    scale = ops.where(ops.isfinite(norm), scale, float("nan"))
    return [None if t is None else ops.multiply(t, scale) for t in t_list], norm
