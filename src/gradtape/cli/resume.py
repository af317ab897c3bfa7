"""`gradtape resume`: continue a training from its last checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gradtape import engine
from gradtape.cli.options import EngineOfRun, at_least, whole
from gradtape.cli.recorded_training import follow, made_by
from gradtape.cli.run_folders import find_run
from gradtape.cli.summaries import epochs_planned
from gradtape.replay.run import open_run
from gradtape.runs import Recording


def resume(
    run: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN]", show_default=False, help="The run's folder; by default the newest in runs/."
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            callback=at_least(1),
            parser=whole,
            metavar="NUMBER",
            help="Train until this total number of epochs.",
        ),
    ] = None,
    allow_change: Annotated[
        str, typer.Option(metavar="A,B", show_default=False, help="What may differ from the run.")
    ] = "",
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Fail if the newest checkpoint is damaged, instead of using the one before."
        ),
    ] = False,
    engine_name: EngineOfRun = None,
) -> None:
    """Continue a training that was stopped or killed, from its last checkpoint.

    On the same engine, device and number of threads it ends with the same
    weights, bit for bit, as if it had never been interrupted.
    """
    folder = find_run(run)
    found = open_run(folder)
    dataset, recipe, seed = made_by(found.config, folder)
    # another engine gives other last bits, so the run decides unless another is asked for
    if engine_name is None:
        engine.set_engine(found.config["environment"]["engine"])
    recipe = replace(recipe, epochs=epochs or epochs_planned(found.config, found.events))
    if len(found.epochs) >= recipe.epochs:
        print(f"all {len(found.epochs)} epochs are done; --epochs with a larger number continues")
    # a larger number of epochs is the purpose of --epochs, so it needs no --allow-change
    allowed = ("epochs", *(name.strip() for name in allow_change.split(",") if name.strip()))
    recording = Recording(folder, allow_change=allowed, strict=strict, gradient_norms=has_norms(found.steps))
    raise typer.Exit(follow(folder, dataset, recipe, seed, resume=True, recording=recording))


def has_norms(steps: Any) -> bool:
    """Tell whether the norms of the gradients are on record: then they go on being so."""
    return bool(np.isfinite(steps["gradient_norm"]).any())
