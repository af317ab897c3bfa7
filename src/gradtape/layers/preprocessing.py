"""Rescaling and Normalization: scale raw data by given numbers, or by numbers computed from the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Unpack

import numpy as np

from gradtape.base.checks import flag
from gradtape.core.tensor import (
    ArrayLike,
    Tensor,
    TensorLike,
    as_tensor,
)
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError, ShapeError, show
from gradtape.layers.base.input_checks import axes_of, known_length
from gradtape.layers.base.layer import LAYERS, Layer, LayerOptions, Shape
from gradtape.ops.base.axes import one_axis
from gradtape.ops.numpy.exponential import sqrt
from gradtape.ops.numpy.selection import maximum
from gradtape.ops.numpy.shapes import cast, reshape

EPSILON = 1e-7


@LAYERS.member()
class Rescaling(Layer):
    """inputs * scale + offset.

    Args:
        scale: a number, or numbers that broadcast against the inputs.
        offset: the same.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> Rescaling(1 / 255)([0, 255])
    Tensor([0., 1.], shape=(2,), dtype=float32)
    """

    def __init__(self, scale: TensorLike, offset: TensorLike = 0.0, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = [as_tensor(v, self.dtype, "Rescaling") for v in (scale, offset)]

    def call(self, inputs: Tensor) -> Tensor:
        """Return inputs * scale + offset, in the layer's dtype."""
        # Images are uint8 as a rule, and a layer's inputs are cast on the way in only if they are floating.
        return cast(inputs, self.dtype) * self.scale + self.offset


@LAYERS.member()
class Normalization(Layer):
    """(inputs - mean) / max(sqrt(variance), 1e-7), with a mean and a variance for each feature.

    Args:
        axis: the axes along which means differ; None for one mean of all elements.
        mean: the mean, if it is known; otherwise `adapt` finds it.
        variance: the variance, if it is known.
        invert: whether to compute the inverse: mean + inputs * max(sqrt(variance), 1e-7).
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> layer = Normalization()
    >>> layer.adapt(np.array([[0.0], [2.0]]))
    >>> layer([[4.0]])
    Tensor([[3.]], shape=(1, 1), dtype=float32)
    """

    adapt_mean: Variable
    adapt_variance: Variable
    count: Variable

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: TensorLike | None = None,
        variance: TensorLike | None = None,
        invert: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        if (mean is None) != (variance is None):
            raise ArgumentError("Normalization: mean and variance must be given both, or found by adapt")
        self.axis = () if axis is None else axes_of(axis, "Normalization", "axis")
        self.input_mean = None if mean is None else np.asarray(mean)
        self.input_variance = None if variance is None else np.asarray(variance)
        self.invert = flag(invert, "Normalization", "invert")

    def build(self, input_shape: Shape) -> None:
        """Make mean and variance, of the lengths of the kept axes."""
        lengths = [known_length(self.name, input_shape, axis) for axis in self.axis]
        kept = dict(zip([one_axis(a, len(input_shape), self.name) for a in self.axis], lengths, strict=True))
        self._kept = tuple(sorted(kept))
        self._wide = tuple([kept.get(axis, 1) for axis in range(len(input_shape))])
        shape = tuple([kept[axis] for axis in self._kept])
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(shape, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(shape, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", "int64", trainable=False, name="count")

    @property
    def mean(self) -> Tensor:
        """The mean, with length 1 along the other axes."""
        return self._spread(self.input_mean, "mean")

    @property
    def variance(self) -> Tensor:
        """The variance, with length 1 along the other axes."""
        return self._spread(self.input_variance, "variance")

    def _spread(self, fixed: Any, name: str) -> Tensor:
        self.need_built(name)
        value: TensorLike = getattr(self, f"adapt_{name}") if fixed is None else fixed
        if fixed is not None:
            # One number may be given for all features.
            value = np.broadcast_to(fixed, [self._wide[axis] for axis in self._kept])
        return reshape(as_tensor(value, self.dtype, self.name), self._wide)

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs with mean 0 and variance 1, or the reverse, in the layer's dtype."""
        # A floor, not an addition, as in Keras: a constant feature gives 0, others keep variance 1.
        x, deviation = cast(inputs, self.dtype), maximum(sqrt(self.variance), EPSILON)
        return self.mean + x * deviation if self.invert else (x - self.mean) / deviation

    def adapt(self, data: object) -> None:
        """Compute mean and variance from the data, in place of earlier ones.

        Args:
            data: an array, or batches of arrays to be gone through once; of a pair the first is taken.

        Raises:
            ArgumentError: if mean and variance were given, or there is no data.
        """
        if self.input_mean is not None:
            raise ArgumentError(f"{self.name}: adapt: mean and variance are given, there is nothing to find")
        count, mean, squares = 0, np.zeros(()), np.zeros(())
        for batch in _batches(data):
            if not self.built:
                self.build(batch.shape)
            self._check(batch.shape)
            others = tuple([axis for axis in range(batch.ndim) if axis not in self._kept])
            size = batch.size // max(1, int(np.prod([batch.shape[a] for a in self._kept])))
            # In float64 and around the batch's own mean: E[x**2] - E[x]**2 cancels where the mean is large.
            middle = batch.mean(axis=others, dtype="float64")
            spread = ((batch - np.expand_dims(middle, others)) ** 2).sum(axis=others, dtype="float64")
            # The mean of two parts, and the squares of both around it (Chan, Golub, LeVeque 1979).
            step, total = middle - mean, count + size
            mean = mean + step * (size / total)
            squares = squares + spread + step**2 * (count * size / total)
            count = total
        if not count:
            raise ArgumentError(f"{self.name}: adapt: needs data, got {show(data)}")
        self.adapt_mean.assign(as_tensor(mean, self.dtype))
        self.adapt_variance.assign(as_tensor(squares / count, self.dtype))
        self.count.assign(count)

    def _check(self, shape: tuple[int, ...]) -> None:
        fits = len(shape) == len(self._wide) and all(shape[a] == self._wide[a] for a in self._kept)
        if not fits:
            raise ShapeError(f"{self.name}: adapt: data must fit {self._wide}, got shape {shape}")


def _batches(data: Any) -> Iterable[Any]:
    """Return batches as NumPy arrays that are not empty; an array is one batch."""
    parts = [data] if isinstance(data, np.ndarray | ArrayLike) else data
    arrays = (np.asarray(part[0] if isinstance(part, tuple) else part) for part in parts)
    return (array for array in arrays if array.size)
