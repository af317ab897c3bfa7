"""GammaBetaLayer: scale and shift of the normalization layers, gamma and beta."""

from __future__ import annotations

from typing import Unpack

from gradtape import constraints, initializers, regularizers
from gradtape.base.checks import flag, number
from gradtape.constraints import ConstraintLike
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.initializers.initializer import InitializerLike
from gradtape.layers.base.layer import Layer, LayerOptions
from gradtape.ops.numpy.shapes import reshape
from gradtape.regularizers import RegularizerLike


class GammaBetaLayer(Layer):
    """A layer that ends with x * gamma + beta.

    Args:
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
    """

    gamma: Variable | None
    beta: Variable | None

    def __init__(
        self,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: InitializerLike,
        gamma_initializer: InitializerLike,
        beta_regularizer: RegularizerLike,
        gamma_regularizer: RegularizerLike,
        beta_constraint: ConstraintLike,
        gamma_constraint: ConstraintLike,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.epsilon = number(epsilon, type(self).__name__, "epsilon", "(0, inf)")
        who = type(self).__name__
        self.center, self.scale = flag(center, who, "center"), flag(scale, who, "scale")
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)

    def make_scale(self, shape: tuple[int, ...], wide: tuple[int, ...]) -> None:
        """Make gamma and beta of `shape`; `wide` is what they are reshaped to, to fit the inputs."""
        self.gamma = self._part("gamma", shape) if self.scale else None
        self.beta = self._part("beta", shape) if self.center else None
        # The weights keep the shape that they have in Keras' files, and are reshaped in every call.
        self._wide = wide

    def _part(self, name: str, shape: tuple[int, ...]) -> Variable:
        return self.add_weight(
            shape,
            getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            name=name,
        )

    def widened(self, part: Variable | Tensor) -> Tensor:
        """Return `part`, of the shape of gamma, such that it broadcasts against the inputs."""
        return reshape(part, self._wide)

    def scaled(self, x: Tensor) -> Tensor:
        """Return x * gamma + beta."""
        if self.gamma is not None:
            x = x * self.widened(self.gamma)
        return x if self.beta is None else x + self.widened(self.beta)
