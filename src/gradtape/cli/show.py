"""`gradtape show`: everything recorded of one training."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from gradtape.callbacks.log_values import log_text, log_value
from gradtape.cli.run_folders import find_run
from gradtape.cli.summaries import epochs_done, flat, moment, recipe, result, settings
from gradtape.display.number_text import duration, metric
from gradtape.display.tables import print_facts, print_table, print_title
from gradtape.display.terminal import one_line
from gradtape.replay.run import Run, open_run

SPOKEN_OF = ("at_seconds", "kind", "step", "traceback", "state_sha256")


def show(
    run: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN]", show_default=False, help="The run's folder; by default the newest in runs/."
        ),
    ] = None,
) -> None:
    """Print one run: configuration, environment, epochs, events, checkpoints."""
    found = open_run(find_run(run))
    epochs, events = found.epochs, found.events
    print_facts(overview(found, epochs, events))
    print_title("configuration")
    print_facts(settings(found.config).items())
    print_title("environment")
    print_facts(flat(found.config["environment"]))
    if len(epochs):
        print_title("epochs")
        print_table(epochs.dtype.names, epoch_rows(epochs))
    print_title("events")
    print_table(("time", "event", "step", "about"), event_rows(events), ("time",))
    print_title("checkpoints after step")
    print(", ".join(map(str, found.checkpoints)) or "none")
    print_traceback(events)


def overview(run: Run, epochs: object, events: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give what is asked first."""
    steps = run.steps
    yield "run", str(run.path)
    yield "recipe", recipe(run)
    yield "state", run.state
    yield "epochs", epochs_done(run, epochs, events)
    yield "steps", f"{len(steps)} in {duration(float(steps['wall_seconds'].sum()))}"
    yield "result", result(epochs, events)
    yield "started", moment(run.config.get("created_seconds"))
    yield "last event", f"{events[-1]['kind']}, {moment(events[-1]['at_seconds'])}" if events else "-"


def epoch_rows(epochs: Any) -> Iterator[list[str]]:
    """Give the epochs' lines, counted from 1."""
    for one in epochs:
        values = [log_text(log_value(one[name])) for name in epochs.dtype.names[3:]]
        yield [str(one["epoch"] + 1), str(one["step"]), f"{one['wall_seconds']:.2f}", *values]


def event_rows(events: list[dict[str, Any]]) -> Iterator[list[str]]:
    """Give the events' lines; several checkpoints, one after the other, are one line."""
    for kind, group in itertools.groupby(events, key=lambda event: event["kind"]):
        those = list(group)
        if kind == "checkpoint" and len(those) > 1:
            about = f"{len(those)} of them, from step {those[0]['step']} on"
            yield [moment(those[-1]["at_seconds"]), kind, str(those[-1]["step"]), about]
        else:
            yield from map(event_row, those)


def event_row(event: dict[str, Any]) -> list[str]:
    """Return the line of an event."""
    known = {
        name: value for name, value in event.items() if name not in SPOKEN_OF and value not in (None, [])
    }
    about = ", ".join(
        f"{name} {metric(value) if isinstance(value, float) else value}" for name, value in known.items()
    )
    return [moment(event["at_seconds"]), event["kind"], str(event["step"]), about]


def print_traceback(events: Iterable[dict[str, Any]]) -> None:
    """Print where the last failure came from, if there was one."""
    texts = [event["traceback"] for event in events if "traceback" in event]
    if texts:
        print_title("the last failure")
        for line in texts[-1].splitlines():
            # one_line would take the indentation away too; what an error quotes may hold control characters
            print(" " * (len(line) - len(line.lstrip())) + one_line(line))
