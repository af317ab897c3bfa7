"""Smooth activations and the relu family, with Keras' names and constants.

Each keeps NaN: where x is NaN, value and gradient are NaN.  The softmax family is in `softmax.py`.
"""

from __future__ import annotations

import math

from gradtape import engine
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.floats import countable, floating
from gradtape.ops.base.rules import (
    gate,
    multiply_no_nan,
    step,
    zeros_like,
)
from gradtape.ops.nn.softmax import BinaryProbabilities, remember_logits
from gradtape.ops.numpy.arithmetic import absolute, square
from gradtape.ops.numpy.exponential import exp
from gradtape.ops.numpy.selection import where
from gradtape.ops.numpy.special import erf
from gradtape.ops.numpy.trigonometry import hypot, tanh

# The solution, in float64, for which mean 0 and variance 1 are a fixed point of selu (see its source).
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
ROOT_HALF = math.sqrt(0.5)
ROOT_2_OVER_PI = math.sqrt(2 / math.pi)


@operation(kind="elementwise", symbol="max(x, 0)", kinks=[0.0])
def relu(x: Array) -> Array:
    """Return max(x, 0).  Its slope at 0 is 0.

    >>> relu([-1.0, 2.0])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """
    # maximum keeps NaN; where(x > 0, x, 0) would make 0 of it.
    return engine.xp.maximum(x if x.dtype.kind != "b" else countable(x), 0)


@relu.gradient("x")
def relu_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g where x > 0, else 0"""
    # y > 0 exactly where x > 0, and y is NaN where x is: from the output it takes one operation.
    return relu_gate(g, y)


@operation(kind="elementwise", symbol="g * sign(y)")
def relu_gate(g: Array, y: Array) -> Array:
    """Return g * sign(y) for y = relu(x): g where x > 0, 0 where x <= 0, NaN where x is NaN.

    >>> relu_gate([5.0, 5.0], [0.0, 2.0])
    Tensor([0., 5.], shape=(2,), dtype=float32)
    """
    return engine.active.gated(g, y)


@relu_gate.gradient("g")
def relu_gate_g(c: Tensor, y: Tensor, g: Tensor, value: Tensor) -> Tensor:
    """c where x > 0, else 0"""
    return relu_gate(c, value)


@relu_gate.gradient("y")
def relu_gate_y(c: Tensor, y: Tensor, g: Tensor, value: Tensor) -> Tensor:
    """0"""
    # sign(y) is constant on either side of 0, so relu has no second derivative.
    return zeros_like(c)


@operation(kind="elementwise", symbol="min(max(x, 0), 6)", kinks=[0.0, 6.0])
def relu6(x: Array) -> Array:
    """Return min(max(x, 0), 6).  Its slopes at 0 and 6 are 0.

    >>> relu6([3.0, 8.0])
    Tensor([3., 6.], shape=(2,), dtype=float32)
    """
    return engine.xp.minimum(engine.xp.maximum(countable(x), 0), 6)


@relu6.gradient("x")
def relu6_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g where 0 < x < 6, else 0"""
    # The output tells: it is 0 or 6 where x lies on a bound or beyond, and NaN where x is.
    return gate(g, (y > 0) & (y < 6), y)


@operation(kind="elementwise", kinks=[0.0])
def leaky_relu(x: Array, negative_slope: float = 0.2) -> Array:
    """Return x where x > 0, negative_slope * x elsewhere.  Its slope at 0 is negative_slope.

    >>> leaky_relu([-1.0, 2.0])
    Tensor([-0.2,  2. ], shape=(2,), dtype=float32)
    """
    x = floating(x)
    # Not max(x, negative_slope * x), which is another function for a slope above 1.
    return engine.xp.where(x > 0, x, negative_slope * x)


@leaky_relu.gradient("x")
def leaky_relu_x(g: Tensor, y: Tensor, x: Tensor, negative_slope: float) -> Tensor:
    """g where x > 0, else negative_slope * g"""
    return g * step(x, negative_slope, 1.0)


@operation(kind="elementwise", kinks=[0.0])
def elu(x: Array, alpha: float = 1.0) -> Array:
    """Return x where x > 0, alpha * (e**x - 1) elsewhere.  Its slope at 0 is alpha.

    Source: Clevert, Unterthiner, Hochreiter 2016, arXiv:1511.07289

    >>> f"{elu(-1.0):.4f}"
    '-0.6321'
    """
    return _elu(floating(x), alpha)


@elu.gradient("x")
def elu_x(g: Tensor, y: Tensor, x: Tensor, alpha: float) -> Tensor:
    """g where x > 0, else g * (y + alpha)"""
    # For x <= 0 the slope is alpha * e**x, which is y + alpha: no second exponential.
    return g * where(x > 0, 1, y + alpha)


