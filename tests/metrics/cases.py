"""Batches for tests of metrics, and the figure that we and Keras make of them."""

import numpy as np

from gradtape import metrics
from tests.keras_parity import keras

SAMPLES = (7, 7, 3)  # the last batch is short


def batches(kind, seed=0):
    """Return three batches (y_true, y_pred, sample_weight) of one kind, of different lengths."""
    rng = np.random.default_rng(seed)
    return [(*KINDS[kind](rng, n), rng.random(n).astype("float32")) for n in SAMPLES]


def shares(rng, *shape):
    """Return random rows that sum to 1."""
    x = rng.random(shape) + 0.1
    return (x / x.sum(axis=-1, keepdims=True)).astype("float32")


def one_hot(rng, *shape):
    """Return random rows with a single 1."""
    return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]


KINDS = {
    "values": lambda r, n: (r.normal(size=(n, 3)).astype("float32"), r.normal(size=(n, 3)).astype("float32")),
    "positive": lambda r, n: (r.random((n, 3), "float32") + 0.1, r.random((n, 3), "float32") + 0.1),
    "sequence": lambda r, n: (
        r.normal(size=(n, 4, 3)).astype("float32"),
        r.normal(size=(n, 4, 3)).astype("float32"),
    ),
    "column": lambda r, n: (r.normal(size=n).astype("float32"), r.normal(size=(n, 1)).astype("float32")),
    "whole numbers": lambda r, n: (r.integers(0, 3, n), r.integers(0, 3, n)),
    "numbers": lambda r, n: (r.integers(0, 3, n), r.integers(0, 3, n)),
    "classes": lambda r, n: (r.integers(0, 6, n), shares(r, n, 6)),
    "class column": lambda r, n: (r.integers(0, 6, (n, 1)).astype("float32"), shares(r, n, 6)),
    "class sequence": lambda r, n: (r.integers(0, 6, (n, 4)), shares(r, n, 4, 6)),
    "one-hot": lambda r, n: (one_hot(r, n, 6), shares(r, n, 6)),
    "one-hot sequence": lambda r, n: (one_hot(r, n, 4, 6), shares(r, n, 4, 6)),
    "shares": lambda r, n: (shares(r, n, 6), shares(r, n, 6)),
    "yes or no": lambda r, n: (r.integers(0, 2, n), r.random(n, "float32")),
    "yes or no column": lambda r, n: (r.integers(0, 2, n), r.random((n, 1), "float32")),
    "labels": lambda r, n: (r.integers(0, 2, (n, 3)).astype("float32"), r.random((n, 3), "float32")),
    "ids": lambda r, n: (r.integers(0, 6, n), np.argsort(r.random((n, 6)), axis=1)),
}


def ours(name, arguments):
    """Return our metric."""
    return getattr(metrics, name)(**arguments)


def theirs(name, arguments):
    """Return Keras' metric."""
    if "IoU" in name:  # whose default, a whole dtype, cuts weights off
        arguments = {**arguments, "dtype": "float32"}
    return getattr(keras().metrics, name)(**arguments)


def figures(metric, data, weighted):
    """Return the results after each batch."""
    found = []
    for y_true, y_pred, weight in data:
        metric.update_state(y_true, y_pred, weight if weighted else None)
        found.append(np.asarray(metric.result()))
    return found
