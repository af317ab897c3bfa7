"""Trying a model: what it returns for inputs of some shape, found out without data, and once only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradtape.base.trees import leaves, rebuild
from gradtape.data.conversion import named_leaves
from gradtape.errors import ShapeError
from gradtape.layers.base.attributes import changes
from gradtape.layers.base.placeholders import Spec, SymbolicTensor, trial
from gradtape.training.checks.lookups import Lookup, LookupHook


@dataclass
class TrialResult:
    """What a trial of a model showed.

    Attributes:
        outputs: the Specs of what it returns.
        lookups: which inputs are row numbers of a table.
        is_known: whether a few of its predictions have been looked at.
    """

    outputs: Any
    lookups: list[Lookup]
    is_known: bool = False


def tried(model: Any, x: Any, who: str) -> TrialResult | None:
    """Return what the model returns for inputs like `x`, building it; None if that cannot be known.

    What was found out holds until a layer changes or `compile` is called.

    Args:
        model: the model.
        x: the inputs: a structure of NumPy arrays.
        who: named in the error if they do not fit.
    """
    check_shapes(model, x, who)
    if model._graph is None and hasattr(type(model).call, "is_missing"):
        return None
    kept = model.__dict__.setdefault("_tried", {})
    inputs = tuple([(name, array.shape[1:], array.dtype) for name, array in named_leaves(x, "x")])
    found: TrialResult | None = kept.get((changes(), inputs))
    if found is None:
        found = _try(model, x, who)
        for old in [key for key in kept if key[0] != changes()]:
            del kept[old]
        kept[changes(), inputs] = found
    return found


def check_shapes(model: Any, x: Any, who: str) -> None:
    """Raise ShapeError, with the shapes as they came, if the inputs do not fit the model's placeholders."""
    if model._graph is None:
        return
    try:
        model._graph.matched(x)
    except ShapeError as error:
        raise ShapeError(f"{who}: {error}") from None


def _try(model: Any, x: Any, who: str) -> TrialResult:
    stand_ins = rebuild(x, [SymbolicTensor((None, *a.shape[1:]), a.dtype, model.name) for a in leaves(x)])
    lookups = LookupHook()
    try:
        found = trial(model, (stand_ins,), {}, lookups)
    except ShapeError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in named_leaves(x, "x"))
        raise ShapeError(f"{who}: {shapes} does not fit (tried with 2 samples): {error}") from None
    outputs = rebuild(found, [spec for spec in leaves(found) if isinstance(spec, Spec)])
    return TrialResult(outputs, lookups.found)
