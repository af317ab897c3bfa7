"""The training that the tests of runs break, kill and resume: python -m tests.runs.training FOLDER [options]."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

import gradtape
from gradtape.layers import Dense, Input
from gradtape.models import Sequential
from gradtape.runs import Recording

EPOCHS, BATCH = 3, 16


def data() -> tuple[Any, Any]:
    """Return (104, 5) inputs and their classes: 6 batches of 16 and one of 8."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(104, 5)).astype("float32")
    return x, (x.sum(axis=1) > 0).astype("int32")


def model(rate: float = 0.01) -> Any:
    """Return the model, compiled, always with the same weights."""
    gradtape.set_seed(11)
    made = Sequential([Input((5,)), Dense(8, activation="tanh"), Dense(2, activation="softmax")])
    made.compile(gradtape.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


def train(
    folder: Any, resume: bool = False, epochs: int = EPOCHS, callbacks: Any = None, **options: Any
) -> Any:
    """Train, record, and return the model."""
    made, (x, y) = model(options.pop("rate", 0.01)), data()
    seed = options.pop("seed", None)
    if seed is not None:
        gradtape.set_seed(seed)
    recording = Recording(folder, **{"every_steps": 3, "every_seconds": None, **options})
    made.fit(
        x, y, batch_size=BATCH, epochs=epochs, validation_split=0.1, verbose=0, run=recording, resume=resume,
        callbacks=callbacks,
    )  # fmt: skip
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--resume", action="store_true")
    given = parser.parse_args()
    train(given.folder, given.resume)
