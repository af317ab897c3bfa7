"""The article's training loop on the command line, recorded like any other."""

from __future__ import annotations

import signal
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradtape
from gradtape import engine
from gradtape.article import naive
from gradtape.article.recorded import fit_by_hand
from gradtape.cli.outcome import print_next
from gradtape.cli.recipes import Recipe, load, starting_model
from gradtape.cli.run_folders import WEIGHTS
from gradtape.cli.weights_file import save_weights
from gradtape.replay.run import open_run
from gradtape.runs import Recording
from gradtape.training.signals import Stop, stop_on_signals


def follow_by_hand(dataset: str, recipe: Recipe, seed: int, recording: Recording, resume: bool) -> int:
    """Train by hand on record, test, and say what to type next; return the exit code.

    Args:
        dataset: what to learn.
        recipe: how; one that runs by hand.
        seed: decides the starting weights.
        recording: where the run goes.
        resume: whether the run that is in the folder goes on.
    """
    folder = Path(recording.folder)
    # loading may take long too: Ctrl-C is heard from here on
    with stop_on_signals() as stop, engine.active.quiet():  # an overflow shows in the loss
        train_set, test_set = load(dataset)
        if stop:
            print("stopped before the first step; nothing is saved")
            return stop.exit_code
        model: Any = starting_model(recipe, seed)
        code = _fit(model, train_set, recipe, seed, recording, resume, stop)
        results: dict[str, float] = {}
        if code == 0:
            results = {"test_accuracy": naive.evaluate(model, *test_set)}
            open_run(folder).note("test", **results)
        _save(folder / WEIGHTS, model, dataset, recipe, seed, results)
    print_next("run", folder, folder, dataset)
    return code


def _fit(
    model: Any, samples: Any, recipe: Recipe, seed: int, recording: Recording, resume: bool, stop: Stop
) -> int:
    """Train; return 0, or 128 + the signal that ended it."""
    try:
        fit_by_hand(model, samples, recipe.epochs, recipe.batch_size, recording, seed, resume, stop)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _save(
    file: Path, model: object, dataset: str, recipe: Recipe, seed: int, results: dict[str, float]
) -> None:
    """Write the weights in a file of their own too, for programs that know nothing of runs."""
    settings = asdict(recipe)
    made_by = {"gradtape": gradtape.__version__, "dataset": dataset, "recipe": settings.pop("name")}
    steps = len(open_run(file.parent).steps)
    save_weights(file, model, made_by | settings | {"seed": seed, "steps": steps} | results)
