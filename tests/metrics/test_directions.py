"""Which way each metric is better: said once, by its class, and believed by all who ask."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape import layers, metrics
from gradtape.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from gradtape.errors import ArgumentError, RunError
from gradtape.metrics.base.metric import more_is_better
from gradtape.runs import Recording
from gradtape.runs.retention import CheckpointInfo, Policy
from tests.keras_parity import keras

ARGUMENTS: dict[str, dict[str, Any]] = {
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 2},
    "OneHotMeanIoU": {"num_classes": 2},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "MeanMetricWrapper": {"fn": lambda y_true, y_pred: y_pred},
}
ALL = sorted(
    name
    for name in metrics.__all__
    if isinstance(made := getattr(metrics, name), type)
    and issubclass(made, metrics.Metric)
    and name != "Metric"
)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("validated", ["", "val_"])
def test_everybody_takes_the_direction_that_keras_gives(name: str, validated: str, tmp_path: Path) -> None:
    metric = getattr(metrics, name)(**ARGUMENTS.get(name, {}))
    theirs = getattr(keras().metrics, name)(**ARGUMENTS.get(name, {}))
    direction = getattr(theirs, "_direction", None)
    assert metric.direction == direction
    monitor = f"{validated}{metric.name}"
    watching = [EarlyStopping(monitor), ModelCheckpoint(tmp_path / "x", monitor), ReduceLROnPlateau(monitor)]
    for callback in watching:
        callback.set_model(SimpleNamespace(metrics=[metric]))
    recording = Recording("x", keep_best=monitor)
    if direction is None:
        for callback in watching:
            with pytest.raises(ArgumentError, match='pass mode="max" or mode="min"'):
                callback.is_better(1.0, 0.0)
        with pytest.raises(RunError, match='pass keep_best_mode="max" or keep_best_mode="min"'):
            recording.best_mode({metric.name: metric})
        return
    rises = direction == "up"
    assert [callback.is_better(0.75, 0.25) for callback in watching] == [rises] * 3
    assert [callback.is_better(0.25, 0.75) for callback in watching] == [not rises] * 3
    kept = [CheckpointInfo(1, 0, 0.25), CheckpointInfo(2, 1, 0.75), CheckpointInfo(3, 2, 0.5)]
    best = Policy(last=1, best=recording.best_mode({metric.name: metric}))
    assert [one.step for one in kept if one not in best.dropped(kept)] == ([2, 3] if rises else [1, 3])


def test_the_model_is_asked_before_the_names_that_everybody_knows() -> None:
    mine = SimpleNamespace(name="accuracy", direction="down")
    assert more_is_better("val_accuracy", {"accuracy": mine}) is False  # type: ignore[dict-item]
    assert more_is_better("val_accuracy") is True and more_is_better("out_loss") is False
    assert more_is_better("psnr") is None
    assert metrics.MeanMetricWrapper(gradtape.losses.huber).direction == "down"


def fitted(folder: Path, model: Any, **options: Any) -> Any:
    """Train four epochs and return the run."""
    x = np.linspace(-1, 1, 32, dtype="float32")[:, None]
    run = Recording(folder, every_seconds=None, keep_last=1, keep_spread=None, **options)
    model.fit(x, 2 * x, epochs=4, verbose=0, run=run, shuffle=False)
    return gradtape.open_run(folder)


def scored() -> Any:
    """Return a model with a metric that falls in every epoch, and does not say which way is better."""
    model = gradtape.Sequential([layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    score = metrics.MeanMetricWrapper(lambda y_true, y_pred: abs(y_pred - y_true), name="score")
    model.compile(gradtape.optimizers.SGD(0.1), "mse", metrics=[score])
    return model


@pytest.mark.parametrize(("mode", "best"), [("max", 0), ("min", -1)])
def test_keep_best_follows_its_mode(tmp_path: Path, mode: str, best: int) -> None:
    run = fitted(tmp_path / "run", scored(), keep_best="score", keep_best_mode=mode)
    steps = run.epochs["step"]
    assert run.checkpoints == sorted({int(steps[best]), int(steps[-1])})


def test_keep_best_without_a_direction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="'score' does not say whether more or less of it is better"):
        fitted(tmp_path / "run", scored(), keep_best="score")
    with pytest.raises(RunError, match="keep_best_mode must be 'auto', 'min' or 'max', got 'up'"):
        fitted(tmp_path / "other", scored(), keep_best="score", keep_best_mode="up")
