"""Recipes: trainings with a name, for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradtape import optimizers
from gradtape.article.naive import LEARNING_RATE, NaiveDense, NaiveSequential
from gradtape.datasets.by_name import DATASETS, PREPARATIONS, Arrays, name_of
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
        hidden: units of the hidden layer, or of each of several.
        activation: of the hidden layers.
    """

    name: str
    text: str
    optimizer: str
    learning_rate: float
    epochs: int
    by_hand: bool = False
    batch_size: int = 128
    hidden: int | tuple[int, ...] = 512
    activation: str = "relu"


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


# What the default recipe takes for other data sets than MNIST.
# two inputs and a few hundred points: a tiny network with tanh learns them in seconds
_POINTS: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": 0.01,
    "epochs": 50,
    "batch_size": 32,
    "hidden": (8, 8),
    "activation": "tanh",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "digits": {"epochs": 20, "batch_size": 32, "hidden": 64},
    **dict.fromkeys(("xor", "moons", "circles", "blobs", "sine"), _POINTS),
    "spirals": {**_POINTS, "epochs": 150, "hidden": (16, 16)},
}


def find_recipe(name: str, dataset: str = "mnist") -> Recipe:
    """Return the recipe called `name` for a data set, or raise ArgumentError naming those there are."""
    if name not in RECIPES:
        raise ArgumentError(f"recipe: must be one of {', '.join(RECIPES)}, got {name!r}")
    recipe = RECIPES[name]
    if recipe.by_hand and dataset != "mnist":
        raise ArgumentError(f"recipe: {name} learns mnist, got {dataset!r}; leave out --recipe")
    return replace(recipe, **SETTINGS.get(dataset, {}))


def load(dataset: str) -> tuple[Arrays, Arrays]:
    """Return (x, y) for training and for testing, as networks take them; DatasetError if unknown.

    Images are flat, float32 in [0, 1].
    """
    if dataset not in DATASETS:
        raise DatasetError(f"data set: must be one of {', '.join(DATASETS)}, got {dataset!r}")
    (x_train, y_train), (x_test, y_test) = DATASETS[dataset]()
    prepared = PREPARATIONS[name_of(dataset)["preparation"]]
    return (prepared(x_train), y_train), (prepared(x_test), y_test)


def article_model(hidden: int, inputs: int = 784, classes: int = 10) -> NaiveSequential:
    """Return the article's model with the article's starting weights: uniform in [0, 0.1), biases 0.

    The weights come from the seed that `set_seed` set last, as all that has no seed of its own.
    """
    return NaiveSequential([NaiveDense(inputs, hidden, relu), NaiveDense(hidden, classes, softmax)])


def network(
    hidden: int | tuple[int, ...],
    inputs: int = 784,
    classes: int = 10,
    optimizer: object = "rmsprop",
    activation: str = "relu",
) -> Any:
    """Return the article's network made of layers, starting from weights around 0, ready to be trained.

    Args:
        hidden: the units of the hidden layer, or of each of several.
        inputs: numbers in a sample.
        classes: how many there are; 0 for one number that is to be predicted.
        optimizer: what it is trained by.
        activation: of the hidden layers.
    """
    inner = [Dense(units, activation=activation) for units in units_of(hidden)]
    last = Dense(classes, activation="softmax") if classes else Dense(1)
    return compiled(Sequential([Input((inputs,)), *inner, last]), optimizer)


def units_of(hidden: int | Sequence[int]) -> tuple[int, ...]:
    """Return the units of each hidden layer.

    >>> units_of(8), units_of((4, 4))
    ((8,), (4, 4))
    """
    return (hidden,) if isinstance(hidden, int) else tuple(hidden)


def compiled(model: Any, optimizer: Any = "rmsprop") -> Any:
    """Let the model learn class numbers, or a number, by the optimizer, and return it."""
    if model.output_shape[-1] == 1:
        model.compile(optimizer, "mse", metrics=["mae"])
    else:
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def starting_model(recipe: Recipe, seed: int, samples: Arrays | None = None) -> Any:
    """Return the recipe's model before its first step, a function of its arguments.

    Args:
        recipe: what it is like.
        seed: decides its weights.
        samples: (x, y) that it is to learn; None for MNIST's.
    """
    # before the model: its layers draw their weights from the seed set last
    set_seed(seed)
    if recipe.by_hand:
        return article_model(units_of(recipe.hidden)[0])
    optimizer = optimizers.get(recipe.optimizer)
    optimizer.learning_rate = recipe.learning_rate
    sizes = (784, 10) if samples is None else sizes_of(*samples)
    return network(recipe.hidden, *sizes, optimizer, recipe.activation)


def sizes_of(x: Any, y: Any) -> tuple[int, int]:
    """Return how many inputs samples have and how many classes: 0 where y is not class numbers."""
    return x.shape[1], 0 if y.dtype.kind == "f" else int(y.max()) + 1


def score(model: Any, x: Any, y: Any) -> dict[str, float]:
    """Return the loss of a model on samples, and its accuracy, or for numbers its mean error."""
    if model.optimizer is None:
        compiled(model)
    found: dict[str, float] = model.evaluate(x, y, batch_size=1000, verbose=0, return_dict=True)
    return found
