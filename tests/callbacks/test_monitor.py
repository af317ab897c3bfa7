"""What the callbacks that watch a metric do beyond Keras: NaN, unknown names, seldom validations, resuming."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradtape.callbacks import (
    CallbackList,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from gradtape.errors import ArgumentError, ArgumentTypeError, GradtapeError
from tests.callbacks.scripted import Model, metric, play

NAN = float("nan")


def played(callback: Any, script: list[Any], name: str = "loss", **params: Any) -> Model:
    """Return the model after a training whose epochs have these values, or metrics."""
    model = Model()
    told = CallbackList([callback], add_history=True, model=model, **params)
    play(told, model, [v if isinstance(v, dict) else {name: v} for v in script])
    return model


def test_nan_is_never_an_improvement() -> None:
    stopping = EarlyStopping("loss", patience=2, restore_best_weights=True)
    model = played(stopping, [NAN, 0.5, NAN, 0.4, NAN, NAN, 0.1])
    assert (stopping.best, stopping.best_epoch, stopping.stopped_epoch) == (0.4, 3, 5)
    assert model.weight == 3
    plateau = ReduceLROnPlateau("loss", factor=0.5, patience=1)
    assert played(plateau, [NAN, 0.5, NAN]).optimizer.learning_rate == 0.1 / 4


def test_the_direction_is_what_the_metric_says() -> None:
    for name, direction, values in (("acc", "up", [0.1, 0.9, 0.8]), ("err", "down", [0.9, 0.1, 0.8])):
        stopping = EarlyStopping(f"val_{name}", patience=1)
        model = Model()
        model.metrics = [metric("loss", None), metric(name, direction)]
        script = [{f"val_{name}": value} for value in values]
        assert play(CallbackList([stopping], model=model), model, script) == [0, 1, 2]
        assert stopping.best_epoch == 1
    stopping = EarlyStopping("val_digit_loss")
    played(stopping, [1.0, 0.5, 0.7, 0.1], "val_digit_loss")
    assert stopping.best == 0.5


def test_a_metric_that_does_not_say_needs_a_mode() -> None:
    with pytest.raises(ArgumentError) as caught:
        played(EarlyStopping("mine"), [0.5], "mine")
    assert str(caught.value) == (
        "EarlyStopping: 'mine' does not say whether more or less of it is better; "
        'pass mode="max" or mode="min"'
    )
    played(EarlyStopping("mine", mode="max"), [0.5], "mine")


@pytest.mark.parametrize("made", [EarlyStopping, ReduceLROnPlateau])
def test_an_unknown_metric_is_an_error_after_the_first_epoch(made: Any) -> None:
    with pytest.raises(
        ArgumentError, match="'val_accuracy' is not among the metrics; did you mean 'accuracy'"
    ):
        played(made("val_accuracy"), [{"loss": 1.0, "accuracy": 0.5, "val_loss": 1.0}])


def test_a_validation_that_comes_later_is_waited_for() -> None:
    stopping = EarlyStopping(patience=1)
    model = Model()
    told = CallbackList([stopping], model=model)
    told.check_metrics([], validates=True)
    script = [{"loss": 1.0}, {"loss": 1.0, "val_loss": 0.5}, {"loss": 1.0}, {"loss": 1.0, "val_loss": 0.4}]
    assert play(told, model, script) == [0, 1, 2, 3]
    assert stopping.best == 0.4
    stopping = EarlyStopping(patience=1)
    told = CallbackList([stopping], model=model)
    with pytest.raises(ArgumentError, match="'val_loss' needs validation, and fit was given none"):
        play(told, model, script)


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: EarlyStopping(5), ArgumentTypeError, "EarlyStopping: monitor must be the name of a metric, got 5"),
        (lambda: EarlyStopping(mode="up"), ArgumentError, "EarlyStopping: mode must be one of auto, min, max, got 'up'"),
        (lambda: EarlyStopping(patience=-1), ArgumentError, "EarlyStopping: patience must be in [0, inf], got -1"),
        (lambda: EarlyStopping(min_delta="a"), ArgumentTypeError, "EarlyStopping: min_delta must be a number, got 'a'"),
        (lambda: ReduceLROnPlateau(factor=1.0), ArgumentError, "ReduceLROnPlateau: factor must be in (0, 1), got 1.0"),
        (lambda: ReduceLROnPlateau(min_lr=-1), ArgumentError, "ReduceLROnPlateau: min_lr must be in [0, inf), got -1"),
        (lambda: ModelCheckpoint("x", save_freq=0), ArgumentError, 'ModelCheckpoint: save_freq must be "epoch" or a whole number >= 1, got 0'),
        (lambda: ModelCheckpoint("x", save_freq="day"), ArgumentTypeError, "ModelCheckpoint: save_freq must be \"epoch\" or a whole number >= 1, got 'day'"),
        (lambda: LearningRateScheduler(0.1), ArgumentTypeError, "LearningRateScheduler: schedule must be a function, got 0.1"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(make: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == text


@pytest.mark.parametrize(("rate", "error"), [("a", ArgumentTypeError), (None, ArgumentTypeError), (NAN, ArgumentError), (-1.0, ArgumentError)])  # fmt: skip
def test_a_schedule_must_return_a_rate(rate: Any, error: Any) -> None:
    with pytest.raises(error, match="LearningRateScheduler: schedule must return a "):
        played(LearningRateScheduler(lambda epoch: rate), [0.5])


def test_messages_are_printed_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    played(EarlyStopping("loss", patience=1, verbose=1, restore_best_weights=True), [0.5, 0.6])
    played(ReduceLROnPlateau("loss", patience=1, verbose=1), [0.5, 0.6])
    played(LearningRateScheduler(lambda epoch: 0.5, verbose=1), [0.5])
    played(ModelCheckpoint("m.keras", "loss", 1, save_best_only=True), [0.5])
    played(TerminateOnNaN(), [NAN])
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 2: early stopping",
        "Restoring the weights of the best epoch: 1.",
        "Epoch 2: ReduceLROnPlateau: learning rate 0.01",
        "Epoch 1: LearningRateScheduler: learning rate 0.5",
        "Epoch 1: loss 0.50000: saved to m.keras",
        "Batch 1: the loss is nan, terminating training",
    ]


def test_terminate_on_nan_can_raise() -> None:
    with pytest.raises(RuntimeError, match="^TerminateOnNaN: the loss is nan after batch 1$") as caught:
        played(TerminateOnNaN(raise_error=True), [NAN])
    assert isinstance(caught.value, GradtapeError)


def test_a_file_name_with_an_unknown_metric_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        ArgumentError, match="ModelCheckpoint: filepath: 'los' is not among the metrics; did you"
    ):
        played(ModelCheckpoint(tmp_path / "{los}.keras"), [0.5])


def test_a_checkpoint_makes_the_folders_of_its_path(tmp_path: Path) -> None:
    model = played(ModelCheckpoint(tmp_path / "a" / "{epoch}" / "m.keras"), [0.5, 0.4])
    assert [path for _, path, _ in model.saved] == [str(tmp_path / "a" / n / "m.keras") for n in "12"]
    assert (tmp_path / "a" / "2").is_dir()


@pytest.mark.parametrize("stop", range(1, 9))
@pytest.mark.parametrize(
    "make",
    [
        lambda: EarlyStopping("loss", patience=3, restore_best_weights=True, baseline=0.55),
        lambda: ReduceLROnPlateau("loss", patience=2, cooldown=1, factor=0.5),
        lambda: ModelCheckpoint("{epoch}", "loss", save_best_only=True),
        lambda: ModelCheckpoint("{epoch}-{batch}", save_freq=5),
        lambda: LearningRateScheduler(lambda epoch, rate: rate * 0.9),
    ],
    ids=["stopping", "plateau", "best", "batches", "schedule"],
)
def test_a_training_that_goes_on_ends_as_if_it_had_not_stopped(make: Any, stop: int) -> None:
    script = [{"loss": v} for v in (0.9, 0.7, 0.8, 0.6, 0.65, 0.61, 0.62, 0.64, 0.63, 0.5)]
    whole = Model()
    play(CallbackList([make()], add_history=True, model=whole), whole, script)

    first = Model()
    told = CallbackList([make()], add_history=True, model=first)
    told.on_train_begin()
    play_epochs(told, first, script[:stop], 0)
    state, arrays = json.loads(json.dumps(told.get_state())), told.get_arrays()
    second = Model(first.optimizer.learning_rate)
    second.weight, second.saved, second.stop_training = first.weight, first.saved, first.stop_training
    told = CallbackList([make()], add_history=True, model=second)
    told.on_train_begin()
    told.set_state(state)
    told.set_arrays(arrays)
    logs = play_epochs(told, second, script, stop)
    told.on_train_end(logs)
    assert second.saved == whole.saved
    assert second.weight == whole.weight
    assert second.optimizer.learning_rate == whole.optimizer.learning_rate
    assert second.history.history == whole.history.history
    assert second.history.epoch == whole.history.epoch


def play_epochs(told: Any, model: Model, script: list[dict[str, float]], start: int) -> Any:
    """Call the hooks of epochs from `start` on, without those of the training's begin and end."""
    logs: Any = None
    for epoch, logs in enumerate(script[start:], start):
        if model.stop_training:
            break
        told.on_epoch_begin(epoch)
        for batch in range(3):
            told.on_train_batch_begin(batch)
            told.on_train_batch_end(batch, logs)
        model.weight = model.weight * 0 + epoch
        told.on_epoch_end(epoch, dict(logs))
    return logs


def test_going_on_in_the_middle_of_an_epoch_does_nothing_twice() -> None:
    scheduler, checkpoint = (
        LearningRateScheduler(lambda epoch, rate: rate / 2),
        ModelCheckpoint("x", save_freq=4),
    )
    model = Model()
    told = CallbackList([scheduler, checkpoint], model=model)
    told.on_train_begin()
    told.on_epoch_begin(0)
    told.on_train_batch_end(2, {"loss": 1.0})
    state = told.get_state()
    told.on_train_begin()
    told.set_state(state)
    told.on_epoch_begin(0)
    assert model.optimizer.learning_rate == 0.05
    assert model.saved == []
    told.on_train_batch_end(3, {"loss": 1.0})
    assert len(model.saved) == 1
