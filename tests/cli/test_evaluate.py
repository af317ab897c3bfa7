"""gradtape evaluate."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape.cli.recipes import load
from gradtape.replay.run import open_run
from tests.runs.training import train


def test_it_prints_the_accuracy_and_the_loss_on_the_test_set(command: Any, tiny: list[str]) -> None:
    command(*tiny, "--out", "here")
    done = command("evaluate", "here")
    model = open_run("here").model()
    _, (x, y) = load("mnist")
    predictions = np.asarray(model(x))
    accuracy = (predictions.argmax(axis=1) == y).mean()
    loss = -np.log(predictions[np.arange(len(y)), y].astype("float64")).mean()
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "run: here",
        f"test accuracy: {accuracy:.4f}",
        f"test loss: {loss:.4f}",
    ]


@pytest.mark.parametrize("given", ["here", "here/weights.safetensors"])
def test_the_weights_of_the_article_are_tested_too(command: Any, given: str) -> None:
    words = ("--recipe", "article", "--epochs", 1, "--hidden", 8)
    trained = command("train", "mnist", *words, "--out", "here").stdout.splitlines()
    lines = command("evaluate", given).stdout.splitlines()
    assert lines[0] == ("run: here" if given == "here" else "weights: here/weights.safetensors")
    said = [line for line in trained if line.startswith("accuracy: ")]
    assert float(lines[1].rpartition(" ")[2]) == pytest.approx(float(said[0].rpartition(" ")[2]), abs=0.0051)


def test_a_run_may_be_named_as_in_the_list_of_runs(command: Any, tiny: list[str]) -> None:
    command(*tiny, "--out", "runs/mine")
    assert command("evaluate", "mine").stdout == command("evaluate", "runs/mine").stdout


def test_by_default_the_newest_training_is_meant(command: Any, tiny: list[str]) -> None:
    for name, age in (("runs/mnist-b", 0), ("runs/mnist-a", -10), ("runs/mnist-c", -20)):
        command(*tiny, "--out", name)
        written = 1_700_000_000 + age
        os.utime(f"{name}/run.json", (written, written))
    assert command("evaluate").stdout.startswith("run: runs/mnist-b\n")


def test_a_run_of_a_program_has_no_test_set(command: Any) -> None:
    train("other", epochs=1)
    done = command("evaluate", "other")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "gradtape: evaluate: other was not made by `gradtape train`: its test set is not known\n"
    )


NONE = "gradtape: run: there is none in runs/ here; `gradtape train mnist` makes one\n"
WRONG = {
    "evaluate": NONE,
    "evaluate nowhere": "gradtape: run: there is no nowhere; `gradtape train mnist` makes one\n",
    "evaluate empty": "gradtape: run: there is no run in empty; `gradtape train mnist` makes one\n",
    "evaluate broken": "gradtape: weights: broken cannot be read: ",
    "predict mnist:0": NONE,
    "predict mnist:0 --weights nowhere": "gradtape: run: there is no nowhere; ",
    "resume": NONE,
    "show": NONE,
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_not_there_is_named_in_one_line(command: Any, line: str) -> None:
    Path("empty").mkdir()
    Path("broken").write_bytes(b"no weights")
    done = command(*line.split())
    assert done.exit_code == 1
    assert done.stderr.startswith(WRONG[line]) and done.stderr.count("\n") == 1
    assert done.stdout == ""
