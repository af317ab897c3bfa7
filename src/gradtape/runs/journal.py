"""The journal: every step, epoch and event of a run, in a database that can be read while it is written."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gradtape.errors import RunError

FORMAT = 1
_STEP = (
    "step INTEGER, epoch INTEGER, batch INTEGER, loss REAL, learning_rate REAL, gradient_norm REAL, "
    "wall_seconds REAL"
)
_TABLES = f"""
CREATE TABLE IF NOT EXISTS steps ({_STEP}, PRIMARY KEY (step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS superseded ({_STEP}, at_seconds REAL);
CREATE TABLE IF NOT EXISTS epochs (epoch INTEGER PRIMARY KEY, step INTEGER, wall_seconds REAL, logs TEXT);
CREATE TABLE IF NOT EXISTS events
    (id INTEGER PRIMARY KEY, at_seconds REAL, kind TEXT, step INTEGER, about TEXT);
"""
STEP_COLUMNS = ("step", "epoch", "batch", "loss", "learning_rate", "gradient_norm", "wall_seconds")


class Journal:
    """The database of one run.

    Args:
        path: the file; made if it is not there and `writing`.
        writing: whether it is to be written to.

    Raises:
        RunError: if the file is damaged or of a newer format.
    """

    def __init__(self, path: Path, writing: bool = False) -> None:
        self.path = path
        try:
            mode = "rwc" if writing else "ro"
            self._db = sqlite3.connect(f"file:{_quoted(path)}?mode={mode}", uri=True, timeout=30.0)
            self._prepare(writing)
        except sqlite3.Error as error:
            raise RunError(f"run: {path} cannot be opened: {error}") from None

    def _prepare(self, writing: bool) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise RunError(
                f"run: {self.path} has the format {version}; this version of gradtape reads up to {FORMAT}"
            )
        if writing:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_TABLES)
            self._db.execute(f"PRAGMA user_version={FORMAT}")
            self._db.commit()
        if self._db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise RunError(f"run: {self.path} is damaged")

    def add_steps(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add steps, in the order of STEP_COLUMNS; on the disk after `commit`."""
        self._run("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def add_epoch(self, epoch: int, step: int, wall_seconds: float, logs: Mapping[str, float]) -> None:
        """Add what the metrics said at the end of an epoch, after `step` updates in all."""
        row = (epoch, step, wall_seconds, json.dumps(dict(logs)))
        self._run("INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)", [row])

    def add_event(self, kind: str, step: int, about: Mapping[str, Any] | None = None) -> None:
        """Add an event: start, resume, checkpoint, stop, failure, end."""
        row = (time.time(), kind, step, json.dumps(dict(about or {})))
        self._run("INSERT INTO events (at_seconds, kind, step, about) VALUES (?, ?, ?, ?)", [row])
        self.commit()

    def supersede(self, step: int, epoch: int) -> int:
        """Put the steps from `step` on, and epochs from `epoch` on, aside: they will be done again.

        Returns:
            How many steps that were.
        """
        count = int(self._db.execute("SELECT COUNT(*) FROM steps WHERE step >= ?", (step,)).fetchone()[0])
        self._run(f"INSERT INTO superseded SELECT *, {time.time()} FROM steps WHERE step >= ?", [(step,)])
        self._run("DELETE FROM steps WHERE step >= ?", [(step,)])
        self._run("DELETE FROM epochs WHERE epoch >= ?", [(epoch,)])
        self.commit()
        return count

    def _run(self, text: str, rows: Iterable[tuple[Any, ...]]) -> None:
        try:
            self._db.executemany(text, rows)
        except sqlite3.Error as error:
            raise RunError(f"run: {self.path} cannot be written: {error}") from None

    def commit(self) -> None:
        """Bring what was added to the file, where other processes see it."""
        try:
            self._db.commit()
        except sqlite3.Error as error:
            raise RunError(f"run: {self.path} cannot be written: {error}") from None

    def close(self) -> None:
        """Write what is left and close the file."""
        try:
            self._db.commit()
        finally:
            self._db.close()

    def steps(self) -> Any:
        """Return all steps as a NumPy structured array, ascending."""
        kinds = ["i8", "i8", "i8", "f8", "f8", "f8", "f8"]
        dtype = np.dtype(list(zip(STEP_COLUMNS, kinds, strict=True)))
        rows = self._rows(f"SELECT {', '.join(STEP_COLUMNS)} FROM steps ORDER BY step")
        return np.array([tuple(math.nan if v is None else v for v in row) for row in rows], dtype)

    def epochs(self) -> list[tuple[int, int, float, dict[str, float]]]:
        """Return (epoch, step, wall seconds, logs) of every epoch that has ended."""
        rows = self._rows("SELECT epoch, step, wall_seconds, logs FROM epochs ORDER BY epoch")
        return [(e, s, w, json.loads(logs)) for e, s, w, logs in rows]

    def events(self) -> list[dict[str, Any]]:
        """Return all events: at_seconds (since 1970), kind, step, and what else is known."""
        rows = self._rows("SELECT at_seconds, kind, step, about FROM events ORDER BY id")
        return [{"at_seconds": t, "kind": k, "step": s, **json.loads(about)} for t, k, s, about in rows]

    def superseded(self) -> int:
        """Return how many steps were done, lost by a crash, and done again."""
        return int(self._rows("SELECT COUNT(*) FROM superseded")[0][0])

    def _rows(self, text: str) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(text).fetchall()
        except sqlite3.Error as error:
            raise RunError(f"run: {self.path} is damaged: {error}") from None


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
