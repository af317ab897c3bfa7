"""Layers that change the shape of each sample, or the order of its axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Unpack

from gradtape.base.checks import whole
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentError, ShapeError, show
from gradtape.layers.base.input_checks import expect_rank, is_channels_first
from gradtape.layers.base.layer import LAYERS, Layer, LayerOptions
from gradtape.ops.numpy.axis_order import expand_dims
from gradtape.ops.numpy.shapes import (
    as_shape,
    broadcast_to,
    reshape,
    transpose,
)


@LAYERS.member()
class Flatten(Layer):
    """Puts all elements of a sample into one row: (batch, ...) to (batch, features).

    Args:
        data_format: ``"channels_first"`` moves the channels, axis 1, to the end before; None means
            ``"channels_last"``.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> Flatten()([[[1.0, 2.0], [3.0, 4.0]]])
    Tensor([[1., 2., 3., 4.]], shape=(1, 4), dtype=float32)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.channels_first = is_channels_first(data_format, "Flatten")

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs as (batch, features)."""
        if not inputs.ndim:
            raise ShapeError(f"{self.name}: inputs must be (batch, ...), got shape ()")
        if self.channels_first and inputs.ndim > 1:
            # As in Keras, so that the features come in one order whichever way images are stored.
            inputs = transpose(inputs, (0, *range(2, inputs.ndim), 1))
        # Not -1: in a batch of no samples every length would fit.
        return reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))


@LAYERS.member()
class Reshape(Layer):
    """Gives each sample another shape: (batch, ...) to (batch, *target_shape).

    Args:
        target_shape: the shape of a sample; one length may be -1: what is left.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> Reshape((2, -1))([[1.0, 2.0, 3.0, 4.0]]).shape
    (1, 2, 2)
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.target_shape = as_shape(target_shape, "Reshape")
        if any(n < -1 for n in self.target_shape) or self.target_shape.count(-1) > 1:
            raise ArgumentError(
                f"Reshape: target_shape must be lengths, at most one of them -1, got {self.target_shape}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs as (batch, *target_shape)."""
        if not inputs.shape:
            raise ShapeError(f"{self.name}: inputs must have an axis of samples, got shape ()")
        size, known = math.prod(inputs.shape[1:]), math.prod([n for n in self.target_shape if n >= 0])
        # max: target_shape may have a length 0.
        rest = size // max(known, 1)
        target = tuple([rest if n < 0 else n for n in self.target_shape])
        if math.prod(target) != size:
            raise ShapeError(
                f"{self.name}: target_shape {self.target_shape} does not hold the {size} elements of a "
                f"sample of shape {inputs.shape[1:]}"
            )
        return reshape(inputs, (inputs.shape[0], *target))


@LAYERS.member()
class Permute(Layer):
    """Puts the axes of each sample into another order.

    Args:
        dims: for each axis of the result the axis of the input, counted from 1.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> Permute((2, 1))([[[1.0, 2.0, 3.0]]]).shape
    (1, 3, 1)
    """

    def __init__(self, dims: Sequence[int], **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.dims = as_shape(dims, "Permute")
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ArgumentError(f"Permute: dims must name each axis from 1 on once, got {show(dims)}")

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs with their axes in another order."""
        expect_rank(self.name, inputs.shape, len(self.dims) + 1)
        return transpose(inputs, (0, *self.dims))


@LAYERS.member()
class RepeatVector(Layer):
    """Repeats each sample: (batch, features) to (batch, n, features).

    Args:
        n: the number of repetitions.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> RepeatVector(3)([[1.0, 2.0]]).shape
    (1, 3, 2)
    """

    def __init__(self, n: int, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.n = whole(n, "RepeatVector", "n", 1)

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs as (batch, n, features)."""
        expect_rank(self.name, inputs.shape, 2)
        batch, features = inputs.shape
        return broadcast_to(expand_dims(inputs, 1), (batch, self.n, features))
