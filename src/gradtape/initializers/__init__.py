"""Initializers: the initial values of a weight, from its shape.  The names and numbers are Keras'."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradtape.base.absent import answer_for as _answer_for
from gradtape.core.tensor import ArrayLike, Tensor
from gradtape.initializers.constant import Constant, Identity, Ones, Values, Zeros
from gradtape.initializers.initializer import INITIALIZERS, Initializer, InitializerLike
from gradtape.initializers.orthogonal import Orthogonal
from gradtape.initializers.random import RandomInitializer, RandomNormal, RandomUniform, TruncatedNormal
from gradtape.initializers.variance_scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)

__all__ = [
    "INITIALIZERS",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "Values",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

constant, identity, ones, zeros = Constant, Identity, Ones, Zeros
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
glorot_normal, glorot_uniform, variance_scaling = GlorotNormal, GlorotUniform, VarianceScaling
he_normal, he_uniform, orthogonal = HeNormal, HeUniform, Orthogonal
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal

serialize = INITIALIZERS.serialize
deserialize = INITIALIZERS.deserialize


def get(identifier: InitializerLike) -> Callable[..., Tensor] | None:
    """Return the initializer for a name, a class, a configuration, an array, or an initializer itself.

    Args:
        identifier: as for `Family.get`; an array or tensor becomes the values of a weight of its shape.

    >>> get("zeros")((2,))
    Tensor([0., 0.], shape=(2,), dtype=float32)
    """
    # `Family.get` knows names, classes, configurations and callables; values are none of these.
    if isinstance(identifier, ArrayLike | np.ndarray | np.generic):
        return Values(identifier)
    found: Callable[..., Tensor] | None = INITIALIZERS.get(identifier)
    return found


_answer_for(__name__)