def _elu(x: Array, alpha: float) -> Array:
    # expm1 keeps the digits of small x.  Both branches are computed: the minimum keeps the one that is not
    # chosen from overflowing for a large x.
    return engine.xp.where(x > 0, x, alpha * engine.xp.expm1(engine.xp.minimum(x, 0)))


@operation(kind="elementwise", kinks=[0.0])
def selu(x: Array) -> Array:
    """Return scale * elu(x, alpha), with the constants that keep mean 0 and variance 1.

    Its slope at 0 is that from the left, as those of elu and leaky_relu: scale * alpha.

    Source: Klambauer, Unterthiner, Mayr, Hochreiter 2017, arXiv:1706.02515

    >>> f"{selu(-1.0):.4f}"
    '-1.1113'
    """
    return SELU_SCALE * _elu(floating(x), SELU_ALPHA)


@selu.gradient("x")
def selu_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * scale where x > 0, else g * (y + scale * alpha)"""
    return g * where(x > 0, SELU_SCALE, y + SELU_SCALE * SELU_ALPHA)


@operation(kind="elementwise", kinks=[0.0])
def celu(x: Array, alpha: float = 1.0) -> Array:
    """Return x where x > 0, alpha * (e**(x / alpha) - 1) elsewhere: smooth for every alpha.

    Source: Barron 2017, arXiv:1704.07483

    >>> f"{celu(-1.0, 2.0):.4f}"
    '-0.7869'
    """
    x = floating(x)
    return engine.xp.where(x > 0, x, alpha * engine.xp.expm1(engine.xp.minimum(x, 0) / alpha))


@celu.gradient("x")
def celu_x(g: Tensor, y: Tensor, x: Tensor, alpha: float) -> Tensor:
    """g where x > 0, else g * (y / alpha + 1)"""
    # As for elu, from the output: e**(x / alpha) is y / alpha + 1.
    return g * where(x > 0, 1, y / alpha + 1)


@operation(kind="elementwise", symbol="log(1 + exp(x))")
def softplus(x: Array) -> Array:
    """Return log(1 + e**x), x for large x, without overflow.

    >>> f"{softplus(0.0):.4f}"
    '0.6931'
    """
    x = floating(x)
    # The exponent is never positive, so nothing overflows; log1p keeps the digits of a small power.
    return engine.xp.maximum(x, 0) + engine.xp.log1p(engine.xp.exp(-engine.xp.abs(x)))


@softplus.gradient("x")
def softplus_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * sigmoid(x)"""
    return g * sigmoid(x)


@operation(
    risky=True, output=remember_logits(BinaryProbabilities), kind="elementwise", symbol="1 / (1 + exp(-x))"
)
def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e**-x), as a Tensor that remembers x as its `logits`.

    >>> sigmoid([0.0, 1000.0])
    Tensor([0.5, 1. ], shape=(2,), dtype=float32)
    """
    # Where exp overflows, 1 / inf is 0, the right value: no second formula for x < 0 is needed.
    return 1 / (1 + engine.xp.exp(-floating(x)))


@sigmoid.gradient("x")
def sigmoid_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * y * (1 - y)"""
    return g * (y * (1 - y))


@operation(kind="elementwise", symbol="-log(1 + exp(-x))")
def log_sigmoid(x: Array) -> Array:
    """Return log(sigmoid(x)), x for large -x, without overflow.

    >>> f"{log_sigmoid(0.0):.4f}"
    '-0.6931'
    """
    x = floating(x)
    # It is -softplus(-x), and again no exponent is positive.
    return engine.xp.minimum(x, 0) - engine.xp.log1p(engine.xp.exp(-engine.xp.abs(x)))


@log_sigmoid.gradient("x")
def log_sigmoid_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * sigmoid(-x)"""
    # 1 - sigmoid(x), without the cancellation of that difference for a large x.
    return g * sigmoid(-x)


@operation(risky=True, kind="elementwise", symbol="x / (1 + exp(-x))")
def silu(x: Array) -> Array:
    """Return x * sigmoid(x), also called swish.

    Source: Ramachandran, Zoph, Le 2017, arXiv:1710.05941

    >>> f"{silu(2.0):.4f}"
    '1.7616'
    """
    x = floating(x)
    # One quotient instead of x * sigmoid(x): where e**-x overflows, x / inf is the right -0.
    return x / (1 + engine.xp.exp(-x))


@silu.gradient("x")
def silu_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * (s + y * (1 - s)), s = sigmoid(x)"""
    s = sigmoid(x)
    # At x = inf, (1 - s) * y is 0 * inf, whose limit is 0: the 0 wins.  So it does in mish and gelu.
    return g * (s + multiply_no_nan(1 - s, y))


