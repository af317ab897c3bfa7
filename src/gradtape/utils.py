"""Small helpers under the names that Keras has for them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from gradtape.configs import custom_objects as custom_object_scope
from gradtape.configs import register_serializable as register_keras_serializable
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.ops.axes import whole
from gradtape.ops.seeds import set_seed

__all__ = [
    "custom_object_scope",
    "normalize",
    "register_keras_serializable",
    "set_random_seed",
    "to_categorical",
]


def set_random_seed(seed: int) -> None:
    """Start the random numbers of gradtape, of NumPy's old functions and of Python's `random` from `seed`.

    >>> set_random_seed(7)
    """
    set_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Return a NumPy array of rows with 1 at each class number and 0 elsewhere.

    Args:
        x: (...) or (..., 1) whole class numbers, not negative.
        num_classes: how many classes there are; None takes the largest number plus 1.

    Returns:
        (..., num_classes) float32.

    Raises:
        ArgumentError: if a number is negative (Keras would set a class counted from the end), not whole, or
            not below `num_classes`.

    >>> to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise ArgumentTypeError(f"to_categorical: x must be class numbers, got {show(x)}")
    labels = array.astype("int64")
    if not np.array_equal(labels, array):
        found = array[labels != array].flat[0]
        raise ArgumentError(f"to_categorical: x must be whole class numbers, got {found}")
    labels = labels.reshape(labels.shape[:-1]) if labels.ndim > 1 and labels.shape[-1] == 1 else labels
    low, high = (int(labels.min()), int(labels.max())) if labels.size else (0, -1)
    classes = high + 1 if num_classes is None else whole(num_classes, "to_categorical", "num_classes")
    if low < 0 or high >= classes:
        raise ArgumentError(f"to_categorical: class numbers must be in [0, {classes}), got {low} to {high}")
    return (labels[..., None] == np.arange(classes)).astype("float32")


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """Return the array divided by its norm along `axis`; where that is 0, the zeros are left alone.

    Args:
        x: an array.
        axis: along which the norm is taken.
        order: of the norm: 1, 2 ...

    >>> normalize([[3.0, 4.0]])
    array([[0.6, 0.8]])
    """
    array = np.asarray(x)
    sizes = np.linalg.norm(array, order, axis, keepdims=True)
    return array / np.where(sizes == 0, 1, sizes)
