"""Step: one step of a run, opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from gradtape import engine
from gradtape.display.html import bundle
from gradtape.explain.gradient_check import GradientCheck, check_gradient
from gradtape.explain.weight_change import Why, why
from gradtape.rerun.step_data import StepData
from gradtape.views.step.html import write_page
from gradtape.views.step.notebook import step_html
from gradtape.views.step.text import step_text


@dataclass(eq=False)
class Step(StepData):
    """Everything that happened in one step of a training; its attributes are those of `StepData`."""

    def __str__(self) -> str:
        return step_text(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return the step for a notebook: as text, and as HTML without scripts."""
        return bundle(str(self), lambda: step_html(self))

    def html(self, path: str | os.PathLike[str]) -> Path:
        """Write the step as one self-contained page that needs no network, and return the file's path.

        Args:
            path: the file to write; one that is there is written over.
        """
        return write_page(self, path)

    def why(self, path: str, index: object = ()) -> Why:
        """Return how one weight got its change: the share of each sample, and all else that took part.

        Args:
            path: the path of the Variable, such as ``layers.0.kernel``.
            index: which element: a whole number for each axis.

        Raises:
            ArgumentError: if there is no such Variable, or the index lies outside; the nearest is named.
        """
        with engine.hosted():  # where the records are
            return why(self, path, index)

    def check_gradient(self, path: str, samples: int = 16, seed: int = 0) -> GradientCheck:
        """Return the gradient of a weight beside a numerical one, by its own operations in float64.

        Args:
            path: the path of the weight.
            samples: how many of its elements are tried, besides the one with the largest gradient.
            seed: decides which.

        Raises:
            ArgumentError: if there is no such weight, or no gradient reaches it.
        """
        with engine.hosted():
            return check_gradient(self, path, samples, seed)
