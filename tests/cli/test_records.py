"""gradtape runs, show and compare: what is on record, as text."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gradtape.callbacks import Callback
from gradtape.replay.run import open_run
from gradtape.runs.disk.lock import Lock
from tests.runs.training import train


class Break(Callback):
    """Raises at the end of the first epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raise RuntimeError("broken \x1b[31m on purpose")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: one that finished, one with another learning rate, one that failed."""
    folder = tmp_path_factory.mktemp("recorded") / "runs"
    train(folder / "first")
    train(folder / "second", rate=0.5, epochs=2)
    with pytest.raises(RuntimeError):
        train(folder / "third", callbacks=[Break()])
    return folder


@pytest.fixture
def records(command: Any, recorded: Path, tmp_path: Path) -> Any:
    """Call the command in a folder that holds the runs."""
    shutil.copytree(recorded, tmp_path / "runs")
    return command


def cells(line: str) -> list[str]:
    return re.split(r"\s{2,}", line.strip())


def test_runs_are_listed_oldest_first_with_how_far_they_are(records: Any) -> None:
    done = records("runs")
    assert done.exit_code == 0, done.output
    heading, *lines = map(cells, done.stdout.splitlines())
    assert heading == ["run", "recipe", "epochs", "result", "state", "started"]
    best = open_run("runs/first").epochs["val_accuracy"].max()
    assert [line[0] for line in lines] == ["first", "second", "third"]
    assert lines[0][1].startswith("sequential")
    assert lines[0][2:5] == ["3/3", f"val_accuracy {best:.4f}", "finished"]
    assert [line[2] for line in lines[1:]] == ["2/2", "0/3"]
    assert lines[2][3:5] == ["-", "failed"]
    assert records("runs", "runs").stdout == done.stdout


def test_a_run_that_trains_or_was_killed_is_called_so(records: Any) -> None:
    lock = Lock(Path("runs/first"))
    assert "training" in records("runs").stdout
    lock.release()
    shutil.copytree("runs/first", "runs/fourth")
    with sqlite3.connect("runs/fourth/run.db") as db:
        db.execute("DELETE FROM events WHERE kind = 'end'")
    db.close()
    assert cells(records("runs").stdout.splitlines()[2])[4] == "killed"


def test_a_run_that_was_stopped_and_one_with_notes_of_its_own(records: Any) -> None:
    run = open_run("runs/first")
    run.note("test", by="hand")  # of a program, without what the command writes
    run.note("stop")
    assert cells(records("runs").stdout.splitlines()[1])[4] == "stopped"
    shutil.rmtree("runs/second")
    shutil.rmtree("runs/third")
    with sqlite3.connect("runs/first/run.db") as db:
        db.execute("UPDATE epochs SET logs = '{\"accuracy\": 0.5}'")
    db.close()
    assert cells(records("runs").stdout.splitlines()[1])[3] == "accuracy 0.5000"


def test_the_recipe_is_named_where_one_is_known(records: Any) -> None:
    path = Path("runs/first/run.json")
    about = {"dataset": "mnist", "recipe": "default"}  # as `gradtape train` writes it
    path.write_text(json.dumps({**json.loads(path.read_text()), "about": about}))
    assert cells(records("runs").stdout.splitlines()[1])[1] == "mnist default"


def test_a_run_that_cannot_be_read_does_not_hide_the_others(records: Any) -> None:
    Path("runs/second/run.db").write_bytes(b"no database" * 99)
    done = records("runs")
    assert done.exit_code == 1 and len(done.stdout.splitlines()) == 3
    assert done.stderr.startswith("gradtape: run: runs/second/run.db cannot be opened: ")
    assert done.stderr.count("\n") == 1


def test_show_prints_configuration_environment_epochs_events_and_checkpoints(records: Any) -> None:
    done = records("show", "runs/first")
    assert done.exit_code == 0, done.output
    said = dict(line.split("  ", 1) for line in done.stdout.splitlines() if "  " in line)
    facts = {name.strip(): value.strip() for name, value in said.items()}
    assert (facts["run"], facts["state"], facts["epochs"]) == ("runs/first", "finished", "3/3")
    assert facts["steps"].startswith("18 in ")
    assert facts["model.layers.0"].startswith("Dense(units=8, activation=tanh, ")
    assert facts["compile.optimizer"].startswith("Adam(learning_rate=0.01, beta_1=0.9, ")
    run = open_run("runs/first")
    assert facts["data.sha256"] == run.config["data"]["sha256"] and facts["seed"] == str(run.config["seed"])
    assert facts["engine"] == run.config["environment"]["engine"]
    table = done.stdout.split("\nepochs\n")[1].split("\n\n")[0].splitlines()
    assert cells(table[0]) == list(run.epochs.dtype.names) and len(table) == 4
    assert cells(table[3])[0] == "3" and cells(table[3])[3] == f"{run.epochs['loss'][-1]:.4f}"
    kinds = [line.split()[2] for line in done.stdout.split("\nevents\n")[1].split("\n\n")[0].splitlines()[1:]]
    assert kinds == ["start", "checkpoint", "end"]
    assert f"{len(run.checkpoints)} of them, from step 0 on" in done.stdout
    assert done.stdout.endswith("\ncheckpoints after step\n0, 3, 6, 9, 12, 15, 18\n")


def test_show_takes_the_newest_and_says_why_it_failed(records: Any) -> None:
    done = records("show")
    assert done.stdout.startswith("run         runs/third\n") and "\x1b" not in done.stdout
    assert "Traceback (most recent call last):" in done.stdout
    assert done.stdout.rstrip().endswith("RuntimeError: broken \\x1b[31m on purpose")


def test_compare_shows_what_differs_and_the_epochs_side_by_side(records: Any) -> None:
    done = records("compare", "runs/first", "second")
    assert done.exit_code == 0, done.output
    parts = done.stdout.split("\n\n")
    assert cells(parts[0].splitlines()[1]) == ["run", "runs/first", "runs/second"]
    facts = {name: values for name, *values in map(cells, parts[0].splitlines()[1:])}
    best = [
        f"val_accuracy {open_run(f'runs/{r}').epochs['val_accuracy'].max():.4f}" for r in ("first", "second")
    ]
    assert (facts["epochs"], facts["state"]) == (["3/3", "2/2"], ["finished", "finished"])
    assert facts["result"] == best
    differing = dict((path, values) for path, *values in map(cells, parts[1].splitlines()[2:]))
    assert differing == {"compile.optimizer.learning_rate": ["0.01", "0.5"], "fit.epochs": ["3", "2"]}
    heading, *rows = map(cells, parts[2].splitlines()[1:])
    assert heading[:3] == ["epoch", "loss A", "loss B"]
    ours, theirs = (open_run(f"runs/{name}").epochs["loss"] for name in ("first", "second"))
    assert [row[1] for row in rows] == [f"{loss:.4f}" for loss in ours]
    assert [row[2] for row in rows] == [*(f"{loss:.4f}" for loss in theirs), "-"]


def test_the_curves_are_the_means_of_the_same_stretches_of_steps(records: Any) -> None:
    lines = records("compare", "runs/first", "runs/second").stdout.split("loss of the steps")[1].splitlines()
    rows = [cells(line) for line in lines[2:]]
    assert len(rows) == 10 and rows[0][0] == "0-0" and rows[-1][0].endswith("-17")
    steps = open_run("runs/first").steps
    start, end = map(int, rows[4][0].split("-"))
    assert rows[4][1] == f"{steps['loss'][start : end + 1].mean():.4f}"
    assert rows[-1][2] == "-"  # the second run had 12 steps


def test_a_run_differs_in_nothing_from_itself(records: Any) -> None:
    assert "what differs\nnothing\n" in records("compare", "first", "first").stdout


def test_a_run_without_an_epoch_is_compared_too(records: Any) -> None:
    done = records("compare", "third", "first")
    assert done.exit_code == 0, done.output
    rows = done.stdout.split("\nepochs\n")[1].splitlines()
    assert cells(rows[1])[:2] == ["1", "-"] and "loss of the steps" in done.stdout


WRONG = {
    "runs empty": "gradtape: runs: there are none in empty/ here; `gradtape train mnist` makes one\n",
    "runs runs/first": "gradtape: runs: runs/first is a run itself; see `gradtape show runs/first`\n",
    "show nowhere": "gradtape: run: there is no run in nowhere (no file run.json)\n",
    "compare first nowhere": "gradtape: run: there is no run in nowhere (no file run.json)\n",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_not_there_is_named_in_one_line(records: Any, line: str) -> None:
    done = records(*line.split())
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", WRONG[line])


def test_compare_needs_two_runs(records: Any) -> None:
    done = records("compare", "first")
    assert done.exit_code == 2 and done.stderr.count("\n") == 1


def nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in inside:
        yield (*path, name)
        yield from nodes(inner, (*path, name))


def test_whatever_a_configuration_says_is_read_or_refused_in_a_line(records: Any) -> None:
    """Entries of run.json are replaced by something else, or taken out."""
    shutil.rmtree("runs/second")
    path, dice = Path("runs/first/run.json"), random.Random(0)
    whole = json.loads(path.read_text())
    whole["about"] = {"dataset": "mnist", "recipe": "default", "seed": 1, "epochs": 3}
    others = [None, 3, -1, "x", [], {}, True, 1e308, [1], {"a": 1}, "\x1b[31m"]
    for place in list(nodes(whole))[::2]:
        said = copy.deepcopy(whole)
        inner = said
        for name in place[:-1]:
            inner = inner[name]
        if dice.random() < 0.3:
            del inner[place[-1]]
        else:
            inner[place[-1]] = dice.choice(others)
        path.write_text(json.dumps(said))
        for words in (("show", "first"), ("compare", "first", "third")):
            done = records(*words)
            assert done.exit_code in (0, 1) and done.stderr.count("\n") <= 1, (place, done.output)
            assert "\x1b" not in done.output and "Traceback" not in done.stderr
