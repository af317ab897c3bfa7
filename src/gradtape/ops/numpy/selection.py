"""Operations that choose between values: where, maximum, minimum, clip, nan_to_num."""

from __future__ import annotations

from gradtape import engine
from gradtape.core import kinks
from gradtape.core.dtypes import is_floating
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.rules import gate, share, zeros_like
from gradtape.ops.numpy.comparison import isfinite


@operation(promotes=("x1", "x2"), kind="elementwise")
def where(condition: Array, x1: Array, x2: Array) -> Array:
    """Return x1 where the condition is true (not 0), x2 elsewhere.

    The branch that is not taken gets a cotangent of exactly 0, and the rules of divide, log, sqrt, power
    and the like pass on a 0 as 0 even where their slope is infinite: ``where(x > 0, log(x), 0)`` has
    the gradient 0 at 0.

    Args:
        condition: booleans, or numbers that count as true unless they are 0.
        x1, x2: broadcast with the condition and brought to one dtype.

    >>> where([True, False], [1.0, 2.0], 0)
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    # NaN is not 0, so it counts as true, as in NumPy.
    return engine.xp.where(condition if condition.dtype.kind == "b" else condition != 0, x1, x2)


@where.gradient("condition")
def where_condition(g: Tensor, y: Tensor, condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """0"""
    return zeros_like(g)


@where.gradient("x1")
def where_x1(g: Tensor, y: Tensor, condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """where(condition, g, 0)"""
    # Not g * condition: an infinite g times 0 would be NaN, where a branch not taken must get exactly 0.
    return where(condition, g, 0)


@where.gradient("x2")
def where_x2(g: Tensor, y: Tensor, condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """where(condition, 0, g)"""
    return where(condition, 0, g)


@operation(promotes=True, kind="elementwise", symbol="max(x1, x2)", kinks=kinks.between_inputs)
def maximum(x1: Array, x2: Array) -> Array:
    """Return the larger of x1 and x2; NaN if one is NaN.  A tie gives each half of the gradient.

    >>> maximum([1.0, 5.0], 3)
    Tensor([3., 5.], shape=(2,), dtype=float32)
    """
    return engine.xp.maximum(x1, x2)


@maximum.gradient("x1")
def maximum_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g where x1 > x2, g / 2 where x1 = x2, else 0"""
    return g * share(x1, x2, y)


@maximum.gradient("x2")
def maximum_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g where x2 > x1, g / 2 where x1 = x2, else 0"""
    return g * share(x2, x1, y)


@operation(promotes=True, kind="elementwise", symbol="min(x1, x2)", kinks=kinks.between_inputs)
def minimum(x1: Array, x2: Array) -> Array:
    """Return the smaller of x1 and x2; NaN if one is NaN.  A tie gives each half of the gradient.

    >>> minimum([1.0, 5.0], 3)
    Tensor([1., 3.], shape=(2,), dtype=float32)
    """
    return engine.xp.minimum(x1, x2)


@minimum.gradient("x1")
def minimum_x1(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g where x1 < x2, g / 2 where x1 = x2, else 0"""
    return g * share(x1, x2, y)


@minimum.gradient("x2")
def minimum_x2(g: Tensor, y: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """g where x2 < x1, g / 2 where x1 = x2, else 0"""
    return g * share(x2, x1, y)


@operation(promotes=True, kind="elementwise", symbol="min(max(x, x_min), x_max)", kinks=kinks.between_inputs)
def clip(x: Array, x_min: Array, x_max: Array) -> Array:
    """Return x, but x_min where it is smaller and x_max where it is larger; NaN stays NaN.

    On the bounds themselves the gradient goes to x: its slope is 1 there.

    >>> clip([-1.0, 0.5, 2.0], 0, 1)
    Tensor([0. , 0.5, 1. ], shape=(3,), dtype=float32)
    """
    return engine.xp.minimum(engine.xp.maximum(x, x_min), x_max)


@clip.gradient("x")
def clip_x(g: Tensor, y: Tensor, x: Tensor, x_min: Tensor, x_max: Tensor) -> Tensor:
    """g where x_min <= x <= x_max, else 0"""
    # x == y where nothing was cut off, the bounds included: autograd gives 0 there, JAX 0.5.
    return gate(g, x == y, y)


@clip.gradient("x_min")
def clip_x_min(g: Tensor, y: Tensor, x: Tensor, x_min: Tensor, x_max: Tensor) -> Tensor:
    """g where x < x_min <= x_max, else 0"""
    return gate(g, (x < x_min) & (x_min <= x_max), y)


@clip.gradient("x_max")
def clip_x_max(g: Tensor, y: Tensor, x: Tensor, x_min: Tensor, x_max: Tensor) -> Tensor:
    """g where x > x_max or x_min > x_max, else 0"""
    # x_max is applied last, so it wins where the bounds are in the wrong order.
    return gate(g, (x > x_max) | ((x_min > x_max) & (x != x_max)), y)


@operation(kind="elementwise")
def nan_to_num(x: Array, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Array:
    """Return x with `nan`, `posinf` and `neginf` in the places of NaN, inf and -inf.

    None stands for the largest and the smallest number of the dtype.  The gradient is 0 at what was replaced.

    >>> nan_to_num([1.0, float("nan")])
    Tensor([1., 0.], shape=(2,), dtype=float32)
    """
    if not is_floating(x.dtype):
        return x
    return engine.xp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@nan_to_num.gradient("x")
def nan_to_num_x(
    g: Tensor, y: Tensor, x: Tensor, nan: float, posinf: float | None, neginf: float | None
) -> Tensor:
    """where(x is finite, g, 0)"""
    return where(isfinite(x), g, 0)
