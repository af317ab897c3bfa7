"""Played from the same scripts, our callbacks do what Keras' do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape import callbacks as ours
from tests.callbacks.scripted import Model, play
from tests.keras_parity import keras

LOSSES = [0.9, 0.7, 0.71, 0.7, 0.69995, 0.72, 0.5, 0.55, 0.52, 0.51, 0.5, 0.8, 0.2, 0.3]


def scripts(count: int = 4) -> list[list[dict[str, float]]]:
    """Return trainings: a fixed one, and random walks downhill."""
    walks = [LOSSES]
    for seed in range(count):
        rng = np.random.default_rng(seed)
        walks.append((np.exp(-np.arange(15) / 6) + rng.normal(0, 0.1, 15)).round(3).tolist())
    return [
        [{"loss": v / 2, "val_loss": v, "accuracy": 1 - v, "val_accuracy": 1 - v} for v in w] for w in walks
    ]


def outcome(library: Any, make: Any, script: list[dict[str, float]], batches: int = 3) -> dict[str, Any]:
    """Return what happens to a model when `make(library)` are its callbacks."""
    model = Model()
    rates = []
    watch = library.LambdaCallback(
        on_epoch_end=lambda epoch, logs: rates.append((model.optimizer.learning_rate, dict(logs)))
    )
    told = library.CallbackList([*make(library), watch], add_history=True, model=model, epochs=len(script))
    done = play(told, model, script, batches)
    return {
        "epochs": done,
        "weight": float(model.weight),
        "saved": model.saved,
        "rates": rates,
        "history": {name: [float(v) for v in values] for name, values in model.history.history.items()},
        "epoch": model.history.epoch,
    }


def assert_same(make: Any, script: list[dict[str, float]], batches: int = 3) -> dict[str, Any]:
    """Fail unless the same happens here and in Keras; return it."""
    mine, theirs = (outcome(library, make, script, batches) for library in (ours, keras().callbacks))
    assert mine == theirs
    return mine


@pytest.mark.parametrize("script", scripts(), ids=range(5))
@pytest.mark.parametrize("restore_best_weights", [False, True])
@pytest.mark.parametrize("patience", [0, 1, 3])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"min_delta": 0.05},
        {"baseline": 0.6},
        {"baseline": 0.01},
        {"start_from_epoch": 4},
        {"monitor": "val_accuracy", "mode": "max"},
        {"monitor": "accuracy", "mode": "max", "min_delta": -0.02, "baseline": 0.3},
        {"monitor": "loss", "mode": "max"},
    ],
    ids=str,
)
def test_early_stopping(
    script: list[dict[str, float]], restore_best_weights: bool, patience: int, options: dict[str, Any]
) -> None:
    def make(library: Any) -> list[Any]:
        return [
            library.EarlyStopping(patience=patience, restore_best_weights=restore_best_weights, **options)
        ]

    assert_same(make, script)


@pytest.mark.parametrize("script", scripts(), ids=range(5))
@pytest.mark.parametrize(
    "options",
    [
        {"patience": 1},
        {"patience": 2, "factor": 0.5},
        {"patience": 1, "factor": 0.5, "cooldown": 2},
        {"patience": 1, "factor": 0.25, "min_lr": 0.02},
        {"patience": 0, "min_delta": 0.1},
        {"patience": 1, "monitor": "val_accuracy", "mode": "max"},
    ],
    ids=str,
)
def test_reduce_lr_on_plateau(script: list[dict[str, float]], options: dict[str, Any]) -> None:
    happened = assert_same(lambda library: [library.ReduceLROnPlateau(**options)], script)
    assert "learning_rate" in happened["history"]


@pytest.mark.parametrize(
    "schedule",
    [lambda epoch, rate: rate * 0.5 if epoch > 2 else rate, lambda epoch: 1.0 / (epoch + 1)],
    ids=["of epoch and rate", "of the epoch"],
)
def test_learning_rate_scheduler(schedule: Any) -> None:
    assert_same(lambda library: [library.LearningRateScheduler(schedule)], scripts(0)[0])


@pytest.mark.parametrize("script", scripts(2), ids=range(3))
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"save_best_only": True},
        {"save_best_only": True, "monitor": "val_accuracy", "mode": "max"},
        {"save_best_only": True, "initial_value_threshold": 0.6},
        {"save_freq": 4},
        {"save_freq": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("weights_only", [False, True])
def test_model_checkpoint(
    script: list[dict[str, float]], options: dict[str, Any], weights_only: bool, tmp_path: Path
) -> None:
    by_batch = "save_freq" in options
    name = "{epoch:02d}-{batch:02d}-{loss:.2f}" if by_batch else "{epoch:02d}-{val_loss:.2f}"
    path = tmp_path / f"{name}{'.weights.h5' if weights_only else '.keras'}"
    happened = assert_same(
        lambda library: [library.ModelCheckpoint(path, save_weights_only=weights_only, **options)], script, 5
    )
    assert happened["saved"]


@pytest.mark.parametrize("has_validation", [True, False])
@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_logger(has_validation: bool, separator: str, tmp_path: Path) -> None:
    script = scripts(0)[0]
    if not has_validation:
        script = [{k: v for k, v in logs.items() if not k.startswith("val_")} for logs in script]
    for append in (False, False, True, True):  # the second training replaces the first
        files = []
        for name, library in (("ours", ours), ("theirs", keras().callbacks)):
            files.append(tmp_path / f"{name}.csv")
            outcome(library, lambda lib: [lib.CSVLogger(files[-1], separator, append)], script)  # noqa: B023
        assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_terminate_on_nan(value: float) -> None:
    script = [{"loss": 1.0}, {"loss": 0.5}, {"loss": value}, {"loss": 0.3}]
    happened = [outcome(lib, lambda lib: [lib.TerminateOnNaN()], script) for lib in (ours, keras().callbacks)]
    assert happened[0]["epochs"] == happened[1]["epochs"] == [0, 1, 2]


def test_every_hook_is_called_in_the_same_order() -> None:
    hooks = [name for name in dir(keras().callbacks.Callback) if name.startswith("on_")]
    assert set(hooks) < set(dir(ours.Callback))

    def calls(library: Any) -> list[Any]:
        found: list[Any] = []

        def hook(name: str) -> Any:
            return lambda self, *args, **kwargs: found.append((name, args, kwargs))

        names = [name for name in hooks if name not in ("on_batch_begin", "on_batch_end")]
        made = type("All", (library.Callback,), {name: hook(name) for name in names})
        model = Model()
        play(library.CallbackList([made()], model=model), model, scripts(0)[0][:2])
        return [(name, [*args, *kwargs.values()]) for name, args, kwargs in found]

    assert calls(ours) == calls(keras().callbacks)


def test_the_short_names_of_batch_hooks() -> None:
    def calls(library: Any) -> list[Any]:
        found: list[Any] = []
        members = {"on_batch_end": lambda self, batch, logs=None: found.append((batch, logs))}
        model = Model()
        told = library.CallbackList([type("Short", (library.Callback,), members)()], model=model)
        play(told, model, scripts(0)[0][:2])
        return found

    assert calls(ours) == calls(keras().callbacks) != []


def test_names_and_defaults_are_those_of_keras() -> None:
    import inspect

    def parameters(made: type) -> dict[str, Any]:
        found = inspect.signature(made.__init__).parameters.values()  # type: ignore[misc]
        return {p.name: p.default for p in found if p.kind is p.POSITIONAL_OR_KEYWORD}

    for name in ours.__all__:
        theirs = getattr(keras().callbacks, name, None)
        if theirs is not None and name not in ("ProgbarLogger", "Callback", "History"):
            assert parameters(getattr(ours, name)) == parameters(theirs), name
