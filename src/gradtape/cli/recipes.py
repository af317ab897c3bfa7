"""Recipes: trainings that have a name, so that one command can do them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradtape import optimizers
from gradtape.article.naive import LEARNING_RATE, NaiveDense, NaiveSequential
from gradtape.datasets.by_name import DATASETS, Arrays, flat
from gradtape.errors import ArgumentError, DatasetError
from gradtape.layers import Dense, Input
from gradtape.models import Sequential
from gradtape.ops.nn.activations import relu
from gradtape.ops.nn.softmax import softmax
from gradtape.ops.random.seeds import set_seed


@dataclass(frozen=True)
class Recipe:
    """What is decided before a training starts.

    Attributes:
        name: how the command line calls it.
        text: what it is, in a sentence.
        optimizer: name of the optimizer.
        learning_rate: its learning rate.
        epochs: how many times all samples are seen.
        by_hand: whether it runs through `gradtape.naive`, which fixes optimizer and learning rate.
        batch_size: samples per step.
        hidden: units of the hidden layer.
    """

    name: str
    text: str
    optimizer: str
    learning_rate: float
    epochs: int
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
    ),
    "article": Recipe(
        "article",
        "The article to the letter: its starting weights, its loop, SGD by hand, its printed lines.",
        optimizer="sgd",
        learning_rate=LEARNING_RATE,
        epochs=10,
        by_hand=True,
    ),
}


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


def article_model(hidden: int, inputs: int = 784, classes: int = 10) -> NaiveSequential:
    """Return the article's model with the article's starting weights: uniform in [0, 0.1), biases 0.

    The weights come from the seed that `set_seed` set last, as all that has no seed of its own.
    """
    return NaiveSequential([NaiveDense(inputs, hidden, relu), NaiveDense(hidden, classes, softmax)])


def network(hidden: int, inputs: int = 784, classes: int = 10, optimizer: Any = "rmsprop") -> Any:
    """Return the article's network made of layers, starting from weights around 0, ready to be trained."""
    layers = [Input((inputs,)), Dense(hidden, activation="relu"), Dense(classes, activation="softmax")]
    return compiled(Sequential(layers), optimizer)


def compiled(model: Any, optimizer: Any = "rmsprop") -> Any:
    """Let the model learn class numbers by the optimizer, and return it."""
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def starting_model(recipe: Recipe, seed: int) -> Any:
    """Return the recipe's model before its first step, a function of the recipe and the seed."""
    set_seed(seed)
    if recipe.by_hand:
        return article_model(recipe.hidden)
    optimizer = optimizers.get(recipe.optimizer)
    optimizer.learning_rate = recipe.learning_rate
    return network(recipe.hidden, optimizer=optimizer)


def score(model: Any, x: Any, y: Any) -> dict[str, float]:
    """Return the loss and the accuracy of a model on samples with class numbers."""
    if model.optimizer is None:
        compiled(model)
    found: dict[str, float] = model.evaluate(x, y, batch_size=1000, verbose=0, return_dict=True)
    return found
