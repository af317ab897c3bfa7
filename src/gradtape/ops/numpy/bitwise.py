"""Operations on the bits of whole numbers and booleans, without a gradient."""

from __future__ import annotations

from gradtape import engine
from gradtape.core.dtypes import is_floating
from gradtape.core.operation import operation
from gradtape.core.tensor import Array
from gradtape.errors import DtypeError
from gradtape.ops.base.floats import countable


@operation(differentiable=False, promotes=True, kind="elementwise")
def bitwise_and(x1: Array, x2: Array) -> Array:
    """Return x1 & x2: the bits that both have.

    Raises:
        DtypeError: for floating tensors.

    >>> bitwise_and([12, 5], [10, 1])
    Tensor([8, 1], shape=(2,), dtype=int32)
    """
    _no_floats("bitwise_and", x1, x2)
    return engine.xp.bitwise_and(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def bitwise_or(x1: Array, x2: Array) -> Array:
    """Return x1 | x2: the bits that at least one has.

    Raises:
        DtypeError: for floating tensors.

    >>> bitwise_or([12, 5], [10, 1])
    Tensor([14,  5], shape=(2,), dtype=int32)
    """
    _no_floats("bitwise_or", x1, x2)
    return engine.xp.bitwise_or(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def bitwise_xor(x1: Array, x2: Array) -> Array:
    """Return x1 ^ x2: the bits that exactly one has.

    Raises:
        DtypeError: for floating tensors.

    >>> bitwise_xor([12, 5], [10, 1])
    Tensor([6, 4], shape=(2,), dtype=int32)
    """
    _no_floats("bitwise_xor", x1, x2)
    return engine.xp.bitwise_xor(x1, x2)


@operation(differentiable=False, kind="elementwise")
def bitwise_invert(x: Array) -> Array:
    """Return ~x: every bit inverted; for booleans, not x.

    Raises:
        DtypeError: for floating tensors.

    >>> bitwise_invert([0, 5])
    Tensor([-1, -6], shape=(2,), dtype=int32)
    """
    _no_floats("bitwise_invert", x)
    return engine.xp.invert(x)


bitwise_not = bitwise_invert


@operation(differentiable=False, promotes=True, kind="elementwise")
def left_shift(x1: Array, x2: Array) -> Array:
    """Return the bits of x1 moved up by x2 places; booleans become int32.

    Raises:
        DtypeError: for floating tensors.

    >>> left_shift([12, 5], [1, 2])
    Tensor([24, 20], shape=(2,), dtype=int32)
    """
    _no_floats("left_shift", x1, x2)
    # NumPy would shift booleans as int8.
    return engine.xp.left_shift(countable(x1), countable(x2))


bitwise_left_shift = left_shift


@operation(differentiable=False, promotes=True, kind="elementwise")
def right_shift(x1: Array, x2: Array) -> Array:
    """Return the bits of x1 moved down by x2 places; the sign stays; booleans become int32.

    Raises:
        DtypeError: for floating tensors.

    >>> right_shift([12, 5], [1, 2])
    Tensor([6, 1], shape=(2,), dtype=int32)
    """
    _no_floats("right_shift", x1, x2)
    return engine.xp.right_shift(countable(x1), countable(x2))


bitwise_right_shift = right_shift


def _no_floats(who: str, *arrays: Array) -> None:
    # Checked here, so that all engines refuse with one error.
    if any(is_floating(x.dtype) for x in arrays):
        dtypes = " and ".join(str(x.dtype) for x in arrays)
        raise DtypeError(f"{who}: needs whole numbers or booleans, got {dtypes}")