swish = silu


@operation(risky=True, kind="elementwise")
def mish(x: Array) -> Array:
    """Return x * tanh(softplus(x)).

    Source: Misra 2019, arXiv:1908.08681

    >>> f"{mish(2.0):.4f}"
    '1.9440'
    """
    x, xp = floating(x), engine.xp
    # tanh(softplus(x)), with softplus written out: the body of an operation has arrays, not Tensors.
    return x * xp.tanh(xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x))))


@mish.gradient("x")
def mish_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * (t + x * (1 - t**2) * sigmoid(x)), t = tanh(softplus(x))"""
    t = tanh(softplus(x))
    return g * (t + multiply_no_nan(1 - square(t), x * sigmoid(x)))


@operation(risky=True, kind="elementwise")
def gelu(x: Array, approximate: bool = True) -> Array:
    """Return x * Phi(x), Phi being the distribution function of the normal distribution.

    If `approximate`, Phi is (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2, else
    (1 + erf(x / sqrt(2))) / 2.

    Source: Hendrycks, Gimpel 2016, arXiv:1606.08415

    >>> f"{gelu(1.0):.4f}"
    '0.8412'
    """
    x = floating(x)
    if approximate:
        # x * x * x, because NumPy computes x**3 by its slow general power.
        return x * (0.5 + 0.5 * engine.xp.tanh(ROOT_2_OVER_PI * (x + 0.044715 * (x * x * x))))
    return x * (0.5 + 0.5 * engine.active.erf(x * ROOT_HALF))


@gelu.gradient("x")
def gelu_x(g: Tensor, y: Tensor, x: Tensor, approximate: bool) -> Tensor:
    """g * (Phi(x) + x * Phi'(x))"""
    if not approximate:
        # Phi'(x) = e**(-x**2 / 2) / sqrt(2 pi), and 1 / sqrt(2 pi) is half of sqrt(2 / pi).
        density = exp(-0.5 * square(x)) * (ROOT_2_OVER_PI / 2)
        return g * (0.5 + 0.5 * erf(x * ROOT_HALF) + multiply_no_nan(density, x))
    # Phi'(x) = (1 - t**2) / 2 * sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2).
    z = square(x)
    t = tanh(ROOT_2_OVER_PI * x * (1 + 0.044715 * z))
    slope = ROOT_2_OVER_PI * x * (0.5 + 1.5 * 0.044715 * z)
    return g * (0.5 + 0.5 * t + multiply_no_nan(1 - square(t), slope))


@operation(risky=True, kind="elementwise", symbol="x / (1 + abs(x))")
def softsign(x: Array) -> Array:
    """Return x / (1 + abs(x)).

    >>> softsign([0.0, -1.0])
    Tensor([ 0. , -0.5], shape=(2,), dtype=float32)
    """
    x = floating(x)
    return x / (1 + engine.xp.abs(x))


@softsign.gradient("x")
def softsign_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / (1 + abs(x))**2"""
    return g / square(1 + absolute(x))


@operation(risky=True, kind="elementwise", symbol="(x + sqrt(x**2 + b)) / 2")
def squareplus(x: Array, b: float = 4) -> Array:
    """Return (x + sqrt(x**2 + b)) / 2, for x < 0 without loss of digits.

    Source: Barron 2021, arXiv:2112.11687

    >>> f"{squareplus(3.0):.4f}"
    '3.3028'
    """
    x, xp = floating(x), engine.xp
    # hypot squares x without overflow.  For x < 0 the sum x + root cancels; it is b / (root - x).
    root = xp.hypot(x, xp.full_like(x, math.sqrt(b)))
    return xp.where(x < 0, 0.5 * b / (root - x), 0.5 * (x + root))


@squareplus.gradient("x")
def squareplus_x(g: Tensor, y: Tensor, x: Tensor, b: float) -> Tensor:
    """g * (1 + x / sqrt(x**2 + b)) / 2"""
    # hypot here too: x**2 would overflow, and x / inf be 0 where the right quotient is 1.
    return g * (0.5 + 0.5 * (x / hypot(x, math.sqrt(b))))


@operation(kind="elementwise", symbol="x - tanh(x)")
def tanh_shrink(x: Array) -> Array:
    """Return x - tanh(x).

    >>> f"{tanh_shrink(1.0):.4f}"
    '0.2384'
    """
    x = floating(x)
    return x - engine.xp.tanh(x)


@tanh_shrink.gradient("x")
def tanh_shrink_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * tanh(x)**2"""
    return g * square(tanh(x))
