"""The model of a run, built from its run.json and compiled as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.article import recorded
from gradtape.data import Source
from gradtape.errors import RunError
from gradtape.formats.model_config import model_from_config
from gradtape.runs.own_classes import own_classes
from gradtape.runs.state import restore
from gradtape.training import prepare
from gradtape.training.trainable import TrainableModel


def unwritten(config: Mapping[str, Any]) -> str:
    """Return why the model or its compile arguments could not be recorded; "" if they could."""
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
    return model_from_config(
        config,
        "run: run.json",
        RunError,
        {**own_classes(config), **custom},
        build=False,
        compile=config["compile"],
    )


def model_at(run: Any, step: int | None, custom: Mapping[str, Any]) -> Any:
    """Return the run's model with the weights it had after `step` updates.

    Args:
        run: the run.
        step: of which there is a checkpoint; None takes the newest.
        custom: classes and functions of the user's own that it needs, by name.

    Raises:
        RunError: if it could not be written down, or run.json describes no model.
    """
    checkpoint, written = run.checkpoint(step), run.config["model"]
    own = {n: array for n, array in checkpoint.arrays.items() if n.startswith("model.")}
    if "unwritten" in written:
        raise RunError(f"run: the model was not written down: {written['unwritten']}")
    if written.get("class_name") == recorded.NAME:
        model = recorded.model_from_config(written)
        variables = recorded.named_weights(model)
    else:
        model = model_from_config(
            run.config, f"run: {run.path / 'run.json'}", RunError, {**own_classes(run.config), **custom}
        )
        variables = model.named_variables()
    restore({f"model.{name}": v for name, v in variables.items()}, own, f"run: {checkpoint.path}")
    return model


def made_ready(model: TrainableModel, source: Source) -> Any:
    """Return the model with all its Variables: weights, slots and metrics."""
    prepare.prepare(model, source, None, is_recorded=True)
    return model
