"""Trigonometric and hyperbolic functions and their inverses.  Whole numbers become float32."""

from __future__ import annotations

from gradtape import engine
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.floats import floating
from gradtape.ops.base.rules import divide_no_nan, multiply_no_nan
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.ops.numpy.selection import where


@operation(risky=True, kind="elementwise", symbol="sin(x)")
def sin(x: Array) -> Array:
    """Return the sine of x (radians).

    >>> f"{sin(0.5):.4f}"
    '0.4794'
    """
    return engine.xp.sin(floating(x))


@sin.gradient("x")
def sin_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * cos(x)"""
    return g * cos(x)


@operation(risky=True, kind="elementwise", symbol="cos(x)")
def cos(x: Array) -> Array:
    """Return the cosine of x (radians).

    >>> f"{cos(0.5):.4f}"
    '0.8776'
    """
    return engine.xp.cos(floating(x))


@cos.gradient("x")
def cos_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """-g * sin(x)"""
    return -g * sin(x)


@operation(risky=True, kind="elementwise", symbol="tan(x)")
def tan(x: Array) -> Array:
    """Return the tangent of x (radians).

    >>> f"{tan(0.5):.4f}"
    '0.5463'
    """
    return engine.xp.tan(floating(x))


@tan.gradient("x")
def tan_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * (1 + y**2)"""
    return g * (1 + square(y))


@operation(risky=True, kind="elementwise")
def arcsin(x: Array) -> Array:
    """Return the angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1], slope inf at its ends.

    >>> f"{arcsin(0.5):.4f}"
    '0.5236'
    """
    return engine.xp.arcsin(floating(x))


@arcsin.gradient("x")
def arcsin_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / sqrt((1 - x) * (1 + x)), 0 where g is 0"""
    # 1 - x**2 loses its digits where x is near 1; the product does not.
    return divide_no_nan(g, sqrt((1 - x) * (1 + x)))


@operation(risky=True, kind="elementwise")
def arccos(x: Array) -> Array:
    """Return the angle in [0, pi] whose cosine is x; NaN outside [-1, 1], slope -inf at its ends.

    >>> f"{arccos(0.0):.4f}"
    '1.5708'
    """
    return engine.xp.arccos(floating(x))


@arccos.gradient("x")
def arccos_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """-g / sqrt((1 - x) * (1 + x)), 0 where g is 0"""
    # As for arcsin: the product keeps the digits that 1 - x**2 loses near 1.
    return -divide_no_nan(g, sqrt((1 - x) * (1 + x)))


@operation(kind="elementwise")
def arctan(x: Array) -> Array:
    """Return the angle in (-pi/2, pi/2) whose tangent is x.

    >>> f"{arctan(0.5):.4f}"
    '0.4636'
    """
    return engine.xp.arctan(floating(x))


@arctan.gradient("x")
def arctan_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / (1 + x**2)"""
    # Where x**2 overflows this is 0; the right slope is below the smallest normal number there.
    return g / (1 + square(x))


@operation(promotes=True, kind="elementwise")
def arctan2(x1: Array, x2: Array) -> Array:
    """Return the angle in [-pi, pi] of the point with the ordinate x1 and the abscissa x2.

    Its slopes at (0, 0) are 0.

    >>> f"{arctan2(0.0, -1.0):.4f}"
    '3.1416'
    """
    return engine.xp.arctan2(floating(x1), floating(x2))


@arctan2.gradient("x1")
def arctan2_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g * x2 / (x1**2 + x2**2), 0 at (0, 0)"""
    # Divided by the length twice: its square overflows or becomes 0 long before the quotient does.
    length = not_zero(hypot(x1, x2))
    return g * (x2 / length) / length


@arctan2.gradient("x2")
def arctan2_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """-g * x1 / (x1**2 + x2**2), 0 at (0, 0)"""
    length = not_zero(hypot(x1, x2))
    return -g * (x1 / length) / length


@operation(promotes=True, risky=True, kind="elementwise", symbol="sqrt(x1**2 + x2**2)")
def hypot(x1: Array, x2: Array) -> Array:
    """Return sqrt(x1**2 + x2**2) without overflow on the way.  Its slopes at (0, 0) are 0.

    >>> hypot([3.0], [4.0])
    Tensor([5.], shape=(1,), dtype=float32)
    """
    return engine.xp.hypot(floating(x1), floating(x2))


@hypot.gradient("x1")
def hypot_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g * x1 / y, 0 where y is 0"""
    # Where y is 0, x1 is 0 too, and x1 / 1 is the slope 0.
    return g * (x1 / not_zero(y))


@hypot.gradient("x2")
def hypot_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g * x2 / y, 0 where y is 0"""
    return g * (x2 / not_zero(y))


def not_zero(x: Tensor) -> Tensor:
    """Return x with 1 in the place of 0, to divide by."""
    return where(x == 0, 1, x)


@operation(risky=True, kind="elementwise", symbol="sinh(x)")
def sinh(x: Array) -> Array:
    """Return the hyperbolic sine of x.

    >>> f"{sinh(0.5):.4f}"
    '0.5211'
    """
    return engine.xp.sinh(floating(x))


@sinh.gradient("x")
def sinh_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * cosh(x), 0 where g is 0"""
    return multiply_no_nan(g, cosh(x))


@operation(risky=True, kind="elementwise", symbol="cosh(x)")
def cosh(x: Array) -> Array:
    """Return the hyperbolic cosine of x.

    >>> f"{cosh(0.5):.4f}"
    '1.1276'
    """
    return engine.xp.cosh(floating(x))


@cosh.gradient("x")
def cosh_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * sinh(x), 0 where g is 0"""
    return multiply_no_nan(g, sinh(x))


@operation(kind="elementwise", symbol="tanh(x)")
def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent of x.

    >>> f"{tanh(0.5):.4f}"
    '0.4621'
    """
    return engine.xp.tanh(floating(x))


@tanh.gradient("x")
def tanh_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * (1 - y**2)"""
    return g * (1 - square(y))


@operation(kind="elementwise")
def arcsinh(x: Array) -> Array:
    """Return the number whose hyperbolic sine is x.

    >>> f"{arcsinh(0.5):.4f}"
    '0.4812'
    """
    return engine.xp.arcsinh(floating(x))


@arcsinh.gradient("x")
def arcsinh_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / sqrt(x**2 + 1)"""
    # hypot, because x**2 overflows in float32 from 2e19 on.
    return g / hypot(x, 1)


@operation(risky=True, kind="elementwise")
def arccosh(x: Array) -> Array:
    """Return the number >= 0 whose hyperbolic cosine is x; NaN below 1, where its slope is inf.

    >>> f"{arccosh(2.0):.4f}"
    '1.3170'
    """
    return engine.xp.arccosh(floating(x))


@arccosh.gradient("x")
def arccosh_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / sqrt((x - 1) * (x + 1)), 0 where g is 0"""
    # x**2 - 1 loses its digits where x is near 1; the product does not.
    return divide_no_nan(g, sqrt((x - 1) * (x + 1)))


@operation(risky=True, kind="elementwise")
def arctanh(x: Array) -> Array:
    """Return the number whose hyperbolic tangent is x; NaN outside [-1, 1], infinite at its ends.

    >>> f"{arctanh(0.5):.4f}"
    '0.5493'
    """
    return engine.xp.arctanh(floating(x))


@arctanh.gradient("x")
def arctanh_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g / ((1 - x) * (1 + x)), 0 where g is 0"""
    # 1 - x**2 loses its digits where x is near 1 or -1; the product does not.
    return divide_no_nan(g, (1 - x) * (1 + x))
