"""Identity, Lambda, ActivityRegularization."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Unpack

from gradtape.base.config import registered_name
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.layers.base.layer import LAYERS, CommonOptions, Layer, LayerOptions
from gradtape.regularizers import L1L2


@LAYERS.member()
class Identity(Layer):
    """Returns its inputs.

    >>> Identity()([1.0, 2.0])
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

    _takes_anything = True  # not only tensors

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs


@LAYERS.member()
class ActivityRegularization(Layer):
    """Returns its inputs x, and adds (l1 * sum(abs(x)) + l2 * sum(x**2)) / batch to the loss.

    Args:
        l1: the factor of the absolute values, not negative.
        l2: the factor of the squares, not negative.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> layer = ActivityRegularization(l1=0.5)
    >>> layer([[1.0, -3.0]]), layer.losses
    (Tensor([[ 1., -3.]], shape=(1, 2), dtype=float32), [Tensor(2., shape=(), dtype=float32)])
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Unpack[CommonOptions]) -> None:
        super().__init__(activity_regularizer=L1L2(l1, l2), **kwargs)
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs


@LAYERS.member()
class Lambda(Layer):
    """Applies a function of your own, written with gradtape operations.

    Args:
        function: takes the inputs, and `training` if it has such a parameter; Variables in it are no
            weights of the layer.
        output_shape: ignored; kept for compatibility with Keras. The shape is found by calling the function.
        mask: must be None.
        arguments: further keyword arguments for the function.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    A lambda cannot be saved: nothing that is loaded from a file ever becomes code.  A function decorated
    with `register_serializable` is saved by its name.

    >>> Lambda(lambda x: x * 2)([1.0, 2.0])
    Tensor([2., 4.], shape=(2,), dtype=float32)
    """

    _takes_anything = True  # not only tensors

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: object = None,
        mask: object = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ArgumentTypeError(f"Lambda: function must be a function, got {show(function)}")
        if mask is not None:
            raise ArgumentError(f"Lambda: mask must be None, masks are not passed on, got {show(mask)}")
        self.function = function
        self.arguments = dict(arguments or {})
        try:
            self._takes_training = "training" in inspect.signature(function).parameters
        except ValueError:  # a function without a signature, such as some of NumPy's
            self._takes_training = False

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return function(inputs)."""
        more = {"training": training} if self._takes_training else {}
        return self.function(inputs, **self.arguments, **more)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        # The code of a function is never written into a file: reading it again would run what is there.
        if registered_name(self.function) is None:
            raise ArgumentError(
                f"{self.name}: a Lambda of {show(self.function)} cannot be saved: write a Layer of your own, "
                "or decorate the function with @register_serializable()"
            )
        return super().get_config()
