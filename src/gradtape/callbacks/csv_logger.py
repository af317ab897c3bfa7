"""CSVLogger: the metrics of each epoch in a file, one line each."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from typing import Any, TextIO

from gradtape.base.checks import path_text
from gradtape.callbacks.callback import Callback, Logs
from gradtape.callbacks.log_values import json_value
from gradtape.errors import ArgumentError, show


class CSVLogger(Callback):
    """Writes the metrics of each epoch to a file: a heading, and then a line per epoch.

    Args:
        filename: the file.
        separator: the character between two values.
        append: whether to write after what is in the file already.

    A metric that an epoch does not have, such as those of a validation that is not made, is "NA".

    Source: keras.callbacks.CSVLogger.
    """

    _of_this_fit = {"_file": None}

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        if not isinstance(separator, str) or len(separator) != 1:
            raise ArgumentError(f"CSVLogger: separator must be one character, got {show(separator)}")
        self.filename = path_text(filename, "CSVLogger", "filename")
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self._file: TextIO | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the file; what is in it stays until the first line is written."""
        self.close()
        self.keys = None
        # "a" and not "w": a training that fails before its first epoch leaves the old file as it was.
        self._file = open(self.filename, "a", newline="", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write a line."""
        logs = logs or {}
        if self._file is None:
            self.on_train_begin()
        assert self._file is not None
        if self.keys is None:
            self._begin(sorted(logs))
        writer = csv.writer(self._file, delimiter=self.sep)
        writer.writerow([epoch, *[json_value(logs.get(key, "NA")) for key in self.keys or []]])
        # A line of a training that is killed later is on disk.
        self._file.flush()

    def _begin(self, names: list[str]) -> None:
        """Write the heading, with places for a validation that is still to come."""
        assert self._file is not None
        has_validation = any(name.startswith("val_") for name in names)
        self.keys = names if has_validation else [*names, *(f"val_{name}" for name in names)]
        # In mode "a" each write goes to the end of the file, so after truncate the heading is its first line.
        if not self.append:
            self._file.truncate(0)
        if self._file.tell() == 0 or not self.append:
            csv.writer(self._file, delimiter=self.sep).writerow(["epoch", *self.keys])

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        self._file = None

    def get_state(self) -> dict[str, Any]:
        """Return the columns, and how long the file is."""
        return {"keys": self.keys, "size": None if self._file is None else self._file.tell()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Write on where the file ended; lines after that are of a training that was cut off, and go."""
        self.keys = state["keys"]
        if self.keys is None or self._file is None:
            return
        if self._file.seek(0, os.SEEK_END) > state["size"]:
            self._file.truncate(state["size"])
