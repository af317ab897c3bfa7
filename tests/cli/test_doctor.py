"""`gradtape doctor` and the option --engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradtape import engine

COMMAND = [sys.executable, "-c", "from gradtape.cli import main; main()"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True)


def test_doctor_names_engine_version_device_threads_and_blas(command) -> None:
    result = command("doctor")
    assert result.exit_code == 0, result.output
    facts = dict(line.split(maxsplit=1) for line in result.output.splitlines())
    assert facts["engine"] == engine.get_engine()
    assert {"gradtape", "python", "version", "device", "threads", "blas"} <= set(facts)


def test_the_option_chooses_the_engine() -> None:
    for name in ("numpy", "jax"):
        done = run("doctor", "--engine", name)
        assert done.returncode == 0, done.stderr
        assert f"engine {name}" in " ".join(done.stdout.split())


def test_an_unknown_engine_is_refused_with_those_there_are() -> None:
    done = run("train", "mnist", "--engine", "torch")
    assert done.returncode == 2
    assert "numpy, jax, auto" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["doctor", "runs"])
def test_a_wrong_engine_in_the_environment_is_one_line(command: str, tmp_path: Path) -> None:
    """As the installed command does it: its script imports the package before anything can be caught."""
    script = tmp_path / "gradtape"
    script.write_text("from gradtape.cli import main\nmain()\n")
    env = os.environ | {"GRADTAPE_ENGINE": "cuda"}
    done = subprocess.run([sys.executable, script, command], capture_output=True, text=True, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "GRADTAPE_ENGINE=cuda: engine: must be one of numpy, jax, auto, got 'cuda'" in done.stderr


def test_a_training_on_jax_saves_what_evaluate_on_numpy_reads(tmp_path) -> None:
    folder = str(tmp_path / "run")
    tiny = ("--epochs", "1", "--hidden", "16", "--batch-size", "512")
    done = run("train", "mnist", *tiny, "--engine", "jax", "--out", folder)
    assert done.returncode == 0, done.stderr
    trained = [line for line in done.stdout.splitlines() if line.startswith("test accuracy: ")]
    assert float(trained[0].rpartition(" ")[2]) > 0.8
    tested = run("evaluate", folder, "--engine", "numpy")
    assert trained[0] in tested.stdout.splitlines()
