"""`gradtape train`: train a network, test it, and record the training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from gradtape import optimizers
from gradtape.cli.options import Engine, at_least, learning_rate, not_empty, one_of, real, units, whole
from gradtape.cli.recipes import RECIPES, Recipe, find_recipe, units_of
from gradtape.cli.recorded_training import follow
from gradtape.cli.run_folders import folder_for
from gradtape.datasets.by_name import DATASETS
from gradtape.runs import Recording

OPTIMIZERS = tuple(optimizers.NAMES)


def described(recipe: Recipe) -> str:
    """Return what the help says of a recipe."""
    units = ",".join(map(str, units_of(recipe.hidden)))
    numbers = f"{recipe.epochs} epochs, batches of {recipe.batch_size}, {units} hidden units"
    return f"{recipe.name}: {recipe.text} ({recipe.optimizer} {recipe.learning_rate:g}, {numbers})"


RECIPE_HELP = " - ".join(described(recipe) for recipe in RECIPES.values())

# What is asked on the command line, each with its check.
Epochs = Annotated[
    int | None,
    typer.Option(callback=at_least(1), parser=whole, metavar="NUMBER", help="The number of epochs."),
]
BatchSize = Annotated[
    int | None,
    typer.Option(callback=at_least(1), parser=whole, metavar="NUMBER", help="Samples per step."),
]
LearningRate = Annotated[
    float | None,
    typer.Option(
        "--learning-rate",
        callback=learning_rate,
        parser=real,
        metavar="NUMBER",
        help="The learning rate.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        callback=at_least(0),
        parser=whole,
        metavar="NUMBER",
        help="The same seed gives the same training.",
    ),
]


def train(
    # "" if it is left out: `one_of` then says which there are, and typer only that one is missing
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", callback=one_of(DATASETS), show_default=False, help=", ".join(DATASETS)
        ),
    ] = "",
    recipe: Annotated[
        str, typer.Option(callback=one_of(RECIPES), show_default=False, help=RECIPE_HELP)
    ] = "default",
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    rate: LearningRate = None,
    optimizer: Annotated[
        str | None, typer.Option(callback=one_of(OPTIMIZERS), help=f"One of {', '.join(OPTIMIZERS)}.")
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(
            metavar="UNITS",
            callback=units,
            show_default=False,
            help="Units of the hidden layer, or of each of several: 4,4.",
        ),
    ] = None,
    seed: Seed = 0,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            callback=not_empty,
            help="The folder of the run; by default runs/DATASET-TIME.",
        ),
    ] = None,
    gradient_norms: Annotated[
        bool, typer.Option("--gradient-norms", help="Record the norm of the gradients of each step.")
    ] = False,
    private: Annotated[
        bool, typer.Option("--private", help="Let only yourself read the run's folder (mode 0700).")
    ] = False,
    engine: Engine = "auto",
) -> None:
    """Train a network, and record the training.

    The recipe gives all settings that no option sets.

    Ctrl-C ends the training after the current step and saves it;
    `gradtape resume` continues from there.
    """
    options = dict(
        epochs=epochs, batch_size=batch_size, learning_rate=rate, optimizer=optimizer, hidden=hidden
    )
    plan = planned(recipe, dataset, {option: value for option, value in options.items() if value is not None})
    with folder_for(dataset, None if out is None else Path(out), private) as folder:
        recording = Recording(folder, gradient_norms=gradient_norms, private=private)
        raise typer.Exit(follow(folder, dataset, plan, seed, recording=recording))


def planned(name: str, dataset: str, given: dict[str, Any]) -> Recipe:
    """Return the recipe for a data set with the options that were given in place of its own."""
    if find_recipe(name).by_hand and dataset != "mnist":
        raise typer.BadParameter(
            f"the recipe {name} learns mnist, not {dataset}; leave it out", param_hint="'--recipe'"
        )
    recipe = find_recipe(name, dataset)
    if recipe.by_hand and not isinstance(given.get("hidden", 1), int):
        raise typer.BadParameter(f"the recipe {name} has one hidden layer", param_hint="'--hidden'")
    for option in ("optimizer", "learning_rate"):
        if recipe.by_hand and given.get(option, getattr(recipe, option)) != getattr(recipe, option):
            raise typer.BadParameter(
                f"the recipe {name} fixes {recipe.optimizer} with learning rate {recipe.learning_rate:g}; "
                "leave out this option or --recipe",
                param_hint=f"'--{option.replace('_', '-')}'",
            )
    return replace(recipe, **given)
