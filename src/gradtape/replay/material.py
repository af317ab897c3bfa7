"""The model of a run, made again from what run.json says of it, and compiled as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.configs import custom_objects, from_json
from gradtape.data import Source
from gradtape.errors import RunError
from gradtape.layers.layer import LAYERS
from gradtape.training import planning


def unwritten(config: Mapping[str, Any]) -> str:
    """Return why the model or its compilation could not be written down, "" if it could."""
    for part in ("model", "compile"):
        if isinstance(config.get(part), Mapping) and "unwritten" in config[part]:
            return str(config[part]["unwritten"])
    return ""


def model_of(config: Mapping[str, Any], custom: Mapping[str, Any]) -> Any:
    """Return a new model, compiled as run.json says.

    Args:
        config: what run.json says.
        custom: classes and functions of the user's own that it needs, by name.

    Raises:
        RunError: if it could not be written down.
    """
    reason = unwritten(config)
    if reason:
        raise RunError(
            f"run: the model cannot be made again from run.json: {reason}; pass it, compiled as it was: "
            "open_run(..., model=model)"
        )
    if config["model"].get("class_name") == "NaiveSequential":
        raise RunError(
            "run: the article's own loop (--recipe article) is recorded and resumed, but its steps cannot be "
            "opened; train with another recipe, or with fit(..., run=...)"
        )
    with custom_objects(custom):
        model = LAYERS.deserialize(config["model"])
        model.compile(**from_json(config["compile"]))
    return model


def made_ready(model: Any, source: Source) -> Any:
    """Return the model with all its Variables: weights, slots and metrics."""
    planning.prepare(model, source, None)
    return model
