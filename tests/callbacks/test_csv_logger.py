"""The file of metrics: columns that stay, and a training that goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradtape.callbacks import CSVLogger
from gradtape.errors import ArgumentError


def logger(path: Path, epochs: list[dict[str, Any]], start: int = 0, **options: Any) -> CSVLogger:
    """Return a logger that has written these epochs, still open."""
    made = CSVLogger(path, **options)
    made.on_train_begin()
    for epoch, logs in enumerate(epochs, start):
        made.on_epoch_end(epoch, logs)
    return made


def test_a_validation_that_comes_later_has_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    logger(path, [{"loss": 1.0}, {"loss": 0.5, "val_loss": 0.25}]).close()
    assert path.read_text().splitlines() == ["epoch,loss,val_loss", "0,1.0,NA", "1,0.5,0.25"]


def test_what_was_in_the_file_stays_until_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("old\n")
    made = logger(path, [])
    assert path.read_text() == "old\n"
    made.on_epoch_end(0, {"val_loss": 1.0})
    made.close()
    assert path.read_text().splitlines() == ["epoch,val_loss", "0,1.0"]


def test_a_training_that_goes_on_loses_the_lines_after_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    first = logger(path, [{"loss": 1.0, "val_loss": 1.0}])
    state = json.loads(json.dumps(first.get_state()))
    first.on_epoch_end(1, {"loss": 0.5, "val_loss": 0.5})  # and then the process is killed
    first.close()
    second = CSVLogger(path)
    second.on_train_begin()
    second.set_state(state)
    second.on_epoch_end(1, {"loss": 0.25, "val_loss": 0.75})
    second.close()
    assert path.read_text().splitlines() == ["epoch,loss,val_loss", "0,1.0,1.0", "1,0.25,0.75"]


def test_a_training_stopped_before_its_first_epoch_goes_on_as_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    first = logger(path, [])
    state = first.get_state()
    first.close()
    second = CSVLogger(path)
    second.on_train_begin()
    second.set_state(state)
    second.on_epoch_end(0, {"val_loss": 1.0})
    second.close()
    assert path.read_text().splitlines() == ["epoch,val_loss", "0,1.0"]


@pytest.mark.parametrize("separator", ["", ", ", 3])
def test_a_separator_is_one_character(separator: Any) -> None:
    with pytest.raises(ArgumentError, match="^CSVLogger: separator must be one character, got "):
        CSVLogger("x", separator)


def test_a_file_that_cannot_be_written_is_an_error_before_the_first_epoch(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        CSVLogger(tmp_path / "none" / "log.csv").on_train_begin()
