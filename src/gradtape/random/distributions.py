"""Random tensors under Keras' names.

A `seed` is a whole number (the same values each time), a `SeedGenerator` (new values each time, inside a
compiled step too), or None: the next seed of `set_seed`'s sequence, outside a compiled step only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtape.base.checks import number, whole
from gradtape.core.dtypes import DTypeLike, is_floating
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, ShapeError
from gradtape.ops.base.axes import one_axis
from gradtape.ops.numpy.arithmetic import absolute
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.gather import take
from gradtape.ops.numpy.integer_parts import floor
from gradtape.ops.numpy.order import argmax, argsort
from gradtape.ops.numpy.selection import clip, minimum, where
from gradtape.ops.numpy.shapes import as_shape, cast
from gradtape.ops.random import host as host
from gradtape.ops.random.in_step import dropout_mask, random_normal, random_uniform
from gradtape.random.seed_generator import SeedGenerator
from gradtape.random.seeds import host_seed, state_of

Seed = Any
# A compiled program cannot draw until all numbers are inside, so it draws a fixed number of times: that 8
# normal numbers all lie beyond two deviations happens once in 5e10.
_TRIES = 8


def uniform(
    shape: object, minval: float = 0.0, maxval: float = 1.0, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Return uniformly distributed numbers from [minval, maxval).

    Args:
        shape: the shape of the result.
        minval: the lower bound, included.
        maxval: the upper bound, excluded.
        dtype: floating; None means float32.
        seed: a whole number, a SeedGenerator, or None.

    >>> uniform((2,), seed=SeedGenerator(7)).shape
    (2,)
    """
    if not isinstance(seed, SeedGenerator):
        return host.uniform(shape, minval, maxval, dtype, host_seed(seed, "uniform"))
    low = number(minval, "uniform", "minval")
    high = number(maxval, "uniform", "maxval", f"[{low}, inf)")
    drawn = low + (high - low) * random_uniform(seed.next(), shape, _or_float32(dtype))
    below = np.nextafter(drawn.dtype.type(high), drawn.dtype.type(low))
    return minimum(drawn, below)  # rounding must not reach maxval


