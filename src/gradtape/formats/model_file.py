"""Saves and loads a model in one file: its configuration as JSON and its Variables as arrays."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from typing import Any

from gradtape.core.variable import Variable
from gradtape.core.variable_values import assign_by_name
from gradtape.errors import ArgumentError, WeightsError, show
from gradtape.formats.arrays_file import read_arrays, write_arrays
from gradtape.formats.model_config import compile_config, model_config, model_from_config
from gradtape.layers.base.layer import LAYERS
from gradtape.layers.graph import DEPTH
from gradtape.training.trainable import TrainableModel

Path = str | os.PathLike[str]

MODEL = "gradtape.model.1"
WEIGHTS = "gradtape.weights.1"


def save_model(model: TrainableModel, filepath: Path, overwrite: bool = True) -> None:
    """Write the model to one file: configuration, weights, how it was compiled, the optimizer's state.

    Args:
        model: what to save; classes of your own are found again if they are registered
            (`register_serializable`) or given to `load_model`.
        filepath: the file.
        overwrite: whether a file that is there already is replaced.
    """
    _check_free(filepath, overwrite)
    about = model_config(model)
    arrays = {f"model.{name}": v.numpy() for name, v in _saved(model).items()}
    if model.optimizer is not None:
        # Both are paths of Variables; the prefixes keep a layer called "optimizer" apart from the optimizer.
        about["compiled"] = compile_config(model)
        arrays |= {f"optimizer.{n}": v.numpy() for n, v in _optimizer_state(model).items()}
    write_arrays(filepath, arrays, about, MODEL)


def load_model(
    filepath: Path,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Return the model in the file, ready for further training if it was compiled.

    Args:
        filepath: a file that `save_model` wrote.
        custom_objects: classes and functions of your own that it names, if they are not registered.
        compile: whether to compile it as it was.
        safe_mode: ignored; kept for compatibility with Keras. No code is read from a file.

    Raises:
        WeightsError: if the file is missing, damaged, or was not written by `save_model`.
        ArgumentError: if it names a class that is not known.
    """
    arrays, about = read_arrays(filepath, MODEL)  # checks the digest before anything is made of it
    config = {"model": about.get("model") or {}, "built_for": about.get("built_for")}
    compiled = about.get("compiled") if compile else None
    model = model_from_config(config, f"load: {filepath}", WeightsError, custom_objects, compile=compiled)
    _assign(_saved(model), _of(arrays, "model."), filepath)
    if compiled:
        state = _of(arrays, "optimizer.")
        before = _optimizer_state(model)
        # The slots must exist before they can be assigned to; elsewhere the first step makes them.
        model.optimizer.build(model.trainable_weights)
        # saved before it was trained, it has no slots yet: they begin as they are made now
        was_built = state.keys() != before.keys()
        _assign(_optimizer_state(model) if was_built else before, state, filepath)
    return model


def save_weights(model: TrainableModel, filepath: Path, overwrite: bool = True) -> None:
    """Write the values of the model's Variables to one file, by their paths.

    Args:
        model: whose weights.
        filepath: the file.
        overwrite: whether a file that is there already is replaced.
    """
    _check_free(filepath, overwrite)
    model.need_built("save_weights")
    write_arrays(
        filepath,
        {name: v.numpy() for name, v in _saved(model).items()},
        {"name": model.name} | ({} if _is_older(model) else {"order": DEPTH}),
        WEIGHTS,
    )


