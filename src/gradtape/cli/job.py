"""One training that was asked for on the command line, from the data to the saved weights."""

from __future__ import annotations

import math
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradtape
from gradtape import engine, naive, optimizers
from gradtape.cli.words import one_line
from gradtape.errors import GradtapeError
from gradtape.losses import sparse_categorical_crossentropy
from gradtape.training.loop import evaluate, train
from gradtape.training.progress import Display
from gradtape.training.recipes import Recipe, load, starting_model
from gradtape.training.stopping import Stop, Stoppable
from gradtape.training.weights import save_weights


class Job:
    """A recipe, where its weights go, and how far it has come.

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
        self.model = starting_model(self.recipe, self.seed)
        learn, test = (self.fit, self.test_by_hand) if self.recipe.by_hand else (self.train, self.test)
        try:
            with engine.active.quiet():  # an overflow shows in the loss
                learn(*train_set)
                if not self.stop:
                    test(*test_set)
        except OSError:  # nobody takes the lines any more: keep what has been learned
            self.save()
            raise
        self.save()
        self.conclude()

    def train(self, x: Any, y: Any) -> None:
        """Train with an optimizer, showing the progress."""
        recipe, loss = self.recipe, sparse_categorical_crossentropy
        optimizer = optimizers.get(recipe.optimizer)
        optimizer.learning_rate = recipe.learning_rate
        reports = train(self.model, loss, optimizer, x, y, recipe.epochs, recipe.batch_size, self.seed)
        with Display() as display:
            for progress in reports:
                self.steps = progress.epoch * progress.steps + progress.step
                display.show(progress)
                if not math.isfinite(progress.loss):
                    raise self.diverged(progress.loss)
                if self.stop:
                    break

    def diverged(self, loss: float) -> GradtapeError:
        """Return the error for a training that can learn no more."""
        return GradtapeError(
            f"train: the loss became {loss} at step {self.steps}, so nothing was saved; "
            f"try a --learning-rate below {self.recipe.learning_rate:g}"
        )

    def test(self, x: Any, y: Any) -> None:
        """Print how well the model does on samples it has not seen."""
        loss, accuracy = evaluate(self.model, sparse_categorical_crossentropy, x, y)
        self.results = {"test_loss": loss, "test_accuracy": accuracy}
        print_results(loss, accuracy)

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

    def test_by_hand(self, x: Any, y: Any) -> None:
        """Test by the article's own lines, which print the accuracy."""
        self.results = {"test_accuracy": naive.evaluate(self.model, x, y)}

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
        folder = one_line(shlex.quote(str(self.file.parent)))
        print(f"weights: {one_line(str(self.file))}")
        print(f"next: gradtape evaluate {folder}")
        print(f"      gradtape predict {self.dataset}:0 --weights {folder}")


def print_results(loss: float, accuracy: float) -> None:
    """Print what a test gave."""
    print(f"test accuracy: {accuracy:.4f}")
    print(f"test loss: {loss:.4f}")
