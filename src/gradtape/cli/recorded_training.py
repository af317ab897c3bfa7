"""A recorded training on the command line, new or resumed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gradtape.cli.article import follow_by_hand
from gradtape.cli.outcome import print_next, print_results
from gradtape.cli.recipes import (
    Recipe,
    find_recipe,
    load,
    score,
    starting_model,
)
from gradtape.cli.run_folders import RUN
from gradtape.datasets.by_name import name_of
from gradtape.display.terminal import one_line
from gradtape.errors import GradtapeError, NotFiniteError, RunError, show
from gradtape.replay.run import open_run
from gradtape.runs import Recording

_SETTINGS = ("optimizer", "learning_rate", "epochs", "batch_size", "hidden")
_KINDS: dict[str, Any] = {
    **dict.fromkeys(("dataset", "recipe", "optimizer"), str),
    **dict.fromkeys(("seed", "epochs", "batch_size"), int),
    "hidden": (int, list),
    "learning_rate": (int, float),
}


def follow(
    folder: Path,
    dataset: str,
    recipe: Recipe,
    seed: int,
    resume: bool = False,
    recording: Recording | None = None,
) -> int:
    """Train on record, test, and say what to type next; return the exit code.

    Args:
        folder: the run's folder.
        dataset: what to learn.
        recipe: how.
        seed: decides starting weights and the order of the samples.
        resume: whether the run that is in the folder goes on.
        recording: how it is recorded, if not as always.
    """
    recording = replace(
        recording or Recording(folder), about=about(dataset, recipe, seed), data_name=name_of(dataset)
    )
    if recipe.by_hand:
        return follow_by_hand(dataset, recipe, seed, recording, resume)
    train_set, test_set = load(dataset)
    model = starting_model(recipe, seed, train_set)
    code = fit(model, train_set, recipe, recording, resume)
    if code == 0:
        results = score(model, *test_set)
        print_results(results)
        open_run(folder).note("test", **{f"test_{name}": value for name, value in results.items()})
    if not (folder / RUN).exists():  # stopped before there was anything to keep
        raise KeyboardInterrupt
    print_next("run", folder, folder, dataset)
    return code


def fit(model: Any, samples: tuple[Any, Any], recipe: Recipe, recording: Recording, resume: bool) -> int:
    """Train; return 0, or 128 + the signal that ended it."""
    try:
        model.fit(*samples, recipe.batch_size, recipe.epochs, run=recording, resume=resume)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except SystemExit as end:
        return int(end.code or 0)
    except NotFiniteError as error:
        if error.report is not None:
            print(error.report, file=sys.stderr)
        # without "fit: " before it, and without the report behind it, which has been printed
        raise GradtapeError(
            f"train: {str(error).partition(': ')[2].partition(': ')[0]}; try a --learning-rate below "
            f"{recipe.learning_rate:g}; `gradtape show {one_line(str(recording.folder))}` says how it went"
        ) from None
    return 0


def about(dataset: str, recipe: Recipe, seed: int) -> dict[str, Any]:
    """Return what a run's folder says of the command that made it."""
    settings = asdict(recipe)
    named = {"dataset": dataset, "recipe": recipe.name, "seed": seed}
    return named | {name: settings[name] for name in _SETTINGS}


def made_by(config: Mapping[str, Any], folder: Path) -> tuple[str, Recipe, int]:
    """Return data set, recipe and seed of a run that the command line made, or raise RunError."""
    written = config.get("about") or {}
    if not {"dataset", "recipe", "seed"} <= set(written):
        raise RunError(
            f"run: {folder} was not made by `gradtape train`; the program that made it continues it, with "
            "fit(..., run=..., resume=True)"
        )
    for name, kind in _KINDS.items():
        # run.json may have been edited; True would pass as an int
        if name in written and (not isinstance(written[name], kind) or isinstance(written[name], bool)):
            raise RunError(f"run: {folder / RUN} is damaged: about.{name} cannot be {show(written[name])}")
    settings = {name: written[name] for name in _SETTINGS if name in written}
    if isinstance(settings.get("hidden"), list):
        settings["hidden"] = tuple(settings["hidden"])
        if not all(type(units) is int for units in settings["hidden"]):
            raise RunError(
                f"run: {folder / RUN} is damaged: about.hidden cannot be {show(written['hidden'])}"
            )
    recipe = find_recipe(written["recipe"], written["dataset"])
    return written["dataset"], replace(recipe, **settings), written["seed"]
