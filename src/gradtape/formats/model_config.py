"""A model as JSON: its configuration, what it was built for and how it was compiled; and the model of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gradtape.base.config import as_json, custom_objects, from_json
from gradtape.errors import GradtapeError, show
from gradtape.layers.base.layer import LAYERS
from gradtape.layers.base.placeholders import placeholders, trial
from gradtape.training.trainable import TrainableModel


def model_config(model: TrainableModel) -> dict[str, Any]:
    """Return the configuration of a model under "model", and under "built_for" the inputs it is built for."""
    return {"model": LAYERS.serialize(model), "built_for": built_for(model)}


def built_for(model: TrainableModel) -> Any:
    """Return the shapes and dtypes of the inputs that the model is built for, as JSON; None: of none."""
    return as_json(model.built_for, model.name)


def compile_config(model: TrainableModel, run_eagerly: bool = True) -> Any:
    """Return what `compile` was given, as JSON; ArgumentError names what cannot be written down.

    Args:
        model: a compiled model.
        run_eagerly: whether to say if the steps run operation by operation.
    """
    eagerly = {"run_eagerly": model.run_eagerly} if run_eagerly else {}
    given = {"optimizer": model.optimizer, **model.training_state.arguments, **eagerly}
    return as_json(given, f"{model.name}: compile")


def model_from_config(
    config: Mapping[str, Any],
    who: str,
    error: type[Exception],
    custom: Mapping[str, Any] | None = None,
    build: bool = True,
    compile: object = None,
) -> Any:
    """Return a new model, with weights of its own, of what `model_config` returned.

    Args:
        config: the configuration.
        who: where it was read, for the error message.
        error: the class of what is raised if it describes no model.
        custom: classes and functions of the user's own that it names, if they are not registered.
        build: whether to build the model if the described one was built.
        compile: what `compile_config` returned; None leaves the model uncompiled.

    Raises:
        ArgumentError: if a class is not known by name.
    """
    with custom_objects(custom or {}), _described(who, error):
        model, shapes = LAYERS.deserialize(config["model"]), config.get("built_for")
        # A model with a graph was built when its layers were called; others are built by a trial.
        if build and shapes and not model.built:
            trial(model, (placeholders(shapes["shape"], shapes["dtype"]),), {})
        if compile:
            model.compile(**from_json(compile))
    return model


@contextmanager
def _described(who: str, error: type[Exception]) -> Iterator[None]:
    """Raise `error` in the place of what a damaged description leads to; our own errors stay as they are."""
    try:
        yield
    except GradtapeError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as cause:
        why = show(f"{type(cause).__name__}: {cause}")
        raise error(f"{who}: the model cannot be made again: {why}") from cause
