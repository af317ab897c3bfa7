"""Whole trainings: from equal weights, unshuffled, fit gives Keras' history."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import gradtape
from tests.keras_parity import keras

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras'

RNG = np.random.default_rng(5)
X = RNG.normal(size=(150, 6)).astype("float32")
LABELS = (X @ RNG.normal(size=(6, 3))).argmax(axis=1)
WEIGHTS = RNG.uniform(0.2, 2.0, size=150).astype("float32")
RTOL = 1e-4


def classifier(library: Any) -> Any:
    """Return the same model in either library."""
    return library.Sequential(
        [
            library.Input((6,)),
            library.layers.Dense(12, activation="relu"),
            library.layers.Dense(8, activation="tanh", kernel_regularizer="l2"),
            library.layers.Dense(3, activation="softmax"),
        ]
    )


def histories(make: Any, compiled: Any, fitted: dict[str, Any], x: Any = X, y: Any = LABELS) -> list[Any]:
    """Return the histories of both libraries' fit, from equal weights; `compiled` makes compile's arguments."""
    found, start, rng = [], None, np.random.default_rng(2)  # the same weights whatever ran before
    for library in (gradtape, keras()):
        model = make(library)
        if start is None:
            gradtape.set_seed(2)
            start = [rng.normal(scale=0.4, size=w.shape).astype("float32") for w in model.get_weights()]
        model.set_weights(start)
        model.compile(**compiled(library))
        model.fit(x, y, batch_size=32, epochs=3, shuffle=False, verbose=0, **fitted)
        found.append((model.history.history, model.get_weights()))
    return found


def assert_same(found: list[Any], rtol: float = RTOL) -> None:
    (ours, our_weights), (theirs, their_weights) = found
    assert list(ours) == list(theirs)
    for name in theirs:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=rtol, err_msg=name)
    for a, b in zip(our_weights, their_weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"learning_rate": 0.05}),
        ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
        ("RMSprop", {"learning_rate": 0.01}),
        ("Adam", {"learning_rate": 0.01}),
        ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.02}),
        ("Adamax", {"learning_rate": 0.01}),
        ("Nadam", {"learning_rate": 0.01}),
        ("Adagrad", {"learning_rate": 0.05}),
        ("Adadelta", {"learning_rate": 1.0}),
        ("Lion", {"learning_rate": 0.003}),
    ],
)
def test_each_optimizer(name: str, options: dict[str, Any]) -> None:
    def compiled(library: ModuleType) -> dict[str, Any]:
        return {
            "optimizer": getattr(library.optimizers, name)(**options),
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
        }

    assert_same(histories(classifier, compiled, {}))


def plain(library: ModuleType) -> dict[str, Any]:
    return {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "weighted_metrics": ["accuracy"]}


def test_validation_and_sample_weights() -> None:
    fitted = {
        "sample_weight": WEIGHTS,
        "validation_data": (X[:50] + 0.1, LABELS[:50], WEIGHTS[:50]),
    }
    assert_same(histories(classifier, plain, fitted))


def test_a_split_and_class_weights() -> None:
    fitted = {"class_weight": {0: 1.0, 1: 2.5, 2: 0.5}, "validation_split": 0.2}
    assert_same(histories(classifier, plain, fitted))


def test_one_hot_targets_and_several_metrics() -> None:
    def compiled(library: ModuleType) -> dict[str, Any]:
        return {
            "optimizer": library.optimizers.SGD(library.optimizers.schedules.ExponentialDecay(0.1, 5, 0.9)),
            "loss": library.losses.CategoricalCrossentropy(label_smoothing=0.1),
            "metrics": ["accuracy", library.metrics.AUC(name="auc"), library.metrics.Precision(name="p")],
        }

    assert_same(histories(classifier, compiled, {}, y=np.eye(3, dtype="float32")[LABELS]))


def test_a_regression() -> None:
    def make(library: Any) -> Any:
        return library.Sequential(
            [library.Input((6,)), library.layers.Dense(8, activation="relu"), library.layers.Dense(1)]
        )

    def compiled(library: ModuleType) -> dict[str, Any]:
        return {"optimizer": "rmsprop", "loss": "mse", "metrics": ["mae"]}

    y = (X.sum(axis=1) ** 2).astype("float32")
    assert_same(histories(make, compiled, {"validation_split": 0.25}, y=y))


def test_two_outputs() -> None:
    def make(library: Any) -> Any:
        x = library.Input((6,), name="x")
        hidden = library.layers.Dense(7, activation="relu")(x)
        normal = library.layers.BatchNormalization()(hidden)
        outputs = {
            "kind": library.layers.Dense(3, activation="softmax", name="kind")(normal),
            "size": library.layers.Dense(1, name="size")(hidden),
        }
        return library.Model(x, outputs)

    def compiled(library: ModuleType) -> dict[str, Any]:
        return {
            "optimizer": "adam",
            "loss": {"kind": "sparse_categorical_crossentropy", "size": "mae"},
            "loss_weights": {"kind": 1.0, "size": 0.3},
            "metrics": {"kind": ["accuracy"], "size": ["mse"]},
        }

    y = {"kind": LABELS, "size": X.sum(axis=1, keepdims=True)}
    assert_same(histories(make, compiled, {}, y=y))


def test_evaluate_and_the_values_on_batches() -> None:
    results = []
    start = None
    for library in (gradtape, keras()):
        model = classifier(library)
        start = start or [
            np.random.default_rng(3).normal(scale=0.4, size=w.shape).astype("float32")
            for w in model.get_weights()
        ]
        model.set_weights(start)
        model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        steps = [model.train_on_batch(X[:40], LABELS[:40]) for _ in range(3)]
        tested = model.evaluate(X, LABELS, batch_size=64, verbose=0)
        named = model.evaluate(X, LABELS, verbose=0, return_dict=True)
        results.append((steps, tested, sorted(named), named["loss"], model.predict(X[:5], verbose=0)))
    for ours, theirs in zip(*results, strict=True):
        if isinstance(theirs, list) and isinstance(theirs[0], str):
            assert ours == theirs
        else:
            np.testing.assert_allclose(ours, theirs, rtol=RTOL, atol=1e-6)
