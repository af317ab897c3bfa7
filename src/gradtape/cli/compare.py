"""`gradtape compare`: differences between two runs, and their curves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gradtape.callbacks.log_values import log_text, log_value
from gradtape.cli.run_folders import find_run
from gradtape.cli.summaries import epochs_done, flat, recipe, result, settings
from gradtape.display.number_text import metric
from gradtape.display.tables import print_table, print_title
from gradtape.replay.run import Run, open_run

POINTS = 10  # of the steps' curves
NONE = "-"


def compare(
    first: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    second: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of another run.")],
) -> None:
    """Print the differences between two runs, and their epochs and losses side by side."""
    a, b = open_run(find_run(first)), open_run(find_run(second))
    print_table(("", "A", "B"), facts(a, b))
    differing = list(differences(a, b))
    print_title("what differs")
    if differing:
        print_table(("", "A", "B"), differing)
    else:
        print("nothing")
    # the first three columns are epoch, step and wall_seconds
    names = list(dict.fromkeys([*a.epochs.dtype.names[3:], *b.epochs.dtype.names[3:]]))
    if names:
        print_title("epochs")
        print_table(("epoch", *(f"{name} {run}" for name in names for run in "AB")), epochs(a, b, names))
    if len(a.steps) and len(b.steps):
        print_title("loss of the steps, mean over each stretch")
        print_table(("steps", "A", "B"), curves(a.steps, b.steps))


def facts(a: Run, b: Run) -> Iterator[list[str]]:
    """Give the lines that say which runs these are."""
    yield ["run", str(a.path), str(b.path)]
    yield ["recipe", recipe(a), recipe(b)]
    yield ["state", a.state, b.state]
    yield ["epochs", *(epochs_done(run, run.epochs, run.events) for run in (a, b))]
    yield ["result", *(result(run.epochs, run.events) for run in (a, b))]


def differences(a: Run, b: Run) -> Iterator[list[str]]:
    """Give the lines of the settings that are not the same; what a layer is called means nothing."""
    ours, theirs = (
        settings(run.config, whole=True) | dict(flat(run.config["environment"], whole=True)) for run in (a, b)
    )
    for path in dict.fromkeys([*ours, *theirs]):
        is_a_name = path.startswith("model.") and path.endswith(".name")
        if ours.get(path) != theirs.get(path) and not is_a_name:
            yield [path, ours.get(path, NONE), theirs.get(path, NONE)]


def epochs(a: Run, b: Run, names: list[str]) -> Iterator[list[str]]:
    """Give the lines of the epochs: each metric of A beside that of B."""
    ours, theirs = ({int(one["epoch"]): one for one in run.epochs} for run in (a, b))
    for epoch in sorted({*ours, *theirs}):
        pairs = [(ours.get(epoch), theirs.get(epoch), name) for name in names]
        values = [value(one, name) for one_a, one_b, name in pairs for one in (one_a, one_b)]
        yield [str(epoch + 1), *values]


def value(one: Any, name: str) -> str:
    """Return a metric of an epoch that may not be there."""
    return NONE if one is None or name not in one.dtype.names else log_text(log_value(one[name]))


def curves(ours: Any, theirs: Any) -> Iterator[list[str]]:
    """Give the lines of the steps' losses: the mean of each of the same stretches of steps."""
    last = int(max(ours["step"][-1], theirs["step"][-1])) + 1
    # with few steps, rounding gives some ends twice
    ends = np.unique(np.linspace(0, last, min(POINTS, last) + 1).astype("int64")).tolist()
    for start, end in zip(ends[:-1], ends[1:], strict=True):
        yield [f"{start}-{end - 1}", mean_loss(ours, start, end), mean_loss(theirs, start, end)]


def mean_loss(steps: Any, start: int, end: int) -> str:
    """Return the mean loss of the steps from `start` to before `end`."""
    found = steps["loss"][(steps["step"] >= start) & (steps["step"] < end)]
    return metric(float(found.mean())) if len(found) else NONE
