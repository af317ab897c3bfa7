"""Orthogonal: weight matrices that rotate and reflect vectors but keep their lengths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtape.base.checks import number
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import ShapeError
from gradtape.initializers.initializer import INITIALIZERS
from gradtape.initializers.random import RandomInitializer
from gradtape.ops.numpy.shapes import as_shape
from gradtape.ops.random.host import normal


@INITIALIZERS.member("orthogonal", "OrthogonalInitializer")
class Orthogonal(RandomInitializer):
    """A random matrix with orthogonal columns, or rows if there are fewer of them, each `gain` long.

    The shape is taken as a matrix (all axes but the last, the last).

    Args:
        gain: the length.
        seed: a whole number, 0 or more, or None.

    >>> w = Orthogonal(seed=7)((4, 2))
    >>> np.allclose(w.T @ w, np.eye(2), atol=1e-6)
    True

    Source: Saxe, McClelland, Ganguli 2013, arXiv:1312.6120
    """

    def __init__(self, gain: float = 1.0, seed: object = None) -> None:
        super().__init__(seed)
        self.gain = number(gain, "Orthogonal", "gain")

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return weights of `shape`, at least two axes; float32 unless `dtype` names another."""
        size = as_shape(shape, "Orthogonal")
        if len(size) < 2:
            raise ShapeError(f"Orthogonal: shape must have at least two axes, got {size}")
        rows, columns = math.prod(size[:-1]), size[-1]
        # Tall, as QR makes only columns orthogonal; in float64 and by NumPy, so alike on every engine.
        tall = normal((max(rows, columns), min(rows, columns)), dtype="float64", seed=self.seed).numpy()
        q, r = np.linalg.qr(tall)
        # QR leaves the signs open; with those of r's diagonal every orthogonal matrix is equally likely.
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
        values = q.T if rows < columns else q
        return as_tensor(self.gain * values.reshape(size), "float32" if dtype is None else dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"gain": self.gain, **super().get_config()}
