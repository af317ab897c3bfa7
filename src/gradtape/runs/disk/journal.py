"""The journal: every step, epoch and event of a run, in a database that can be read while it is written."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from gradtape.errors import RunError

FORMAT = 1
_STEP = (
    "step INTEGER, epoch INTEGER, batch INTEGER, loss REAL, learning_rate REAL, gradient_norm REAL, "
    "wall_seconds REAL"
)
# superseded has no key: after several crashes a step may have been done again several times
_TABLES = f"""
CREATE TABLE IF NOT EXISTS steps ({_STEP}, PRIMARY KEY (step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS superseded ({_STEP}, at_seconds REAL);
CREATE TABLE IF NOT EXISTS epochs (epoch INTEGER PRIMARY KEY, step INTEGER, wall_seconds REAL, logs TEXT);
CREATE TABLE IF NOT EXISTS events
    (id INTEGER PRIMARY KEY, at_seconds REAL, kind TEXT, step INTEGER, about TEXT);
"""
STEP_COLUMNS = ("step", "epoch", "batch", "loss", "learning_rate", "gradient_norm", "wall_seconds")


_DAMAGES = (sqlite3.Error, UnicodeDecodeError)  # an error may quote a damaged name, which is then no text
_ADD_STEP = "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?, ?)"
_ADD_EPOCH = "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?)"
_ADD_EVENT = "INSERT INTO events (at_seconds, kind, step, about) VALUES (?, ?, ?, ?)"


class Journal:
    """The database of one run.

    Args:
        path: the file.
        mode: "read"; "write" to go on with one that is there; "make" for a new run's.

    Raises:
        RunError: if the file is missing, damaged or of a newer format; it is as it was then.

    What is added waits in memory for `commit`; where that fails it goes on waiting for the next one.
    """

    def __init__(self, path: Path, mode: str = "read") -> None:
        self.path = path
        self._waiting: list[tuple[str, Sequence[tuple[Any, ...]]]] = []
        try:
            self._db = _connected(path, mode)
        except _DAMAGES as error:
            raise RunError(f"run: {path} cannot be opened: {_said(error)}") from None
        try:
            self._prepare(mode)
        except _DAMAGES as error:
            self._db.close()
            raise RunError(f"run: {path} cannot be opened: {_said(error)}") from None
        except RunError:
            self._db.close()
            raise

    def _prepare(self, mode: str) -> None:
        """Look at the file before anything is written to it."""
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise RunError(
                f"run: {self.path} has the format {version}; this version of gradtape reads up to {FORMAT}"
            )
        if mode == "make":
            # a write-ahead log lets `gradtape show` read while the training writes
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(_TABLES)
            self._db.execute(f"PRAGMA user_version={FORMAT}")
            self._db.commit()
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a log that is lost takes no table with it
        elif version < 1:
            raise RunError(f"run: {self.path} is not the database of a run")
        if mode != "read":
            # No fsync at each commit: a power failure may take the last steps, but never damages the file.
            # The writer syncs the log before each checkpoint, so no checkpoint is ahead of it.
            self._db.execute("PRAGMA synchronous=NORMAL")

    def check(self) -> None:
        """Raise RunError if the file is damaged."""
        found = self._rows("PRAGMA quick_check(1)")[0][0]
        # quick_check does not see a last page that is cut off
        if self.path.stat().st_size % self._rows("PRAGMA page_size")[0][0]:
            found = "it ends in the middle of a page"
        if found != "ok":
            raise RunError(f"run: {self.path} is damaged: {found}")

    def add_steps(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add steps, in the order of STEP_COLUMNS; in the file after `commit`."""
        self._waiting.append((_ADD_STEP, rows))

    def add_epoch(self, epoch: int, step: int, wall_seconds: float, logs: Mapping[str, Any]) -> None:
        """Add what the metrics said at the end of an epoch, after `step` updates in all."""
        self._waiting.append((_ADD_EPOCH, [(epoch, step, wall_seconds, json.dumps(_plain(logs)))]))

    def add_event(self, kind: str, step: int, about: Mapping[str, Any] | None = None) -> None:
        """Add an event: start, resume, checkpoint, save_failed, stop, failure, end."""
        self._waiting.append((_ADD_EVENT, [(time.time(), kind, step, json.dumps(dict(about or {})))]))

    def supersede(self, step: int, epoch: int) -> int:
        """Put the steps from `step` on, and epochs from `epoch` on, aside: they will be done again.

        Returns:
            How many steps that were.
        """
        count = int(self._rows("SELECT COUNT(*) FROM steps WHERE step >= ?", (step,))[0][0])
        moved = f"INSERT INTO superseded SELECT *, {time.time()} FROM steps WHERE step >= ?"
        self._waiting += [(moved, [(step,)]), ("DELETE FROM steps WHERE step >= ?", [(step,)])]
        self._waiting.append(("DELETE FROM epochs WHERE epoch >= ?", [(epoch,)]))
        self.commit()
        return count

    def commit(self) -> None:
        """Write the added rows to the file: all of them or, with RunError, none."""
        waiting = list(self._waiting)
        try:
            # one call for neighbours with the same statement; the order stays, as a DELETE may lie between
            for text, parts in itertools.groupby(waiting, key=lambda one: one[0]):
                self._db.executemany(text, [row for _, rows in parts for row in rows])
            self._db.commit()
        except _DAMAGES as error:
            with suppress(sqlite3.Error):
                self._db.rollback()
            raise RunError(f"run: {self.path} cannot be written: {_said(error)}") from None
        del self._waiting[: len(waiting)]

    def close(self) -> None:
        """Write what is left, if it can be written, and close the file."""
        try:
            if self._waiting:
                self.commit()
        finally:
            self._db.close()

    def steps(self) -> Any:
        """Return all steps as a NumPy structured array, ascending."""
        return self._table("steps", "step", {})

    def superseded(self) -> Any:
        """Return the steps that were ahead of the last checkpoint after a crash, and were done again."""
        return self._table("superseded", "at_seconds, step", {"at_seconds": "f8"})

    def _table(self, name: str, order: str, more: dict[str, str]) -> Any:
        kinds = dict(zip(STEP_COLUMNS, ["i8", "i8", "i8", "f8", "f8", "f8", "f8"], strict=True)) | more
        rows = self._rows(f"SELECT {', '.join(kinds)} FROM {name} ORDER BY {order}")
        filled = self._of(rows, lambda *row: tuple(math.nan if v is None else v for v in row))
        return self._of([(filled,)], lambda rows: np.array(rows, [*kinds.items()]))[0]

    def end(self, first: int = 0) -> int:
        """Return the end of the recorded steps without a gap, from the run's `first` on."""
        rows = self._rows("SELECT COUNT(*), MAX(step) FROM steps WHERE step >= ?", (first,))
        total, last = rows[0]
        # without a gap, which is nearly always, no list of all steps is needed
        if not total or total == last - first + 1:
            return first + int(total)
        steps = {row[0] for row in self._rows("SELECT step FROM steps")}
        return next(step for step in range(first, last) if step not in steps)

    def epochs(self) -> list[tuple[int, int, float, dict[str, float]]]:
        """Return (epoch, step, wall seconds, logs) of every epoch that has ended."""
        rows = self._rows("SELECT epoch, step, wall_seconds, logs FROM epochs ORDER BY epoch")
        return self._of(rows, lambda e, s, w, logs: (int(e), int(s), float(w), _numbers(logs)))

    def events(self) -> list[dict[str, Any]]:
        """Return all events: at_seconds (since 1970), kind, step, and what else is known."""
        rows = self._rows("SELECT at_seconds, kind, step, about FROM events ORDER BY id")
        return self._of(rows, _event)

    def _rows(self, text: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(text, values).fetchall()
        except _DAMAGES as error:
            raise RunError(f"run: {self.path} is damaged: {_said(error)}") from None

    def _of(self, rows: list[tuple[Any, ...]], make: Callable[..., Any]) -> list[Any]:
        """Return what `make` makes of each row, or RunError if they hold something else than was written."""
        try:
            return [make(*row) for row in rows]
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise RunError(f"run: {self.path} is damaged: {error}") from None


def _plain(logs: Mapping[str, Any]) -> dict[str, Any]:
    """Return metrics as JSON has them: numbers, and lists of numbers."""
    return {name: np.asarray(value).astype("float64").tolist() for name, value in logs.items()}


def _numbers(text: str) -> dict[str, Any]:
    """Return metrics as `_plain` wrote them; what is no number is a ValueError or TypeError."""
    found = dict(json.loads(text)).items()
    return {n: np.array(v, "float64").tolist() if isinstance(v, list) else float(v) for n, v in found}


def _event(at_seconds: float, kind: str, step: int, about: str) -> dict[str, Any]:
    own = {"at_seconds": float(at_seconds), "kind": str(kind), "step": int(step)}
    # the columns come last: no entry of `about` can replace them
    return dict(json.loads(about)) | own


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    """Open the file; one that is read need not lie where something can be written beside it."""
    asked = {"read": "ro", "write": "rw", "make": "rwc"}[mode]
    try:
        return _opened(f"file:{_quoted(path)}?mode={asked}")
    except sqlite3.OperationalError:
        if mode != "read" or not path.exists():
            raise
    log = Path(f"{path}-wal")
    if not log.exists() or log.stat().st_size == 0:
        # for a folder that cannot be written: SQLite then makes no -shm file and takes no locks
        return _opened(f"file:{_quoted(path)}?mode=ro&immutable=1")
    with TemporaryDirectory() as elsewhere:  # what is still in SQLite's log is read too, from a copy
        copy = Path(elsewhere, path.name)
        shutil.copyfile(path, copy)
        shutil.copyfile(log, f"{copy}-wal")
        whole, memory = _opened(f"file:{_quoted(copy)}?mode=rw"), _opened("file::memory:")
        whole.backup(memory)
        whole.close()
    return memory


def _opened(name: str) -> sqlite3.Connection:
    """Open a database and ask it something, which is when it fails if it fails."""
    # half a minute: a reader may hold the file while the training commits
    connection = sqlite3.connect(name, uri=True, timeout=30.0)
    # damaged text must reach the checks of the reader, and not fail inside of sqlite3
    connection.text_factory = lambda text: text.decode(errors="replace")
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except _DAMAGES:
        connection.close()
        raise
    return connection


def holds_nothing(path: Path) -> bool:
    """Tell whether a file is a journal without steps, perhaps one that was still being made."""
    try:
        with closing(_connected(path, "read")) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            is_ours = tables <= {"steps", "superseded", "epochs", "events"}
            return is_ours and not ("steps" in tables and db.execute("SELECT 1 FROM steps").fetchone())
    except _DAMAGES as error:
        raise RunError(f"run: {path} cannot be opened: {_said(error)}") from None


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, sqlite3.Error) else "a name in it is no text"


def _quoted(path: Path) -> str:
    # these three would end the path in a URI; % first, as it escapes the others
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
