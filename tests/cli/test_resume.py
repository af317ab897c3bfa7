"""gradtape resume."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape import engine
from gradtape.article import recorded
from gradtape.callbacks import Callback
from gradtape.models import Sequential
from gradtape.replay.run import open_run
from tests.runs.training import train

WORDS = ("train", "mnist", "--hidden", 8, "--batch-size", 100, "--optimizer", "adam", "--seed", 3)


class Stops(Callback):
    """A signal comes in the third epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            signal.raise_signal(signal.SIGTERM)


@pytest.fixture
def stopped(command: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call the command where a run of 4 epochs in `runs/here` was stopped."""
    fit = Sequential.fit

    def stopping(self: Any, *args: Any, **options: Any) -> Any:
        return fit(self, *args, callbacks=[Stops()], **options)

    with monkeypatch.context() as patched:
        patched.setattr(Sequential, "fit", stopping)
        done = command(*WORDS, "--epochs", 4, "--out", "runs/here")
    assert done.exit_code == 128 + signal.SIGTERM, done.output
    assert "to continue: gradtape resume runs/here\n" in done.stderr
    return command


def weights(folder: str) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in open_run(folder).checkpoint().arrays.items()}


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(stopped: Any) -> None:
    assert 2 <= len(open_run("runs/here").epochs) < 4
    done = stopped("resume", "here")
    assert done.exit_code == 0, done.output
    stopped(*WORDS, "--epochs", 4, "--out", "runs/unbroken")
    assert weights("runs/here") == weights("runs/unbroken")
    ours, theirs = open_run("runs/here"), open_run("runs/unbroken")
    assert np.array_equal(ours.steps["loss"], theirs.steps["loss"])
    assert ours.events[-1]["test_loss"] == theirs.events[-1]["test_loss"]
    assert done.stdout.splitlines()[-4] == "run: runs/here" and ours.state == "finished"
    again = stopped("resume", "here")
    assert again.stdout.startswith("all 4 epochs are done; --epochs with a larger number continues\n")


def test_more_epochs_are_those_of_a_longer_training(stopped: Any) -> None:
    assert stopped("resume", "--epochs", 5).exit_code == 0
    stopped(*WORDS, "--epochs", 5, "--out", "runs/longer")
    assert weights("runs/here") == weights("runs/longer")
    assert "  5/5  " in stopped("runs").stdout.splitlines()[1]
    again = stopped("resume", "runs/here")
    assert again.exit_code == 0 and "test accuracy: " in again.stdout
    assert len(open_run("runs/here").epochs) == 5


def test_the_engine_is_that_of_the_run(stopped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADTAPE_ENGINE")
    before = engine.get_engine()
    assert stopped("resume").exit_code == 0
    assert engine.get_engine() == before == open_run("runs/here").config["environment"]["engine"]


def test_what_may_differ_is_named(stopped: Any) -> None:
    path = Path("runs/here/run.json")
    written = json.loads(path.read_text())
    written["environment"]["device"] = "another one"
    path.write_text(json.dumps(written))
    done = stopped("resume", "here")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "device: 'another one' before" in done.stderr and "(--allow-change device)" in done.stderr
    assert stopped("resume", "here", "--allow-change", "seed, device").exit_code == 0
    resumed = [event for event in open_run("runs/here").events if event["kind"] == "resume"]
    assert resumed[-1]["changed"][0][:2] == ["device", "another one"]


def test_a_run_of_a_program_is_continued_by_the_program(command: Any) -> None:
    train("other", epochs=1)
    done = command("resume", "other")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("gradtape: run: other was not made by `gradtape train`; ")


def test_a_damaged_checkpoint_is_told_and_the_one_before_is_taken(stopped: Any) -> None:
    newest = open_run("runs/here").checkpoints[-1]
    Path(f"runs/here/checkpoints/step-{newest:09d}/arrays.safetensors").write_bytes(b"")
    done = stopped("resume")
    assert done.exit_code == 0
    assert "warning: checkpoint: " in done.stderr and "going back to step" in done.stderr


def test_the_article_goes_on_in_the_middle_of_an_epoch(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("train", "mnist", "--recipe", "article", "--epochs", 3, "--batch-size", 50, "--hidden", 8)
    unbroken = command(*words, "--out", "runs/unbroken")
    real, steps = recorded.one_training_step, []

    def interrupted(*batch: Any) -> Any:
        steps.append(real(*batch))
        if len(steps) == 16:
            signal.raise_signal(signal.SIGTERM)
        return steps[-1]

    with monkeypatch.context() as patched:
        patched.setattr(recorded, "one_training_step", interrupted)
        done = command(*words, "--out", "runs/here")
    assert done.exit_code == 128 + signal.SIGTERM
    assert done.stderr == "stopped after step 16; to continue: gradtape resume runs/here\n"
    rest = command("resume", "here")
    assert rest.exit_code == 0, rest.output
    assert weights("runs/here") == weights("runs/unbroken")
    ours, theirs = open_run("runs/here"), open_run("runs/unbroken")
    assert ours.steps["loss"].tobytes() == theirs.steps["loss"].tobytes()
    assert ours.epochs["loss"].tobytes() == theirs.epochs["loss"].tobytes()
    said = [line for line in unbroken.stdout.splitlines() if line[0] in "Ela"]
    again = [line for text in (done, rest) for line in text.stdout.splitlines() if line[0] in "Ela"]
    assert again == said
    assert (
        command("evaluate", "here").stdout.splitlines()[1:]
        == command("evaluate", "unbroken").stdout.splitlines()[1:]
    )


def test_strict_refuses_to_go_back(stopped: Any) -> None:
    newest = open_run("runs/here").checkpoints[-1]
    Path(f"runs/here/checkpoints/step-{newest:09d}/manifest.json").write_bytes(b"{}")
    done = stopped("resume", "--strict")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "manifest.json is damaged" in done.stderr and "(--strict) training continues" in done.stderr
    assert open_run("runs/here").state == "stopped"
    told = stopped("evaluate", "here")
    assert told.exit_code == 0 and "warning: checkpoint: " in told.stderr


def test_norms_of_gradients_are_recorded_where_asked_for_and_go_on(command: Any) -> None:
    done = command(*WORDS, "--epochs", 1, "--gradient-norms", "--private", "--out", "here")
    assert done.exit_code == 0, done.output
    assert command("resume", "here", "--epochs", 2).exit_code == 0
    norms = open_run("here").steps["gradient_norm"]
    assert len(norms) == 12 and np.isfinite(norms).all() and (norms > 0).all()
    assert Path("here").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("wrong", [{"recipe": {}}, {"hidden": "x"}, {"epochs": True}, {"seed": None}])
def test_a_damaged_recipe_is_refused_in_a_line(command: Any, wrong: dict[str, Any]) -> None:
    about = {"dataset": "mnist", "recipe": "default", "seed": 1, **wrong}
    train("here", epochs=1, about=about)
    done = command("resume", "here")
    assert (done.exit_code, done.stdout) == (1, "")
    name, value = next(iter(wrong.items()))
    assert done.stderr == f"gradtape: run: here/run.json is damaged: about.{name} cannot be {value!r}\n"
