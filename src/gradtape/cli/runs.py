"""`gradtape runs`: the recorded trainings in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gradtape.cli.outcome import complain
from gradtape.cli.run_folders import RUNS, runs_in
from gradtape.cli.summaries import epochs_done, moment, recipe, result
from gradtape.display.tables import print_table
from gradtape.errors import GradtapeError
from gradtape.replay.run import open_run

HEADINGS = ("run", "recipe", "epochs", "result", "state", "started")


def runs(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The folder of the runs.")] = (RUNS),
) -> None:
    """List the runs in a folder: progress, and best validation or last result.

    The state is one of training, finished, stopped (it was asked to),
    failed (by an error), killed.
    """
    rows, faults = [], []
    for path in runs_in(folder):
        try:
            rows.append(row(path))
        except GradtapeError as error:
            # one damaged run must not hide the others
            faults.append(str(error))
    if rows:
        print_table(HEADINGS, [cells for _, cells in sorted(rows)], ("started", "recipe", "epochs"))
    for fault in faults:
        complain(fault, 1)
    raise typer.Exit(1 if faults else 0)


def row(path: Path) -> tuple[float, list[str]]:
    """Return when a run began, and its line of the table."""
    run = open_run(path)
    epochs, events, started = run.epochs, run.events, run.config.get("created_seconds", 0.0)
    how_far = [epochs_done(run, epochs, events), result(epochs, events), run.state]
    return started, [path.name, recipe(run), *how_far, moment(started)]
