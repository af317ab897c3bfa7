"""Comparisons, logic, and tests for NaN and infinities: booleans, without a gradient."""

from __future__ import annotations

from gradtape import engine
from gradtape.core.operation import operation
from gradtape.core.tensor import Array


@operation(differentiable=False, promotes=True, kind="elementwise")
def equal(x1: Array, x2: Array) -> Array:
    """Return whether x1 == x2, as booleans.

    >>> equal([1, 3], [2, 3])
    Tensor([False,  True], shape=(2,), dtype=bool)
    """
    return engine.xp.equal(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def not_equal(x1: Array, x2: Array) -> Array:
    """Return whether x1 != x2, as booleans.

    >>> not_equal([1, 3], [2, 3])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    return engine.xp.not_equal(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def less(x1: Array, x2: Array) -> Array:
    """Return whether x1 < x2, as booleans.

    >>> less([1, 3], [2, 3])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    return engine.xp.less(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def less_equal(x1: Array, x2: Array) -> Array:
    """Return whether x1 <= x2, as booleans.

    >>> less_equal([1, 3], [2, 3])
    Tensor([ True,  True], shape=(2,), dtype=bool)
    """
    return engine.xp.less_equal(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def greater(x1: Array, x2: Array) -> Array:
    """Return whether x1 > x2, as booleans.

    >>> greater([1, 3], [2, 3])
    Tensor([False, False], shape=(2,), dtype=bool)
    """
    return engine.xp.greater(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def greater_equal(x1: Array, x2: Array) -> Array:
    """Return whether x1 >= x2, as booleans.

    >>> greater_equal([1, 3], [2, 3])
    Tensor([False,  True], shape=(2,), dtype=bool)
    """
    return engine.xp.greater_equal(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def logical_and(x1: Array, x2: Array) -> Array:
    """Return whether both are true (not 0), as booleans.

    >>> logical_and([True, True], [True, False])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    return engine.xp.logical_and(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def logical_or(x1: Array, x2: Array) -> Array:
    """Return whether at least one is true (not 0), as booleans.

    >>> logical_or([True, True], [True, False])
    Tensor([ True,  True], shape=(2,), dtype=bool)
    """
    return engine.xp.logical_or(x1, x2)


@operation(differentiable=False, promotes=True, kind="elementwise")
def logical_xor(x1: Array, x2: Array) -> Array:
    """Return whether exactly one is true (not 0), as booleans.

    >>> logical_xor([True, True], [True, False])
    Tensor([False,  True], shape=(2,), dtype=bool)
    """
    return engine.xp.logical_xor(x1, x2)


@operation(differentiable=False, kind="elementwise")
def logical_not(x: Array) -> Array:
    """Return whether x is false (0), as booleans.

    >>> logical_not([True, False])
    Tensor([False,  True], shape=(2,), dtype=bool)
    """
    return engine.xp.logical_not(x)


@operation(differentiable=False, kind="elementwise")
def isnan(x: Array) -> Array:
    """Return whether x is NaN, as booleans.

    >>> isnan([1.0, float("inf")])
    Tensor([False, False], shape=(2,), dtype=bool)
    """
    return engine.xp.isnan(x)


@operation(differentiable=False, kind="elementwise")
def isinf(x: Array) -> Array:
    """Return whether x is inf or -inf, as booleans.

    >>> isinf([1.0, float("inf")])
    Tensor([False,  True], shape=(2,), dtype=bool)
    """
    return engine.xp.isinf(x)


@operation(differentiable=False, kind="elementwise")
def isfinite(x: Array) -> Array:
    """Return whether x is neither infinite nor NaN, as booleans.

    >>> isfinite([1.0, float("inf")])
    Tensor([ True, False], shape=(2,), dtype=bool)
    """
    return engine.xp.isfinite(x)
