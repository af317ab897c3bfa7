"""BatchNormalization: each feature with mean 0 and variance 1 over the batch."""

from __future__ import annotations

from typing import Unpack

from gradtape.base.checks import number, whole
from gradtape.constraints import ConstraintLike
from gradtape.core.dtypes import wide_for
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.initializers.initializer import InitializerLike
from gradtape.layers.base.gamma_beta import GammaBetaLayer
from gradtape.layers.base.input_checks import known_length
from gradtape.layers.base.layer import LAYERS, LayerOptions, Shape
from gradtape.ops.base.axes import one_axis
from gradtape.ops.custom_gradient import stop_gradient
from gradtape.ops.numpy.exponential import rsqrt
from gradtape.ops.numpy.shapes import cast
from gradtape.ops.numpy.statistics import moments
from gradtape.regularizers import RegularizerLike


@LAYERS.member()
class BatchNormalization(GammaBetaLayer):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta, for each feature by itself.

        training:   mean and variance of the batch, over all axes but one;
                    moving <- momentum * moving + (1 - momentum) * that of the batch
        otherwise:  the moving mean and variance

    Args:
        axis: the axis of the features.
        momentum: the part of the moving mean and variance that is kept in each step, in [0, 1].
        epsilon: added to the variance, above 0.
        center: whether there is a beta.
        scale: whether there is a gamma.
        beta_initializer: initial values of beta.
        gamma_initializer: initial values of gamma.
        moving_mean_initializer: initial values of the moving mean.
        moving_variance_initializer: initial values of the moving variance.
        beta_regularizer: penalty on beta, added to the loss.
        gamma_regularizer: penalty on gamma, added to the loss.
        beta_constraint: applied to beta after each update.
        gamma_constraint: applied to gamma after each update.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    With ``trainable = False`` it uses the moving mean and variance in training too, and leaves them.  A batch
    that has only one number per feature has variance 0: in training every output is beta then, as in Keras.

    Source: Ioffe, Szegedy 2015, arXiv:1502.03167; the variance is that of the batch, divided by its size.

    >>> BatchNormalization(epsilon=1e-9)([[1.0], [3.0]], training=True)
    Tensor([[-1.],
            [ 1.]], shape=(2, 1), dtype=float32)
    """

    moving_mean: Variable
    moving_variance: Variable

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        moving_mean_initializer: InitializerLike = "zeros",
        moving_variance_initializer: InitializerLike = "ones",
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
        self.axis = whole(axis, "BatchNormalization", "axis")
        self.momentum = number(momentum, "BatchNormalization", "momentum", "[0, 1]")
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer

    def build(self, input_shape: Shape) -> None:
        """Make gamma, beta, the moving mean and the moving variance, each (features,)."""
        features = known_length(self.name, input_shape, self.axis)
        place = one_axis(self.axis, len(input_shape), self.name)
        self._others = tuple([axis for axis in range(len(input_shape)) if axis != place])
        self.make_scale((features,), tuple([features if a == place else 1 for a in range(len(input_shape))]))
        self.moving_mean = self.add_weight(
            (features,), self.moving_mean_initializer, trainable=False, name="moving_mean"
        )
        self.moving_variance = self.add_weight(
            (features,), self.moving_variance_initializer, trainable=False, name="moving_variance"
        )

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Return the inputs normalized, and move the moving mean and variance if this is training."""
        # Half precision is widened: sums over a batch lose too many digits in it.
        x = cast(inputs, wide_for(inputs.dtype))
        # As in Keras, a frozen layer uses the moving averages in training too.
        if training and self.trainable:
            # The moving variance follows the one over n, as in Keras; in PyTorch that over n - 1.
            mean, variance = moments(x, self._others)
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
        else:
            mean, variance = cast(self.moving_mean, x.dtype), cast(self.moving_variance, x.dtype)
        # The root and its reciprocal per feature, before they are widened to the inputs.
        x = (x - self.widened(mean)) * self.widened(rsqrt(variance + self.epsilon))
        return cast(self.scaled(x), self.dtype)

    def _move(self, moving: Variable, value: Tensor) -> None:
        # State, not a function of the weights: no gradient passes through it.
        fresh = cast(stop_gradient(value), moving.dtype)
        moving.assign(moving * self.momentum + fresh * (1.0 - self.momentum))
