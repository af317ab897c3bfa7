"""predict: the outputs of all batches, concatenated."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtape.base.trees import leaves, rebuild
from gradtape.callbacks import CallbackList
from gradtape.data.source import Source
from gradtape.errors import ArgumentError
from gradtape.training.trainable import TrainableModel


def concatenated(model: TrainableModel, source: Source, callbacks: CallbackList, steps: int | None) -> Any:
    """Return the model's outputs for all samples of `source`, as NumPy arrays."""
    parts: list[list[Any]] = []
    structure: Any = None
    batch = 0
    callbacks.on_predict_begin()
    callbacks.on_predict_batch_begin(batch)
    for done in model.predict_function(callbacks).over(source, 0, 0):
        batch += len(done)
        structure = done.results["outputs"]
        # As NumPy at once: on an accelerator the outputs of all batches together may not fit.
        parts.append([_rows(leaf) for leaf in leaves(structure)])
        callbacks.on_predict_batch_end(batch - 1, {"outputs": rebuild(structure, parts[-1])})
        if steps is not None and batch >= steps:
            break
        if batch != source.steps:
            callbacks.on_predict_batch_begin(batch)
    callbacks.on_predict_end()
    if not parts:
        raise ArgumentError("predict: x has no samples")
    return rebuild(structure, [np.concatenate(column) for column in zip(*parts, strict=True)])


def _rows(stacked: object) -> Any:
    """Return (steps, batch, ...) as (steps * batch, ...)."""
    array = np.asarray(stacked)
    return array.reshape(-1, *array.shape[2:])
