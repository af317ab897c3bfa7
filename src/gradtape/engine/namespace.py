"""`Namespace`: the functions of NumPy and of jax.numpy that gradtape uses, which both spell and mean alike.

They are those of the Python array API standard and a few more.  What the two spell or compute otherwise is
a function of the engine itself; see `gradtape.engine.protocol`.
"""

from __future__ import annotations

from typing import Any, Protocol

Array = Any


class Namespace(Protocol):
    """The functions of an array namespace, NumPy's or JAX', that both spell and mean alike."""

    def abs(self, x: Array, /) -> Array:
        """Return |x|."""

    def add(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 + x2."""

    def all(self, *args: Any, **kwargs: Any) -> Array:
        """Return whether all elements along an axis are true."""

    def any(self, *args: Any, **kwargs: Any) -> Array:
        """Return whether any element along an axis is true."""

    def arange(self, *args: Any, **kwargs: Any) -> Array:
        """Return evenly spaced numbers."""

    def arccos(self, x: Array, /) -> Array:
        """Return arccos(x)."""

    def arccosh(self, x: Array, /) -> Array:
        """Return arccosh(x)."""

    def arcsin(self, x: Array, /) -> Array:
        """Return arcsin(x)."""

    def arcsinh(self, x: Array, /) -> Array:
        """Return arcsinh(x)."""

    def arctan(self, x: Array, /) -> Array:
        """Return arctan(x)."""

    def arctan2(self, x1: Array, x2: Array, /) -> Array:
        """Return the angle of the point (x2, x1)."""

    def arctanh(self, x: Array, /) -> Array:
        """Return arctanh(x)."""

    def argmax(self, *args: Any, **kwargs: Any) -> Array:
        """Return the place of the largest element."""

    def argmin(self, *args: Any, **kwargs: Any) -> Array:
        """Return the place of the smallest element."""

    def argsort(self, *args: Any, **kwargs: Any) -> Array:
        """Return the order that sorts."""

    def bitwise_and(self, x1: Array, x2: Array, /) -> Array:
        """Return the bits that both have."""

    def bitwise_or(self, x1: Array, x2: Array, /) -> Array:
        """Return the bits that either has."""

    def bitwise_xor(self, x1: Array, x2: Array, /) -> Array:
        """Return the bits that exactly one has."""

    def broadcast_to(self, *args: Any, **kwargs: Any) -> Array:
        """Return an array repeated to a shape."""

    def cbrt(self, x: Array, /) -> Array:
        """Return the cube root of x."""

    def ceil(self, x: Array, /) -> Array:
        """Return x rounded up."""

    def concat(self, *args: Any, **kwargs: Any) -> Array:
        """Return arrays joined along an axis."""

    def cos(self, x: Array, /) -> Array:
        """Return cos(x)."""

    def cosh(self, x: Array, /) -> Array:
        """Return cosh(x)."""

    def cumprod(self, *args: Any, **kwargs: Any) -> Array:
        """Return the running product."""

    def cumsum(self, *args: Any, **kwargs: Any) -> Array:
        """Return the running sum."""

    def divide(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 / x2."""

    def equal(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 == x2."""

    def exp(self, x: Array, /) -> Array:
        """Return exp(x)."""

    def exp2(self, x: Array, /) -> Array:
        """Return 2**x."""

    def expm1(self, x: Array, /) -> Array:
        """Return exp(x) - 1, small values with all their digits."""

    def flip(self, *args: Any, **kwargs: Any) -> Array:
        """Return the elements along an axis in reverse order."""

    def floor(self, x: Array, /) -> Array:
        """Return x rounded down."""

    def floor_divide(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 / x2 rounded down."""

    def full(self, *args: Any, **kwargs: Any) -> Array:
        """Return an array of one value."""

    def full_like(self, *args: Any, **kwargs: Any) -> Array:
        """Return an array of one value, in the shape of another."""

    def greater(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 > x2."""

    def greater_equal(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 >= x2."""

    def hypot(self, x1: Array, x2: Array, /) -> Array:
        """Return sqrt(x1**2 + x2**2) without overflow."""

    def invert(self, x: Array, /) -> Array:
        """Return x with every bit inverted."""

    def isfinite(self, x: Array, /) -> Array:
        """Return whether x is neither infinite nor NaN."""

    def isinf(self, x: Array, /) -> Array:
        """Return whether x is infinite."""

    def isnan(self, x: Array, /) -> Array:
        """Return whether x is NaN."""

    def left_shift(self, x1: Array, x2: Array, /) -> Array:
        """Return the bits of x1 moved up by x2."""

    def less(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 < x2."""

    def less_equal(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 <= x2."""

    def log(self, x: Array, /) -> Array:
        """Return the natural logarithm of x."""

    def log10(self, x: Array, /) -> Array:
        """Return the logarithm of x to base 10."""

    def log1p(self, x: Array, /) -> Array:
        """Return log(1 + x), small values with all their digits."""

    def log2(self, x: Array, /) -> Array:
        """Return the logarithm of x to base 2."""

    def logical_and(self, x1: Array, x2: Array, /) -> Array:
        """Return whether both are true."""

    def logical_not(self, x: Array, /) -> Array:
        """Return whether x is false."""

    def logical_or(self, x1: Array, x2: Array, /) -> Array:
        """Return whether either is true."""

    def logical_xor(self, x1: Array, x2: Array, /) -> Array:
        """Return whether exactly one is true."""

    def matmul(self, x1: Array, x2: Array, /) -> Array:
        """Return the matrix product."""

    def max(self, *args: Any, **kwargs: Any) -> Array:
        """Return the largest element."""

    def maximum(self, x1: Array, x2: Array, /) -> Array:
        """Return the larger of both; NaN where there is one."""

    def min(self, *args: Any, **kwargs: Any) -> Array:
        """Return the smallest element."""

    def minimum(self, x1: Array, x2: Array, /) -> Array:
        """Return the smaller of both; NaN where there is one."""

    def moveaxis(self, *args: Any, **kwargs: Any) -> Array:
        """Return the axes in another order."""

    def multiply(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 * x2."""

    def nan_to_num(self, *args: Any, **kwargs: Any) -> Array:
        """Return NaN and infinities replaced by numbers."""

    def negative(self, x: Array, /) -> Array:
        """Return -x."""

    def not_equal(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 != x2."""

    def ones(self, *args: Any, **kwargs: Any) -> Array:
        """Return an array of ones."""

    def ones_like(self, *args: Any, **kwargs: Any) -> Array:
        """Return ones in the shape of another array."""

    def pad(self, *args: Any, **kwargs: Any) -> Array:
        """Return an array with a border."""

    def power(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 to the power of x2."""

    def prod(self, *args: Any, **kwargs: Any) -> Array:
        """Return the product of the elements."""

    def remainder(self, x1: Array, x2: Array, /) -> Array:
        """Return the remainder of floor division."""

    def reshape(self, *args: Any, **kwargs: Any) -> Array:
        """Return the elements in another shape."""

    def right_shift(self, x1: Array, x2: Array, /) -> Array:
        """Return the bits of x1 moved down by x2."""

    def roll(self, *args: Any, **kwargs: Any) -> Array:
        """Return the elements along an axis shifted in a circle."""

    def round(self, *args: Any, **kwargs: Any) -> Array:
        """Return x rounded to so many decimals."""

    def searchsorted(self, *args: Any, **kwargs: Any) -> Array:
        """Return where values would be inserted into a sorted array."""

    def sign(self, x: Array, /) -> Array:
        """Return the sign of x: -1, 0 or 1."""

    def sin(self, x: Array, /) -> Array:
        """Return sin(x)."""

    def sinh(self, x: Array, /) -> Array:
        """Return sinh(x)."""

    def sort(self, *args: Any, **kwargs: Any) -> Array:
        """Return the elements along an axis in order."""

    def sqrt(self, x: Array, /) -> Array:
        """Return the square root of x."""

    def square(self, x: Array, /) -> Array:
        """Return x * x."""

    def stack(self, *args: Any, **kwargs: Any) -> Array:
        """Return arrays side by side along a new axis."""

    def subtract(self, x1: Array, x2: Array, /) -> Array:
        """Return x1 - x2."""

    def sum(self, *args: Any, **kwargs: Any) -> Array:
        """Return the sum of the elements."""

    def take_along_axis(self, *args: Any, **kwargs: Any) -> Array:
        """Return the elements at places along an axis."""

    def tan(self, x: Array, /) -> Array:
        """Return tan(x)."""

    def tanh(self, x: Array, /) -> Array:
        """Return tanh(x)."""

    def transpose(self, *args: Any, **kwargs: Any) -> Array:
        """Return the axes in another order."""

    def tril(self, *args: Any, **kwargs: Any) -> Array:
        """Return the lower triangle."""

    def triu(self, *args: Any, **kwargs: Any) -> Array:
        """Return the upper triangle."""

    def trunc(self, x: Array, /) -> Array:
        """Return x without its fraction."""

    def where(self, *args: Any, **kwargs: Any) -> Array:
        """Return x1 where a condition holds, x2 elsewhere."""

    def zeros(self, *args: Any, **kwargs: Any) -> Array:
        """Return an array of zeros."""

    def zeros_like(self, *args: Any, **kwargs: Any) -> Array:
        """Return zeros in the shape of another array."""
