"""`gradtape predict`: the digit that a picture shows."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gradtape.cli import trained_model
from gradtape.cli.options import Engine
from gradtape.cli.outcome import complain
from gradtape.cli.recipes import load
from gradtape.cli.run_folders import is_run
from gradtape.datasets.by_name import DATASETS
from gradtape.datasets.images import read_digit
from gradtape.display.terminal import one_line
from gradtape.errors import ArgumentError, GradtapeError

SAMPLE = re.compile(rf"({'|'.join(DATASETS)}):(.*)")


def predict(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN] IMAGE",
            help="Pictures of one digit each (.png, .jpg, .npy, .pgm, ...); "
            "mnist:17 is sample 17 of the test set, xor:17 of another one. A run's folder before them "
            "chooses the model.",
        ),
    ],
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="The run's folder, or a file of weights; by default the newest in runs/."
        ),
    ] = None,
    engine: Engine = "numpy",
) -> None:
    """Print the class of each image or sample, its probability, and the next two.

    A picture is treated as MNIST's makers treated theirs: dark ink on light
    paper is inverted, the picture is cropped to its ink, scaled into a box
    of 20 by 20 pixels, and centred by its mass in 28 by 28.
    """
    asked, images = whose(weights, images)
    model = trained_model.find(asked).model
    answers = [answer(model, image) for image in images]
    raise typer.Exit(0 if all(answers) else 1)


def whose(weights: Path | None, words: list[str]) -> tuple[Path | None, list[str]]:
    """Return the run that is to answer, and the images: the first word may be the run."""
    if weights is not None or not is_run(Path(words[0])):
        return weights, words
    if len(words) == 1:
        raise typer.BadParameter(
            f"{words[0]} is a run; which image is it to be asked of?", param_hint="IMAGE"
        )
    return Path(words[0]), words[1:]


def answer(model: Any, image: str) -> bool:
    """Print the line for one image, or on stderr why there is none; return whether there is."""
    try:
        probabilities = np.asarray(model(pixels(image).reshape(1, -1)))[0]
    except GradtapeError as error:
        complain(str(error), 1)
        return False
    if len(probabilities) == 1:
        print(f"{one_line(image)}: {probabilities[0]:.4f}")
        return True
    # stable: of equal probabilities the smaller class, on every machine
    best, *others = np.argsort(-probabilities, kind="stable")[:3]
    rest = ", ".join(f"{digit} ({probabilities[digit]:.2%})" for digit in others)
    print(f"{one_line(image)}: {best} ({probabilities[best]:.2%}), then {rest}")
    return True


def pixels(image: str) -> Any:
    """Return the pixels of a file, or of a sample such as `mnist:17`, in [0, 1]."""
    sample = SAMPLE.fullmatch(image)
    return read_digit(Path(image)) if sample is None else sample_pixels(*sample.groups())


def sample_pixels(dataset: str, number: str) -> Any:
    """Return the pixels of one sample of a test set."""
    x = test_samples(dataset)
    if not number.isdecimal() or int(number) >= len(x):
        raise ArgumentError(
            f"image: {dataset}:N needs a whole number N from 0 to {len(x) - 1}, got {number!r}"
        )
    return x[int(number)]


@cache
def test_samples(dataset: str) -> Any:
    """Return the samples of a test set, read once however many of them are asked for."""
    return load(dataset)[1][0]
