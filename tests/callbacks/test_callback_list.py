"""Who is told of what, what is asked of the training, and the state of all."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gradtape.callbacks import (
    Callback,
    CallbackList,
    EarlyStopping,
    History,
    LambdaCallback,
    ModelCheckpoint,
    ProgbarLogger,
    ReduceLROnPlateau,
    StepRecord,
    TensorBoard,
    TerminateOnNaN,
)
from gradtape.errors import ArgumentError, ArgumentTypeError
from tests.callbacks.scripted import Model, metric, play


class OfBatches(Callback):
    """Counts batches."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


class OfTests(Callback):
    """Wants to know of each tested batch."""

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        pass


def test_batches_are_asked_for_only_where_somebody_declares_a_hook_for_them() -> None:
    def needs(*callbacks: Any) -> tuple[bool, ...]:
        told = CallbackList(list(callbacks), add_history=True, add_progbar=True, model=Model(), verbose=0)
        return told.needs_batches, told.needs_every("test"), told.needs_every("predict")

    quiet = [EarlyStopping(), ReduceLROnPlateau(), ModelCheckpoint("x"), TensorBoard()]
    rarely = TerminateOnNaN()
    rarely.looks_at_each = False
    assert needs(rarely) == (False, False, False) and needs(TerminateOnNaN()) == (True, False, False)
    assert needs(*quiet) == (False, False, False)
    assert needs(OfBatches()) == (True, False, False)
    assert needs(OfTests()) == (False, True, False)
    assert needs(LambdaCallback(on_batch_end=print)) == (True, False, False)
    assert needs(LambdaCallback(on_predict_batch_end=print)) == (False, False, True)
    assert needs(ModelCheckpoint("x", save_freq=3)) == (True, False, False)
    assert needs(TensorBoard(update_freq=2)) == (True, True, False)
    assert needs(CallbackList([OfBatches()])) == (True, False, False)


def test_callbacks_may_be_nested_one_alone_or_added_later() -> None:
    one, other = Callback(), Callback()
    assert CallbackList(one).callbacks == [one]
    assert CallbackList([one, [other]]).callbacks == [one, other]
    assert CallbackList().callbacks == []
    told = CallbackList()
    found: list[int] = []
    told.append(LambdaCallback(on_epoch_end=lambda epoch, logs: found.append(epoch)))
    told.on_epoch_end(3)
    assert found == [3]


def test_history_and_progress_line_are_added_once() -> None:
    mine = History()
    model = Model()
    told = CallbackList([mine, ProgbarLogger()], add_history=True, add_progbar=True, model=model, verbose=0)
    assert [type(c) for c in told.callbacks] == [History, ProgbarLogger]
    assert model.history is mine
    told = CallbackList(add_history=True, add_progbar=True, model=model, epochs=2, verbose=0)
    assert [type(c) for c in told.callbacks] == [History, ProgbarLogger]
    assert model.history.params == {"epochs": 2, "verbose": 0}
    assert model.history.model is model


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (EarlyStopping, "callbacks: EarlyStopping is a class; give an instance: EarlyStopping(...)"),
        (print, "callbacks: needs instances of Callback, got <built-in function print>"),
        ("EarlyStopping", "callbacks: needs instances of Callback, got 'EarlyStopping'"),
    ],
)
def test_what_is_no_callback_is_refused(given: Any, text: str) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        CallbackList([given])
    assert str(caught.value) == text


def test_metrics_come_sorted_as_numbers_and_may_be_added_to() -> None:
    seen: list[Any] = []
    adds = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=1.0))
    looks = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))
    given = {"loss": np.float32(0.5), "acc": np.array(2), "name": "x", "many": np.ones(3)}
    CallbackList([adds, looks]).on_epoch_end(0, given)
    assert list(seen[0]) == ["acc", "loss", "many", "name", "extra"]
    assert type(seen[0]["acc"]) is type(seen[0]["loss"]) is float
    assert seen[0]["many"].tolist() == [1, 1, 1]
    assert seen[0]["name"] == "x"
    assert "extra" not in given


class Sees(Callback):
    """Keeps the records of steps."""

    def __init__(self, *sees: str) -> None:
        self.sees = sees
        self.records: list[StepRecord] = []

    def on_train_step(self, record: StepRecord) -> None:
        self.records.append(record)


