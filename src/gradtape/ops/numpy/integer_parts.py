"""Operations with jumps: sign, rounding, floor division and remainders.

All are flat between their jumps.  As in TensorFlow the gradient of sign is 0, and no gradient passes through
floor, ceil, trunc, round and floor_divide at all: it is None, and `tape.why` names them.
"""

from __future__ import annotations

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core import kinks
from gradtape.core.dtypes import is_floating
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.errors import ArgumentError
from gradtape.ops.base.floats import countable, floating
from gradtape.ops.base.rules import multiply_no_nan, zeros_like


@operation(kind="elementwise", kinks=[0.0])
def sign(x: Array) -> Array:
    """Return -1, 0 or 1 in x's dtype (booleans: int32), NaN for NaN.  Its gradient is 0 everywhere.

    >>> sign([-3.0, 0.0, 2.0])
    Tensor([-1.,  0.,  1.], shape=(3,), dtype=float32)
    """
    return engine.xp.sign(countable(x))


@sign.gradient("x")
def sign_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """0"""
    return zeros_like(g)


@operation(differentiable=False, kind="elementwise")
def floor(x: Array) -> Array:
    """Return the largest whole number <= x; integers become float32.

    >>> floor([1.7, -1.7])
    Tensor([ 1., -2.], shape=(2,), dtype=float32)
    """
    return engine.xp.floor(floating(x))


@operation(differentiable=False, kind="elementwise")
def ceil(x: Array) -> Array:
    """Return the smallest whole number >= x; integers become float32.

    >>> ceil([1.7, -1.7])
    Tensor([ 2., -1.], shape=(2,), dtype=float32)
    """
    return engine.xp.ceil(floating(x))


@operation(differentiable=False, kind="elementwise")
def trunc(x: Array) -> Array:
    """Return x without its fraction; integers stay as they are.

    >>> trunc([1.7, -1.7])
    Tensor([ 1., -1.], shape=(2,), dtype=float32)
    """
    return engine.xp.trunc(x) if is_floating(x.dtype) else x


@operation(differentiable=False, risky=True, kind="elementwise")
def round(x: Array, decimals: int = 0) -> Array:
    """Return x rounded to `decimals` places, halves to the even neighbour; integers stay as they are.

    Raises:
        ArgumentError: for integers, if decimals < 0.

    >>> round([0.5, 1.5])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """
    places = whole(decimals, "round", "decimals")
    if is_floating(x.dtype):
        return engine.xp.round(x, places)
    if places < 0:
        raise ArgumentError(f"round: decimals must be >= 0 for {x.dtype}, got {places}")
    return x


@operation(differentiable=False, promotes=True, risky=True, kind="elementwise")
def floor_divide(x1: Array, x2: Array) -> Array:
    """Return the largest whole number <= x1 / x2; whole numbers stay whole, and give 0 if x2 is 0.

    >>> floor_divide([7.0, -7.0], 2)
    Tensor([ 3., -4.], shape=(2,), dtype=float32)
    """
    xp, x1, x2 = engine.xp, countable(x1), countable(x2)
    if is_floating(x1.dtype):
        return xp.where(x2 == 0, xp.divide(x1, x2), xp.floor_divide(x1, x2))
    # Of whole numbers divided by 0 XLA makes -1 or -2, NumPy 0 and a warning.
    quotient = xp.floor_divide(x1, _divisor(x2))
    return xp.where(x2 == 0, xp.zeros_like(quotient), quotient)


def _divisor(x: Array) -> Array:
    return engine.xp.where(x == 0, engine.xp.ones_like(x), x)


@operation(promotes=True, risky=True, kind="elementwise", kinks=kinks.at_multiples)
def mod(x1: Array, x2: Array) -> Array:
    """Return x1 - x2 * floor(x1 / x2), which has the sign of x2; whole numbers give 0 if x2 is 0.

    >>> mod([7.0, -7.0], 3)
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """
    x1, x2 = countable(x1), countable(x2)
    return engine.xp.remainder(x1, x2 if is_floating(x2.dtype) else _divisor(x2))


@mod.gradient("x1")
def mod_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g"""
    return g


@mod.gradient("x2")
def mod_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """-g * floor(x1 / x2), 0 where g is 0"""
    # floor is flat between its jumps, so x1 - x2 * floor(x1 / x2) has this slope along x2.
    return -multiply_no_nan(g, floor_divide(x1, x2))


remainder = mod
