"""Exponentials, logarithms and roots.  Whole numbers become float32.

Where a slope is infinite (log and sqrt at 0, an exp that overflows) the gradient is inf; only where the
cotangent is exactly 0 is it 0, so that ``where(x > 0, log(x), 0)`` has the gradient 0 at 0.
"""

from __future__ import annotations

import math

from gradtape import engine
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.floats import floating
from gradtape.ops.base.rules import divide_no_nan, multiply_no_nan
from gradtape.ops.numpy.selection import where

LN2 = math.log(2.0)
LN10 = math.log(10.0)


@operation(risky=True, kind="elementwise", symbol="exp(x)")
def exp(x: Array) -> Array:
    """Return e**x.

    >>> f"{exp(1.0):.4f}"
    '2.7183'
    """
    return engine.xp.exp(floating(x))


@exp.gradient("x")
def exp_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * y, 0 where g is 0"""
    return multiply_no_nan(g, y)


@operation(risky=True, kind="elementwise", symbol="2**x")
def exp2(x: Array) -> Array:
    """Return 2**x.

    >>> f"{exp2(3.0):.4f}"
    '8.0000'
    """
    return engine.xp.exp2(floating(x))


@exp2.gradient("x")
def exp2_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * y * log(2), 0 where g is 0"""
    return multiply_no_nan(g, y * LN2)


@operation(risky=True, kind="elementwise", symbol="exp(x) - 1")
def expm1(x: Array) -> Array:
    """Return e**x - 1, with all its digits for small x.

    >>> f"{expm1(1e-10):.4g}"
    '1e-10'
    """
    return engine.xp.expm1(floating(x))


@expm1.gradient("x")
def expm1_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * (y + 1), 0 where g is 0"""
    return multiply_no_nan(g, y + 1)


@operation(risky=True, kind="elementwise", symbol="log(x)")
def log(x: Array) -> Array:
    """Return the natural logarithm of x: -inf at 0, NaN below.  Its slope at 0 is inf.

    >>> f"{log(2.0):.4f}"
    '0.6931'
    """
    return engine.xp.log(floating(x))


@log.gradient("x")
def log_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / x, 0 where g is 0"""
    return divide_no_nan(g, x)


@operation(risky=True, kind="elementwise", symbol="log(x) / log(2)")
def log2(x: Array) -> Array:
    """Return the logarithm of x to the base 2.

    >>> f"{log2(8.0):.4f}"
    '3.0000'
    """
    return engine.xp.log2(floating(x))


@log2.gradient("x")
def log2_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / (x * log(2)), 0 where g is 0"""
    return divide_no_nan(g, x * LN2)


@operation(risky=True, kind="elementwise", symbol="log(x) / log(10)")
def log10(x: Array) -> Array:
    """Return the logarithm of x to the base 10.

    >>> f"{log10(100.0):.4f}"
    '2.0000'
    """
    return engine.xp.log10(floating(x))


@log10.gradient("x")
def log10_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / (x * log(10)), 0 where g is 0"""
    return divide_no_nan(g, x * LN10)


@operation(risky=True, kind="elementwise", symbol="log(1 + x)")
def log1p(x: Array) -> Array:
    """Return log(1 + x), with all its digits for small x.

    >>> f"{log1p(1e-10):.4g}"
    '1e-10'
    """
    return engine.xp.log1p(floating(x))


@log1p.gradient("x")
def log1p_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / (1 + x), 0 where g is 0"""
    return divide_no_nan(g, 1 + x)


@operation(promotes=True, risky=True, kind="elementwise", symbol="log(exp(x1) + exp(x2))")
def logaddexp(x1: Array, x2: Array) -> Array:
    """Return log(exp(x1) + exp(x2)) without overflow.

    Two equal infinities share the gradient, half each.

    >>> f"{logaddexp(0.0, 0.0):.4f}"
    '0.6931'
    """
    xp, x1, x2 = engine.xp, floating(x1), floating(x2)
    # Equal infinities differ by NaN; here they differ by 0.
    apart = xp.where(x1 == x2, xp.zeros_like(x1), xp.abs(x1 - x2))
    return xp.maximum(x1, x2) + xp.log1p(xp.exp(-apart))


@logaddexp.gradient("x1")
def logaddexp_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g / (1 + exp(x2 - x1))"""
    # exp(x1) / (exp(x1) + exp(x2)), in a form where an overflow gives the right 0.
    return g / (1 + exp(_difference(x2, x1)))


@logaddexp.gradient("x2")
def logaddexp_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g / (1 + exp(x1 - x2))"""
    return g / (1 + exp(_difference(x1, x2)))


def _difference(x1: Tensor, x2: Tensor) -> Tensor:
    """Return x1 - x2, where equal infinities differ by 0."""
    # x1 - x1 is 0 except for infinities and NaN, and NaN is not equal to itself.
    same = (x1 == x2) & (x1 - x1 != 0)
    return where(same, 0, x1 - x2)


@operation(risky=True, kind="elementwise", symbol="sqrt(x)")
def sqrt(x: Array) -> Array:
    """Return the square root of x; whole numbers become float32.  Its slope at 0 is inf.

    Where the cotangent is 0 the gradient is 0, at x = 0 too.

    >>> sqrt([4.0, 9.0])
    Tensor([2., 3.], shape=(2,), dtype=float32)
    """
    return engine.xp.sqrt(floating(x))


@sqrt.gradient("x")
def sqrt_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / (2 * y), 0 where g is 0"""
    return divide_no_nan(g, y + y)


@operation(risky=True, kind="elementwise", symbol="1 / sqrt(x)")
def rsqrt(x: Array) -> Array:
    """Return 1 / sqrt(x); whole numbers become float32.

    >>> rsqrt([4.0, 16.0])
    Tensor([0.5 , 0.25], shape=(2,), dtype=float32)
    """
    return 1 / engine.xp.sqrt(floating(x))


@rsqrt.gradient("x")
def rsqrt_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """-g * y / (2 * x), 0 where g is 0"""
    # By the output y = x**-0.5: x**1.5 could overflow or become 0 long before the slope does.
    return -divide_no_nan(multiply_no_nan(g, y), x + x)


@operation(kind="elementwise")
def cbrt(x: Array) -> Array:
    """Return the cube root of x, negative for negative x; whole numbers become float32.

    Its slope at 0 is inf, and the gradient 0 where the cotangent is 0.

    >>> f"{cbrt(-27.0):.4f}"
    '-3.0000'
    """
    x = floating(x)
    # XLA gives -5.6e-16 for every number that it takes for 0, of either sign.
    return engine.xp.where(x == 0, x, engine.xp.cbrt(x))


@cbrt.gradient("x")
def cbrt_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / (3 * y**2), 0 where g is 0"""
    return divide_no_nan(g, 3 * (y * y))
