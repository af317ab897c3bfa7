"""The full training state: every Variable by path."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtape.core.variable import Variable
from gradtape.core.variable_values import assign_by_name
from gradtape.errors import CheckpointError
from gradtape.training.trainable import TrainableModel

CALLBACKS = "callbacks."  # what the names of the callbacks' arrays begin with


def variables_of(model: TrainableModel) -> dict[str, Variable]:
    """Return the Variables of a compiled model by path: its own, the optimizer's and the metrics'."""
    own = model.named_variables()
    paths = {id(variable): name for name, variable in own.items()}
    found = {f"model.{name}": variable for name, variable in own.items()}
    state = model.optimizer.named_state(lambda v: paths.get(id(v), v.name))
    found |= {f"optimizer.{name}": variable for name, variable in state.items()}
    for number, (name, metric) in enumerate(model.named_metrics().items()):
        for place, variable in enumerate(metric.variables):
            if id(variable) not in paths:
                found[f"metrics.{number}.{name}.{place}"] = variable
    return found


def snapshot(variables: Mapping[str, Variable]) -> dict[str, Any]:
    """Return copies of the values, as NumPy arrays."""
    # copies: NumPy's updates write into the array while the checkpoint is being written
    return {name: np.array(variable.numpy()) for name, variable in variables.items()}


def state_digest(described: Mapping[str, Mapping[str, Any]]) -> str:
    """Return one SHA-256 for the values of all Variables: two states are the same if theirs are.

    Args:
        described: for each array by its path its "sha256", "dtype" and "shape", as a checkpoint's manifest
            lists them; the callbacks' arrays are no part of the state.
    """
    own = {path: about for path, about in described.items() if not path.startswith(CALLBACKS)}
    # a digest of digests: the arrays themselves need not be read again
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()


def restore(variables: Mapping[str, Variable], arrays: Mapping[str, Any], who: str) -> None:
    """Assign the values in `arrays` to all Variables, or to none and raise CheckpointError."""
    assign_by_name(variables, arrays, who, CheckpointError)
