"""Collects what callbacks see of a step: batch, predictions, gradients, outputs of layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any

import numpy as np

from gradtape.base.trees import leaves, rebuild
from gradtape.callbacks import StepRecord
from gradtape.core.hooks import Hook, listening
from gradtape.core.tensor import as_tensor
from gradtape.core.variable import Variable
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.layer import Layer
from gradtape.ops.numpy.arithmetic import add, square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.ops.numpy.reductions import sum


class StepObserver(Hook):
    """Keeps what layers return and what gradients the optimizer is given.

    Args:
        optimizer: the one whose gradients are kept.

    Attributes:
        outputs: what each layer returned last, by the layer's id.
        gradients: the gradients that were given last, each with its Variable; None if none were.
    """

    def __init__(self, optimizer: object) -> None:
        self.optimizer = optimizer
        self.outputs: dict[int, Any] = {}
        self.gradients: list[tuple[Any, Variable]] | None = None

    def on_outputs(self, layer: object, outputs: object) -> None:
        """Keep what a layer returned."""
        self.outputs[id(layer)] = outputs

    def on_gradients(
        self, optimizer: object, gradients: Sequence[Any], variables: Sequence[Variable]
    ) -> None:
        """Keep the gradients."""
        if optimizer is self.optimizer:
            self.gradients = list(zip(gradients, variables, strict=True))


class GradientNorm(Hook):
    """Adds up the squares of all gradients that an optimizer is given.

    Args:
        optimizer: which one.

    Attributes:
        squares: the sum of the squares of each gradient.
    """

    def __init__(self, optimizer: object) -> None:
        self.optimizer = optimizer
        self.squares: list[Any] = []

    def on_gradients(
        self, optimizer: object, gradients: Sequence[Any], variables: Sequence[Variable]
    ) -> None:
        """Add the gradients' squares."""
        if optimizer is self.optimizer:
            # The same weight may be updated twice in a step: each gradient counts.
            self.squares.extend(sum(square(as_tensor(g))) for g in gradients if g is not None)


@contextmanager
def watched(model: Any, sees: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Give the dict that is filled, when the block ends, with what is to be seen of a step.

    Args:
        model: the model that does the step.
        sees: "predictions", "gradients" and "activations", as far as they are wanted.
    """
    seen: dict[str, Any] = {}
    observer = StepObserver(model.optimizer)
    with listening(observer):
        yield seen
    # After the block, when the hook is off: what is computed here is no part of the step.
    outputs, given = observer.outputs, observer.gradients
    if "gradients" in sees and given is not None:
        paths = {id(f.value): f.path for f in walk(model) if f.is_weight}
        # A Variable outside the model has no path.
        seen["gradients"] = {paths.get(id(v), v.name): as_tensor(g) for g, v in given if g is not None}
    # A train_step of one's own may call the layers, and not the model.
    if "predictions" in sees and id(model) in outputs:
        seen["predictions"] = outputs[id(model)]
    if "activations" in sees:
        layers = [f for f in walk(model) if isinstance(f.value, Layer)]
        seen["activations"] = {f.path: outputs[id(f.value)] for f in layers if id(f.value) in outputs}


@contextmanager
def normed(optimizer: object) -> Iterator[dict[str, Any]]:
    """Give the dict that holds, after a step in the block, the norm of its gradients as "gradient_norm".

        sqrt(sum of g^2 over all elements of all gradients), before any clipping

    Args:
        optimizer: the one that the step applies its gradients with.
    """
    found: dict[str, Any] = {}
    norm = GradientNorm(optimizer)
    with listening(norm):
        yield found
    if norm.squares:
        found["gradient_norm"] = sqrt(reduce(add, norm.squares))


def record_of(done: Any, step: int, epoch: int, batch: int, sees: Iterable[str]) -> StepRecord:
    """Return the record of a call of one step.

    Args:
        done: what the call did.
        step: updates before it.
        epoch: the epoch.
        batch: the batch within the epoch.
        sees: what is wanted.
    """
    values = done.results.get("seen", {})
    seen = {name: rebuild(tree, [np.asarray(v)[0] for v in leaves(tree)]) for name, tree in values.items()}
    ids = done.rows[0] if "sample_ids" in sees else None
    loss = float(np.asarray(done.results["loss"])[0]) if "loss" in done.results else float("nan")
    return StepRecord(step, epoch, batch, loss, sample_ids=ids, **seen)
