"""Layers that combine several tensors into one, and the same as functions with lower-case names."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Unpack

from gradtape import ops
from gradtape.base.checks import flag
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show
from gradtape.layers.base.layer import LAYERS, Layer, LayerOptions
from gradtape.ops.base.axes import one_axis


class Merge(Layer):
    """The base of the layers here: they take a list of tensors with equally many samples.

    Where the ranks differ, the smaller ones get axes of length 1 after the axis of the samples.
    """

    at_least, at_most = 1, 1 << 30

    def call(self, inputs: Any) -> Tensor:
        """Return one tensor made of the list `inputs`."""
        if not isinstance(inputs, list | tuple) or not self.at_least <= len(inputs) <= self.at_most:
            wanted = "two tensors" if self.at_most == 2 else "tensors"
            raise ArgumentError(f"{self.name}: must be called on a list of {wanted}, got {show(inputs)}")
        shapes = [tuple(x.shape) for x in inputs]
        if len({shape[:1] for shape in shapes}) > 1:
            raise ShapeError(f"{self.name}: the inputs must have equally many samples, got shapes {shapes}")
        return self.merged(list(inputs))

    def merged(self, inputs: list[Tensor]) -> Tensor:
        """Return one tensor made of several."""
        # As in Keras the missing axes come after that of the samples; NumPy would put them before it.
        rank = max([x.ndim for x in inputs])
        wide = [
            ops.reshape(x, (*x.shape[:1], *(1,) * (rank - x.ndim), *x.shape[1:])) if x.ndim < rank else x
            for x in inputs
        ]
        return functools.reduce(self.pair, wide)

    def pair(self, first: Tensor, second: Tensor) -> Tensor:
        """Return one tensor made of two of equal rank."""
        raise ArgumentTypeError(f"{type(self).__name__}: a merging layer must define pair or merged")


@LAYERS.member()
class Add(Merge):
    """The sum of the inputs.

    >>> from gradtape import as_tensor
    >>> Add()([as_tensor([1.0]), as_tensor([2.0]), as_tensor([3.0])])
    Tensor([6.], shape=(1,), dtype=float32)
    """

    def pair(self, first: Tensor, second: Tensor) -> Tensor:
        """Return first + second."""
        return ops.add(first, second)


@LAYERS.member()
class Subtract(Merge):
    """The first of two inputs minus the second.

    >>> from gradtape import as_tensor
    >>> Subtract()([as_tensor([3.0]), as_tensor([2.0])])
    Tensor([1.], shape=(1,), dtype=float32)
    """

    at_least, at_most = 2, 2

    def pair(self, first: Tensor, second: Tensor) -> Tensor:
        """Return first - second."""
        return ops.subtract(first, second)


@LAYERS.member()
class Multiply(Merge):
    """The product of the inputs, element by element.

    >>> from gradtape import as_tensor
    >>> Multiply()([as_tensor([3.0]), as_tensor([2.0])])
    Tensor([6.], shape=(1,), dtype=float32)
    """

    def pair(self, first: Tensor, second: Tensor) -> Tensor:
        """Return first * second."""
        return ops.multiply(first, second)


@LAYERS.member()
class Average(Add):
    """The mean of the inputs, element by element.

    >>> from gradtape import as_tensor
    >>> Average()([as_tensor([3.0]), as_tensor([2.0])])
    Tensor([2.5], shape=(1,), dtype=float32)
    """

    def merged(self, inputs: list[Tensor]) -> Tensor:
        """Return the sum divided by how many there are."""
        return super().merged(inputs) / float(len(inputs))


@LAYERS.member()
class Maximum(Merge):
    """The largest of the inputs, element by element.

    >>> from gradtape import as_tensor
    >>> Maximum()([as_tensor([3.0]), as_tensor([2.0])])
    Tensor([3.], shape=(1,), dtype=float32)
    """

    def pair(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the larger of two."""
        return ops.maximum(first, second)


