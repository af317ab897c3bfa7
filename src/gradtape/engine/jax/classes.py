"""Softmax, cross-entropy and one-hot rows on JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from gradtape.engine.jax.checks import check_labels

Array = Any


def softmax(array: Array) -> Array:
    """Return exp(array) / sum(exp(array)) over the last axis."""
    powers = jnp.exp(array - jnp.max(array, axis=-1, keepdims=True))
    return powers / jnp.sum(powers, axis=-1, keepdims=True)


def crossentropy(logits: Array, labels: Array, probabilities: Array) -> Array:
    """Return log(sum(exp(logits))) - logits[label] along the last axis."""
    check_labels(labels, logits.shape[-1], "softmax_crossentropy")
    shifted = logits - jnp.max(logits, axis=-1, keepdims=True)
    total = jnp.sum(jnp.exp(shifted), axis=-1)
    return jnp.log(total) - jnp.take_along_axis(shifted, labels[..., None], axis=-1)[..., 0]


def one_hot(labels: Array, classes: int, dtype: np.dtype[Any]) -> Array:
    """Return rows with 1 at each label and 0 elsewhere, shape of `labels` and `classes`."""
    return (labels[..., None] == jnp.arange(classes)).astype(dtype)


def minus_one_hot(probabilities: Array, labels: Array, scale: Array) -> Array:
    """Return `probabilities` with 1 taken away at the labels, each row times its `scale`."""
    ones = one_hot(labels, probabilities.shape[-1], probabilities.dtype)
    return (probabilities - ones) * jnp.asarray(scale)[..., None]
