"""Piecewise linear activations, gated activations, and other names of activations.

Each keeps NaN: where x is NaN, value and gradient are NaN.
"""

from __future__ import annotations

from gradtape import engine
from gradtape.core import kinks
from gradtape.core.operation import operation
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import (
    Array,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.errors import ShapeError
from gradtape.ops.base.axes import one_axis
from gradtape.ops.base.floats import countable, floating
from gradtape.ops.base.rules import gate
from gradtape.ops.nn.activations import sigmoid
from gradtape.ops.numpy.arithmetic import absolute
from gradtape.ops.numpy.exponential import exp


@operation(kind="elementwise", kinks=[-3.0, 3.0])
def hard_sigmoid(x: Array) -> Array:
    """Return min(max(x + 3, 0), 6) / 6.  Its slopes at -3 and 3 are 0.

    >>> hard_sigmoid([0.0, 4.0])
    Tensor([0.5, 1. ], shape=(2,), dtype=float32)
    """
    return engine.xp.minimum(engine.xp.maximum(floating(x) + 3, 0), 6) / 6


@hard_sigmoid.gradient("x")
def hard_sigmoid_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / 6 where -3 < x < 3, else 0"""
    return gate(g / 6, absolute(x) < 3, y)


@takes_placeholders
def hard_silu(x: TensorLike) -> Tensor:
    """Return x * hard_sigmoid(x), also called hard_swish.

    Source: Howard et al. 2019, arXiv:1905.02244

    >>> f"{hard_silu(1.0):.4f}"
    '0.6667'
    """
    tensor = as_tensor(x, None, "hard_silu")
    return tensor * hard_sigmoid(tensor)


@operation(kind="elementwise", symbol="min(max(x, -1), 1)", kinks=[-1.0, 1.0])
def hard_tanh(x: Array) -> Array:
    """Return min(max(x, -1), 1).  Its slopes at -1 and 1 are 1, as those of clip.

    >>> hard_tanh([0.5, 4.0])
    Tensor([0.5, 1. ], shape=(2,), dtype=float32)
    """
    x = countable(x)
    # An unsigned dtype cannot hold -1, and needs no lower bound.
    return engine.xp.minimum(x if x.dtype.kind == "u" else engine.xp.maximum(x, -1), 1)


@hard_tanh.gradient("x")
def hard_tanh_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g where -1 <= x <= 1, else 0"""
    # x == y where nothing was cut off, the bounds included.
    return gate(g, x == y, y)


@operation(kind="elementwise", kinks=kinks.at_argument("threshold", -1.0, 1.0))
def hard_shrink(x: Array, threshold: float = 0.5) -> Array:
    """Return x where abs(x) > threshold, 0 elsewhere.  Its slopes at the threshold are 0.

    >>> hard_shrink([0.25, 1.0])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """
    x = floating(x)
    # Asked this way round because a comparison with NaN is false: NaN comes out as itself.
    return engine.xp.where(engine.xp.abs(x) <= threshold, 0, x)


@hard_shrink.gradient("x")
def hard_shrink_x(g: Tensor, y: Tensor, x: Tensor, threshold: float) -> Tensor:
    """g where abs(x) > threshold, else 0"""
    return gate(g, absolute(x) > threshold, y)


@operation(kind="elementwise", kinks=kinks.at_argument("threshold", -1.0, 1.0))
def soft_shrink(x: Array, threshold: float = 0.5) -> Array:
    """Return x moved towards 0 by threshold, at most to 0.  Its slopes at the threshold are 0.

    >>> soft_shrink([0.25, 1.0])
    Tensor([0. , 0.5], shape=(2,), dtype=float32)
    """
    x, xp = floating(x), engine.xp
    # x less the part of it within [-threshold, threshold]; no comparison, so NaN stays.
    return x - xp.minimum(xp.maximum(x, -threshold), threshold)


@soft_shrink.gradient("x")
def soft_shrink_x(g: Tensor, y: Tensor, x: Tensor, threshold: float) -> Tensor:
    """g where abs(x) > threshold, else 0"""
    return gate(g, absolute(x) > threshold, y)


@operation(kind="elementwise", kinks=kinks.at_argument("threshold", 1.0))
def threshold(x: Array, threshold: float, default_value: float) -> Array:
    """Return x where x > threshold, default_value elsewhere.  Its slope at the threshold is 0.

    >>> threshold([0.25, 1.0], 0.5, -1.0)
    Tensor([-1.,  1.], shape=(2,), dtype=float32)
    """
    x = floating(x)
    # Asked this way round, as in hard_shrink, so that NaN comes out as itself.
    return engine.xp.where(x <= threshold, default_value, x)


@threshold.gradient("x")
def threshold_x(g: Tensor, y: Tensor, x: Tensor, threshold: float, default_value: float) -> Tensor:
    """g where x > threshold, else 0"""
    return gate(g, x > threshold, y)


@operation(kind="elementwise", kinks=[-1.0, 1.0])
def sparse_sigmoid(x: Array) -> Array:
    """Return (x + 1) / 2, at least 0 and at most 1.  Its slopes at -1 and 1 are 0.

    Source: Martins, Astudillo 2016, arXiv:1602.02068

    >>> sparse_sigmoid([0.5, 4.0])
    Tensor([0.75, 1.  ], shape=(2,), dtype=float32)
    """
    return engine.xp.minimum(engine.xp.maximum(0.5 * (floating(x) + 1), 0), 1)


@sparse_sigmoid.gradient("x")
def sparse_sigmoid_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / 2 where -1 < x < 1, else 0"""
    return gate(0.5 * g, absolute(x) < 1, y)


@operation(kind="elementwise", kinks=[-1.0, 1.0])
def sparse_plus(x: Array) -> Array:
    """Return 0 where x <= -1, (x + 1)**2 / 4 between -1 and 1, x where x >= 1.

    >>> sparse_plus([0.0, 4.0])
    Tensor([0.25, 4.  ], shape=(2,), dtype=float32)
    """
    x, xp = floating(x), engine.xp
    # Clipped before it is squared, for the branch that is not chosen is computed too, and could overflow.
    share = xp.minimum(xp.maximum(0.5 * (x + 1), 0), 1)
    return xp.where(x < 1, share * share, x)


@sparse_plus.gradient("x")
def sparse_plus_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * sparse_sigmoid(x)"""
    return g * sparse_sigmoid(x)


@takes_placeholders
def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """Return a * sigmoid(b), a and b being the two halves of `x` along `axis`.

    Source: Dauphin, Fan, Auli, Grangier 2017, arXiv:1612.08083

    >>> glu([3.0, 0.0])
    Tensor([1.5], shape=(1,), dtype=float32)
    """
    tensor = as_tensor(x, None, "glu")
    place = one_axis(axis, tensor.ndim, "glu")
    if tensor.shape[place] % 2:
        raise ShapeError(f"glu: axis {axis} must have an even length, got shape {tensor.shape}")
    half = tensor.shape[place] // 2
    before = (slice(None),) * place
    return tensor[(*before, slice(None, half))] * sigmoid(tensor[(*before, slice(half, None))])


@takes_placeholders
def linear(x: TensorLike) -> Tensor:
    """Return x itself, as a tensor.

    >>> linear([1.0, 2.0])
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """
    return as_tensor(x, None, "linear")


exponential = exp
hard_swish = hard_silu
