"""Callbacks in real trainings, on the engine of the suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, engine
from gradtape.errors import ArgumentError
from gradtape.layers import Dense, Input
from gradtape.models import Sequential, load_model
from gradtape.training import feed as training_feed
from tests.keras_parity import keras

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int32")


def model() -> Any:
    """Return a compiled model, always with the same weights."""
    gradtape.set_seed(1)
    made = Sequential([Input((4,)), Dense(2, activation="softmax")])
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


def fit(made: Any, *given: Any, **options: Any) -> Any:
    """Train on 200 samples in batches of 2, 100 steps an epoch."""
    return made.fit(X, Y, **{"batch_size": 2, "verbose": 0, "callbacks": list(given), **options})


def calls(made: Any, *given: Any) -> list[int]:
    """Return after which batches of an epoch the callbacks are told."""
    told: list[int] = []

    class Passive(callbacks.ProgbarLogger):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            told.append(batch)

    fit(made, *given, Passive(), verbose=1)
    return told


def test_batches_are_told_one_by_one_only_where_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(range(100))
    monkeypatch.setattr(training_feed, "SECONDS_PER_CALL", 1e9)  # so many steps take less than that
    assert calls(model()) == ([63, 99] if engine.active.compiles else [0, 64, 99])
    monkeypatch.setattr(training_feed, "SECONDS_PER_CALL", 0.0)
    assert calls(model()) == ([63, 99] if engine.active.compiles else every)
    assert calls(model(), callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)) == every


def test_tests_and_predictions_are_told_one_by_one_only_where_somebody_asks() -> None:
    made, told = model(), []
    hooks = {f"on_{kind}_batch_end": lambda batch, logs: told.append(batch) for kind in ("test", "predict")}
    made.evaluate(X, Y, batch_size=2, verbose=0, callbacks=[callbacks.LambdaCallback(**hooks)])
    made.predict(X, batch_size=2, verbose=0, callbacks=[callbacks.LambdaCallback(**hooks)])
    assert told == [*range(100), *range(100)]


def test_metrics_are_computed_where_somebody_reads_them_and_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training_feed, "SECONDS_PER_CALL", 0.0)
    counted, seen = [], []
    result = gradtape.metrics.Mean.result
    monkeypatch.setattr(gradtape.metrics.Mean, "result", lambda self: counted.append(self) or result(self))

    def history(*given: Any) -> tuple[dict[str, list[float]], int]:
        counted.clear()
        return fit(model(), *given, epochs=2, validation_data=(X, Y)).history, len(counted)

    quiet, few = history()
    told, many = history(callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs)))
    assert quiet == told
    assert len(seen) == 200 and all(set(logs) == {"accuracy", "loss"} for logs in seen)
    assert engine.active.compiles or few < 20 < 400 <= many


def test_a_step_outside_fit_returns_its_metrics_while_fit_does_without() -> None:
    made, results = model(), []

    class Asks(callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            results.append(self.model.test_on_batch(X[:4], Y[:4], return_dict=True))

    fit(made, Asks())
    assert len(results) == 100 and all(set(logs) == {"accuracy", "loss"} for logs in results)


def test_a_generator_may_test_the_model_while_fit_does_without_metrics() -> None:
    made, results = model(), []

    def batches() -> Any:
        for _ in range(5):
            results.append(made.test_on_batch(X[:4], Y[:4], return_dict=True))
            yield X[:10], Y[:10]

    made.fit(batches(), verbose=0)
    assert len(results) >= 5 and all(set(logs) == {"accuracy", "loss"} for logs in results)


def test_an_epoch_has_its_own_metrics_though_a_callback_tests_the_model_after_each_step() -> None:
    class Tests(callbacks.Callback):
        sees = frozenset({"sample_ids"})

        def on_train_step(self, record: Any) -> None:
            self.model.evaluate(X[:4], Y[:4], verbose=0)

    made = model()
    made.fit(X, Y, batch_size=200, verbose=0, callbacks=[Tests()])
    assert made.history.history == fit(model(), batch_size=200).history


@pytest.mark.parametrize("on_instance", [False, True])
@pytest.mark.parametrize("name", ["ModelCheckpoint", "ProgbarLogger", "TensorBoard"])
def test_a_hook_of_ones_own_in_a_callback_of_ours_gets_metrics(
    name: str, on_instance: bool, tmp_path: Path
) -> None:
    seen: list[Any] = []

    def hook(self: Any, batch: int, logs: Any = None) -> None:
        seen.append(logs)

    ours = getattr(callbacks, name)
    kind = ours if on_instance else type("Mine", (ours,), {"on_train_batch_end": hook})
    callback = kind() if name == "ProgbarLogger" else kind(str(tmp_path / "file.keras"))
    if on_instance:
        callback.on_train_batch_end = lambda batch, logs=None: seen.append(logs)
    fit(model(), callback)
    assert seen and all(set(logs) == {"accuracy", "loss"} for logs in seen)


def test_the_parts_of_a_prediction_reach_the_callback() -> None:
    made, parts = model(), []
    hook = callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: parts.append(logs["outputs"]))
    outputs = made.predict(X, batch_size=50, verbose=0, callbacks=[hook])
    np.testing.assert_array_equal(np.concatenate(parts), outputs)


@pytest.mark.parametrize("name", ["val_acc", "val_loss", "los"])
def test_a_metric_that_there_is_not_is_an_error_before_the_first_step(name: str) -> None:
    made = model()
    before = made.get_weights()
    with pytest.raises(ArgumentError, match=f"^EarlyStopping: '{name}' "):
        fit(made, callbacks.EarlyStopping(name))
    for weight, kept in zip(made.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)
    assert made.optimizer.iterations == 0


def test_early_stopping_gives_the_best_weights_back() -> None:
    made = model()
    rates = callbacks.LearningRateScheduler(lambda epoch: 0.5 if epoch < 3 else 1e4)
    stopping = callbacks.EarlyStopping("loss", patience=2, restore_best_weights=True)
    history = fit(made, rates, stopping, epochs=20)
    assert stopping.best_epoch == 2
    assert history.epoch == [0, 1, 2, 3, 4]
    assert history.history["learning_rate"] == [0.5, 0.5, 0.5, 1e4, 1e4]
    assert made.evaluate(X, Y, verbose=0)[0] < 0.1


def test_a_training_that_was_stopped_early_stays_so_when_it_is_resumed(tmp_path: Path) -> None:
    def go(resume: bool, *before: Any) -> tuple[Any, callbacks.EarlyStopping]:
        stopping = callbacks.EarlyStopping("loss", patience=1, min_delta=1e9, restore_best_weights=True)
        made = model()
        fit(made, *before, stopping, epochs=5, run=tmp_path / "run", resume=resume)
        return made, stopping

    made, stopping = go(False)
    assert stopping.stopped_epoch == 1
    again, stopping = go(True, callbacks.TerminateOnNaN())
    assert again.history.epoch == [0, 1]
    assert stopping.best_epoch == 0
    for weight, kept in zip(again.get_weights(), made.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, kept)


def test_accuracy_says_itself_that_more_of_it_is_better() -> None:
    made = model()
    stopping = callbacks.EarlyStopping("val_accuracy", patience=0)
    fit(made, stopping, validation_split=0.2, epochs=3)
    assert stopping.best == max(made.history.history["val_accuracy"])


def test_a_checkpoint_is_a_model(tmp_path: Path) -> None:
    made = model()
    fit(made, callbacks.ModelCheckpoint(tmp_path / "{epoch}-{loss:.1f}.keras"), epochs=2)
    files = sorted(tmp_path.iterdir())
    assert [file.name.split("-")[0] for file in files] == ["1", "2"]
    again = load_model(files[1])
    np.testing.assert_array_equal(again.predict(X, verbose=0), made.predict(X, verbose=0))


def test_a_plateau_changes_the_rate_of_the_compiled_step() -> None:
    made = model()
    fit(made, callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=0, min_delta=1e9), epochs=3)
    assert made.history.history["learning_rate"] == pytest.approx([0.01, 0.01, 0.005])
    assert float(made.optimizer.learning_rate) == pytest.approx(0.0025)


def test_nan_ends_a_training(capsys: pytest.CaptureFixture[str]) -> None:
    made = model()
    made.compile(gradtape.optimizers.SGD(1e38), "mse")
    huge = np.full((200, 2), 1e38)
    with np.errstate(all="ignore"):
        history = made.fit(X, huge, epochs=5, verbose=0, callbacks=[callbacks.TerminateOnNaN()])
    assert history.epoch == [0]
    assert "terminating training" in capsys.readouterr().out


def test_nan_ends_a_training_at_the_batch_at_which_keras_ends_it() -> None:
    targets = np.ones((200, 2), "float32")
    targets[77] = 1e30  # the third batch of 32
    found = []
    for library in (gradtape, keras()):
        made = library.Sequential([library.Input((4,)), library.layers.Dense(2, kernel_initializer="zeros")])
        made.compile(library.optimizers.SGD(0.01), "mse")
        with np.errstate(all="ignore"):
            history = made.fit(
                X, targets, shuffle=False, epochs=3, verbose=0, callbacks=[library.callbacks.TerminateOnNaN()]
            )
        found.append((history.epoch, int(made.optimizer.iterations)))
    assert found[0] == found[1] == ([0], 3)


def test_files_are_closed_after_an_error(tmp_path: Path) -> None:
    def fail(epoch: int, logs: Any) -> None:
        raise RuntimeError("stop here")

    logger = callbacks.CSVLogger(tmp_path / "log.csv")
    with pytest.raises(RuntimeError, match="stop here"):
        fit(model(), logger, callbacks.LambdaCallback(on_epoch_end=fail))
    assert logger._file is None
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 2


def test_a_training_is_shown_as_in_keras(capsys: pytest.CaptureFixture[str]) -> None:
    made = model()
    fit(made, verbose=2, epochs=2, validation_split=0.5)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Epoch 1/2 - 50/50 ")
    assert [part.split(":")[0] for part in second.split(" - ")[2:]] == [
        "accuracy", "loss", "val_accuracy", "val_loss",
    ]  # fmt: skip
    made.evaluate(X, Y, verbose=2)
    made.predict(X, verbose="auto")
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["7/7", "7/7"]
    fit(made)
    assert capsys.readouterr().out == ""


def test_the_history_is_that_of_the_model() -> None:
    made = model()
    history = fit(made, epochs=2, validation_split=0.2)
    assert made.history is history
    assert history.model is made
    assert history.params == {"verbose": 0, "epochs": 2, "steps": 80}
    assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert history.epoch == [0, 1]
