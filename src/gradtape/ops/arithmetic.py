"""Arithmetic on two tensors, elementwise and with broadcasting, and its signs."""

from __future__ import annotations

from gradtape import engine
from gradtape.dtypes import float_for
from gradtape.operation import operation
from gradtape.tensor import Array, Tensor


@operation(promotes=True)
def add(x1: Array, x2: Array) -> Array:
    """Return x1 + x2.

    >>> add([1.0, 2.0], 10)
    Tensor([11., 12.], shape=(2,), dtype=float32)
    """
    return engine.xp.add(x1, x2)


@add.gradient("x1")
def add_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g"""
    return g


@add.gradient("x2")
def add_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g"""
    return g


@operation(promotes=True)
def subtract(x1: Array, x2: Array) -> Array:
    """Return x1 - x2.

    >>> subtract([1.0, 2.0], 10)
    Tensor([-9., -8.], shape=(2,), dtype=float32)
    """
    return engine.xp.subtract(x1, x2)


@subtract.gradient("x1")
def subtract_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g"""
    return g


@subtract.gradient("x2")
def subtract_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """-g"""
    return -g


@operation(promotes=True)
def multiply(x1: Array, x2: Array) -> Array:
    """Return x1 * x2.

    >>> multiply([1.0, 2.0], 10)
    Tensor([10., 20.], shape=(2,), dtype=float32)
    """
    return engine.xp.multiply(x1, x2)


@multiply.gradient("x1")
def multiply_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g * x2"""
    return g * x2


@multiply.gradient("x2")
def multiply_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g * x1"""
    return g * x1


@operation(promotes=True, risky=True)
def divide(x1: Array, x2: Array) -> Array:
    """Return x1 / x2, always floating: integers are divided as float32.

    >>> divide([1, 2], 4)
    Tensor([0.25, 0.5 ], shape=(2,), dtype=float32)
    """
    dtype = float_for(x1.dtype)
    return engine.xp.divide(engine.active.astype(x1, dtype), engine.active.astype(x2, dtype))


@divide.gradient("x1")
def divide_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g / x2"""
    return g / x2


@divide.gradient("x2")
def divide_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """-g * y / x2"""
    return -g * y / x2


@operation()
def negative(x: Array) -> Array:
    """Return -x.

    >>> negative([1.0, -2.0])
    Tensor([-1.,  2.], shape=(2,), dtype=float32)
    """
    return engine.xp.negative(x)


@negative.gradient("x")
def negative_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """-g"""
    return -g
