"""A file of weights: safetensors, with the description of the model in its metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.article import recorded
from gradtape.base.files import write_whole
from gradtape.cli.recipes import article_model
from gradtape.core.variable_values import assign_by_name
from gradtape.errors import WeightsError

FORMAT = "gradtape.weights.1"


def named_weights(model: Any) -> dict[str, Any]:
    """Return the model's weights as NumPy arrays by their path, such as ``layers.0.W``."""
    return {name: np.asarray(weight) for name, weight in recorded.named_weights(model).items()}


def save_weights(path: Path, model: Any, about: Mapping[str, Any]) -> None:
    """Write the model's weights and `about` to `path`: the whole file or, if that fails, nothing.

    Args:
        path: the file; one that exists is replaced.
        model: has `layers`, each with `weights`.
        about: what else to keep, numbers and strings, as JSON.
    """
    from safetensors.numpy import save

    metadata = {"format": FORMAT, "about": json.dumps(dict(about))}
    write_whole(path, save(named_weights(model), metadata=metadata))


def load_weights(path: Path) -> tuple[Any, dict[str, Any]]:
    """Return the article's model with the weights in the file, and what was kept about it.

    Raises:
        WeightsError: if the file is missing, damaged, or not one of a gradtape training.
    """
    arrays, about = _read(path)
    try:
        inputs, hidden = arrays["layers.0.W"].shape
        classes = arrays["layers.1.W"].shape[1]
    except (KeyError, IndexError, ValueError):
        raise WeightsError(f"weights: {path} does not hold the model of a gradtape training") from None
    model = article_model(hidden, inputs, classes)
    assign_by_name(recorded.named_weights(model), arrays, f"weights: {path}", WeightsError)
    return model, about


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}
    except FileNotFoundError:
        raise WeightsError(f"weights: there is no file {path}") from None
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        raise WeightsError(f"weights: {path} cannot be read: {error}") from None
    if metadata.get("format") != FORMAT:
        raise WeightsError(f"weights: {path} was not written by gradtape (no format {FORMAT!r})")
    try:
        about = dict(json.loads(metadata.get("about", "{}")))
    except (ValueError, TypeError):
        raise WeightsError(f"weights: {path}: what it says about itself is damaged") from None
    return arrays, about
