"""Layers that normalize each sample by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from gradtape.base.checks import number, whole
from gradtape.constraints import ConstraintLike
from gradtape.core.dtypes import wide_for
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError
from gradtape.initializers.initializer import InitializerLike
from gradtape.layers.base.gamma_beta import GammaBetaLayer
from gradtape.layers.base.input_checks import known_length, one_or_more_axes
from gradtape.layers.base.layer import LAYERS, Layer, LayerOptions, Shape
from gradtape.ops.base.axes import many_axes, one_axis
from gradtape.ops.linalg.normalization import normalize
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.exponential import rsqrt
from gradtape.ops.numpy.shapes import cast, reshape
from gradtape.ops.numpy.statistics import mean, moments
from gradtape.regularizers import RegularizerLike

Axes = int | Sequence[int]


def _lengths(name: str, shape: Any, axis: Axes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the lengths along `axis`, and the same with length 1 along all other axes."""
    axes = sorted(many_axes(axis, len(shape), name))
    lengths = {a: known_length(name, shape, a) for a in axes}
    return tuple(lengths.values()), tuple([lengths.get(a, 1) for a in range(len(shape))])


@LAYERS.member()
class LayerNormalization(GammaBetaLayer):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, with mean and variance over `axis`.

    Args:
        axis: one axis or several; gamma and beta have their lengths.
        epsilon: added to the variance, above 0.
        center: whether there is a beta.
        scale: whether there is a gamma.
        beta_initializer: initial values of beta.
        gamma_initializer: initial values of gamma.
        beta_regularizer: penalty on beta, added to the loss.
        gamma_regularizer: penalty on gamma, added to the loss.
        beta_constraint: applied to beta after each update.
        gamma_constraint: applied to gamma after each update.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Source: Ba, Kiros, Hinton 2016, arXiv:1607.06450

    >>> LayerNormalization(epsilon=1e-9)([[1.0, 3.0]])
    Tensor([[-1.,  1.]], shape=(1, 2), dtype=float32)
    """

    def __init__(
        self,
        axis: Axes = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(
            *(epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer),
            *(gamma_regularizer, beta_constraint, gamma_constraint),
            **kwargs,
        )
        self.axis = one_or_more_axes(axis, type(self).__name__)

    def build(self, input_shape: Shape) -> None:
        """Make gamma and beta, of the lengths along the axes."""
        self.make_scale(*_lengths(self.name, input_shape, self.axis))

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs normalized."""
        # Half precision is widened: its squares overflow from 256 on (float16), and sums lose digits.
        x = cast(inputs, wide_for(inputs.dtype))
        middle, variance = moments(x, self.axis, keepdims=True)
        return cast(self.scaled((x - middle) * rsqrt(variance + self.epsilon)), self.dtype)


@LAYERS.member()
class GroupNormalization(GammaBetaLayer):
    """Layer normalization within each of several groups of features, over all places together.

    Args:
        groups: how many groups the features form, which must be equally large; -1: as many as features.
        axis: the axis of the features.
        epsilon: added to the variance, above 0.
        center: whether there is a beta, one for each feature.
        scale: whether there is a gamma, one for each feature.
        beta_initializer: initial values of beta.
        gamma_initializer: initial values of gamma.
        beta_regularizer: penalty on beta, added to the loss.
        gamma_regularizer: penalty on gamma, added to the loss.
        beta_constraint: applied to beta after each update.
        gamma_constraint: applied to gamma after each update.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Source: Wu, He 2018, arXiv:1803.08494

    >>> GroupNormalization(2, epsilon=1e-9)([[1.0, 3.0, 10.0, 30.0]])
    Tensor([[-1.,  1., -1.,  1.]], shape=(1, 4), dtype=float32)
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(
            *(epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer),
            *(gamma_regularizer, beta_constraint, gamma_constraint),
            **kwargs,
        )
        self.groups = whole(groups, "GroupNormalization", "groups", 1, also=-1)
        self.axis = whole(axis, "GroupNormalization", "axis")

    def build(self, input_shape: Shape) -> None:
        """Make gamma and beta, (features,)."""
        lengths, wide = _lengths(self.name, input_shape, self.axis)
        # -1 passes here: it divides every number.
        if lengths[0] % self.groups or self.groups > lengths[0]:
            raise ArgumentError(
                f"{self.name}: groups {self.groups} must divide the {lengths[0]} features of axis {self.axis}"
            )
        self.make_scale(lengths, wide)

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs normalized."""
        shape, place = inputs.shape, one_axis(self.axis, inputs.ndim, self.name)
        # -1, as in Keras: each feature is a group (instance normalization).
        groups = shape[place] if self.groups == -1 else self.groups
        x = cast(inputs, wide_for(inputs.dtype))
        # The features of a group get an axis of their own, to be averaged over with the places.
        x = reshape(x, (*shape[:place], groups, shape[place] // groups, *shape[place + 1 :]))
        inside = tuple([axis for axis in range(1, x.ndim) if axis != place])
        middle, variance = moments(x, inside, keepdims=True)
        x = reshape((x - middle) * rsqrt(variance + self.epsilon), shape)
        return cast(self.scaled(x), self.dtype)


@LAYERS.member()
class RMSNormalization(Layer):
    """x / sqrt(mean(x**2) + epsilon) * scale, with the mean over `axis`.

    Args:
        axis: one axis or several; the scale has their lengths.
        epsilon: added to the mean, above 0.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Source: Zhang, Sennrich 2019, arXiv:1910.07467

    >>> RMSNormalization(epsilon=1e-9)([[2.0, -2.0]])
    Tensor([[ 1., -1.]], shape=(1, 2), dtype=float32)
    """

    scale: Variable

    def __init__(self, axis: Axes = -1, epsilon: float = 1e-6, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = one_or_more_axes(axis, type(self).__name__)
        self.epsilon = number(epsilon, "RMSNormalization", "epsilon", "(0, inf)")

    def build(self, input_shape: Shape) -> None:
        """Make the scale, of the lengths along the axes."""
        lengths, self._wide = _lengths(self.name, input_shape, self.axis)
        self.scale = self.add_weight(lengths, "ones", name="scale")

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs normalized."""
        x = cast(inputs, wide_for(inputs.dtype))
        x = x * rsqrt(mean(square(x), self.axis, keepdims=True) + self.epsilon)
        return cast(x * reshape(self.scale, self._wide), self.dtype)


@LAYERS.member()
class UnitNormalization(Layer):
    """x / norm(x) over `axis`: vectors of length 1.

    Args:
        axis: one axis, or several taken as one long vector.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> UnitNormalization()([[3.0, 4.0]])
    Tensor([[0.6, 0.8]], shape=(1, 2), dtype=float32)
    """

    def __init__(self, axis: Axes = -1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = one_or_more_axes(axis, type(self).__name__)

    def call(self, inputs: Tensor) -> Tensor:
        """Return the inputs divided by their norm."""
        # As in Keras, a vector of zeros stays one.
        return normalize(inputs, self.axis, epsilon=1e-12)
