"""What was trained, ready to be asked: the model of a run, or that of a file of weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtape.cli.folders import find_trained
from gradtape.cli.weights import load_weights
from gradtape.recipes import network
from gradtape.runs import open_run


@dataclass
class Trained:
    """A model and where it comes from.

    Attributes:
        kind: "run" or "weights".
        path: the run's folder, or the file of weights.
        model: a `Sequential`, or what else the run is of.
        dataset: what it has learned; "" if that is not known.
    """

    kind: str
    path: Path
    model: Any
    dataset: str


def find(given: Path | None) -> Trained:
    """Return what was trained: `given`, or the newest under `runs`."""
    path = find_trained(given)
    if path.is_dir():
        run = open_run(path)
        return Trained("run", path, run.model(), (run.config.get("about") or {}).get("dataset", ""))
    by_hand, about = load_weights(path)
    (inputs, hidden), classes = by_hand.layers[0].W.shape, by_hand.layers[1].W.shape[1]
    model = network(hidden, inputs, classes)
    model.set_weights([weight.numpy() for weight in by_hand.weights])
    return Trained("weights", path, model, about.get("dataset", "mnist"))
