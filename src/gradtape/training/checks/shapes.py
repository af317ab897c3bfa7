"""The shapes of a model's outputs, found by calling it without data, once."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from gradtape.base.trees import leaves, rebuild
from gradtape.data.conversion import named_leaves
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError
from gradtape.layers.base.attributes import changes, walk
from gradtape.layers.base.call_context import context
from gradtape.layers.base.layer import Layer
from gradtape.layers.base.placeholders import Spec, SymbolicTensor, trial
from gradtape.training.checks.checked_model import CheckedModel
from gradtape.training.checks.lookups import Lookup, LookupHook


@dataclass
class TrialResult:
    """What a trial of a model showed.

    Attributes:
        outputs: the Specs of what it returns.
        lookups: which inputs are row numbers of a table.
        made_in_call: the names of layers that `call` makes anew each time.
        is_known: whether a few of its predictions have been looked at.
    """

    outputs: Any
    lookups: list[Lookup]
    made_in_call: list[str]
    is_known: bool = False


class TrialListener(LookupHook):
    """Hears a trial of a model; notes lookups, and the layers that read weights in each of its calls."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[dict[int, Any]] = []  # of each call: the layers by their id, which keeps them

    def on_begin(self, inputs: list[Any]) -> None:
        """Begin anew, with the tensors that stand for the inputs."""
        super().on_begin(inputs)
        self._calls.append({})

    def on_read(self, variable: Any, tensor: object) -> None:
        """Note which layer reads a weight."""
        if context.layer is not None and variable.trainable:
            self._calls[-1][id(context.layer)] = context.layer

    def made_in_call(self, model: CheckedModel) -> list[str]:
        """Return the names of the layers in the last call that neither the first one nor the model has."""
        first, last = self._calls[0], self._calls[-1]
        known = {id(found.value) for found in walk(model)} | {id(model)}
        return [layer.name for key, layer in last.items() if key not in first and key not in known]


def tried(model: CheckedModel, x: object, who: str) -> TrialResult | None:
    """Return what the model returns for inputs like `x`, building it; None if that cannot be known.

    What was found out holds until a layer changes or `compile` is called.

    Args:
        model: the model.
        x: the inputs: a structure of NumPy arrays.
        who: named in the error if they do not fit.
    """
    check_shapes(model, x, who)
    # Neither a graph nor a `call` of its own: there is nothing to try.
    if model.call_graph is None and hasattr(type(model).call, "is_missing"):
        return None
    kept = model.training_state.trials
    inputs = tuple([(name, array.shape[1:], array.dtype) for name, array in named_leaves(x, "x")])
    # `changes` counts attribute changes of all layers, so that a layer set after a trial makes it void.
    found: TrialResult | None = kept.get((changes(), inputs))
    if found is None:
        found = _try(model, x, who)
        for old in [key for key in kept if key[0] != changes()]:
            del kept[old]
        kept[changes(), inputs] = found
    return found


def check_shapes(model: CheckedModel, x: object, who: str) -> None:
    """Raise ShapeError, with the shapes as they came, if the inputs do not fit the model's placeholders."""
    if model.call_graph is None:
        return
    try:
        model.call_graph.matched(x)
    except ShapeError as error:
        raise ShapeError(f"{who}: {error}") from None


def _try(model: CheckedModel, x: object, who: str) -> TrialResult:
    stand_ins = rebuild(x, [SymbolicTensor((None, *a.shape[1:]), a.dtype, model.name) for a in leaves(x)])
    heard = TrialListener()
    _check_call_takes(model, who)
    try:
        found = trial(model, (stand_ins,), {}, heard)
    except ShapeError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in named_leaves(x, "x"))
        raise ShapeError(f"{who}: {shapes} does not fit (tried with 2 samples): {error}") from None
    except Exception as error:
        error.add_note(f"{who}: {model.name} was tried with 2 samples of zeros, to learn its shapes")
        raise
    outputs = rebuild(found, [spec for spec in leaves(found) if isinstance(spec, Spec)])
    return TrialResult(outputs, heard.found, heard.made_in_call(model))


def check_is_built(model: CheckedModel, who: str) -> None:
    """Raise ArgumentError if a layer will get its weights in the first step only, which a run cannot record.

    Args:
        model: a model with a step of its own, whose `call` may take more than x.
        who: named in the error.
    """
    unbuilt = [f.value for f in walk(model) if isinstance(f.value, Layer) and _lacks_weights(f.value)]
    if not unbuilt:
        return
    if not hasattr(type(model).call, "is_missing"):
        try:
            inspect.signature(model.call).bind(None)
        except TypeError:
            pass
        else:
            return  # `call` takes x: if a trial failed all the same, the step says what is wrong
    raise ArgumentError(
        f"{who}: {model.name}: a run begins with all weights, but {unbuilt[0].name} has none yet, and call "
        "does not take x as its only argument, so it cannot be built from x; before fit, call the model or "
        "its layers once on a batch, or build(input_shape) each layer"
    )


def _lacks_weights(layer: Layer) -> bool:
    """Tell whether the layer has a `build` of its own that has not run."""
    build = type(layer).build
    return not layer.built and build is not Layer.build and not hasattr(build, "by_trial")


def _check_call_takes(model: CheckedModel, who: str) -> None:
    """Raise ArgumentTypeError if `call` cannot be given one argument, x, as the plain step does."""
    try:
        inspect.signature(model.call).bind(None)
    except TypeError as error:
        raise ArgumentTypeError(
            f"{who}: {model.name}: call must take x as its only argument: {error}; give several inputs as a "
            "list or a dict, or define train_step and test_step"
        ) from None
