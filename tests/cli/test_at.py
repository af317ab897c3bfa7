"""gradtape at: one step of a training, as a table, as JSON, as a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradtape
from tests.runs.training import train


@pytest.fixture
def digits(command: Any, tiny: list[str]) -> Any:
    """The command, in a folder with a run of two steps on handwritten digits."""
    made = command(*tiny, "--out", "runs/digits")
    assert made.exit_code == 0, made.output
    return command


def test_a_step_is_printed_as_a_table(digits: Any) -> None:
    shown = digits("at", "digits", 1)
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert lines[0].startswith("step 1: epoch 1, batch 2, 88 samples, loss ")
    assert lines[1].startswith("same bits")
    assert any("matmul(x, kernel)" in line for line in lines)
    assert max(map(len, lines)) <= 100
    assert shown.output.replace("\n", "").isprintable()


def test_the_last_step_can_be_asked_for(digits: Any) -> None:
    assert digits("at", "digits", "--", "-1").output.startswith("step 1:")
    assert digits("at", "digits", -2, "--engine", gradtape.get_engine()).output.startswith("step 0:")


def test_the_newest_run_is_taken_where_none_is_named(digits: Any) -> None:
    assert digits("at", 1).output.startswith("step 1:")
    assert digits("at", "-1").output.startswith("step 1:")


def test_a_step_may_be_named_by_epoch_and_batch_from_1(digits: Any) -> None:
    assert digits("at", "digits", "1:1").output.startswith("step 0: epoch 1, batch 1, ")
    assert digits("at", "1:2").output.startswith("step 1: epoch 1, batch 2, ")


def test_one_operation_is_printed_with_its_values(digits: Any) -> None:
    shown = digits("at", "digits", 0, "--op", 0)
    assert shown.output.startswith("#0 matmul(x, kernel)\nforward: x1 @ x2")
    assert "output (512, 16) float32: norm" in shown.output
    assert "its backward: #" in shown.output


def test_a_program_can_read_it(digits: Any) -> None:
    told = json.loads(digits("at", "runs/digits", 1, "--json").output)
    facts = told["step"]
    assert (told["schema"], facts["number"], facts["verdict"]["same"]) == (1, 1, True)
    assert len(facts["sample_ids"]) == facts["samples"] == 88
    one = json.loads(digits("at", "runs/digits", 1, "--json", "--op", 3).output)
    record = one["record"]
    assert (one["schema"], record["index"], record["name"]) == (1, 3, told["records"][3]["name"])
    array = one["arrays"][record["outputs"][0]]
    assert len(array["values"]) == min(np.prod(array["shape"]), 1000)


def test_the_page_is_written_and_named(digits: Any, tmp_path: Path) -> None:
    shown = digits("at", "digits", 1, "--html", "step.html")
    assert shown.output == "page: step.html\n"
    assert (tmp_path / "step.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["digits", 2], 1, "step must be in [0, 1]"),
        (["digits", 0, "--op", 500], 2, "must be an operation of the step, 0 to "),
        (["digits", 0, "--op", -1], 2, "must be a whole number from 0 on"),
        (["digits", "one"], 2, "must be the number of a step, such as 7, -1 or 3:100; got 'one'"),
        (["digits", "0:1"], 1, "there is no batch 1 of epoch 0; both count from 1"),
        (["digits", "1:3"], 1, "there is no batch 3 of epoch 1"),
        (["digits", 0, "--op", "x"], 2, "must be a whole number; got 'x'"),
        (["digits", 0, "--htlm", "x"], 2, "No such option: --htlm Did you mean --html?"),
        (["digits", 0, 1], 2, "must be a run and a step; got digits 0 1"),
        ([], 2, "Missing argument 'K'"),
        (["digits"], 2, "Missing argument 'K'"),
        (["nothing", 1], 1, "nothing"),
        (["digits", 0, "--html", "runs"], 1, "--html must be a file to write, got the folder runs"),
        (["digits", 0, "--html", "no/such/step.html"], 1, "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(digits: Any, words: list[Any], code: int, text: str) -> None:
    shown = digits("at", *words)
    assert (shown.exit_code, len(shown.stderr.splitlines())) == (code, 1), shown.output
    assert text in shown.stderr


def test_a_run_of_a_program_says_how_its_steps_are_opened(command: Any, tmp_path: Path) -> None:
    train(tmp_path / "runs" / "own")
    shown = command("at", "own", 1)
    assert shown.exit_code == 1
    assert "has no recorded name of its data; pass the data: open_run(" in shown.stderr
