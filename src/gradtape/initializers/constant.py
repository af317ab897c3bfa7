"""Initializers without random numbers: zeros, ones, a constant, the identity matrix, given values."""

from __future__ import annotations

from typing import Any

from gradtape.base.checks import number
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ShapeError
from gradtape.initializers.initializer import INITIALIZERS, Initializer
from gradtape.ops.numpy.creation import (
    eye,
    full,
    ones,
    zeros,
)
from gradtape.ops.numpy.shapes import as_shape, cast


@INITIALIZERS.member("zeros", "zero")
class Zeros(Initializer):
    """All 0.

    >>> Zeros()((2,))
    Tensor([0., 0.], shape=(2,), dtype=float32)
    """

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return zeros of `shape`; float32 unless `dtype` names another."""
        return zeros(shape, dtype)


@INITIALIZERS.member("ones", "one")
class Ones(Initializer):
    """All 1.

    >>> Ones()((2,))
    Tensor([1., 1.], shape=(2,), dtype=float32)
    """

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return ones of `shape`; float32 unless `dtype` names another."""
        return ones(shape, dtype)


@INITIALIZERS.member("constant")
class Constant(Initializer):
    """The same value everywhere.

    Args:
        value: a number, or numbers that broadcast to the shape.

    >>> Constant(0.5)((2,))
    Tensor([0.5, 0.5], shape=(2,), dtype=float32)
    """

    def __init__(self, value: TensorLike = 0.0) -> None:
        self.value = as_tensor(value, None, "Constant")

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return the value, repeated to `shape`; float32 unless `dtype` names another."""
        return full(shape, self.value, "float32" if dtype is None else dtype, who="Constant")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"value": self.value.tolist()}


@INITIALIZERS.member("identity", "IdentityInitializer")
class Identity(Initializer):
    """The identity matrix times a factor.

    Args:
        gain: the factor.

    >>> Identity()((2, 2))
    Tensor([[1., 0.],
            [0., 1.]], shape=(2, 2), dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = number(gain, "Identity", "gain")

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return a matrix of `shape`, (rows, columns); float32 unless `dtype` names another."""
        size = as_shape(shape, "Identity")
        if len(size) != 2:
            raise ShapeError(f"Identity: shape must be (rows, columns), got {size}")
        return cast(eye(*size) * self.gain, "float32" if dtype is None else dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"gain": self.gain}


@INITIALIZERS.member()
class Values(Initializer):
    """The values of an array; `get` makes one from an array.  Not in Keras, which makes a function.

    Args:
        value: the values, in the shape of the weight.

    >>> Values([1.0, 2.0])((2,))
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

    def __init__(self, value: TensorLike) -> None:
        self.value = as_tensor(value, None, "initializer")

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return the values, which must have `shape`; float32 unless `dtype` names another."""
        size = as_shape(shape, "initializer")
        if self.value.shape != size:
            raise ShapeError(f"initializer: the values must have shape {size}, got {self.value.shape}")
        return as_tensor(self.value, "float32" if dtype is None else dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"value": self.value.tolist()}
