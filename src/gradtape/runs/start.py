"""Starts or resumes the run of `fit`: describes model and data for run.json."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.config import as_json
from gradtape.data import ArraySource, Source
from gradtape.errors import GradtapeError, RunError, nearest
from gradtape.layers.base.layer import LAYERS
from gradtape.ops.random.seeds import given_seed
from gradtape.runs.environment import fingerprint
from gradtape.runs.options import Origin, Recording
from gradtape.runs.state import variables_of
from gradtape.runs.writer import Position, RunWriter
from gradtape.runs.writer_start import begin, resume
from gradtape.training.trainable import TrainableModel


def start(
    run: Any,
    is_resumed: bool,
    model: TrainableModel,
    sources: tuple[Source, Source | None],
    seed: int,
    fit: dict[str, Any],
    origin: Origin | None = None,
) -> RunWriter:
    """Return the writer of the run of `fit`.

    Args:
        run: the folder, or a `Recording`.
        is_resumed: whether an existing run is resumed; if there is none, a new one begins.
        model: built and compiled.
        sources: where the batches for training and for validation come from.
        seed: the seed of a new run, for the order of the samples; a resumed run keeps its own.
        fit: the arguments of `fit` that decide what happens, as JSON values.
        origin: the step of another run that a fork continues.
    """
    source, validation = sources
    options = run if isinstance(run, Recording) else Recording(_folder(run))
    options.check()
    _check_monitor(options, model, validation is not None)
    config = {
        "model": _written(lambda: LAYERS.serialize(model)),
        "built_for": _written(lambda: as_json(model.built_for, model.name)),
        "compile": _written(lambda: as_json(_compile_config(model), model.name)),
        "fit": {**fit, "batch_size": source.batch_size, "steps": source.steps},
        "data": _fingerprint(source),
        "validation_data": _fingerprint(validation),
        "seed": seed,
        "global_seed": given_seed(),
        "parent": None if origin is None else asdict(origin),
    }
    if not is_resumed or not (Path(options.folder) / "run.json").exists():
        at = None if origin is None else Position(origin.step, origin.epoch, origin.batch)
        return _told(begin(options, variables_of(model), config, at), model)
    if not source.is_resumable:
        raise RunError(
            "run: a generator cannot be resumed where it stopped; pass arrays, or an object with "
            "__len__ and __getitem__"
        )
    return _told(resume(options, variables_of(model), config), model)


def _told(writer: RunWriter, model: TrainableModel) -> RunWriter:
    """Tell the writer how to ask the model which way its metrics are better."""
    writer.metrics = model.named_metrics
    return writer


def _check_monitor(options: Recording, model: TrainableModel, validates: bool) -> None:
    """Raise RunError if `keep_best` names a metric that no epoch will have, or one with several numbers.

    Nothing is said yet where only the first step can tell which metrics there are.
    """
    monitor, names = options.keep_best, model.log_names()
    known = names + [f"val_{name}" for name in names if validates]
    if monitor is None or not names:
        return
    if monitor not in known:
        raise RunError(f"run: keep_best: an epoch has no metric {monitor!r}{nearest(monitor, known)}")
    shape = np.shape(model.get_metrics_result()[monitor.removeprefix("val_")])
    if shape:
        raise RunError(
            f"run: keep_best: {monitor!r} must be one number, its shape is {shape}; give the metric "
            "average='macro', or another that makes one number of several"
        )
    options.best_mode(model.named_metrics())


def _fingerprint(source: Source | None) -> Any:
    return fingerprint(source.arrays) if isinstance(source, ArraySource) else None


def _folder(run: Any) -> Any:
    if not isinstance(run, str | os.PathLike) or not os.fspath(run):
        raise RunError(f"run: must be the path of a folder or a Recording, got {run!r}")
    return run


def _compile_config(model: TrainableModel) -> dict[str, Any]:
    """Return what `compile` was given; `run_eagerly` only where it decides the bits."""
    eagerly = {"run_eagerly": True} if model.run_eagerly and engine.active.compiles else {}
    return {"optimizer": model.optimizer, **model.training_state.arguments, **eagerly}


def _written(make: Any) -> Any:
    """Return what `make` gives, or why it cannot be written down: the run is recorded all the same."""
    try:
        return make()
    except GradtapeError as error:
        return {"unwritten": str(error)}
