"""Small recorded trainings: with dropout, batch normalisation, momentum, Adam, a custom layer, a custom step."""

from __future__ import annotations

from typing import Any

import numpy as np

import gradtape
from gradtape import GradientTape, Sequential, layers, ops, optimizers
from gradtape.base.config import register_serializable
from gradtape.replay import Run, open_run
from gradtape.runs import Recording

BATCH, EPOCHS = 16, 3


def data(samples: int = 84) -> tuple[Any, Any]:
    """Return (samples, 6) inputs and their classes: with 84, five batches of 16 and one of 4."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(samples, 6)).astype("float32")
    return x, (x.sum(axis=1) > 0).astype("int32") + (x[:, 0] > 0.5)


@register_serializable("replay_tests")
class GammaBetaLayer(layers.Layer):
    """Multiplies by a weight of its own: a layer that gradtape does not know."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), initializer="ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale


@register_serializable("replay_tests")
class OwnStep(Sequential):
    """A model whose training step is written by hand."""

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        with GradientTape() as tape:
            predictions = self(x, training=True)
            loss = self.compute_loss(x, y, predictions)
        gradients = tape.gradient(loss, self.trainable_weights)
        halved = [ops.multiply(g, 0.5) for g in gradients]
        self.optimizer.apply_gradients(zip(halved, self.trainable_weights, strict=True))
        return {"loss": loss}


def dense(optimizer: Any = "sgd", **options: Any) -> Any:
    """Return a plain network with a dropout layer and a batch normalisation."""
    parts = [
        layers.Input((6,)),
        layers.Dense(8, activation="relu", **options),
        layers.BatchNormalization(),
        layers.Dropout(0.25),
        layers.Dense(3, activation="softmax"),
    ]
    return _compiled(Sequential(parts), optimizer)


def plain(optimizer: Any = "sgd") -> Any:
    """Return two Dense layers."""
    parts = [layers.Input((6,)), layers.Dense(8, activation="tanh"), layers.Dense(3, activation="softmax")]
    return _compiled(Sequential(parts), optimizer)


def own_layer(optimizer: Any = "sgd") -> Any:
    """Return a network with a layer of its own kind."""
    parts = [layers.Input((6,)), GammaBetaLayer(), layers.Dense(3, activation="softmax")]
    return _compiled(Sequential(parts), optimizer)


def own_step(optimizer: Any = "sgd") -> Any:
    """Return a network with a training step of its own."""
    return _compiled(OwnStep([layers.Input((6,)), layers.Dense(3, activation="softmax")]), optimizer)


def _compiled(model: Any, optimizer: Any) -> Any:
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


MODELS = {
    "dropout, batch norm, momentum": lambda: dense(optimizers.SGD(0.1, momentum=0.9)),
    "adam": lambda: dense(optimizers.Adam(0.01)),
    "own layer": lambda: own_layer(optimizers.RMSprop(0.01)),
    "own step": lambda: own_step(optimizers.SGD(0.1, momentum=0.9, nesterov=True)),
}


def recorded(
    folder: Any, make: Any = plain, seed: int = 3, x: Any = None, y: Any = None, **options: Any
) -> Run:
    """Train on record with a checkpoint every 4 steps, and return the run with its data."""
    gradtape.set_seed(seed)
    model = make()
    if x is None:
        x, y = data()
    fit = {"epochs": EPOCHS, "callbacks": None} | {
        k: options.pop(k) for k in ("epochs", "callbacks") if k in options
    }
    recording = Recording(folder, **{"every_steps": 4, "every_seconds": None, **options})
    model.fit(x, y, batch_size=BATCH, verbose=0, run=recording, **fit)
    return open_run(folder, x, y)