def normal(
    shape: object, mean: float = 0.0, stddev: float = 1.0, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Return normally distributed numbers.

    Args:
        shape: the shape of the result.
        mean: their mean.
        stddev: their standard deviation, not negative.
        dtype: floating; None means float32.
        seed: a whole number, a SeedGenerator, or None.

    >>> normal((2,), seed=SeedGenerator(7)).shape
    (2,)
    """
    if not isinstance(seed, SeedGenerator):
        return host.normal(shape, mean, stddev, dtype, host_seed(seed, "normal"))
    centre, spread = _moments(mean, stddev, "normal")
    return centre + spread * random_normal(seed.next(), shape, _or_float32(dtype))


def truncated_normal(
    shape: object, mean: float = 0.0, stddev: float = 1.0, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Return normally distributed numbers within two standard deviations; those outside are drawn again.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation before truncation, not negative.
        dtype: floating; None means float32.
        seed: a whole number, a SeedGenerator, or None.

    >>> bool((abs(truncated_normal((100,), seed=SeedGenerator(7))) <= 2).numpy().all())
    True
    """
    if not isinstance(seed, SeedGenerator):
        return host.truncated_normal(shape, mean, stddev, dtype, host_seed(seed, "truncated_normal"))
    centre, spread = _moments(mean, stddev, "truncated_normal")
    tries = random_normal(seed.next(), (_TRIES, *as_shape(shape, "truncated_normal")), _or_float32(dtype))
    drawn = tries[0]
    for again in range(1, _TRIES):
        drawn = where(absolute(drawn) <= 2, drawn, tries[again])
    return centre + spread * clip(drawn, -2.0, 2.0)


def randint(shape: object, minval: int, maxval: int, dtype: DTypeLike = "int32", seed: Seed = None) -> Tensor:
    """Return uniformly distributed whole numbers from [minval, maxval).

    Args:
        shape: the shape of the result.
        minval: the lower bound, included.
        maxval: the upper bound, excluded.
        dtype: an integer dtype that holds them.
        seed: a whole number, a SeedGenerator, or None.

    >>> randint((3,), 0, 10, seed=SeedGenerator(7)).dtype
    dtype('int32')
    """
    if not isinstance(seed, SeedGenerator):
        return host.randint(shape, minval, maxval, dtype, host_seed(seed, "randint"))
    low, high = whole(minval, "randint", "minval"), whole(maxval, "randint", "maxval")
    if not low < high:
        raise ArgumentError(f"randint: needs minval < maxval, got {low} and {high}")
    # In float64, which has 53 binary digits: enough for every number of int32.
    return cast(floor(random_uniform(seed.next(), shape, "float64") * float(high - low)) + float(low), dtype)


def shuffle(x: TensorLike, axis: int = 0, seed: Seed = None) -> Tensor:
    """Return `x` with its slices along `axis` in random order; the gradient is in the order of `x`.

    Args:
        x: any shape but ().
        axis: the axis along which the slices are put in another order.
        seed: a whole number, a SeedGenerator, or None.

    >>> sorted(shuffle([1.0, 2.0, 3.0], seed=SeedGenerator(7)).tolist())
    [1.0, 2.0, 3.0]
    """
    if not isinstance(seed, SeedGenerator):
        return host.shuffle(x, axis, host_seed(seed, "shuffle"))
    tensor = as_tensor(x, None, "shuffle")
    place = one_axis(axis, tensor.ndim, "shuffle")
    # Sorting random keys gives a permutation, in a compiled step too; float64 hardly ever has two equal keys.
    keys = random_uniform(seed.next(), (tensor.shape[place],), "float64")
    return take(tensor, argsort(keys), axis=place)


def categorical(
    logits: TensorLike, num_samples: int, dtype: DTypeLike = "int32", seed: Seed = None
) -> Tensor:
    """Return classes drawn with the probabilities softmax(logits).

    Args:
        logits: (batch, classes) floating.
        num_samples: how many classes are drawn for each row.
        dtype: an integer dtype; the result is (batch, num_samples).
        seed: a whole number, a SeedGenerator, or None.

    Source: Gumbel's trick: the largest of logits - log(-log(u)), u even in (0, 1)

    >>> categorical([[0.0, 100.0]], 3, seed=7)
    Tensor([[1, 1, 1]], shape=(1, 3), dtype=int32)
    """
    tensor = as_tensor(logits, None, "categorical")
    if tensor.ndim != 2 or not is_floating(tensor.dtype):
        raise ShapeError(f"categorical: logits must be (batch, classes) floating, got {tensor.shape}")
    rows, classes = tensor.shape
    size = (rows, whole(num_samples, "categorical", "num_samples"), classes)
    u = 1.0 - random_uniform(state_of(seed, "categorical"), size, "float64")  # in (0, 1]
    # u = 1 would give log(0); 1e-300 is far below any -log(u) of another draw.
    noise = -log(clip(-log(u), 1e-300, np.inf))
    return cast(argmax(tensor[:, None, :] + cast(noise, tensor.dtype), axis=-1), dtype)


def dropout(
    inputs: TensorLike, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Seed = None
) -> Tensor:
    """Return `inputs` with elements set to 0 at random, and the others multiplied by 1 / (1 - rate).

    Args:
        inputs: any shape, floating.
        rate: the probability of 0, in [0, 1].
        noise_shape: the shape of the random mask, which broadcasts to that of `inputs`; None in it takes the
            length of `inputs` there, and None for it the whole shape.
        seed: a whole number, a SeedGenerator, or None.

    >>> sorted(set(dropout([1.0] * 50, 0.5, seed=SeedGenerator(7)).tolist()))
    [0.0, 2.0]
    """
    tensor = as_tensor(inputs, None, "dropout")
    share = number(rate, "dropout", "rate", "[0, 1]")
    shape = noise_size(noise_shape, tensor.shape, "dropout")
    return tensor * dropout_mask(state_of(seed, "dropout"), shape, share, tensor.dtype)


def noise_size(noise_shape: Sequence[int | None] | None, shape: tuple[int, ...], who: str) -> tuple[int, ...]:
    """Return `noise_shape` with the lengths of `shape` where it has None; ShapeError if they do not fit.

    >>> noise_size((None, 1, 3), (2, 5, 3), "dropout")
    (2, 1, 3)
    """
    if noise_shape is None:
        return shape
    sizes = tuple(noise_shape)
    if len(sizes) != len(shape) or any(n not in (None, 1, m) for n, m in zip(sizes, shape, strict=True)):
        raise ShapeError(f"{who}: noise_shape must broadcast to the inputs' shape {shape}, got {sizes}")
    return tuple([m if n is None else n for n, m in zip(sizes, shape, strict=True)])


def _moments(mean: float, stddev: float, who: str) -> tuple[float, float]:
    return number(mean, who, "mean"), number(stddev, who, "stddev", "[0, inf)")


def _or_float32(dtype: DTypeLike) -> DTypeLike:
    return "float32" if dtype is None else dtype
