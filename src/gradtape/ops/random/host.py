"""Random tensors, as functions of an explicit seed.

A seed is a whole number, or several: (seed, step, 3).  The numbers come from NumPy's counter-based
Philox generator on the host and depend on nothing but the arguments: the same seed gives the same values on
every engine and machine, and asking twice gives them twice.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.core.dtypes import DTypeLike, as_dtype, is_floating
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, show
from gradtape.ops.base.axes import one_axis
from gradtape.ops.numpy.gather import take
from gradtape.ops.numpy.shapes import as_shape

Seed = Any


def uniform(
    shape: object, minval: float = 0.0, maxval: float = 1.0, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Return uniformly distributed numbers from [minval, maxval).

    Args:
        shape: the shape of the result.
        minval: the smallest number possible.
        maxval: what every number stays below.
        dtype: floating; None means float32.
        seed: a whole number, or several.

    >>> uniform((2,), seed=7).shape
    (2,)
    """
    kind, size = _floating(dtype, "uniform"), _shape(shape, "uniform")
    low, high = _number(minval, "uniform", "minval"), _number(maxval, "uniform", "maxval")
    if not low <= high:
        raise ArgumentError(f"uniform: minval must not be above maxval, got {low} and {high}")
    values = (low + (high - low) * _generator(seed, "uniform").random(size)).astype(kind)
    # Rounding to a narrower dtype must not reach maxval, which is excluded.
    below = np.nextafter(np.asarray(high, kind), np.asarray(low, kind))
    return _tensor(np.where(values >= np.asarray(high, kind), below, values).astype(kind))


def normal(
    shape: object, mean: float = 0.0, stddev: float = 1.0, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Return normally distributed numbers.

    Args:
        shape: the shape of the result.
        mean: their mean.
        stddev: their standard deviation, not negative.
        dtype: floating; None means float32.
        seed: a whole number, or several.

    >>> normal((2,), seed=7).shape
    (2,)
    """
    kind, size = _floating(dtype, "normal"), _shape(shape, "normal")
    values = _generator(seed, "normal").standard_normal(size)
    return _tensor((_number(mean, "normal", "mean") + _spread(stddev, "normal") * values).astype(kind))


def truncated_normal(
    shape: object, mean: float = 0.0, stddev: float = 1.0, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Return normally distributed numbers within two standard deviations; those outside are drawn again.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation before the tails are cut, not negative.
        dtype: floating; None means float32.
        seed: a whole number, or several.

    >>> bool((abs(truncated_normal((100,), seed=7).numpy()) <= 2).all())
    True
    """
    kind, size = _floating(dtype, "truncated_normal"), _shape(shape, "truncated_normal")
    generator = _generator(seed, "truncated_normal")
    values = generator.standard_normal(math.prod(size))
    outside = np.flatnonzero(np.abs(values) > 2)
    # Drawn again, not clipped: clipping would put 5 % of the numbers on the two bounds.
    while outside.size:
        values[outside] = generator.standard_normal(outside.size)
        outside = outside[np.abs(values[outside]) > 2]
    centre, scale = _number(mean, "truncated_normal", "mean"), _spread(stddev, "truncated_normal")
    return _tensor((centre + scale * values.reshape(size)).astype(kind))


def randint(shape: object, minval: int, maxval: int, dtype: DTypeLike = "int32", seed: Seed = None) -> Tensor:
    """Return whole uniformly distributed numbers from [minval, maxval).

    Args:
        shape: the shape of the result.
        minval: the smallest number possible.
        maxval: one above the largest number possible.
        dtype: an integer dtype that holds them.
        seed: a whole number, or several.

    >>> randint((3,), 0, 10, seed=7).dtype
    dtype('int32')
    """
    kind = as_dtype(dtype, "randint")
    if kind.kind not in "iu":
        raise DtypeError(f"randint: dtype must be an integer dtype, got {kind}")
    low, high = whole(minval, "randint", "minval"), whole(maxval, "randint", "maxval")
    limits = np.iinfo(kind)
    if not limits.min <= low < high <= limits.max + 1:
        raise ArgumentError(f"randint: needs minval < maxval within {kind}, got {low} and {high}")
    return _tensor(_generator(seed, "randint").integers(low, high, _shape(shape, "randint"), kind))


def shuffle(x: TensorLike, axis: int = 0, seed: Seed = None) -> Tensor:
    """Return `x` with its slices along `axis` in random order; the gradient is in the order of `x`.

    Args:
        x: any shape but ().
        axis: the axis along which the slices are put in another order.
        seed: a whole number, or several.

    >>> sorted(shuffle([1.0, 2.0, 3.0], seed=7).tolist())
    [1.0, 2.0, 3.0]
    """
    tensor = as_tensor(x, None, "shuffle")
    where = one_axis(axis, tensor.ndim, "shuffle")
    order = _generator(seed, "shuffle").permutation(tensor.shape[where])
    return take(tensor, order, axis=where)


def _generator(seed: Seed, who: str) -> np.random.Generator:
    """Return the generator of `seed`; the same numbers each time it is made."""
    if seed is None:
        raise ArgumentError(f"{who}: seed must be a whole number or several, got None")
    parts = list(seed) if isinstance(seed, tuple | list) else [seed]
    numbers = [whole(part, who, "seed") for part in parts]
    if not numbers or min(numbers) < 0:
        raise ArgumentError(f"{who}: seed must be whole numbers that are not negative, got {show(seed)}")
    # SeedSequence ignores zeros at its end: without the count, 3 and (3, 0) would be one seed.
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([len(numbers), *numbers])))


def _shape(shape: object, who: str) -> tuple[int, ...]:
    size = as_shape(shape, who)
    if any(n < 0 for n in size):
        raise ArgumentError(f"{who}: shape must not have negative lengths, got {size}")
    return size


def _floating(dtype: DTypeLike, who: str) -> np.dtype[Any]:
    kind = as_dtype("float32" if dtype is None else dtype, who)
    if not is_floating(kind):
        raise DtypeError(f"{who}: dtype must be floating, got {kind}")
    return kind


def _number(value: Any, who: str, argument: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ArgumentTypeError(f"{who}: {argument} must be a number, got {show(value)}") from None
    if not math.isfinite(number):
        raise ArgumentError(f"{who}: {argument} must be finite, got {number}")
    return number


def _spread(stddev: object, who: str) -> float:
    number = _number(stddev, who, "stddev")
    if number < 0:
        raise ArgumentError(f"{who}: stddev must not be negative, got {number}")
    return number


def _tensor(values: object) -> Tensor:
    return Tensor(engine.active.asarray(values))
