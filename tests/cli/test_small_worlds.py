"""gradtape train xor, moons, ... sine, digits: trained, recorded, opened, asked and resumed."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from gradtape.datasets.by_name import name_of, named
from gradtape.replay.run import open_run

SHORT = ("--epochs", 2, "--hidden", "4,4", "--batch-size", 200, "--out", "here")


@pytest.mark.parametrize("name", ["xor", "moons", "circles", "spirals", "blobs", "sine", "digits"])
def test_a_small_world_is_trained_recorded_and_opened(command: Any, name: str) -> None:
    done = command("train", name, *SHORT)
    assert done.exit_code == 0, done.output
    first = "mean error" if name == "sine" else "accuracy"
    assert re.search(rf"^test {first}: \d+\.\d{{4}}\ntest loss: \d+\.\d{{4}}\nrun: here\n", done.stdout, re.M)
    run = open_run("here")
    x, y = run.data()
    expected = named(name_of(name))
    assert np.array_equal(x, expected[0]) and np.array_equal(y, expected[1])
    model = run.model()
    assert [layer.units for layer in model.layers][:-1] == [4, 4]
    assert model.output_shape == (None, {"digits": 10, "blobs": 3, "sine": 1}.get(name, 2))
    assert run.at(3).verdict.is_same
    assert run.config["about"]["hidden"] == [4, 4] and run.config["compile"]["loss"] == (
        "mse" if name == "sine" else "sparse_categorical_crossentropy"
    )


def test_what_it_says_to_type_next_works(command: Any) -> None:
    for name, kind in (("sine", "mae"), ("moons", "accuracy")):
        lines = command("train", name, *SHORT[:-1], name).stdout.splitlines()
        results = [line for line in lines if line.startswith("test ")]
        assert command("evaluate", name).stdout.splitlines()[1:] == results
        said = command("predict", f"{name}:0", "--weights", name).stdout
        (x, _) = named(name_of(name, "test"))
        found = open_run(name).model()(x[:1]).numpy()[0]
        if name == "sine":
            assert said == f"sine:0: {found[0]:.4f}\n"
        else:
            assert said.startswith(f"moons:0: {found.argmax()} ({found.max():.2%}), then {found.argmin()} (")
        assert f"test_{kind} " in command("runs", ".").stdout


def test_it_goes_on_with_its_own_network(command: Any) -> None:
    assert command("train", "xor", *SHORT).exit_code == 0
    assert command("resume", "here", "--epochs", 3).exit_code == 0
    assert command("train", "xor", "--epochs", 3, *SHORT[2:-1], "whole").exit_code == 0
    for ours, theirs in zip(
        open_run("here").model().get_weights(), open_run("whole").model().get_weights(), strict=True
    ):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("name", "least"), [("xor", 0.95), ("moons", 0.98), ("circles", 0.98), ("blobs", 0.98)]
)
def test_the_recipe_learns_it(command: Any, name: str, least: float) -> None:
    done = command("train", name, "--out", "here")
    assert float(re.search(r"test accuracy: (\S+)", done.stdout)[1]) >= least


def test_the_recipe_learns_the_sine(command: Any) -> None:
    done = command("train", "sine", "--epochs", 40, "--out", "here")
    assert float(re.search(r"test mean error: (\S+)", done.stdout)[1]) < 0.1  # the noise alone gives 0.08


def test_python_m_gradtape_is_the_command(start: Any) -> None:
    import sys

    process = start("--version", command=[sys.executable, "-m", "gradtape"])
    assert process.communicate(timeout=60)[0].startswith(b"gradtape ")
