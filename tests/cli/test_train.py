"""gradtape train."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape.article import naive
from gradtape.cli.recipes import (
    RECIPES,
    article_model,
    load,
    starting_model,
)
from gradtape.cli.weights_file import load_weights, named_weights
from gradtape.replay.run import open_run

EPOCH_LINE = re.compile(r"Epoch \d/2 - 2/2 \d+s \d+(s|ms|us)/step - accuracy: 0\.\d{4} - loss: \d\.\d{4}")


def test_training_prints_an_epoch_a_line_then_the_results_and_what_to_type_next(command: Any) -> None:
    done = command("train", "mnist", "--epochs", 2, "--hidden", 8, "--batch-size", 300, "--out", "here")
    assert done.exit_code == 0, done.output
    first, second, *results = done.stdout.splitlines()
    assert EPOCH_LINE.fullmatch(first) and EPOCH_LINE.fullmatch(second)
    assert re.fullmatch(r"test accuracy: 0\.\d{4}", results[0])
    assert re.fullmatch(r"test loss: \d\.\d{4}", results[1])
    assert results[2:] == [
        "run: here",
        "next: gradtape show here",
        "      gradtape evaluate here",
        "      gradtape predict mnist:0 --weights here",
    ]
    assert done.stderr == ""


def test_what_it_says_to_type_next_works_and_agrees(command: Any, tiny: list[str]) -> None:
    trained = command(*tiny).stdout.splitlines()
    show, evaluate, predict = [line.split("gradtape ")[1].split() for line in trained[-3:]]
    assert command(*show).stdout.startswith("run         runs/mnist-")
    results = [line for line in trained if line.startswith("test ")]
    assert command(*evaluate).stdout.splitlines()[1:] == results and len(results) == 2
    assert command(*predict).stdout.startswith("mnist:0: ")


def test_the_run_says_by_what_it_was_made_and_what_the_test_gave(command: Any, tiny: list[str]) -> None:
    trained = command(*tiny, "--out", "runs/here").stdout
    run = open_run("runs/here")
    assert run.state == "finished" and run.events[-1]["kind"] == "test" and run.events[-1]["step"] == 2
    accuracy = f"{run.events[-1]['test_accuracy']:.4f}"
    assert f"test accuracy: {accuracy}\n" in trained
    line = command("runs").stdout.splitlines()[1]
    assert re.match(rf"here +mnist default +1/1 +test_accuracy {accuracy} +finished ", line)


def test_without_out_each_training_has_a_folder_of_its_own(command: Any, tiny: list[str]) -> None:
    assert command(*tiny).exit_code == command(*tiny).exit_code == 0
    folders = sorted(Path("runs").iterdir())
    assert len(folders) == 2
    for folder in folders:
        assert re.fullmatch(r"mnist-\d{8}-\d{6}(-2)?", folder.name)
        assert {"checkpoints", "run.db", "run.json"} <= {file.name for file in folder.iterdir()}


def test_the_seed_decides_everything(command: Any, tiny: list[str]) -> None:
    for out, seed in (("a", 3), ("b", 3), ("c", 4)):
        assert command(*tiny, "--out", out, "--seed", seed).exit_code == 0
    a, b, c = (open_run(out).model().get_weights() for out in "abc")
    for first, again in zip(a, b, strict=True):
        assert np.array_equal(first, again)
    assert not np.array_equal(a[0], c[0])


def test_the_options_reach_the_training(command: Any) -> None:
    given = ("--optimizer", "Adam", "--learning-rate", 0.01, "--hidden", 7, "--batch-size", 100, "--seed", 5)
    assert command("train", "mnist", "--epochs", 2, *given, "--out", "here").exit_code == 0
    run = open_run("here")
    about, optimizer = run.config["about"], run.config["compile"]["optimizer"]["is"]
    assert run.model().layers[0].kernel.shape == (784, 7)
    assert optimizer["class_name"] == "Adam" and optimizer["config"]["learning_rate"] == 0.01
    expected = {"optimizer": "adam", "learning_rate": 0.01, "hidden": 7, "batch_size": 100, "seed": 5}
    assert {name: about[name] for name in expected} == expected
    assert (about["epochs"], about["dataset"], about["recipe"]) == (2, "mnist", "default")
    assert len(run.epochs) == 2 and len(run.steps) == 12


@pytest.mark.parametrize(
    "option", ["--optimizer=sgd", "--learning-rate=0.1", "--batch-size=64", "--epochs=2"]
)
def test_each_option_changes_the_weights(command: Any, tiny: list[str], option: str) -> None:
    command(*tiny, "--out", "a")
    assert command(*tiny, option, "--out", "b").exit_code == 0
    a, b = (open_run(out).model().get_weights()[0] for out in "ab")
    assert not np.array_equal(a, b)


def test_training_lowers_the_loss(command: Any) -> None:
    done = command("train", "mnist", "--hidden", 32, "--batch-size", 50, "--epochs", 4)
    losses = [float(loss) for loss in re.findall(r"- loss: (\d\.\d{4})", done.stdout)]
    assert losses == sorted(losses, reverse=True) and losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("kept", ["run.json", "weights.safetensors"])
def test_what_is_there_is_not_overwritten(command: Any, tiny: list[str], kept: str) -> None:
    command(*tiny, "--recipe", "article", "--out", "here")
    for other in {"run.json", "weights.safetensors"} - {kept}:
        Path("here", other).unlink()
    before = Path("here", kept).read_bytes()
    again = command(*tiny, "--seed", 9, "--out", "here")
    assert again.exit_code == 2
    assert re.fullmatch(
        r"gradtape: Invalid value for '--out': here(/weights.safetensors exists and is not overwritten; | holds "
        r"a run; `gradtape resume here` continues it, or )choose another folder\n",
        again.stderr,
    )
    assert Path("here", kept).read_bytes() == before


def test_an_existing_folder_without_a_run_is_used(command: Any, tiny: list[str]) -> None:
    Path("here").mkdir()
    assert command(*tiny, "--out", "here").exit_code == 0


def test_a_training_that_diverges_says_so_and_keeps_the_run(command: Any, tiny: list[str]) -> None:
    done = command(
        *tiny, "--batch-size", "50", "--optimizer", "sgd", "--learning-rate", "1e38", "--out", "here"
    )
    assert done.exit_code == 1
    report, last = done.stderr.rstrip("\n").rsplit("\n", 1)
    said = r"gradtape: train: the loss is not finite after step \d+; try a --learning-rate below 1e\+38; "
    assert re.fullmatch(said + "`gradtape show here` says how it went", last), done.stderr
    assert re.match(r"(NaN|infinity) first appeared in step \d+ \(epoch 1, batch \d+\), in the ", report), (
        report
    )
    assert "  operation  #" in report and "  what if    a learning rate of 1e+37 (a tenth)" in report
    assert open_run("here").state == "failed" and open_run("here").checkpoints == [0]


WRONG = {
    "train mnits": "'DATASET': must be one of: mnist, digits, xor, moons, circles, spirals, blobs, sine; got 'mnits', did you mean mnist?",
    "train": "'DATASET': must be one of: mnist, digits, xor, moons, circles, spirals, blobs, sine; got nothing",
    "train sine --recipe article": "'--recipe': the recipe article learns mnist, not sine; leave it out",
    "train mnist --recipe article --hidden 4,4": "'--hidden': the recipe article has one hidden layer",
    "train xor --hidden 4,": "'--hidden': must be a whole number from 1 on, or several with commas between",
    "train xor --hidden 4,x": "such as 4,4; got 4,x",
    "train xor --hidden 4,0": "such as 4,4; got 4,0",
    "trian mnist": "must be one of: train, resume, evaluate, predict, runs, show, at, compare, rules, doctor; got 'trian', did you mean train?",
    "train mnist --recipe xyz": "'--recipe': must be one of: default, article; got 'xyz'",
    "train mnist --optimizer rmsprob": "nadam, rmsprop, sgd; got 'rmsprob', did you mean rmsprop?",
    "train mnist --epochs 0": "'--epochs': must be a whole number from 1 on; got 0",
    "train mnist --epochs -3": "'--epochs': must be a whole number from 1 on; got -3",
    "train mnist --epochs many": "'--epochs': ",
    "train mnist --epochs": "'--epochs' requires an argument",
    "train mnist --epoch 3": "--epochs",
    "train mnist --batch-size 0": "'--batch-size': must be a whole number from 1 on; got 0",
    "train mnist --hidden 0": "'--hidden': must be a whole number from 1 on, or several with commas between, such as 4,4; got 0",
    "train mnist --seed -1": "'--seed': must be a whole number from 0 on; got -1",
    "train mnist --learning-rate -1": "'--learning-rate': must be a number above 0, such as 0.001; got -1",
    "train mnist --learning-rate 0": "'--learning-rate': must be a number above 0",
    "train mnist --learning-rate nan": "'--learning-rate': must be a number above 0, such as 0.001; got nan",
    "train mnist --learning-rate inf": "'--learning-rate': must be a number above 0",
    "train mnist --learning-rate 1e300": "'--learning-rate': must be a number above 0",
    "train mnist --out w.safetensors": "'--out': must be a folder, in which the run is written",
    "train mnist --out=": "'--out': must not be empty; '.' is the folder where you are",
    "train mnist --out file": "'--out': must be a folder",
    "train mnist more": "extra",
    "train mnist --recipe article --optimizer adam": "the recipe article fixes sgd with learning rate 0.001",
    "train mnist --recipe article --learning-rate 1": "'--learning-rate': the recipe article fixes sgd",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_cannot_be_is_refused_in_one_line_before_anything_starts(command: Any, line: str) -> None:
    Path("file").touch()
    done = command(*line.split())
    assert done.exit_code == 2, done.output
    assert WRONG[line] in done.stderr
    assert done.stderr.startswith("gradtape: ") and done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_the_article_prints_its_own_lines(command: Any) -> None:
    words = ("train", "mnist", "--recipe", "article", "--epochs", 2, "--batch-size", 5, "--hidden", 8)
    lines = command(*words, "--out", "here").stdout.splitlines()
    epoch = [r"Epoch {}", r"loss at batch 0: \d+\.\d\d", r"loss at batch 100: \d+\.\d\d"]
    patterns = [*epoch, *epoch, r"accuracy: 0\.\d\d", r"run: here"]
    patterns[0], patterns[3] = "Epoch 0", "Epoch 1"
    assert len(lines) == len(patterns) + 3
    for pattern, line in zip(patterns, lines, strict=False):
        assert re.fullmatch(pattern, line), line


def test_the_article_is_what_naive_computes(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", "mnist", "--recipe", "article", "--epochs", 2, "--hidden", 8, "--seed", 3)
    assert command(*words, "--out", "here").exit_code == 0
    found, about = load_weights(Path("here/weights.safetensors"))
    recipe = RECIPES["article"]
    assert (recipe.epochs, recipe.batch_size, recipe.hidden, recipe.learning_rate) == (10, 128, 512, 1e-3)
    model = starting_model(replace(recipe, hidden=8), 3)
    naive.fit(model, *load("mnist")[0], epochs=2)
    for name, weights in named_weights(model).items():
        assert np.array_equal(weights, named_weights(found)[name])
    assert about["steps"] == 10 and about["test_accuracy"] == naive.evaluate(found, *load("mnist")[1])
    assert isinstance(found, type(article_model(8)))
    run = open_run("here")
    for name, weights in named_weights(model).items():
        assert np.array_equal(weights, named_weights(run.model())[name])
    assert run.steps["step"].tolist() == list(range(10)) and run.state == "finished"
    assert run.epochs["loss"][1] == pytest.approx(run.steps["loss"][5:].mean())
    x, y = run.data()
    assert np.array_equal(x, load("mnist")[0][0]) and np.array_equal(y, load("mnist")[0][1])


def test_the_article_takes_the_numbers_that_are_its_own(command: Any) -> None:
    words = ("train", "mnist", "--recipe", "article", "--epochs", 1, "--hidden", 4)
    assert command(*words, "--optimizer", "sgd", "--learning-rate", "0.001").exit_code == 0


def test_what_is_no_number_is_said_with_what_came(command: Any) -> None:
    for option, kind in (
        ("--epochs", "whole number"),
        ("--seed", "whole number"),
        ("--learning-rate", "number"),
    ):
        done = command("train", "mnist", option, "two")
        assert (done.exit_code, done.stderr) == (
            2,
            f"gradtape: Invalid value for '{option}': must be a {kind}; got 'two'\n",
        )


def test_the_help_names_no_type_for_an_option_that_takes_no_value(command: Any) -> None:
    assert "bool" not in command("train", "--help").output + command("at", "--help").output
    assert "bool" not in command("--help").output
