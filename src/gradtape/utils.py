"""Small helpers under the names that Keras has for them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from gradtape.base.absent import answer_for as _answer_for
from gradtape.base.checks import whole
from gradtape.base.config import custom_objects as custom_object_scope
from gradtape.base.config import get_custom_objects, get_registered_object
from gradtape.base.config import register_serializable as register_keras_serializable
from gradtape.base.config import registered_name as get_registered_name
from gradtape.core.placeholder import Placeholder
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.ops.random.seeds import set_seed

__all__ = [
    "CustomObjectScope",
    "PyDataset",
    "Sequence",
    "custom_object_scope",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "is_keras_tensor",
    "normalize",
    "pack_x_y_sample_weight",
    "register_keras_serializable",
    "set_random_seed",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

CustomObjectScope = custom_object_scope


class PyDataset:
    """The base of an object that gives batches by number; `fit` takes any object with these methods.

    Args:
        workers: must be 1: batches are made where they are used.
        use_multiprocessing: must be False.
        max_queue_size: ignored; kept for compatibility with Keras.

    A subclass defines ``__len__`` and ``__getitem__(number)``, which returns (x, y) or (x, y, sample_weight).
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        if workers != 1 or use_multiprocessing:
            raise ArgumentError(
                f"{type(self).__name__}: workers must be 1 and use_multiprocessing False: batches are made "
                f"where they are used, got {workers} and {use_multiprocessing}"
            )

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None if there is no end."""
        return len(self) if hasattr(self, "__len__") else None

    def __getitem__(self, index: int) -> Any:
        raise ArgumentTypeError(f"{type(self).__name__}: a PyDataset must define __getitem__(index)")

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


Sequence = PyDataset


def is_keras_tensor(x: object) -> bool:
    """Tell whether `x` is a placeholder of a functional model.

    >>> is_keras_tensor(3.0)
    False
    """
    return isinstance(x, Placeholder)


def pack_x_y_sample_weight(x: object, y: object = None, sample_weight: object = None) -> Any:
    """Return x, y and sample_weight as `train_step` takes them: without what is None at the end.

    >>> pack_x_y_sample_weight(1, 2), pack_x_y_sample_weight(1)
    ((1, 2), 1)
    """
    if sample_weight is not None:
        return x, y, sample_weight
    if y is None:
        return (x,) if isinstance(x, tuple | list) else x
    return x, y


def unpack_x_y_sample_weight(data: object) -> tuple[Any, Any, Any]:
    """Return x, y and sample_weight of what `train_step` was given, None for those it lacks.

    >>> unpack_x_y_sample_weight((1, 2)), unpack_x_y_sample_weight(1)
    ((1, 2, None), (1, None, None))
    """
    if not isinstance(data, list | tuple):
        return data, None, None
    x, y, sample_weight = [*data, None, None][:3]
    return x, y, sample_weight


def set_random_seed(seed: int) -> None:
    """Start the random numbers of gradtape, of NumPy's old functions and of Python's `random` from `seed`.

    >>> set_random_seed(7)
    """
    set_seed(whole(seed, "set_random_seed", "seed", 0))
    # NumPy's old generator takes no more than 32 bits.
    np.random.seed(seed % 2**32)
    random.seed(seed)


def to_categorical(x: object, num_classes: int | None = None) -> Any:
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
        value = array[labels != array].flat[0]
        raise ArgumentError(f"to_categorical: x must be whole class numbers, got {value}")
    labels = labels.reshape(labels.shape[:-1]) if labels.ndim > 1 and labels.shape[-1] == 1 else labels
    low, high = (int(labels.min()), int(labels.max())) if labels.size else (0, -1)
    classes = high + 1 if num_classes is None else whole(num_classes, "to_categorical", "num_classes")
    # Keras takes -1 for the last class, as Python's indexing does; here it is an error.
    if low < 0 or high >= classes:
        raise ArgumentError(f"to_categorical: class numbers must be in [0, {classes}), got {low} to {high}")
    return (labels[..., None] == np.arange(classes)).astype("float32")


def normalize(x: object, axis: int = -1, order: int = 2) -> Any:
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


_answer_for(__name__)
