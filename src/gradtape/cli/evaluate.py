"""`gradtape evaluate`: how well saved weights do on samples they have not seen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gradtape import training
from gradtape.cli.folders import find_weights
from gradtape.cli.job import print_results
from gradtape.cli.options import Engine
from gradtape.cli.words import one_line
from gradtape.losses import sparse_categorical_crossentropy
from gradtape.training.recipes import load
from gradtape.training.weights import load_weights


def evaluate(
    weights: Annotated[
        Path | None,
        typer.Argument(
            metavar="[WEIGHTS or FOLDER]",
            show_default=False,
            help="What to test; by default the newest in runs/.",
        ),
    ] = None,
    engine: Engine = "auto",
) -> None:
    """Print the accuracy and the loss of saved weights on the test set."""
    file = find_weights(weights)
    model, about = load_weights(file)
    _, (x, y) = load(about.get("dataset", "mnist"))
    print(f"weights: {one_line(str(file))}")
    print_results(*training.loop.evaluate(model, sparse_categorical_crossentropy, x, y))
