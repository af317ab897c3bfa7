"""Dropout and noise: layers that change their inputs at random in training, and only then."""

from __future__ import annotations

import math
from typing import Unpack

from gradtape import random
from gradtape.base.checks import number
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentTypeError
from gradtape.layers.base.input_checks import lengths_of
from gradtape.layers.base.layer import LAYERS, Layer, LayerOptions
from gradtape.ops.nn.activations import SELU_ALPHA, SELU_SCALE
from gradtape.ops.numpy.comparison import greater_equal
from gradtape.ops.numpy.shapes import cast
from gradtape.random.distributions import noise_size


class Noise(Layer):
    """The base of the layers here: an amount of noise, and a stream of random numbers.

    Args:
        amount: 0 for no noise at all.
        seed: a whole number; None takes the next seed of `set_seed`'s sequence.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.
    """

    def __init__(self, amount: float, seed: int | None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        # As in Keras, a layer that draws nothing has no seed generator, and so no state that is saved.
        self.is_silent = amount == 0
        if not self.is_silent:
            self.seed_generator = random.SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """Return the inputs, disturbed if this is training."""
        return self.disturbed(inputs) if training and not self.is_silent else inputs

    def disturbed(self, inputs: Tensor) -> Tensor:
        """Return the inputs with the noise of one step."""
        raise ArgumentTypeError(f"{type(self).__name__}: a noise layer must define disturbed")


@LAYERS.member()
class Dropout(Noise):
    """Sets elements to 0 at random while training, and multiplies the others by 1 / (1 - rate).

    Args:
        rate: the probability of 0, in [0, 1].
        noise_shape: the shape of the random mask, which broadcasts to that of the inputs; None in it takes
            the length of the inputs there.
        seed: a whole number; None takes the next seed of `set_seed`'s sequence.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"

    >>> sorted(set(Dropout(0.5, seed=7)([1.0] * 50, training=True).tolist()))
    [0.0, 2.0]
    """

    def __init__(
        self, rate: float, noise_shape: object = None, seed: int | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        self.rate = number(rate, type(self).__name__, "rate", "[0, 1]")
        self.noise_shape = lengths_of(noise_shape, type(self).__name__, "noise_shape")
        super().__init__(self.rate, seed, **kwargs)

    def disturbed(self, inputs: Tensor) -> Tensor:
        """Return the inputs without those that are dropped."""
        return random.dropout(inputs, self.rate, self.noise_shape, self.seed_generator)


@LAYERS.member()
class AlphaDropout(Noise):
    """Sets elements to the lowest value of selu at random while training; keeps mean 0 and variance 1.

        y = a * (x or -scale * alpha) + b,  a and b such that mean and variance stay

    Args:
        rate: the probability, in [0, 1).
        noise_shape: the shape of the random mask, as for `Dropout`.
        seed: a whole number; None takes the next seed of `set_seed`'s sequence.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Source: Klambauer, Unterthiner, Mayr, Hochreiter 2017, arXiv:1706.02515

    >>> len(set(AlphaDropout(0.5, seed=7)([1.0] * 50, training=True).tolist()))
    2
    """

    def __init__(
        self, rate: float, noise_shape: object = None, seed: int | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        # Not 1: the variance of what is kept would be 0, and could not be scaled back.
        self.rate = number(rate, "AlphaDropout", "rate", "[0, 1)")
        self.noise_shape = lengths_of(noise_shape, type(self).__name__, "noise_shape")
        super().__init__(self.rate, seed, **kwargs)

    def disturbed(self, inputs: Tensor) -> Tensor:
        """Return the inputs, some of them at selu's lowest value, moved and scaled back."""
        shape = noise_size(self.noise_shape, inputs.shape, self.name)
        drawn = random.uniform(shape, seed=self.seed_generator)
        # Numbers are drawn from [0, 1), so that rate 0 keeps all.
        kept = cast(greater_equal(drawn, self.rate), inputs.dtype)
        # a and b of the paper: with them a * x + b has mean 0 and variance 1 again if the inputs have.
        lowest = -SELU_SCALE * SELU_ALPHA
        a = 1 / math.sqrt((1 - self.rate) * (1 + self.rate * lowest**2))
        return a * (inputs * kept + lowest * (1 - kept)) - a * lowest * self.rate


@LAYERS.member()
class GaussianDropout(Noise):
    """Multiplies by normal numbers with mean 1 and stddev sqrt(rate / (1 - rate)) while training.

    Args:
        rate: the rate of the dropout that would be as strong, in [0, 1).
        seed: a whole number; None takes the next seed of `set_seed`'s sequence.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"

    >>> GaussianDropout(0.5)([[1.0, 2.0]])
    Tensor([[1., 2.]], shape=(1, 2), dtype=float32)
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        self.rate = number(rate, "GaussianDropout", "rate", "[0, 1)")
        super().__init__(self.rate, seed, **kwargs)

    def disturbed(self, inputs: Tensor) -> Tensor:
        """Return the inputs times normal numbers."""
        # The deviation that the factors of dropout have: 0 or 1 / (1 - rate), with mean 1.
        stddev = math.sqrt(self.rate / (1 - self.rate))
        return inputs * random.normal(inputs.shape, 1.0, stddev, self.dtype, self.seed_generator)


@LAYERS.member()
class GaussianNoise(Noise):
    """Adds normal numbers with mean 0 while training.

    Args:
        stddev: their standard deviation, in [0, 1].
        seed: a whole number; None takes the next seed of `set_seed`'s sequence.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> GaussianNoise(0.5)([[1.0, 2.0]])
    Tensor([[1., 2.]], shape=(1, 2), dtype=float32)
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        self.stddev = number(stddev, "GaussianNoise", "stddev", "[0, 1]")
        super().__init__(self.stddev, seed, **kwargs)

    def disturbed(self, inputs: Tensor) -> Tensor:
        """Return the inputs plus normal numbers."""
        return inputs + random.normal(inputs.shape, 0.0, self.stddev, self.dtype, self.seed_generator)
