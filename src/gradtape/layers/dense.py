"""Dense: every output depends on every input."""

from __future__ import annotations

from typing import Any, Unpack

from gradtape import activations, constraints, initializers, regularizers
from gradtape.activations import ActivationLike
from gradtape.base.checks import flag, whole
from gradtape.constraints import ConstraintLike
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.errors import ShapeError
from gradtape.initializers.initializer import InitializerLike
from gradtape.layers.base.layer import LAYERS, CommonOptions, Layer, Shape
from gradtape.ops.linalg.linear_algebra import matmul
from gradtape.regularizers import RegularizerLike


@LAYERS.member()
class Dense(Layer):
    """Computes activation(inputs @ kernel + bias).

    Args:
        units: the length of the outputs' last axis.
        activation: applied to the result; a name or a function; None leaves it as it is.
        use_bias: whether a bias is added.
        kernel_initializer: initial values of the kernel.
        bias_initializer: initial values of the bias.
        kernel_regularizer: penalty on the kernel, added to the loss.
        bias_regularizer: penalty on the bias, added to the loss.
        activity_regularizer: penalty on the outputs, added to the loss.
        kernel_constraint: applied to the kernel after each update.
        bias_constraint: applied to the bias after each update.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Inputs are (..., features) float; outputs (..., units); kernel (features, units); bias (units,).

    >>> Dense(2, kernel_initializer="ones")([[1.0, 2.0, 3.0]])
    Tensor([[6., 6.]], shape=(1, 2), dtype=float32)
    """

    kernel: Variable
    bias: Variable | None

    def __init__(
        self,
        units: int,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Unpack[CommonOptions],
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = whole(units, "Dense", "units", 1)
        self.activation = activations.get(activation)
        self.use_bias = flag(use_bias, "Dense", "use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Shape) -> None:
        """Make kernel and bias for inputs whose last axis has the length of that of `input_shape`."""
        if not input_shape or input_shape[-1] is None:
            raise ShapeError(
                f"{self.name}: inputs must have a last axis of known length, got shape {input_shape}"
            )
        self.kernel = self.add_weight(
            (input_shape[-1], self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Return activation(inputs @ kernel + bias), (..., units)."""
        if inputs.shape[-1:] != self.kernel.shape[:1]:
            raise ShapeError(
                f"{self.name}: inputs must be (..., {self.kernel.shape[0]}), as the kernel "
                f"{self.kernel.shape} was made for, got {inputs.shape}"
            )
        x = matmul(inputs, self.kernel)
        if self.bias is not None:
            x = x + self.bias
        return x if self.activation is None else self.activation(x)

    def compute_output_shape(self, input_shape: Shape) -> Any:
        """Return `input_shape` with `units` in the place of its last length."""
        # Known without running the layer on zeros, as `Layer.compute_output_shape` does.
        return (*input_shape[:-1], self.units)
