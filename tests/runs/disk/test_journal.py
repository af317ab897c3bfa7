"""The journal: read while it is written, torn, damaged."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gradtape.callbacks import Callback
from gradtape.errors import RunError
from gradtape.replay.run import open_run
from gradtape.runs.disk.journal import STEP_COLUMNS, Journal
from tests.runs.test_runs import final
from tests.runs.training import train

HERE = Path(__file__).parents[3]


class Break(Callback):
    """Raises at the end of the second epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            raise RuntimeError("broken on purpose")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("journal") / "run"
    train(folder)
    return final(open_run(folder))


def test_it_is_sqlites_with_a_log_and_holds_what_is_promised(tmp_path: Path) -> None:
    started = time.perf_counter()
    train(tmp_path / "run", epochs=2)
    took = time.perf_counter() - started
    with closing(sqlite3.connect(tmp_path / "run" / "run.db")) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        columns = [row[1] for row in db.execute("PRAGMA table_info(steps)")]
        assert tuple(columns) == STEP_COLUMNS
        rows = db.execute("SELECT * FROM steps ORDER BY step").fetchall()
    assert len(rows) == 12
    step, epoch, batch, loss, rate, norm, seconds = rows[7]
    assert (step, epoch, batch, norm) == (7, 1, 1, None)
    assert 0 < loss < 3 and rate == pytest.approx(0.01) and seconds > 0
    assert sum(row[-1] for row in rows) <= took


def test_a_reader_who_stays_neither_holds_the_writer_up_nor_is_disturbed(
    tmp_path: Path, unbroken: Any
) -> None:
    class Reads(Callback):
        seen: list[int] = []

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                self.db = sqlite3.connect(tmp_path / "run" / "run.db", isolation_level=None)
                self.db.execute("BEGIN")
            if epoch >= 1:
                self.seen.append(self.db.execute("SELECT COUNT(*) FROM steps").fetchone()[0])

    reads = Reads()
    train(tmp_path / "run", callbacks=[reads])
    now = reads.db.execute("SELECT COUNT(*) FROM steps").fetchone()[0]
    assert [*reads.seen, now] == [reads.seen[0]] * 3 and reads.seen[0] > 0
    run = open_run(tmp_path / "run")
    assert final(run) == unbroken and run.state == "finished"
    reads.db.close()
    assert final(open_run(tmp_path / "run")) == unbroken


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose process has died with much in SQLite's log."""
    folder = tmp_path_factory.mktemp("killed") / "run"
    environment = {**os.environ, "GRADTAPE_FAULT": "after:step:14"}
    command = [sys.executable, "-m", "tests.runs.training", str(folder)]
    assert subprocess.run(command, env=environment, cwd=HERE).returncode == -signal.SIGKILL
    assert (folder / "run.db-wal").stat().st_size > 10000
    return folder


TORN = {
    "whole": lambda log: log,
    "a byte less": lambda log: log[:-1],
    "half": lambda log: log[: len(log) // 2],
    "a page less": lambda log: log[:-4120],
    "zeros at its end": lambda log: log[:-2000] + bytes(2000),
    "a bit in its last page": lambda log: log[:-99] + bytes([log[-99] ^ 4]) + log[-98:],
    "a bit in its middle": lambda log: log[:9000] + bytes([log[9000] ^ 4]) + log[9001:],
    "its head only": lambda log: log[:32],
    "nothing": lambda log: b"",
}


@pytest.mark.parametrize("what", TORN)
def test_a_torn_log_costs_steps_that_are_done_again_and_nothing_else(
    killed: Path, tmp_path: Path, unbroken: Any, what: str
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(killed, folder)
    (folder / "run.db-shm").unlink(missing_ok=True)
    log = folder / "run.db-wal"
    log.write_bytes(TORN[what](log.read_bytes()))
    steps = open_run(folder).steps
    assert steps["step"].tolist() == list(range(len(steps))) and len(steps) <= 14
    train(folder, resume=True)
    assert final(open_run(folder)) == unbroken


def test_a_damaged_schema_is_told_in_our_words(tmp_path: Path) -> None:
    """SQLite quotes a damaged name in its error, which need then be no text."""
    train(tmp_path / "run", epochs=1)
    file = tmp_path / "run" / "run.db"
    whole, refused = file.read_bytes(), 0
    for place in range(100, 4096):
        if whole[place]:
            file.write_bytes(whole[:place] + b"\xa0" + whole[place + 1 :])
            for mode in ("read", "write"):
                try:
                    with closing(Journal(file, mode)) as journal:
                        journal.check()
                        _ = journal.steps(), journal.epochs(), journal.events()
                except RunError as error:
                    assert f"run: {file} " in str(error)
                    refused += 1
    assert refused > 100


@pytest.mark.parametrize(("table", "column"), [("events", "about"), ("epochs", "logs")])
def test_what_cannot_be_read_is_told_before_anything_is_written(
    tmp_path: Path, table: str, column: str
) -> None:
    with pytest.raises(RuntimeError):
        train(tmp_path / "run", callbacks=[Break()])
    file = tmp_path / "run" / "run.db"
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(f"UPDATE {table} SET {column} = '{{\"half' WHERE rowid = (SELECT MIN(rowid) FROM {table})")
    before = file.read_bytes()
    with pytest.raises(RunError, match=r"run.db is damaged: "):
        train(tmp_path / "run", resume=True)
    assert file.read_bytes() == before


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_a_database_that_is_refused_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, connect = [], sqlite3.connect

    class Connection(sqlite3.Connection):
        is_closed = False

        def close(self) -> None:
            self.is_closed = True
            super().close()

    def watched(*args: Any, **options: Any) -> Any:
        opened.append(connect(*args, factory=Connection, **options))
        return opened[-1]

    train(tmp_path / "run", epochs=1)
    monkeypatch.setattr(sqlite3, "connect", watched)
    for version in (99, 0):
        with closing(connect(tmp_path / "run" / "run.db")) as db:
            db.execute(f"PRAGMA user_version={version}")
        with pytest.raises(RunError):
            Journal(tmp_path / "run" / "run.db")
    assert len(opened) == 2 and all(connection.is_closed for connection in opened)
