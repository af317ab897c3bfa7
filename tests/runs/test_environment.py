"""What run.json says of where a training ran."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape.replay.run import open_run
from gradtape.runs.environment import environment, fingerprint
from tests.runs.training import data, train


def test_a_run_says_how_it_was_made_and_on_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_PASSWORD", "do not tell anybody")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    train(tmp_path / "run", epochs=1)
    text = (tmp_path / "run" / "run.json").read_text()
    said = json.loads(text)
    assert "do not tell" not in text and "A_PASSWORD" not in text
    around, info = said["environment"], gradtape.engine_info()
    assert around.items() >= info.items() and {"engine", "version", "device", "threads"} <= info.keys()
    assert around["blas"] and around["processor"] and around["cpu_features"]
    assert (around["gradtape"], around["numpy"]) == (gradtape.__version__, np.__version__)
    assert around["python"] == ".".join(map(str, sys.version_info[:3])) and around["command"] == sys.argv
    assert around["variables"]["OMP_NUM_THREADS"] == "2"
    assert said["model"]["class_name"] == "Sequential" and len(said["model"]["config"]["layers"]) >= 2
    assert said["compile"]["optimizer"] and said["compile"]["loss"] == "sparse_categorical_crossentropy"
    assert (said["fit"]["batch_size"], said["fit"]["epochs"], said["fit"]["shuffle"]) == (16, 1, True)
    assert isinstance(said["seed"], int) and said["global_seed"] == 11
    x, y = data()
    assert said["data"]["shapes"] == [[93, 5], [93]] and said["data"]["dtypes"] == ["float32", "int32"]
    again = open_run(tmp_path / "run", x, y)
    assert len(said["data"]["sha256"]) == 64 and again.data()[0].tobytes() == x[:93].tobytes()


def test_the_revision_of_the_sources_is_known_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "without").mkdir()
    monkeypatch.chdir(tmp_path / "without")
    assert environment()["source"] is None
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    (tmp_path / "with").mkdir()
    monkeypatch.chdir(tmp_path / "with")
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    assert environment()["source"] == head.strip()


def test_data_that_lie_in_a_file_are_read_in_pieces() -> None:
    class Mapped(np.ndarray):
        """Rows in a file: keeps how many bytes were asked for at once."""

        pieces: list[int] = []

        def __getitem__(self, rows: Any) -> Any:
            found = super().__getitem__(rows)
            self.pieces.append(found.nbytes)
            return found

    rows = np.arange(5 << 20, dtype="float64").reshape(-1, 1 << 10)
    said = fingerprint([rows.view(Mapped)])
    assert max(Mapped.pieces) <= 1 << 24 and len(Mapped.pieces) > 2
    assert said == fingerprint([rows])
