"""Softmax, cross-entropy and one-hot rows on NumPy, fast for a few classes."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from gradtape.engine.numpy.checks import check_labels
from gradtape.engine.numpy.no_warnings import quiet

Array = Any

_FLOAT32 = np.dtype("float32")
_UNSIGNED = np.dtype(np.uintp)


def one_hot(labels: Array, classes: int, dtype: np.dtype[Any]) -> Array:
    """Return rows with 1 at each label and 0 elsewhere, shape of `labels` and `classes`."""
    return (labels[..., None] == np.arange(classes)).astype(dtype)


def crossentropy(logits: Array, labels: Array, probabilities: Array) -> Array:
    """Return -log(probability of the label) along the last axis; from the logits where that rounds to 0."""
    places = _checked_places(labels, probabilities.shape[-1])
    picked = probabilities.reshape(-1)[places]
    # The probabilities are there already, so a logarithm is enough.  Where one is near the smallest float32
    # its digits are lost, and at 0 its logarithm is infinite.  argmin finds a NaN first: it is not > 1e-30.
    if picked.size and picked.item(picked.argmin()) > 1e-30:
        return -np.log(picked)
    shifted = logits - np.maximum.reduce(logits, axis=-1, keepdims=True)
    total = np.add.reduce(np.exp(shifted), axis=-1)
    return np.log(total) - shifted.reshape(-1)[places]


def _checked_places(labels: Array, classes: int) -> Array:
    """Return `_places`, or raise AxisError if a label is no class number."""
    numbers = labels.astype(np.intp)
    unsigned = numbers.view(_UNSIGNED)  # a negative label is a huge one here
    if labels.size and unsigned.item(unsigned.argmax()) >= classes:
        check_labels(labels, classes, "softmax_crossentropy")
    return _places(numbers, classes)


def _places(labels: Array, classes: int) -> Array:
    """Return where the element at each label stands in the flat array, which NumPy indexes much faster."""
    return labels.astype(np.intp, copy=False) + _row_starts(labels.shape, classes)


@functools.lru_cache(4)  # batches of one size follow each other
def _row_starts(shape: tuple[int, ...], length: int) -> Array:
    """Return where each row of an array of `shape` and a last axis of `length` starts in the flat array."""
    return (np.arange(math.prod(shape)) * length).reshape(shape)


def softmax(array: Array) -> Array:
    """Return exp(array) / sum(exp(array)) over the last axis."""
    # There is one object for each native dtype, so `is` is enough here, and faster than ==.
    if array.ndim == 2 and array.shape[1] <= 32 and array.dtype is _FLOAT32:
        return _softmax_of_columns(array.T).T.copy()
    powers = _powers(array.copy(), -1)
    powers /= np.add.reduce(powers, axis=-1, keepdims=True)
    return powers


def _softmax_of_columns(array: Array) -> Array:
    """Return exp(array) / sum(exp(array)) over the first of two axes.

    If the axis is short, NumPy is faster along it than along the last one: its inner loops run over the rows.
    """
    powers = _powers(array.copy(), 0)
    powers /= ones(len(powers)).dot(powers)  # a sum by BLAS, without the overhead of np.add.reduce
    return powers


def _powers(array: Array, axis: int) -> Array:
    """Return exp(array - its largest element along `axis`), in the memory of `array`."""
    largest = np.maximum.reduce(array, axis=axis, keepdims=True)
    if -math.inf < largest.item(largest.argmin()) and largest.item(largest.argmax()) < math.inf:
        array -= largest
    else:
        with quiet():  # inf - inf; only here, because entering the scope takes longer than the difference
            array -= largest
    return np.exp(array, array)


def minus_one_hot(probabilities: Array, labels: Array, scale: Array) -> Array:
    """Return `probabilities` with 1 taken away at the labels, each row times its `scale`.

    The labels are those of a `crossentropy`, which has checked them.
    """
    scale = np.asarray(scale)
    result: Array = np.multiply(probabilities, scale[..., None], order="C")  # so that reshape gives a view
    flat = result.reshape(-1)
    flat[_places(labels, probabilities.shape[-1])] -= scale
    return result


@functools.lru_cache(8)
def ones(length: int) -> Array:
    return np.ones(length, _FLOAT32)
