"""The command as tests call it: inside this process on few samples, and as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gradtape import engine
from gradtape.cli import app, recipes
from gradtape.datasets import mnist

# A process in the background inherits that Ctrl-C is ignored; one in a terminal does not.
ON_A_TERMINAL = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
COMMAND = [sys.executable, "-c", f"{ON_A_TERMINAL}; from gradtape.cli import main; main()"]
# Processes count steps and seconds as NumPy does them; what --engine jax does has tests of its own.
ENGINE = {"GRADTAPE_ENGINE": "numpy"}
TINY = ["train", "mnist", "--epochs", "1", "--hidden", "16", "--batch-size", "512"]


@pytest.fixture(scope="session")
def few_samples() -> Any:
    """The first 600 training and 200 test samples of MNIST."""
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    return (x_train[:600], y_train[:600]), (x_test[:200], y_test[:200])


@pytest.fixture
def command(few_samples: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Call the command in this process, in an empty folder, on few samples."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADTAPE_ENGINE", engine.get_engine())
    monkeypatch.setitem(recipes.DATASETS, "mnist", lambda: few_samples)
    return lambda *words, **options: CliRunner().invoke(app, [str(word) for word in words], **options)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the command as a process of its own, in an empty folder, with all of MNIST."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: object, command: list[str] = COMMAND, **settings: Any) -> subprocess.Popen[bytes]:
        changes = settings.pop("environment", {})
        without = {"NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "COLUMNS"}
        environment = {key: value for key, value in os.environ.items() if key not in without} | changes
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | settings
        process = subprocess.Popen(
            [*command, *map(str, words)],
            cwd=tmp_path,
            env=environment | ENGINE | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            **streams,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def tiny() -> list[str]:
    """The words that ask for the smallest training."""
    return list(TINY)
