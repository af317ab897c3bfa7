"""Operations that only gradient rules use.

A cotangent of exactly 0 says that nothing downstream depends on the value.  Where the slope is infinite
or NaN (1 / x, log and sqrt at 0), plain multiplication would make NaN of it, and
``where(x > 0, 1 / x, 0)`` had the gradient NaN at 0.  In the rules of such operations the product is 0.  A
cotangent that is NaN stays NaN.
"""

from __future__ import annotations

from gradtape import engine
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor


def zeros_like(g: Tensor) -> Tensor:
    """Return zeros of g's shape and dtype: the cotangent of what has the slope 0 everywhere."""
    return Tensor(engine.xp.zeros(g.shape, g.dtype))


@operation(promotes=True, risky=True, kind="elementwise", symbol="g * factor")
def multiply_no_nan(g: Array, factor: Array) -> Array:
    """Return g * factor, but 0 where g is 0, whatever the factor is, and for g = inf where it is 0.

    >>> multiply_no_nan([0.0, 2.0], float("inf"))
    Tensor([ 0., inf], shape=(2,), dtype=float32)
    """
    # g == g leaves NaN out, which stays NaN whatever it is multiplied by.
    nothing = (g == 0) | ((factor == 0) & (g == g))
    return engine.xp.where(nothing, 0, engine.xp.multiply(g, factor))


@multiply_no_nan.gradient("g")
def multiply_no_nan_g(c: Tensor, y: Tensor, g: Tensor, factor: Tensor) -> Tensor:
    """c * factor, 0 where either is 0"""
    return multiply_no_nan(c, factor)


@multiply_no_nan.gradient("factor")
def multiply_no_nan_factor(c: Tensor, y: Tensor, g: Tensor, factor: Tensor) -> Tensor:
    """c * g, 0 where either is 0"""
    return multiply_no_nan(c, g)


@operation(promotes=True, risky=True, kind="elementwise", symbol="g / divisor")
def divide_no_nan(g: Array, divisor: Array) -> Array:
    """Return g / divisor, and 0 where g is 0, even if the divisor is 0 or NaN.

    >>> divide_no_nan([0.0, 2.0], 0.0)
    Tensor([ 0., inf], shape=(2,), dtype=float32)
    """
    return engine.xp.where(g == 0, 0, engine.xp.divide(g, divisor))


@divide_no_nan.gradient("g")
def divide_no_nan_g(c: Tensor, y: Tensor, g: Tensor, divisor: Tensor) -> Tensor:
    """c / divisor, 0 where c is 0"""
    return divide_no_nan(c, divisor)


@divide_no_nan.gradient("divisor")
def divide_no_nan_divisor(c: Tensor, y: Tensor, g: Tensor, divisor: Tensor) -> Tensor:
    """-c * y / divisor, 0 where c or y is 0"""
    # By the output y: the square of the divisor, as in -g * factor / divisor**2, may overflow or become 0.
    return -divide_no_nan(multiply_no_nan(c, y), divisor)


@operation(kind="elementwise")
def gate(g: Array, open: Array, y: Array) -> Array:
    """Return g where `open`, and 0 elsewhere, but NaN where y is NaN: a NaN is never hidden.

    >>> gate([5.0, 5.0, 5.0], [True, False, False], [1.0, 0.0, float("nan")])
    Tensor([ 5.,  0., nan], shape=(3,), dtype=float32)
    """
    xp = engine.xp
    # Chosen, not g * open: an infinite g times 0 would be NaN.  Only NaN differs from itself.
    return xp.where(open, g, xp.where(y == y, 0, y))


@gate.gradient("g")
def gate_g(c: Tensor, y: Tensor, g: Tensor, open: Tensor, value: Tensor) -> Tensor:
    """c where open, else 0"""
    return gate(c, open, value)


@gate.gradient("y")
def gate_y(c: Tensor, y: Tensor, g: Tensor, open: Tensor, value: Tensor) -> Tensor:
    """0"""
    return zeros_like(c)


@operation(differentiable=False, promotes=True, kind="elementwise")
def share(x: Array, other: Array, y: Array) -> Array:
    """Return which part of y, one of `x` and `other`, comes from x: 1, 0, 0.5 for a tie, NaN for a NaN.

    >>> share([1.0, 2.0, 3.0], 2.0, [2.0, 2.0, 3.0])
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    xp = engine.xp
    tied = xp.where(other == y, xp.full_like(y, 0.5), xp.ones_like(y))
    # Where y is NaN no comparison is true, even if x is that NaN: so NaN stands in the last branch.
    none = xp.where(y == y, xp.zeros_like(y), y)
    return xp.where(x == y, tied, none)


@operation(differentiable=False, kind="elementwise")
def step(x: Array, below: float, above: float) -> Array:
    """Return `above` where x > 0, `below` where x <= 0 and NaN where x is NaN.

    >>> step([-1.0, 0.0, 1.0], 0.5, 2.0)
    Tensor([0.5, 0.5, 2. ], shape=(3,), dtype=float32)
    """
    xp = engine.xp
    # NaN answers both comparisons with no, and is left over as itself.
    return xp.where(x > 0, xp.full_like(x, above), xp.where(x <= 0, xp.full_like(x, below), x))
