"""Small recorded runs that the tests of replay open: each trains in well under a second."""

from __future__ import annotations

from typing import Any

import numpy as np

import gradtape
from gradtape import GradientTape, layers, ops
from gradtape.base.config import register_serializable
from gradtape.models import Model, Sequential
from gradtape.replay import open_run

SAMPLES, BATCH = 20, 8  # 3 steps an epoch, the last one smaller


def data(outputs: int = 3) -> tuple[Any, Any]:
    """Return (20, 5) inputs and their classes."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(SAMPLES, 5)).astype("float32")
    return x, np.abs(x.sum(axis=1) * 2).astype("int64") % outputs


def dense(*more: Any, **options: Any) -> Any:
    """Return a small classifier with `more` layers in its middle; options are those of its first layer."""
    return Sequential(
        [layers.Dense(4, **{"activation": "tanh", **options}), *more, layers.Dense(3, activation="softmax")]
    )


@register_serializable("trainings")
class Scale(layers.Layer):
    """A layer of the user's own: inputs times one weight."""

    def build(self, input_shape: Any) -> None:
        """Make the weight."""
        self.scale = self.add_weight((), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        """Return the product."""
        return inputs * self.scale


@register_serializable("trainings")
class Halved(Model):
    """A model with a train_step of its own, which halves the gradients."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = layers.Dense(3, activation="softmax")

    def call(self, inputs: Any) -> Any:
        """Return the probabilities."""
        return self.inner(inputs)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Do one step by half the gradients, and by a loss that is written out."""
        x, y = data
        with GradientTape() as tape:
            probabilities = self(x, training=True)
            loss = -ops.mean(ops.log(ops.sum(probabilities * ops.one_hot(y, 3), axis=1)))
            penalty = ops.sum(ops.square(self.inner.kernel)) * 0.01
            total = loss + penalty
        gradients = tape.gradient(total, self.trainable_weights)
        self.optimizer.apply([g * 0.5 for g in gradients], self.trainable_weights)
        return {"loss": total}


def train(folder: Any, model: Any = None, optimizer: Any = "sgd", **options: Any) -> Any:
    """Train for two epochs, record, and return the model.

    Args:
        folder: where the run is recorded.
        model: what is trained; None takes `dense()`.
        optimizer: of `compile`.
        options: of `compile` (loss, loss_weights) and of `fit`.
    """
    gradtape.set_seed(11)
    made = (
        dense() if model is None else model() if callable(model) and not isinstance(model, Model) else model
    )
    given = {"loss": "sparse_categorical_crossentropy", **options}
    compiled = {k: given.pop(k) for k in ("loss", "loss_weights", "metrics") if k in given}
    x, y = given.pop("x", None), given.pop("y", None)
    if x is None:
        x, y = data()
    made.compile(optimizer, **compiled)
    made.fit(x, y, run=folder, **{"batch_size": BATCH, "epochs": 2, "verbose": 0, **given})
    return made


def opened(folder: Any, step: int, x: Any = None, y: Any = None, sample_weight: Any = None) -> Any:
    """Return a step of the run in the folder."""
    given = data() if x is None else (x, y)
    return open_run(folder, *given, sample_weight).at(step)
