"""`gradtape at`: one step of a training, computed again with every operation shown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from gradtape import engine
from gradtape.cli.options import EngineOfRun, at_least, whole
from gradtape.cli.outcome import UsageError
from gradtape.cli.run_folders import find_run
from gradtape.display.terminal import one_line
from gradtape.errors import RunError, closest
from gradtape.replay import Run, Step, open_run
from gradtape.views.step.json_data import op_data, step_data
from gradtape.views.step.text import op_text

_STEP = re.compile(r"-?\d+|\d+:\d+")
_OPTIONS = ("--html", "--json", "--op", "--engine", "--help")


def at(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN] K",
            show_default=False,
            help="The run's folder, or its name in runs/ (default: the newest run), and the step: its "
            "number, from 0; -1 is the last; 3:100 is batch 100 of epoch 3.",
        ),
    ] = None,
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
            metavar="N",
            show_default=False,
            parser=whole,
            callback=at_least(0),
            help="Show operation #N with its values.",
        ),
    ] = None,
    engine_name: EngineOfRun = None,
) -> None:
    """Compute one step of a training again, and print all its operations.

    The replay starts from the nearest checkpoint and is compared with the
    recorded training: the first lines say whether it is the same, bit for bit.
    """
    run, step = run_and_step(words or [])
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


def run_and_step(words: list[str]) -> tuple[Path | None, str]:
    """Return the run, None for the newest, and the step that were typed.

    >>> run_and_step(["first", "-1"]), run_and_step(["3:100"])
    ((PosixPath('first'), '-1'), (None, '3:100'))
    """
    for word in words:
        if word.startswith("-") and not _STEP.fullmatch(word):
            near = closest(word, _OPTIONS)
            raise UsageError(f"No such option: {one_line(word)}{f' Did you mean {near}?' if near else ''}")
    if not words or (len(words) == 1 and not _STEP.fullmatch(words[0])):
        raise UsageError("Missing argument 'K': the number of a step")
    if len(words) > 2:
        raise UsageError(f"must be a run and a step; got {one_line(' '.join(words))}")
    if not _STEP.fullmatch(words[-1]):
        raise typer.BadParameter(
            f"must be the number of a step, such as 7, -1 or 3:100; got {one_line(words[-1])!r}",
            param_hint="'K'",
        )
    return (Path(words[0]) if len(words) == 2 else None), words[-1]


def number_of(run: Run, step: str) -> int:
    """Return the number of the step: of `3:100`, batch 100 of epoch 3, it is that in the journal."""
    if ":" not in step:
        return int(step)
    epoch, batch = (int(part) for part in step.split(":"))
    steps = run.steps
    found = steps["step"][(steps["epoch"] == epoch - 1) & (steps["batch"] == batch - 1)]
    if not len(found):
        raise RunError(f"run: at: there is no batch {batch} of epoch {epoch}; both count from 1")
    return int(found[0])


def opened_step(folder: Path | None, step: str, engine_name: str | None) -> Step:
    """Return a step of the run, done again on the run's engine if no other is named."""
    found = open_run(find_run(folder))
    number = number_of(found, step)
    if engine_name is None:
        engine.set_engine(found.config["environment"]["engine"])
    with engine.active.quiet():  # an overflow shows in the table
        return found.at(number)


def _written(opened: Step, place: Path) -> Path:
    if place.is_dir():
        raise RunError(f"at: --html must be a file to write, got the folder {place}")
    return opened.html(place)