def test_only_those_that_see_into_steps_are_told_of_them() -> None:
    blind, first, second = Sees(), Sees("gradients"), Sees("batch", "sample_ids")
    told = CallbackList([blind, first, second])
    assert told.sees == {"gradients", "batch", "sample_ids"}
    assert CallbackList([blind]).sees == frozenset()
    record = StepRecord(step=7, epoch=1, batch=2, loss=0.5, gradients={"layers.0.kernel": np.ones(2)})
    told.on_train_step(record)
    assert blind.records == []
    assert first.records == second.records == [record]
    assert record.activations is None
    with pytest.raises(ArgumentError, match="^Sees: sees: unknown 'gradient'; did you mean 'gradients'?"):
        CallbackList([Sees("gradient")])


def check(*callbacks: Any, validates: bool = True) -> None:
    """Check the metrics that callbacks need against loss and accuracy."""
    model = Model()
    model.metrics = [metric("loss", None), metric("accuracy", "up"), metric("sum", None)]
    CallbackList(list(callbacks), model=model).check_metrics(["loss", "accuracy", "sum"], validates)


@pytest.mark.parametrize(
    ("callback", "text"),
    [
        (EarlyStopping("val_acuracy"), "EarlyStopping: 'val_acuracy' is not among the metrics; did you mean 'val_accuracy'?"),
        (ReduceLROnPlateau("zzz"), "ReduceLROnPlateau: 'zzz' is not among the metrics; there are loss, accuracy, sum, val_loss, val_accuracy, val_sum, learning_rate"),
        (ModelCheckpoint("{epoch}-{acc:.2f}.keras"), "ModelCheckpoint: 'acc' is not among the metrics; did you mean 'accuracy'?"),
        (ModelCheckpoint("m.keras", "val_los", save_best_only=True), "ModelCheckpoint: 'val_los' is not among the metrics; did you mean 'val_loss'?"),
        (EarlyStopping("sum"), "EarlyStopping: 'sum' does not say whether more or less of it is better; pass mode=\"max\" or mode=\"min\""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_metrics_that_there_are_not_are_named_before_the_first_step(callback: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        check(callback)
    assert str(caught.value) == text
    own = type("Own", (Callback,), {"on_epoch_end": lambda self, epoch, logs=None: None})()
    check(own, callback)  # which may add the metric


def test_metrics_that_there_are_pass() -> None:
    check(EarlyStopping(), EarlyStopping("accuracy"), ReduceLROnPlateau("val_accuracy"), ModelCheckpoint("x"))
    check(EarlyStopping("sum", mode="max"), ModelCheckpoint("{epoch}{batch}{loss:.1f}", "nothing"))
    with pytest.raises(ArgumentError) as caught:
        check(EarlyStopping(), validates=False)
    assert str(caught.value) == (
        "EarlyStopping: 'val_loss' needs validation, and fit was given none; "
        "pass validation_data or validation_split, or monitor 'loss'"
    )


def test_the_state_of_all_callbacks_is_json_and_comes_back() -> None:
    def made() -> CallbackList:
        callbacks = [EarlyStopping("loss", patience=3, restore_best_weights=True), ReduceLROnPlateau("loss")]
        return CallbackList(callbacks, add_history=True, add_progbar=True, model=Model(), verbose=0)

    told = made()
    play(told, told.model, [{"loss": v} for v in (0.5, 0.3, 0.4)])
    state, arrays = json.loads(json.dumps(told.get_state())), told.get_arrays()
    assert [one["class_name"] for one in state] == ["EarlyStopping", "ReduceLROnPlateau", "History"]
    assert list(arrays) == ["EarlyStopping.0.0"]
    again = made()
    again.on_train_begin()
    again.set_state(state)
    again.set_arrays(arrays)
    assert again.get_state() == told.get_state()
    assert again.get_arrays() == told.get_arrays() == {"EarlyStopping.0.0": 1.0}


def test_a_callback_that_is_missing_when_a_training_goes_on_is_named() -> None:
    state = CallbackList([EarlyStopping("loss")], add_history=True, model=Model()).get_state()
    CallbackList([TerminateOnNaN(), EarlyStopping("loss")], add_history=True, model=Model()).set_state(state)
    with pytest.raises(ArgumentError) as caught:
        CallbackList(add_history=True, model=Model()).set_state(state)
    assert str(caught.value) == "callbacks: the training had EarlyStopping, History, now there are History"


def test_close_reaches_all() -> None:
    closed = []
    made = type("Closes", (Callback,), {"close": lambda self: closed.append(self)})
    told = CallbackList([made(), made()])
    told.close()
    assert closed == told.callbacks
