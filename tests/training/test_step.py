"""The training step."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.losses import sparse_categorical_crossentropy
from gradtape.naive import NaiveDense, NaiveSequential
from gradtape.ops.activations import relu
from gradtape.ops.seeds import set_seed
from gradtape.ops.softmax import softmax
from gradtape.optimizers import SGD
from gradtape.tensor import as_tensor
from gradtape.training.old_step import count_right, training_step


def by_hand(weights: list[Any], x: Any, y: Any, rate: float) -> tuple[float, int, list[Any]]:
    """Return loss, right answers and new weights of one step of gradient descent, in float64."""
    w1, b1, w2, b2 = (np.asarray(w, "float64") for w in weights)
    hidden = np.maximum(x @ w1 + b1, 0)
    scores = hidden @ w2 + b2
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    d2 = p.copy()
    d2[np.arange(len(y)), y] -= 1
    d2 /= len(y)
    d1 = (d2 @ w2.T) * (hidden > 0)
    gradients = [x.T @ d1, d1.sum(axis=0), hidden.T @ d2, d2.sum(axis=0)]
    new = [w - rate * g for w, g in zip((w1, b1, w2, b2), gradients, strict=True)]
    return float(loss), int((p.argmax(axis=1) == y).sum()), new


def test_a_step_is_the_one_done_by_hand() -> None:
    set_seed(1)
    random = np.random.default_rng(0)
    model = NaiveSequential([NaiveDense(6, 5, relu), NaiveDense(5, 3, softmax)])
    x, y = random.normal(size=(9, 6)).astype("float32"), random.integers(0, 3, 9)
    loss, right, weights = by_hand(model.weights, x, y, 0.5)
    found_loss, found_right = training_step(
        model, sparse_categorical_crossentropy, SGD(0.5), as_tensor(x), as_tensor(y)
    )
    assert np.isclose(found_loss.item(), loss, rtol=1e-5) and found_right.item() == right
    for found, expected in zip(model.weights, weights, strict=True):
        assert np.allclose(np.asarray(found), expected, rtol=1e-5, atol=1e-6)


def test_right_answers_are_counted() -> None:
    predictions = as_tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])
    assert count_right(as_tensor([1, 1, 1]), predictions).item() == 2
    assert count_right(as_tensor(np.array([0, 0, 0], "uint8")), predictions).item() == 1
