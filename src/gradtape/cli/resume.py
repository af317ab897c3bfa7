"""`gradtape resume`: go on with a training where its last checkpoint left it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gradtape import engine
from gradtape.cli.folders import find_run
from gradtape.cli.options import EngineOfRun, at_least
from gradtape.cli.recorded import follow, made_by
from gradtape.cli.summaries import epochs_planned
from gradtape.runs import open_run


def resume(
    run: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN]", show_default=False, help="The run's folder; by default the newest in runs/."
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(callback=at_least(1), help="Train on until so many epochs are done in all.")
    ] = None,
    allow_change: Annotated[
        str, typer.Option(metavar="A,B", show_default=False, help="What may differ from how the run began.")
    ] = "",
    engine_name: EngineOfRun = None,
) -> None:
    """Continue a training that was stopped or killed, from its last checkpoint.

    On the same engine, device and number of threads it ends with the same
    weights, bit by bit, as if it had never been interrupted.
    """
    folder = find_run(run)
    found = open_run(folder)
    dataset, recipe, seed = made_by(found.config, folder)
    if engine_name is None:
        engine.set_engine(found.config["environment"]["engine"])
    recipe = replace(recipe, epochs=epochs or epochs_planned(found.config, found.events))
    allowed = ("epochs", *(name.strip() for name in allow_change.split(",") if name.strip()))
    raise typer.Exit(follow(folder, dataset, recipe, seed, resume=True, allow_change=allowed))
