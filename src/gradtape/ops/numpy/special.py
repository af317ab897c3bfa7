"""The error function and its complement.  Whole numbers become float32."""

from __future__ import annotations

import math

from gradtape import engine
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.floats import floating
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.exponential import exp

PEAK = 2 / math.sqrt(math.pi)


@operation(kind="elementwise")
def erf(x: Array) -> Array:
    """Return 2 / sqrt(pi) times the integral of exp(-t**2) from 0 to x.

    Source: on NumPy a fit of our own, in `engine/numpy/erf.py`, which states its largest error.

    >>> f"{erf(1.0):.4f}"
    '0.8427'
    """
    return engine.active.erf(floating(x))


@erf.gradient("x")
def erf_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """g * 2 / sqrt(pi) * exp(-x**2)"""
    return g * (PEAK * exp(-square(x)))


@operation(kind="elementwise")
def erfc(x: Array) -> Array:
    """Return 1 - erf(x), small values with all their digits.

    >>> f"{erfc(5.0):.4g}"
    '1.537e-12'
    """
    return engine.active.erfc(floating(x))


@erfc.gradient("x")
def erfc_x(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """-g * 2 / sqrt(pi) * exp(-x**2)"""
    return -g * (PEAK * exp(-square(x)))