def load_weights(model: TrainableModel, filepath: Path, skip_mismatch: bool = False) -> None:
    """Give the model's Variables the values in the file; all of them or, if one does not fit, none.

    Args:
        model: must have been built.
        filepath: a file that `save_weights` or `save_model` wrote.
        skip_mismatch: whether Variables for which the file has nothing that fits are left as they are.

    Raises:
        WeightsError: naming the first Variable that does not fit.
    """
    model.need_built("load_weights")
    try:
        arrays, about = read_arrays(filepath, WEIGHTS)
        is_older = about.get("order") != DEPTH
    except WeightsError as error:
        # The error names the format that the file has: that of a whole model will do.
        if repr(MODEL) not in str(error):
            raise
        arrays, about = read_arrays(filepath, MODEL)
        # In the text of all of it, as the graph with an order may be that of a model inside.
        arrays, is_older = _of(arrays, "model."), f'"order": "{DEPTH}"' not in json.dumps(about)
    variables = _numbered_by_first_call(model) if is_older else _saved(model)
    if skip_mismatch:
        known = variables
        variables = {name: v for name, v in variables.items() if _fits(v, arrays.get(name))}
        if known and not variables:
            raise WeightsError(
                f"load: {filepath}: none of its {len(arrays)} arrays fits a weight of {model.name}, such as "
                f"{next(iter(known))}"
            )
        arrays = {name: arrays[name] for name in variables}
        skipped = [name for name in known if name not in variables]
        if skipped:
            warnings.warn(f"load: {filepath}: nothing in it fits {', '.join(skipped)}", stacklevel=4)
    _assign(variables, arrays, filepath)


def _is_older(model: TrainableModel) -> bool:
    """Tell whether the model, or one inside, has the numbers of an older file."""
    graphs = [getattr(part, "call_graph", None) for part in [model, *model.flatten_layers()]]
    return any(graph is not None and graph.layers is graph.by_first_call for graph in graphs)


def _numbered_by_first_call(model: Any) -> dict[str, Variable]:
    """Return the model's Variables by the paths that older files have."""
    parts = [p for p in [model, *model.flatten_layers()] if getattr(p, "is_numbered_by_graph", False)]
    before = [(part, part.call_graph.layers) for part in parts]
    try:
        for part in parts:
            part.number_by_first_call()
        return dict(_saved(model))
    finally:
        for part, layers in before:
            part.set_layer_order(layers)


def model_to_json(model: TrainableModel) -> str:
    """Return the model's configuration as text, without its weights."""
    return json.dumps(model_config(model))


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a new model, with weights of its own, of the text that `Model.to_json` returned.

    Args:
        json_string: the text.
        custom_objects: classes and functions of your own that it names, if they are not registered.
    """
    try:
        about = json.loads(json_string)
        config = {"model": about["model"], "built_for": about["built_for"]}
    except (ValueError, TypeError, KeyError):
        raise ArgumentError(
            f"model_from_json: needs what to_json returned, got {show(json_string)}"
        ) from None
    return model_from_config(config, "model_from_json", ArgumentError, custom_objects)


def clone_model(model: TrainableModel) -> Any:
    """Return a new model with the same layers, and weights of its own.

    >>> from gradtape.layers import Dense
    >>> from gradtape.models import Sequential
    >>> clone_model(Sequential([Dense(2)], name="pair")).name
    'pair'
    """
    own = {c.__name__: c for c in _own_classes(model)}
    return model_from_config(model_config(model), "clone_model", ArgumentError, own)


def _own_classes(model: TrainableModel) -> list[type]:
    """Return the classes of the model and of the layers inside that are not gradtape's."""
    classes = {type(part) for part in [model, *model.flatten_layers()]}
    return [made for made in classes if made.__name__ not in LAYERS.members]


def _fits(variable: Variable, array: Any) -> bool:
    return array is not None and array.shape == variable.shape and array.dtype == variable.dtype


def _assign(variables: Mapping[str, Variable], arrays: Mapping[str, Any], path: Path) -> None:
    assign_by_name(variables, arrays, f"load: {path}", WeightsError)


def _saved(model: TrainableModel) -> dict[str, Variable]:
    found: dict[str, Variable] = model.named_variables()
    return found


def _optimizer_state(model: TrainableModel) -> dict[str, Variable]:
    paths = {id(v): name for name, v in _saved(model).items()}
    found: dict[str, Variable] = model.optimizer.named_state(lambda v: paths.get(id(v), v.name))
    return found


def _of(arrays: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}


def _check_free(path: Path, overwrite: bool) -> None:
    if not overwrite and os.path.lexists(path):
        raise ArgumentError(f"save: {path} is there already; pass overwrite=True to replace it")
