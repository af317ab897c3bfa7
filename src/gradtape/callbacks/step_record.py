"""StepRecord: what a callback that asks for it sees of one training step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SEEN = frozenset({"batch", "sample_ids", "predictions", "gradients", "activations"})


@dataclass(frozen=True)
class StepRecord:
    """One training step, opened: what nobody asked for in `Callback.sees` is None.

    Attributes:
        step: updates before this one, from 0.
        epoch: the epoch, from 0.
        batch: the batch within the epoch, from 0.
        loss: the loss that was minimised.
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
