"""Activations by name: functions of one tensor.  The names, arguments and defaults are Keras'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradtape import ops
from gradtape.base.absent import answer_for as _answer_for
from gradtape.base.config import Family
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.ops.nn.activations import (
    celu,
    elu,
    leaky_relu,
    log_sigmoid,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    squareplus,
    tanh_shrink,
)
from gradtape.ops.nn.piecewise import (
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    linear,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from gradtape.ops.nn.softmax import log_softmax, softmax
from gradtape.ops.nn.sparsemax import sparsemax
from gradtape.ops.numpy.trigonometry import tanh

__all__ = [
    "ACTIVATIONS",
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

Activation = Callable[..., Tensor]

ACTIVATIONS = Family("activation")
serialize = ACTIVATIONS.serialize
deserialize = ACTIVATIONS.deserialize


# What is accepted as an activation: a function, its name or configuration; None is the identity.
ActivationLike = Callable[..., Any] | str | Mapping[str, Any] | None


def get(identifier: ActivationLike) -> Activation:
    """Return the activation for a name, a configuration, or a function itself; None means `linear`.

    >>> get("relu")([-1.0, 2.0])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """
    found: Activation = linear if identifier is None else ACTIVATIONS.get(identifier)
    return found


@ACTIVATIONS.member()
def relu(
    x: TensorLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Tensor:
    """Return x above the threshold, at most max_value, and negative_slope * (x - threshold) elsewhere.

    Args:
        x: any shape.
        negative_slope: the slope below the threshold.
        max_value: the largest result; None for no limit.
        threshold: the point at which the result begins to grow.

    >>> relu([-1.0, 2.0, 7.0]), relu([-1.0, 2.0, 7.0], negative_slope=0.5, max_value=6.0)
    (Tensor([0., 2., 7.], shape=(3,), dtype=float32), Tensor([-0.5,  2. ,  6. ], shape=(3,), dtype=float32))
    """
    if not threshold and max_value is None:
        return leaky_relu(x, negative_slope) if negative_slope else ops.relu(x)
    # threshold, not relu(x - threshold): above it Keras returns x itself, with a jump from 0.
    above = ops.threshold(x, threshold, 0.0) if threshold else ops.relu(x)
    if max_value is not None:
        above = ops.clip(above, 0.0, max_value)
    # Below the threshold relu(threshold - x) is threshold - x, above it is 0: no branch on values.
    return above - negative_slope * ops.relu(ops.subtract(threshold, x)) if negative_slope else above


@ACTIVATIONS.member()
def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """Return x * Phi(x), Phi being the distribution function of the normal distribution.

    Args:
        x: any shape.
        approximate: compute Phi by tanh.  As in Keras, False here and True in `gradtape.ops`.

    >>> f"{gelu(1.0):.4f}"
    '0.8413'
    """
    return ops.gelu(x, approximate)


@ACTIVATIONS.member()
def exponential(x: TensorLike) -> Tensor:
    """Return e**x.

    >>> exponential(0.0)
    Tensor(1., shape=(), dtype=float32)
    """
    return ops.exp(x)


for _activation in (
    *(celu, elu, glu, hard_shrink, hard_sigmoid, hard_tanh, leaky_relu, linear, log_sigmoid, log_softmax),
    *(mish, relu6, selu, sigmoid, soft_shrink, softmax, softplus, softsign, sparse_plus, sparse_sigmoid),
    *(sparsemax, squareplus, tanh, tanh_shrink, threshold),
):
    ACTIVATIONS.member()(_activation)
swish = ACTIVATIONS.member("swish")(silu)
hard_swish = ACTIVATIONS.member("hard_swish")(hard_silu)

_answer_for(__name__)
