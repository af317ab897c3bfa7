"""A trained model: that of a run, or of a file of weights."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtape.article.naive import NaiveSequential
from gradtape.cli.outcome import complain
from gradtape.cli.recipes import network
from gradtape.cli.run_folders import find_trained
from gradtape.cli.weights_file import load_weights
from gradtape.replay.run import Run, open_run


@dataclass
class TrainedModel:
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


def find(given: Path | None) -> TrainedModel:
    """Return what was trained: `given`, or the newest under `runs`."""
    path = find_trained(given)
    if path.is_dir():
        run = open_run(path)
        dataset = (run.config.get("about") or {}).get("dataset", "")
        return TrainedModel("run", path, _with_layers(_model(run)), dataset)
    by_hand, about = load_weights(path)
    return TrainedModel("weights", path, _with_layers(by_hand), about.get("dataset", "mnist"))


def _model(run: Run) -> Any:
    """Return the model of a run; a damaged checkpoint that was passed over is told on stderr."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = run.model()
    for warning in told:
        complain(f"warning: {warning.message}", 0)
    return model


def _with_layers(model: object) -> Any:
    """Return the article's model as a `Sequential` of the same weights; another model as it is."""
    if not isinstance(model, NaiveSequential):
        return model
    (inputs, hidden), classes = model.layers[0].W.shape, model.layers[1].W.shape[1]
    # `score` compiles and evaluates it, which a NaiveSequential cannot
    made = network(hidden, inputs, classes)
    made.set_weights([weight.numpy() for weight in model.weights])
    return made
