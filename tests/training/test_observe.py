"""Callbacks that declare what they want to see of a step are shown it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape import GradientTape, losses
from gradtape.callbacks import Callback
from gradtape.layers import Dense, Input
from gradtape.models import Sequential
from gradtape.ops.numpy.statistics import mean

X = np.random.default_rng(0).normal(size=(10, 3)).astype("float32")
Y = (X.sum(axis=1) > 0).astype("int32")


def model() -> Any:
    gradtape.set_seed(4)
    made = Sequential([Input((3,)), Dense(4, activation="tanh"), Dense(2, activation="softmax")])
    made.compile(gradtape.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return made


def shown(*sees: str) -> list[Any]:
    class VariableWatcher(Callback):
        def __init__(self) -> None:
            super().__init__()
            self.sees = frozenset(sees)
            self.records: list[Any] = []

        def on_train_step(self, record: Any) -> None:
            self.records.append(record)

    watcher = VariableWatcher()
    model().fit(X, Y, batch_size=4, epochs=2, callbacks=[watcher], verbose=0)
    return watcher.records


def test_what_is_shown_is_what_happened() -> None:
    records = shown("batch", "sample_ids", "predictions", "gradients", "activations")
    assert [(r.step, r.epoch, r.batch) for r in records] == [(i, i // 3, i % 3) for i in range(6)]
    first, made = records[0], model()
    assert np.array_equal(first.x, X[first.sample_ids]) and np.array_equal(first.y, Y[first.sample_ids])
    assert sorted(np.concatenate([r.sample_ids for r in records[:3]])) == list(range(10))
    with GradientTape() as tape:
        predictions = made(first.x)
        loss = mean(losses.sparse_categorical_crossentropy(first.y, predictions))
    gradients = tape.gradient(loss, made.trainable_weights)
    np.testing.assert_allclose(first.predictions, predictions.numpy(), rtol=1e-5)
    assert first.loss == pytest.approx(loss.item(), rel=1e-5)
    assert list(first.gradients) == ["layers.0.kernel", "layers.0.bias", "layers.1.kernel", "layers.1.bias"]
    for found, expected in zip(first.gradients.values(), gradients, strict=True):
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(first.activations["layers.0"], made.layers[0](first.x).numpy(), rtol=1e-5)
    np.testing.assert_allclose(first.activations["layers.1"], first.predictions)


def test_what_nobody_asked_for_is_not_there() -> None:
    record = shown("sample_ids")[0]
    assert len(record.sample_ids) == 4
    assert record.x is record.predictions is record.gradients is record.activations is None


def test_a_training_that_is_watched_is_the_same() -> None:
    plain = model().fit(X, Y, batch_size=4, epochs=2, verbose=0).history["loss"]
    seen = [r.loss for r in shown("gradients")]
    assert plain[0] == pytest.approx((4 * seen[0] + 4 * seen[1] + 2 * seen[2]) / 10, rel=1e-5)
