"""StepRecord: the parts of a training step that a callback asked for in `sees`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SEEN = frozenset({"batch", "sample_ids", "predictions", "gradients", "activations"})


@dataclass(frozen=True)
class StepRecord:
    """One training step; whatever no callback asked for in `sees` is None.

    Attributes:
        step: updates before this one, from 0.
        epoch: the epoch, from 0.
        batch: the batch within the epoch, from 0.
        loss: the value of the objective.
        sample_ids: the row numbers of the samples in the data, (samples,); None for iterators too.
        x: the inputs, with "batch".
        y: the targets, with "batch".
        predictions: what the model returned.
        gradients: the gradient of each weight, by the weight's path.
        activations: the output of each layer, by the layer's path.
    """

    step: int
    epoch: int
    batch: int
    loss: float
    sample_ids: Any = None
    x: Any = None
    y: Any = None
    predictions: Any = None
    gradients: Mapping[str, Any] | None = None
    activations: Mapping[str, Any] | None = None
