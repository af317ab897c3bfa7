"""gradtape evaluate."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape.training.recipes import load
from gradtape.training.weights import load_weights


def test_it_prints_the_accuracy_and_the_loss_on_the_test_set(command: Any, tiny: list[str]) -> None:
    command(*tiny, "--out", "here")
    done = command("evaluate", "here")
    model, _ = load_weights(Path("here/weights.safetensors"))
    _, (x, y) = load("mnist")
    predictions = np.asarray(model(x))
    accuracy = (predictions.argmax(axis=1) == y).mean()
    loss = -np.log(predictions[np.arange(len(y)), y].astype("float64")).mean()
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "weights: here/weights.safetensors",
        f"test accuracy: {accuracy:.4f}",
        f"test loss: {loss:.4f}",
    ]


@pytest.mark.parametrize("given", ["here", "here/weights.safetensors"])
def test_the_file_and_its_folder_mean_the_same(command: Any, tiny: list[str], given: str) -> None:
    command(*tiny, "--out", "here")
    assert command("evaluate", given).stdout.startswith("weights: here/weights.safetensors\n")


def test_by_default_the_newest_training_is_meant(command: Any, tiny: list[str]) -> None:
    for name, age in (("runs/mnist-b", 0), ("runs/mnist-a", -10), ("runs/mnist-c", -20)):
        command(*tiny, "--out", name)
        written = 1_700_000_000 + age
        os.utime(f"{name}/weights.safetensors", (written, written))
    assert command("evaluate").stdout.startswith("weights: runs/mnist-b/weights.safetensors\n")


WRONG = {
    "evaluate": "gradtape: weights: there are none in runs/ here; `gradtape train mnist` makes some\n",
    "evaluate nowhere": "gradtape: weights: there is no nowhere; `gradtape train mnist` makes weights\n",
    "evaluate empty": "gradtape: weights: there is no empty/weights.safetensors; ",
    "evaluate broken": "gradtape: weights: broken cannot be read: ",
    "predict mnist:0": "gradtape: weights: there are none in runs/ here; ",
    "predict mnist:0 --weights nowhere": "gradtape: weights: there is no nowhere; ",
}


@pytest.mark.parametrize("line", WRONG)
def test_weights_that_are_not_there_are_named_in_one_line(command: Any, line: str) -> None:
    Path("empty").mkdir()
    Path("broken").write_bytes(b"no weights")
    done = command(*line.split())
    assert done.exit_code == 1
    assert done.stderr.startswith(WRONG[line]) and done.stderr.count("\n") == 1
    assert done.stdout == ""
