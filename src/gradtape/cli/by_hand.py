"""The article's own training on the command line: its loop, its lines, and a file of weights in the end."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradtape
from gradtape import engine, naive
from gradtape.cli.weights import save_weights
from gradtape.cli.words import print_next
from gradtape.recipes import Recipe, load, starting_model
from gradtape.training.stopping import Stop, Stoppable


class ByHand:
    """A recipe that runs by hand, where its weights go, and how far it has come.

    Attributes:
        steps: how many steps have been done.
        results: what the test gave, by name; empty before it.
    """

    def __init__(self, dataset: str, recipe: Recipe, seed: int, file: Path, stop: Stop) -> None:
        self.dataset, self.recipe, self.seed, self.file, self.stop = dataset, recipe, seed, file, stop
        self.steps = 0
        self.results: dict[str, float] = {}

    def run(self) -> None:
        """Train, test, save, and say where."""
        train_set, test_set = load(self.dataset)
        self.model: Any = starting_model(self.recipe, self.seed)
        try:
            with engine.active.quiet():  # an overflow shows in the loss
                self.fit(*train_set)
                if not self.stop:
                    self.results = {"test_accuracy": naive.evaluate(self.model, *test_set)}
        except OSError:  # nobody takes the lines any more: keep what has been learned
            self.save()
            raise
        self.save()
        self.conclude()

    def fit(self, x: Any, y: Any) -> None:
        """Train by the article's own loop, which prints its own lines."""
        samples = Stoppable(x, self.stop)
        try:
            naive.fit(self.model, samples, y, self.recipe.epochs, self.recipe.batch_size)
        except KeyboardInterrupt:
            if not self.stop:
                raise
        finally:
            self.steps = samples.given

    def save(self) -> None:
        """Write the weights, if something has been learned."""
        if self.steps:
            settings = asdict(self.recipe)
            made_by = {
                "gradtape": gradtape.__version__,
                "dataset": self.dataset,
                "recipe": settings.pop("name"),
            }
            about = made_by | settings | {"seed": self.seed, "steps": self.steps} | self.results
            save_weights(self.file, self.model, about)

    def conclude(self) -> None:
        """Print where the weights are, and what can be done with them."""
        if not self.steps:
            print("stopped before the first step; nothing is saved")
            return
        if not self.results:
            print(f"stopped after step {self.steps}; what has been learned is saved")
        print_next("weights", self.file, self.file.parent, self.dataset)
