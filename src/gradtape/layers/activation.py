"""Activations as layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from gradtape import activations, constraints, initializers, regularizers
from gradtape.activations import ActivationLike
from gradtape.base.checks import number
from gradtape.constraints import ConstraintLike
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.initializers.initializer import InitializerLike
from gradtape.layers.base.input_checks import axes_of, one_or_more_axes
from gradtape.layers.base.layer import LAYERS, Layer, LayerOptions, Shape
from gradtape.ops.base.axes import one_axis
from gradtape.ops.nn.activations import elu, leaky_relu, relu
from gradtape.ops.nn.softmax import softmax
from gradtape.ops.numpy.comparison import greater
from gradtape.ops.numpy.selection import where
from gradtape.regularizers import RegularizerLike


@LAYERS.member()
class Activation(Layer):
    """Applies an activation.

    Args:
        activation: a name or a function.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> Activation("relu")([-1.0, 2.0])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """

    def __init__(self, activation: ActivationLike, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        """Return activation(inputs)."""
        return self.activation(inputs)


@LAYERS.member()
class ReLU(Layer):
    """x above the threshold, at most max_value, and negative_slope * (x - threshold) elsewhere.

    Args:
        max_value: the largest result; None for no limit.
        negative_slope: the slope below the threshold.
        threshold: the point at which the result begins to grow.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> ReLU(max_value=6.0)([-1.0, 2.0, 7.0])
    Tensor([0., 2., 6.], shape=(3,), dtype=float32)
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else number(max_value, "ReLU", "max_value", "[0, inf]")
        self.negative_slope = number(negative_slope, "ReLU", "negative_slope", "[0, inf)")
        self.threshold = number(threshold, "ReLU", "threshold", "[0, inf)")

    def call(self, inputs: Tensor) -> Tensor:
        """Return relu(inputs)."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


@LAYERS.member()
class LeakyReLU(Layer):
    """x where x > 0, negative_slope * x elsewhere.

    Args:
        negative_slope: the slope below 0; as in older Keras, `alpha` is another name for it.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> LeakyReLU(0.5)([-1.0, 2.0])
    Tensor([-0.5,  2. ], shape=(2,), dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        self.negative_slope = number(slope, "LeakyReLU", "negative_slope", "[0, inf)")

    def call(self, inputs: Tensor) -> Tensor:
        """Return leaky_relu(inputs)."""
        return leaky_relu(inputs, self.negative_slope)


@LAYERS.member()
class ELU(Layer):
    """x where x > 0, alpha * (e**x - 1) elsewhere.

    Args:
        alpha: minus the smallest result.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> ELU()([0.0, 2.0])
    Tensor([0., 2.], shape=(2,), dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.alpha = number(alpha, "ELU", "alpha")

    def call(self, inputs: Tensor) -> Tensor:
        """Return elu(inputs)."""
        return elu(inputs, self.alpha)


@LAYERS.member()
class PReLU(Layer):
    """x where x > 0, alpha * x elsewhere, with an alpha that is learned for each feature.

    Args:
        alpha_initializer: initial values of alpha.
        alpha_regularizer: penalty on it, added to the loss.
        alpha_constraint: applied to it after each update.
        shared_axes: axes along which all elements share one alpha; axis 1 is the first after the batch.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Source: He, Zhang, Ren, Sun 2015, arXiv:1502.01852

    >>> PReLU("ones")([[-1.0, 2.0]])
    Tensor([[-1.,  2.]], shape=(1, 2), dtype=float32)
    """

    alpha: Variable

    def __init__(
        self,
        alpha_initializer: InitializerLike = "Zeros",
        alpha_regularizer: RegularizerLike = None,
        alpha_constraint: ConstraintLike = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = () if shared_axes is None else axes_of(shared_axes, "PReLU", "shared_axes")

    def build(self, input_shape: Shape) -> None:
        """Make alpha, of the shape of one sample with length 1 along the shared axes."""
        shared = [one_axis(axis, len(input_shape), "PReLU") for axis in self.shared_axes]
        self.alpha = self.add_weight(
            tuple([1 if axis in shared else n for axis, n in enumerate(input_shape)][1:]),
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
        )

    def call(self, inputs: Tensor) -> Tensor:
        """Return max(inputs, 0) - alpha * max(-inputs, 0)."""
        # As in Keras, of two relus: at 0 the slope is 0 from either of them.
        return relu(inputs) - self.alpha * relu(-inputs)


@LAYERS.member()
class Softmax(Layer):
    """exp(x) / sum(exp(x)): positive numbers that add up to 1.

    Args:
        axis: one axis, or several that are summed over together.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> Softmax()([[1.0, 1.0]])
    Tensor([[0.5, 0.5]], shape=(1, 2), dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = one_or_more_axes(axis, "Softmax")

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return softmax(inputs); where `mask` is False the share is 0, and the others make up for it."""
        if mask is None:
            return softmax(inputs, self.axis)
        kept = mask if mask.dtype.kind == "b" else greater(mask, 0.5)
        # Not -inf: a row that is masked completely would be NaN, and so would its gradient.
        # As in Keras; -1e9 would be -inf in float16, whose largest number is 65504.
        lowest = -3e4 if inputs.dtype.itemsize == 2 else -1e9
        return where(kept, softmax(where(kept, inputs, lowest), self.axis), 0.0)
