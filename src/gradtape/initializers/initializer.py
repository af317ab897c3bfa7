"""Initializer: the base class of all initializers, and the table of their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradtape.base.config import Configurable, Family
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import ArrayLike, Tensor
from gradtape.errors import ArgumentTypeError


class Initializer(Configurable):
    """The base of all initializers: called with a shape and a dtype, it returns a weight's initial values.

    A subclass defines ``__call__(shape, dtype=None)``, and `get_config` if its constructor takes arguments.
    """

    def __call__(self, shape: object, dtype: DTypeLike = None) -> Tensor:
        """Return a tensor of `shape`; float32 unless `dtype` names another."""
        raise ArgumentTypeError(f"{type(self).__name__}: an initializer must define __call__")

    def clone(self) -> Any:
        """Return a new one, made with the same arguments."""
        return type(self).from_config(self.get_config())


INITIALIZERS = Family("initializer", Initializer)

# What is accepted as an initializer: one, a function of (shape, dtype), a class, a name, values.
InitializerLike = (
    Initializer
    | Callable[..., Any]
    | type
    | str
    | Mapping[str, Any]
    | ArrayLike
    | np.ndarray[Any, Any]
    | None
)
