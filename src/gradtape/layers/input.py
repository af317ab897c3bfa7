"""Input: where data enters a functional model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtape.base.checks import refuse_unknown
from gradtape.core.dtypes import DTypeLike
from gradtape.errors import ArgumentError
from gradtape.layers.base.layer import LAYERS, Layer
from gradtape.layers.base.placeholders import Node, SymbolicTensor, checked_shape


@LAYERS.member()
class InputLayer(Layer):
    """The layer that returns the inputs of the model.

    Args:
        shape: the shape of one sample; None where any length is allowed.
        batch_size: how many samples there are; None for any number.
        dtype: their dtype; None means float32.
        batch_shape: `shape` with the number of samples in front, instead of both.
        name: its name; a dict of inputs is matched by names.
        **unknown: refused, with what to write instead.
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: DTypeLike = None,
        batch_shape: Sequence[int | None] | None = None,
        name: str | None = None,
        **unknown: object,
    ) -> None:
        unknown.pop("trainable", None)  # in the configuration of every layer; there is nothing to train here
        refuse_unknown(unknown, "InputLayer", ("shape", "batch_size", "dtype", "batch_shape", "name"))
        super().__init__(dtype=dtype, name=name)
        if (shape is None) == (batch_shape is None):
            raise ArgumentError("Input: needs shape, the shape of one sample, or batch_shape")
        whole = batch_shape if shape is None else (batch_size, *checked_shape(shape, "Input: shape"))
        self.batch_shape = checked_shape(whole, "Input: batch_shape")
        self.built = True
        placeholder = SymbolicTensor(self.batch_shape, self.dtype, self.name)
        # A call on nothing, so that every placeholder comes from a call.
        node = Node(self, (), {}, placeholder)
        placeholder.node = node
        self.call_nodes.append(node)

    def call(self, inputs: Any) -> Any:
        """Return `inputs`."""
        return inputs


def Input(
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: DTypeLike = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: Any = None,
) -> SymbolicTensor:
    """Return a placeholder for the data that a functional model is called with.

    Args:
        shape: the shape of one sample, such as ``(784,)``; None where any length is allowed.
        batch_size: how many samples there are; None for any number.
        dtype: their dtype; None means float32.
        batch_shape: `shape` with the number of samples in front, instead of both.
        name: its name; a dict of inputs is matched by names.
        tensor: a placeholder to return as it is.

    >>> Input((784,), name="pixels")
    <SymbolicTensor pixels shape=(None, 784), dtype=float32>
    """
    if tensor is not None:
        return tensor  # type: ignore[no-any-return]
    made: SymbolicTensor = InputLayer(shape, batch_size, dtype, batch_shape, name).output
    return made
