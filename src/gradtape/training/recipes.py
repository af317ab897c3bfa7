"""Recipes: trainings that have a name, so that one command can do them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape.datasets import mnist
from gradtape.errors import ArgumentError, DatasetError
from gradtape.naive import LEARNING_RATE, NaiveDense, NaiveSequential
from gradtape.ops.activations import relu
from gradtape.ops.random import uniform
from gradtape.ops.seeds import set_seed
from gradtape.ops.softmax import softmax


@dataclass(frozen=True)
class Recipe:
    """What is decided before a training starts.

    Attributes:
        name: how the command line calls it.
        text: what it is, in a sentence.
        optimizer: name of the optimizer.
        learning_rate: its learning rate.
        epochs: how many times all samples are seen.
        start: the starting weights, "article" (`article_model`) or "balanced" (`balanced_model`).
        by_hand: whether it runs through `gradtape.naive`, which fixes optimizer and learning rate.
        batch_size: samples per step.
        hidden: units of the hidden layer.
    """

    name: str
    text: str
    optimizer: str
    learning_rate: float
    epochs: int
    start: str
    by_hand: bool = False
    batch_size: int = 128
    hidden: int = 512


RECIPES = {
    "default": Recipe(
        "default",
        "The article's network trained with RMSprop, starting from weights around 0: from the article's own, "
        "which are all positive, it stays below 97 %.",
        optimizer="rmsprop",
        learning_rate=1e-3,
        epochs=5,
        start="balanced",
    ),
    "article": Recipe(
        "article",
        "The article to the letter: its starting weights, its loop, SGD by hand, its printed lines.",
        optimizer="sgd",
        learning_rate=LEARNING_RATE,
        epochs=10,
        start="article",
        by_hand=True,
    ),
}

Arrays = tuple[Any, Any]
DATASETS: dict[str, Callable[[], tuple[Arrays, Arrays]]] = {"mnist": mnist.load_data}


def find_recipe(name: str) -> Recipe:
    """Return the recipe called `name`, or raise ArgumentError naming those there are."""
    if name not in RECIPES:
        raise ArgumentError(f"recipe: must be one of {', '.join(RECIPES)}, got {name!r}")
    return RECIPES[name]


def load(dataset: str) -> tuple[Arrays, Arrays]:
    """Return (x, y) for training and for testing: images flat, float32 in [0, 1]; DatasetError if unknown."""
    if dataset not in DATASETS:
        raise DatasetError(f"data set: must be one of {', '.join(DATASETS)}, got {dataset!r}")
    (x_train, y_train), (x_test, y_test) = DATASETS[dataset]()
    return (flat(x_train), y_train), (flat(x_test), y_test)


def flat(images: Any) -> Any:
    """Return uint8 images (samples, height, width) as rows (samples, height * width), float32 in [0, 1]."""
    return images.reshape(len(images), -1).astype("float32") / np.float32(255)


def article_model(hidden: int, inputs: int = 784, classes: int = 10) -> NaiveSequential:
    """Return the article's model with the article's starting weights: uniform in [0, 0.1), biases 0.

    The weights come from the seed that `set_seed` set last, as all that has no seed of its own.
    """
    return NaiveSequential([NaiveDense(inputs, hidden, relu), NaiveDense(hidden, classes, softmax)])


def balanced_model(hidden: int, seed: int, inputs: int = 784, classes: int = 10) -> NaiveSequential:
    """Return the article's model with starting weights around 0, uniform within sqrt(6 / (inputs + outputs)).

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward networks".
    """
    model = article_model(hidden, inputs, classes)
    for number, layer in enumerate(model.layers):
        rows, columns = layer.W.shape
        limit = (6 / (rows + columns)) ** 0.5
        layer.W.assign(uniform((rows, columns), -limit, limit, seed=(seed, number)))
    return model


def starting_model(recipe: Recipe, seed: int) -> NaiveSequential:
    """Return the recipe's model before its first step, a function of the recipe and the seed."""
    if recipe.start == "balanced":
        return balanced_model(recipe.hidden, seed)
    set_seed(seed)
    return article_model(recipe.hidden)
