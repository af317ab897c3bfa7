"""A training that was killed anywhere and resumed gives the bits of one that nothing happened to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gradtape
from gradtape import engine
from gradtape.callbacks import EarlyStopping, ReduceLROnPlateau, SwapEMAWeights
from gradtape.layers import BatchNormalization, Dense, Dropout, GaussianNoise, Input
from gradtape.models import Sequential
from gradtape.optimizers import SGD, Adam
from gradtape.optimizers.schedules import CosineDecay
from gradtape.replay.run import open_run
from gradtape.runs import Recording
from gradtape.runs.disk import faults
from gradtape.runs.writer import RunWriter
from tests.runs.test_runs import final
from tests.runs.training import data

EPOCHS, STEPS = 4, 6  # 94 samples in batches of 16
AT = {
    "before the first step": 0,
    "after the first step": 1,
    "in the middle of an epoch": 3,
    "after the last batch of an epoch": 6,
    "after the first batch of the next": 7,
    "after the last step": EPOCHS * STEPS,
}


class Killed(BaseException):
    """Takes the place of SIGKILL inside this process."""


def die_without_a_word(recorder: RunWriter, kind: str, about: Any = None) -> None:
    """Leave a run as a killed process does: what was not committed is lost; the system gives the lock back."""
    recorder._writer.shutdown()
    recorder.journal._db.close()
    recorder.lock.release()


def with_momentum() -> tuple[Any, Any, list[Any]]:
    """A falling rate, dropout, moving averages of the weights, and moving statistics."""
    optimizer = SGD(CosineDecay(0.2, 30), momentum=0.9, use_ema=True, ema_momentum=0.8)
    layers = [Dense(6, activation="tanh"), BatchNormalization(), Dropout(0.3)]
    return optimizer, layers, [SwapEMAWeights()]


def with_adam() -> tuple[Any, Any, list[Any]]:
    """Noise on the inputs, and callbacks that remember: one stops early, one lowers the rate."""
    early = EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    plateau = ReduceLROnPlateau(monitor="val_loss", patience=1, min_delta=0.5, factor=0.5)
    return Adam(0.05), [GaussianNoise(0.1), Dense(6, activation="relu"), Dropout(0.2)], [early, plateau]


def train(folder: Path, kind: Any, every_steps: int | None, resume: bool = False) -> Any:
    gradtape.set_seed(5)
    optimizer, layers, callbacks = kind()
    made = Sequential([Input((5,)), *layers, Dense(2, activation="softmax")])
    made.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    recording = Recording(folder, every_steps=every_steps, every_seconds=None)
    x, y = data()
    made.fit(x, y, 16, EPOCHS, 0, callbacks, validation_split=0.1, run=recording, resume=resume)
    return made


@pytest.fixture(scope="module", params=[with_momentum, with_adam], ids=lambda kind: kind.__name__)
def unbroken(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """A kind of training, and what comes out if nothing happens."""
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    train(folder, request.param, None)
    return request.param, final(open_run(folder))


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let a training die when so many of its steps are on record, counted from here."""

    def after(steps: int) -> None:
        left = [steps]

        def watch(event: tuple[Any, ...]) -> None:
            is_begun = event[0] == "rename" and event[-1].name == "run.json"
            left[0] -= event[0] == "step"
            if left[0] == 0 and event[0] == "step" or steps == 0 and is_begun:
                raise Killed

        monkeypatch.setattr(faults, "watcher", watch)

    monkeypatch.setattr(RunWriter, "finish", die_without_a_word)
    yield after
    monkeypatch.undo()


EVERY = (4,) if engine.get_engine() == "jax" else (None, 1, 4)


@pytest.mark.parametrize("every_steps", EVERY)
@pytest.mark.parametrize("moment", AT)
def test_killed_and_resumed_is_the_same_to_the_bit(
    unbroken: Any, tmp_path: Path, kill: Any, monkeypatch: pytest.MonkeyPatch, moment: str, every_steps: Any
) -> None:
    kind, expected = unbroken
    kill(AT[moment])
    with pytest.raises(Killed):
        train(tmp_path / "run", kind, every_steps)
    assert open_run(tmp_path / "run").state == "killed"
    monkeypatch.undo()
    train(tmp_path / "run", kind, every_steps, resume=True)
    run = open_run(tmp_path / "run")
    assert final(run) == expected and run.state == "finished"


@pytest.mark.parametrize("every_steps", EVERY)
def test_killed_twice_in_one_epoch(
    unbroken: Any, tmp_path: Path, kill: Any, monkeypatch: pytest.MonkeyPatch, every_steps: Any
) -> None:
    kind, expected = unbroken
    for steps in (STEPS + 2, 2):
        kill(steps)
        with pytest.raises(Killed):
            train(tmp_path / "run", kind, every_steps, resume=steps == 2)
    monkeypatch.undo()
    train(tmp_path / "run", kind, every_steps, resume=True)
    run = open_run(tmp_path / "run")
    assert final(run) == expected
    assert [e["kind"] for e in run.events if e["kind"] in ("start", "resume", "end")] == [
        "start", "resume", "resume", "end"
    ]  # fmt: skip


def test_what_was_done_twice_is_kept_apart_and_not_shown_twice(
    unbroken: Any, tmp_path: Path, kill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, _ = unbroken
    monkeypatch.setattr("gradtape.runs.writer._COMMIT_SECONDS", -1)
    kill(STEPS + 3)
    with pytest.raises(Killed):
        train(tmp_path / "run", kind, None)
    before = open_run(tmp_path / "run").steps
    assert len(before) >= STEPS + 2
    monkeypatch.undo()
    train(tmp_path / "run", kind, None, resume=True)
    run = open_run(tmp_path / "run")
    assert run.steps["step"].tolist() == list(range(EPOCHS * STEPS))
    again = [e for e in run.events if e["kind"] == "resume"][0]["steps_done_again"]
    assert again == len(before) - STEPS == len(run.superseded)
    assert run.superseded["loss"].tobytes() == before["loss"][STEPS:].tobytes()
    assert run.superseded["loss"].tobytes() == run.steps["loss"][STEPS : STEPS + again].tobytes()
