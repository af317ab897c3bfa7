"""What callbacks may see of a step: its batch, predictions, gradients, and what each layer returned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any

import numpy as np

from gradtape.base.trees import leaves, rebuild
from gradtape.callbacks import StepRecord
from gradtape.core.tensor import as_tensor
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.call_context import context
from gradtape.layers.base.layer import Layer
from gradtape.ops.numpy.arithmetic import add, square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.ops.numpy.reductions import sum


@contextmanager
def watched(model: Any, sees: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Give the dict that is filled, while the block runs, with what is to be seen of a step.

    Args:
        model: the model that does the step.
        sees: "predictions", "gradients" and "activations", as far as they are wanted.
    """
    seen: dict[str, Any] = {}
    outputs: dict[int, Any] = {}
    optimizer, before = model.optimizer, context.seen
    apply = optimizer._apply  # what both apply and apply_gradients come down to

    def noted(gradients: list[Any], variables: list[Any], who: str) -> None:
        paths = {id(f.value): f.path for f in walk(model) if f.is_weight}
        pairs = zip(gradients, variables, strict=True)
        seen["gradients"] = {paths.get(id(v), v.name): as_tensor(g) for g, v in pairs if g is not None}
        apply(gradients, variables, who)

    context.seen = outputs
    if "gradients" in sees:
        optimizer._apply = noted
    try:
        yield seen
    finally:
        context.seen = before
        vars(optimizer).pop("_apply", None)
    if "predictions" in sees and id(model) in outputs:
        seen["predictions"] = outputs[id(model)]
    if "activations" in sees:
        layers = [f for f in walk(model) if isinstance(f.value, Layer)]
        seen["activations"] = {f.path: outputs[id(f.value)] for f in layers if id(f.value) in outputs}


@contextmanager
def normed(optimizer: Any) -> Iterator[dict[str, Any]]:
    """Give the dict that holds, after a step in the block, the norm of its gradients as "gradient_norm".

        sqrt(sum of g^2 over all elements of all gradients), before any clipping

    Args:
        optimizer: the one that the step applies its gradients with.
    """
    found: dict[str, Any] = {}
    squares: list[Any] = []
    apply, is_wrapped = optimizer._apply, "_apply" in vars(optimizer)

    def noted(gradients: list[Any], variables: list[Any], who: str) -> None:
        squares.extend(sum(square(as_tensor(g))) for g in gradients if g is not None)
        apply(gradients, variables, who)

    optimizer._apply = noted
    try:
        yield found
    finally:
        vars(optimizer).pop("_apply")
        if is_wrapped:
            optimizer._apply = apply
    if squares:
        found["gradient_norm"] = sqrt(reduce(add, squares))


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
