"""`gradtape at`: one step of a training, computed again with every operation shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gradtape import engine
from gradtape.cli.options import EngineOfRun, at_least
from gradtape.cli.run_folders import find_run
from gradtape.display.terminal import one_line
from gradtape.errors import RunError
from gradtape.replay import Step, open_run
from gradtape.views.step.json_data import op_data, step_data
from gradtape.views.step.text import op_text


def at(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", show_default=False, help="The run's folder, or its name in runs/."),
    ],
    step: Annotated[
        int,
        typer.Argument(
            metavar="K",
            show_default=False,
            help="The step's number, from 0; -1, after --, is the last.",
        ),
    ],
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", show_default=False, help="Write the step as one page to open in a browser."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it for a program to read.")] = False,
    op: Annotated[
        int | None,
        typer.Option(
            metavar="N", show_default=False, callback=at_least(0), help="Show operation #N with its values."
        ),
    ] = None,
    engine_name: EngineOfRun = None,
) -> None:
    """Compute one step of a training again, and print all its operations.

    The replay starts from the nearest checkpoint and is compared with the
    recorded training: the first lines say whether it is the same, bit for bit.
    """
    opened = opened_step(run, step, engine_name)
    if op is not None and op >= len(opened.records):
        raise typer.BadParameter(
            f"must be an operation of the step, 0 to {len(opened.records) - 1}; got {op}", param_hint="'--op'"
        )
    if as_json:
        # NaN and infinity are texts by now; without allow_nan=False, json would write what is no JSON
        print(json.dumps(step_data(opened) if op is None else op_data(opened, op), allow_nan=False))
    elif op is not None:
        print(op_text(opened, op))
    elif html is None:
        print(opened)
    if html is not None:
        place = _written(opened, html)
        if not as_json:
            print(f"page: {one_line(str(place))}")


def opened_step(folder: Path, step: int, engine_name: str | None) -> Step:
    """Return a step of the run, done again on the run's engine if no other is named."""
    found = open_run(find_run(folder))
    if engine_name is None:
        engine.set_engine(found.config["environment"]["engine"])
    with engine.active.quiet():  # an overflow shows in the table
        return found.at(step)


def _written(opened: Step, place: Path) -> Path:
    if place.is_dir():
        raise RunError(f"at: --html must be a file to write, got the folder {place}")
    return opened.html(place)
