"""Arithmetic, elementwise and with broadcasting: sums, products, quotients, powers and signs."""

from __future__ import annotations

from gradtape import engine
from gradtape.core.dtypes import float_for, is_floating
from gradtape.core.op_facts import keep_rows
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.errors import DtypeError
from gradtape.ops.base.floats import countable, floating
from gradtape.ops.base.rules import divide_no_nan, multiply_no_nan
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.integer_parts import sign
from gradtape.ops.numpy.selection import where
from gradtape.ops.numpy.shapes import cast


@operation(promotes=True, kind="elementwise", symbol="x1 + x2")
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


@operation(promotes=True, kind="elementwise", symbol="x1 - x2")
def subtract(x1: Array, x2: Array) -> Array:
    """Return x1 - x2.

    Raises:
        DtypeError: of booleans.

    >>> subtract([1.0, 2.0], 10)
    Tensor([-9., -8.], shape=(2,), dtype=float32)
    """
    try:
        return engine.xp.subtract(x1, x2)
    except (TypeError, ValueError):
        if x1.dtype.kind == "b":  # one engine looks at the dtypes first, the other at the shapes
            raise DtypeError("subtract: booleans have no difference; cast them, or use logical_xor") from None
        raise


@subtract.gradient("x1")
def subtract_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g"""
    return g


@subtract.gradient("x2")
def subtract_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """-g"""
    return -g


@operation(promotes=True, kind="elementwise", symbol="x1 * x2")
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


@operation(promotes=True, risky=True, kind="elementwise", symbol="x1 / x2")
def divide(x1: Array, x2: Array) -> Array:
    """Return x1 / x2, always floating: integers are divided as float32.

    Where the cotangent is 0 the gradients are 0, even if x2 is 0.

    >>> divide([1, 2], 4)
    Tensor([0.25, 0.5 ], shape=(2,), dtype=float32)
    """
    dtype = float_for(x1.dtype)
    # Converted first, for NumPy would divide int32 in float64.
    return engine.xp.divide(engine.active.astype(x1, dtype), engine.active.astype(x2, dtype))


@divide.gradient("x1")
def divide_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g / x2, 0 where g is 0"""
    return divide_no_nan(g, x2)


@divide.gradient("x2")
def divide_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """-g * y / x2, 0 where g is 0"""
    # By the output: x2**2, as in -g * x1 / x2**2, may overflow or become 0.
    return -divide_no_nan(multiply_no_nan(g, y), x2)


true_divide = divide


@operation(kind="elementwise", symbol="-x")
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


@operation(kind="move", symbol="x", rows=keep_rows)
def positive(x: Array) -> Array:
    """Return +x, which is x.

    >>> positive([1.0, -2.0])
    Tensor([ 1., -2.], shape=(2,), dtype=float32)
    """
    return x


@positive.gradient("x")
def positive_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g"""
    return g


@operation(kind="elementwise", symbol="abs(x)", kinks=[0.0])
def absolute(x: Array) -> Array:
    """Return x without its sign.  Its slope at 0 is 0.

    >>> absolute([-1.5, 2.0])
    Tensor([1.5, 2. ], shape=(2,), dtype=float32)
    """
    return engine.xp.abs(x)


@absolute.gradient("x")
def absolute_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * sign(x), 0 at 0"""
    return g * sign(x)


abs = absolute


@operation(kind="elementwise", symbol="x * x")
def square(x: Array) -> Array:
    """Return x * x.

    >>> square([1.0, -2.0])
    Tensor([1., 4.], shape=(2,), dtype=float32)
    """
    return engine.xp.square(countable(x))


@square.gradient("x")
def square_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * 2 * x"""
    return g * (x + x)


@operation(promotes=True, risky=True, kind="elementwise", symbol="x1**x2")
def power(x1: Array, x2: Array) -> Array:
    """Return x1**x2.

    Whole numbers stay whole (booleans become int32).  The slope at (0, 0) is 0 in both directions, and
    0 in the direction of x2 wherever x1 is 0 and x2 > 0; for a negative x1 the one of x2 is NaN.

    Raises:
        ArgumentError: if both are whole numbers and an exponent is negative.

    >>> power([1.0, 2.0], 3)
    Tensor([1., 8.], shape=(2,), dtype=float32)
    """
    if not is_floating(x2.dtype):
        x1, x2 = countable(x1), countable(x2)
        engine.active.check_exponents(x2, "power")
    return engine.xp.power(x1, x2)


@power.gradient("x1")
def power_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g * x2 * x1**(x2 - 1), 0 where g or x2 is 0"""
    x2 = _like(x2, y)
    # For x2 = 0 the factor 0 wins over 0**-1 = inf: the slope at (0, 0) is 0.
    return multiply_no_nan(g * x2, power(_like(x1, y), x2 - 1))


@power.gradient("x2")
def power_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g * y * log(x1), 0 where g or x1 is 0"""
    x1 = _like(x1, y)
    # log(1) = 0 in the place of log(0) = -inf: the slope along x2 is 0 where x1 is 0.
    return multiply_no_nan(g, y * log(where(x1 == 0, 1, x1)))


def _like(x: Tensor, y: Tensor) -> Tensor:
    return x if x.dtype == y.dtype else cast(x, y.dtype)


@operation(risky=True, kind="elementwise", symbol="1 / x")
def reciprocal(x: Array) -> Array:
    """Return 1 / x; whole numbers become float32.

    >>> reciprocal([1.0, 4.0])
    Tensor([1.  , 0.25], shape=(2,), dtype=float32)
    """
    return engine.xp.divide(1, floating(x))


@reciprocal.gradient("x")
def reciprocal_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """-g * y**2, 0 where g is 0"""
    # One factor after the other: y**2 may overflow or become 0 where g * y * y does not.
    return -multiply_no_nan(multiply_no_nan(g, y), y)
