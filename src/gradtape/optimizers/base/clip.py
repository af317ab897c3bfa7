"""Gradient clipping: by value, by norm, by the norm of all gradients."""

from __future__ import annotations

from collections.abc import Sequence

from gradtape.core.tensor import Tensor
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.selection import clip, maximum
from gradtape.ops.numpy.shapes import cast


def clip_by_value(gradients: Sequence[Tensor], limit: float) -> list[Tensor]:
    """Return the gradients with every element brought into [-limit, limit].

    >>> from gradtape import as_tensor
    >>> clip_by_value([as_tensor([0.5, -3.0])], 1.0)
    [Tensor([ 0.5, -1. ], shape=(2,), dtype=float32)]
    """
    return [clip(g, -limit, limit) for g in gradients]


def clip_by_norm(gradients: Sequence[Tensor], limit: float) -> list[Tensor]:
    """Return the gradients, each scaled down to the norm `limit` if its own is larger.

        g * limit / max(norm(g), limit)

    >>> from gradtape import as_tensor
    >>> clip_by_norm([as_tensor([3.0, 4.0]), as_tensor([0.5])], 1.0)
    [Tensor([0.6, 0.8], shape=(2,), dtype=float32), Tensor([0.5], shape=(1,), dtype=float32)]
    """
    # max() instead of a comparison: a gradient of norm 0 is not divided by 0, as limit > 0
    return [g * (limit / maximum(sqrt(sum(square(g))), limit)) for g in gradients]


def clip_by_global_norm(gradients: Sequence[Tensor], limit: float) -> list[Tensor]:
    """Return the gradients, all scaled by one factor so that their common norm is at most `limit`.

        g * limit / max(sqrt(sum of all norm(g)**2), limit)

    An infinite or NaN norm makes all of them NaN.

    >>> from gradtape import as_tensor
    >>> clip_by_global_norm([as_tensor([3.0]), as_tensor([4.0])], 1.0)
    [Tensor([0.6], shape=(1,), dtype=float32), Tensor([0.8], shape=(1,), dtype=float32)]
    """
    total = sum(square(gradients[0]))
    for g in gradients[1:]:
        total = total + sum(square(g))
    norm = sqrt(total)
    # an infinite norm alone would give the scale 0: finite gradients would become 0 as if nothing were wrong
    scale = limit / maximum(norm, limit) + (norm - norm)  # inf - inf = nan
    # the norm has the widest dtype of all gradients, and each of them keeps its own
    return [g * cast(scale, g.dtype) for g in gradients]
