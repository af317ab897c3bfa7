"""What a replay is made of: the model, compiled as it was, and the data, checked against the fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.configs import custom_objects, from_json
from gradtape.data import ArraySource, Source, adapt, split_validation
from gradtape.errors import RunError
from gradtape.layers.layer import LAYERS
from gradtape.runs.environment import fingerprint
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
            f"run: the model cannot be made again from run.json: {reason}; pass it: open_run(..., model=model), "
            "compiled as it was"
        )
    with custom_objects(custom):
        model = LAYERS.deserialize(config["model"])
        model.compile(**from_json(config["compile"]))
    return model


def source_of(config: Mapping[str, Any], data: tuple[Any, Any, Any], who: str) -> Source:
    """Return the batches that the run was trained on, made of `data` (x, y, sample_weight).

    Where the training kept a part of its data for validation, all of it or the rest may be given.

    Raises:
        RunError: if the data is not that of the run.
    """
    share = config["fit"].get("validation_split") or 0.0
    source = _adapted(config, data)
    wanted = config["data"]
    if wanted is None or not isinstance(source, ArraySource):
        return _resumable(source, who)
    found = fingerprint(source.arrays)
    if found["sha256"] != wanted["sha256"] and share:
        source = _adapted(config, split_validation(data, share)[0])
        found = fingerprint(source.arrays)  # type: ignore[attr-defined]
    if found["sha256"] != wanted["sha256"]:
        raise RunError(f"{who}: the data is not that of the run: {_difference(wanted, found)}")
    return source


def _adapted(config: Mapping[str, Any], data: tuple[Any, Any, Any]) -> Source:
    fit, (x, y, sample_weight) = config["fit"], data
    weights = fit.get("class_weight")
    return adapt(
        x,
        y,
        sample_weight,
        batch_size=fit["batch_size"],
        shuffle=fit["shuffle"],
        class_weight=None if weights is None else {int(k): v for k, v in weights.items()},
        steps=fit.get("steps_per_epoch"),
        epochs=fit["epochs"],
        check_finite=False,
        who="open_run",
    )


def _resumable(source: Source, who: str) -> Source:
    if not source.is_resumable:
        raise RunError(
            f"{who}: a generator gives its batches once, so no step of the run can be done again; train on "
            "arrays, or on an object with __len__ and __getitem__"
        )
    return source


def _difference(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    for part in ("shapes", "dtypes", "sha256"):
        if wanted[part] != found[part]:
            return f"{part} must be {wanted[part]}, got {found[part]}"
    return "it differs"


def made_ready(model: Any, source: Source) -> Any:
    """Return the model with all its Variables: weights, slots and metrics."""
    planning.prepare(model, source, None)
    return model
