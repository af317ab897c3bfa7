"""Ctrl-C, SIGTERM and closed pipes: the command ends as it should, and keeps what has been learned."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape.cli import recipes
from gradtape.cli.weights_file import load_weights
from gradtape.replay.run import open_run
from gradtape.training.signals import stop_on_signals

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
LONG = ["train", "mnist", "--epochs", "10000", "--hidden", "8", "--batch-size", "512", "--out", "here"]
BY_HAND = ["train", "mnist", "--recipe", "article", "--epochs", "10000", "--hidden", "4", "--out", "here"]


def stopped_by(process: Any, number: int) -> tuple[list[str], list[str]]:
    """Send the signal once training runs; return the lines on stdout and stderr."""
    begun = b""
    while b"loss" not in begun:  # said of a step that is done
        line = process.stdout.readline()
        assert line, process.stderr.read()
        begun += line
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return (begun + out).decode().splitlines(), err.decode().splitlines()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_training_and_it_can_go_on(start: Any, tmp_path: Path, number: int) -> None:
    process = start(*LONG)
    lines, errors = stopped_by(process, number)
    assert process.returncode == 128 + number
    said = [re.fullmatch(r"stopped after step (\d+); to continue: gradtape resume here", e) for e in errors]
    assert len(said) == 1 and said[0], errors
    assert lines[-4:] == [
        "run: here",
        "next: gradtape show here",
        "      gradtape evaluate here",
        "      gradtape predict mnist:0 --weights here",
    ]
    run = open_run(tmp_path / "here")
    assert run.state == "stopped" and run.checkpoints[-1] == int(said[0][1]) == len(run.steps) > 0
    assert np.isfinite(run.model().get_weights()[0]).all()


def test_a_signal_ends_the_article_and_keeps_what_was_learned(start: Any, tmp_path: Path) -> None:
    process = start(*BY_HAND)
    lines, errors = stopped_by(process, signal.SIGINT)
    assert process.returncode == 128 + signal.SIGINT
    said = re.fullmatch(r"stopped after step (\d+); to continue: gradtape resume here", errors[0])
    assert said and len(errors) == 1 and int(said[1]) > 0
    assert lines[-4:-2] == ["run: here", "next: gradtape show here"]
    run = open_run(tmp_path / "here")
    assert run.state == "stopped" and run.checkpoints[-1] == int(said[1]) == len(run.steps)
    model, about = load_weights(tmp_path / "here/weights.safetensors")
    assert about["steps"] == int(said[1]) and "test_accuracy" not in about
    assert np.isfinite(np.asarray(model.layers[0].W)).all()


def test_a_signal_before_the_first_step_leaves_nothing(
    command: Any, tiny: list[str], few_samples: Any
) -> None:
    def interrupted() -> Any:
        signal.raise_signal(signal.SIGTERM)
        return few_samples

    recipes.DATASETS["mnist"] = interrupted
    done = command(*tiny, "--recipe", "article", "--out", "here")
    assert done.exit_code == 128 + signal.SIGTERM
    assert done.stdout == "stopped before the first step; nothing is saved\n"
    assert not Path("here").exists()


def test_a_second_signal_ends_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), stop_on_signals() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop and stop.exit_code == 130
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_second_signal_kills_the_command_whatever_it_is_at(number: str) -> None:
    program = f"""
import signal
from gradtape.training.signals import Stop, stop_on_signals
signal.signal(signal.SIGINT, signal.default_int_handler)
Stop.second_kills = True
with stop_on_signals() as stop:
    signal.raise_signal(signal.{number})
    print(stop.exit_code, flush=True)
    signal.raise_signal(signal.{number})
print("still here")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == -signal.Signals[number]
    assert done.stdout == f"{128 + signal.Signals[number]}\n"


def test_the_signals_are_given_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with stop_on_signals():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with stop_on_signals() as stop:
            signal.raise_signal(signal.SIGTERM)
            assert not stop and stop.exit_code == 0
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_closed_pipe_ends_it_quietly_and_keeps_what_was_learned(start: Any, tmp_path: Path) -> None:
    process = start(*LONG)
    assert process.stdout.readline().startswith(b"Epoch 1/10000 - ")
    process.stdout.close()
    assert process.wait(timeout=60) == 128 + 13
    assert process.stderr.read() == b""
    run = open_run(tmp_path / "here")
    assert run.state == "failed" and run.checkpoints[-1] >= 118


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_in_one_line(start: Any, tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        process = start(*LONG, stdout=full)
        assert process.wait(timeout=60) == 1
    assert process.stderr.read() == b"gradtape: No space left on device\n"
    assert open_run(tmp_path / "here").state == "failed"


def test_help_into_a_closed_pipe_is_quiet(start: Any) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start("train", "--help", stdout=writing)
    os.close(writing)
    assert process.wait(timeout=30) in (0, 1, 141)
    assert process.stderr.read() == b""


def test_without_any_output_it_still_trains(start: Any, tiny: list[str], tmp_path: Path) -> None:
    python = [sys.executable, "-c", "from gradtape.cli import main; main()"]
    process = start(*tiny, "--out", "here", command=["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *python])
    assert process.wait(timeout=60) == 0
    assert open_run(tmp_path / "here").state == "finished"


def test_the_article_is_seen_while_it_runs(start: Any) -> None:
    process = start(*BY_HAND)
    assert process.stdout.readline() == b"Epoch 0\n"
    assert process.stdout.readline().startswith(b"loss at batch 0: ")
    assert process.poll() is None, "the lines came while it was training"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
