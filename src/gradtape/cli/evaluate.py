"""`gradtape evaluate`: accuracy and loss of a trained model on the test set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gradtape.cli import trained_model
from gradtape.cli.options import Engine
from gradtape.cli.outcome import print_results
from gradtape.cli.recipes import load, score
from gradtape.display.terminal import one_line
from gradtape.errors import RunError


def evaluate(
    run: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN]",
            show_default=False,
            help="The run's folder, or a file of weights; by default the newest in runs/.",
        ),
    ] = None,
    engine: Engine = "auto",
) -> None:
    """Print the accuracy and the loss of a trained model on the test set."""
    found = trained_model.find(run)
    if not found.dataset:
        raise RunError(f"evaluate: {found.path} was not made by `gradtape train`: its test set is not known")
    _, (x, y) = load(found.dataset)
    print(f"{found.kind}: {one_line(str(found.path))}")
    print_results(score(found.model, x, y))