@LAYERS.member()
class Minimum(Merge):
    """The smallest of the inputs, element by element.

    >>> from gradtape import as_tensor
    >>> Minimum()([as_tensor([3.0]), as_tensor([2.0])])
    Tensor([2.], shape=(1,), dtype=float32)
    """

    def pair(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the smaller of two."""
        return ops.minimum(first, second)


@LAYERS.member()
class Concatenate(Merge):
    """The inputs one after the other.

    Args:
        axis: the axis along which they follow each other; their other lengths are equal.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    >>> from gradtape import as_tensor
    >>> Concatenate()([as_tensor([[1.0]]), as_tensor([[2.0, 3.0]])])
    Tensor([[1., 2., 3.]], shape=(1, 3), dtype=float32)
    """

    def __init__(self, axis: int = -1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Tensor:
        """Return the list `inputs` as one tensor."""
        if self.axis == 0:  # the samples themselves follow each other, and need not be equally many
            return self.merged(list(inputs))
        return super().call(inputs)

    def merged(self, inputs: list[Tensor]) -> Tensor:
        """Return the inputs one after the other."""
        return ops.concatenate(inputs, self.axis)


@LAYERS.member()
class Dot(Merge):
    """The products of two inputs summed over one axis of each, sample by sample.

    Args:
        axes: the axis of both, or a pair of axes; 0 is that of the samples, and cannot be summed over.
        normalize: whether the vectors along the axes are brought to length 1 first: a cosine.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Returns the axes of the first input that are left, then those of the second; (batch, 1) if none is.

    >>> from gradtape import as_tensor
    >>> Dot(axes=1)([as_tensor([[1.0, 2.0]]), as_tensor([[3.0, 4.0]])])
    Tensor([[11.]], shape=(1, 1), dtype=float32)
    """

    at_least, at_most = 2, 2

    def __init__(
        self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        pair = axes if isinstance(axes, list | tuple) else (axes, axes)
        if len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
            raise ArgumentError(f"Dot: axes must be one axis or a pair of axes, got {show(axes)}")
        self.axes = tuple(pair)
        self.normalize = flag(normalize, "Dot", "normalize")

    def merged(self, inputs: list[Tensor]) -> Tensor:
        """Return the products summed over the axes."""
        places = [one_axis(axis, x.ndim, self.name) for axis, x in zip(self.axes, inputs, strict=True)]
        lengths = [x.shape[place] for x, place in zip(inputs, places, strict=True)]
        if 0 in places or lengths[0] != lengths[1]:
            raise ShapeError(
                f"{self.name}: axes {self.axes} must be equally long and not that of the samples, "
                f"got shapes {[x.shape for x in inputs]}"
            )
        if self.normalize:
            inputs = [ops.normalize(x, place) for x, place in zip(inputs, places, strict=True)]
        # Letters from c on for the first input and from m on for the second: none in common but a and b.
        names = [
            _names(x.ndim, place, start) for x, place, start in zip(inputs, places, (2, 12), strict=True)
        ]
        left = [n for n in names[0] + names[1] if n not in "ab"]
        result = ops.einsum(f"{''.join(names[0])},{''.join(names[1])}->a{''.join(left)}", *inputs)
        # As in Keras: two vectors per sample give (samples, 1), not (samples,).
        return result if left else ops.expand_dims(result, 1)


def _names(rank: int, place: int, start: int) -> str:
    """Return a letter for each axis: a for the samples, b for the one that is summed over."""
    letters = "abcdefghijklmnopqrstuvwxyz"[start : start + rank]
    return "".join(["a" if i == 0 else "b" if i == place else letters[i] for i in range(rank)])


def _function(made: type[Merge]) -> Callable[..., Any]:
    """Return the function that makes such a layer and calls it."""

    def merge(inputs: Any, **kwargs: Any) -> Any:
        return made(**kwargs)(inputs)

    merge.__name__ = merge.__qualname__ = made.__name__.lower()
    merge.__doc__ = f"Return {made.__name__}(**kwargs)(inputs)."
    return merge


add, subtract, multiply = _function(Add), _function(Subtract), _function(Multiply)
average, maximum, minimum = _function(Average), _function(Maximum), _function(Minimum)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Return Concatenate(axis, **kwargs)(inputs)."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: Any, axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """Return Dot(axes, **kwargs)(inputs)."""
    return Dot(axes, **kwargs)(inputs)
