"""Dropout of whole channels, at all positions of a sequence, an image or a volume."""

from __future__ import annotations

from gradtape import random
from gradtape.core.tensor import Tensor
from gradtape.layers.base.input_checks import expect_rank, is_channels_first
from gradtape.layers.base.layer import LAYERS
from gradtape.layers.dropout import Dropout


class SpatialDropout(Dropout):
    """The base of the three layers.

    Args:
        rate: the probability that a channel is dropped, in [0, 1].
        data_format: ``"channels_last"``, also if None, or ``"channels_first"``.
        seed: a whole number; None takes the next seed of `set_seed`'s sequence.
        name: the layer's name.
        dtype: the dtype floating inputs are cast to; None means float32.
    """

    places: int

    def __init__(
        self, rate: float, data_format: str | None, seed: int | None, name: str | None, dtype: object
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.channels_first = is_channels_first(data_format, type(self).__name__)

    def disturbed(self, inputs: Tensor) -> Tensor:
        """Return the inputs without the channels that are dropped."""
        expect_rank(self.name, inputs.shape, self.places + 2)
        # Length 1 along the places: one draw decides for a whole channel of a sample.
        ones = (1,) * self.places
        shape = (None, None, *ones) if self.channels_first else (None, *ones, None)
        return random.dropout(inputs, self.rate, shape, self.seed_generator)


@LAYERS.member()
class SpatialDropout1D(SpatialDropout):
    """Drops whole channels of (batch, places, channels) while training; the rest times 1 / (1 - rate).

    Args:
        rate: the probability that a channel is dropped, in [0, 1].
        seed: a whole number; None takes the next seed of `set_seed`'s sequence.
        name: the layer's name.
        dtype: the dtype floating inputs are cast to; None means float32.

    Source: Tompson, Goroshin, Jain, LeCun, Bregler 2014, arXiv:1411.4280

    >>> SpatialDropout1D(0.5)([[[1.0, 2.0]]])
    Tensor([[[1., 2.]]], shape=(1, 1, 2), dtype=float32)
    """

    places = 1

    def __init__(
        self, rate: float, seed: int | None = None, name: str | None = None, dtype: object = None
    ) -> None:
        super().__init__(rate, None, seed, name, dtype)


@LAYERS.member()
class SpatialDropout2D(SpatialDropout):
    """Drops whole channels of (batch, rows, columns, channels) while training; the rest times 1 / (1 - rate).

    Args:
        rate: the probability that a channel is dropped, in [0, 1].
        data_format: ``"channels_last"``, also if None, or ``"channels_first"``.
        seed: a whole number; None takes the next seed of `set_seed`'s sequence.
        name: the layer's name.
        dtype: the dtype floating inputs are cast to; None means float32.

    Source: Tompson, Goroshin, Jain, LeCun, Bregler 2014, arXiv:1411.4280

    >>> SpatialDropout2D(0.5)([[[[1.0, 2.0]]]])
    Tensor([[[[1., 2.]]]], shape=(1, 1, 1, 2), dtype=float32)
    """

    places = 2

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: object = None,
    ) -> None:
        super().__init__(rate, data_format, seed, name, dtype)


@LAYERS.member()
class SpatialDropout3D(SpatialDropout2D):
    """Drops whole channels of (batch, d1, d2, d3, channels) while training; the rest times 1 / (1 - rate).

    Arguments as of `SpatialDropout2D`.

    Source: Tompson, Goroshin, Jain, LeCun, Bregler 2014, arXiv:1411.4280

    >>> SpatialDropout3D(0.5)([[[[[1.0, 2.0]]]]]).shape
    (1, 1, 1, 1, 2)
    """

    places = 3
