"""Embedding: a learned vector for each whole number."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape import constraints, initializers, regularizers
from gradtape.base.checks import whole
from gradtape.constraints import ConstraintLike
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError
from gradtape.initializers.initializer import InitializerLike
from gradtape.layers.base.layer import LAYERS, Layer, Shape
from gradtape.ops.nn.lookup import lookup
from gradtape.ops.numpy.shapes import cast
from gradtape.regularizers import RegularizerLike


@LAYERS.member()
class Embedding(Layer):
    """Replaces each whole number in [0, input_dim) by its row of a learned table.

    Args:
        input_dim: how many numbers there are.
        output_dim: the length of a row.
        embeddings_initializer: initial values of the table.
        embeddings_regularizer: penalty on the table, added to the loss.
        embeddings_constraint: applied to the table after each update.
        mask_zero: must be False: masks are not passed on.
        weights: the initial table, (input_dim, output_dim), or a list with it.
        **kwargs: options of every `Layer`: name, dtype, trainable, input_shape.

    Inputs are whole numbers of any shape; outputs have one more axis, of length output_dim.  A number
    outside is an error.  `fit`, `evaluate` and `predict` check the data before the first step.  A number
    computed inside a compiled step cannot be checked, and gets a row of NaN if it is outside.

    >>> Embedding(3, 2, embeddings_initializer="ones")([[0, 2]])
    Tensor([[[1., 1.],
             [1., 1.]]], shape=(1, 2, 2), dtype=float32)
    """

    embeddings: Variable

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: InitializerLike = "uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        weights: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_dim = whole(input_dim, "Embedding", "input_dim", 1)
        self.output_dim = whole(output_dim, "Embedding", "output_dim", 1)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.autocast = False  # a number in float16 would lose its digits
        if mask_zero:
            raise ArgumentError("Embedding: mask_zero must be False, masks are not passed on, got True")
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) else [weights])
            args, options = self._arguments  # the table is state, and no part of the configuration
            self._arguments = (args[:6], {k: v for k, v in options.items() if k != "weights"})

    def build(self, input_shape: Shape | None = None) -> None:
        """Make the table, (input_dim, output_dim)."""
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )

    def call(self, inputs: Tensor) -> Tensor:
        """Return the rows at `inputs`, (..., output_dim)."""
        # As in Keras, False and True are the numbers 0 and 1.
        numbers = cast(inputs, np.int32) if inputs.dtype.kind == "b" else inputs
        return lookup(self.embeddings, numbers, self.name)
