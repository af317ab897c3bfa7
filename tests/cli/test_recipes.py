"""Recipes, their data and their starting weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradtape import optimizers
from gradtape.cli.recipes import (
    RECIPES,
    find_recipe,
    load,
    network,
    score,
    starting_model,
)
from gradtape.datasets.by_name import flat
from gradtape.errors import ArgumentError, DatasetError


def test_the_article_is_the_articles() -> None:
    recipe = find_recipe("article")
    assert (recipe.optimizer, recipe.learning_rate, recipe.epochs) == ("sgd", 1e-3, 10)
    assert (recipe.batch_size, recipe.hidden, recipe.by_hand) == (128, 512, True)


def test_the_main_job_is_what_the_readme_says() -> None:
    recipe = find_recipe("default")
    assert (recipe.optimizer, recipe.learning_rate, recipe.epochs) == ("rmsprop", 1e-3, 5)
    assert (recipe.batch_size, recipe.hidden, recipe.by_hand) == (128, 512, False)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_each_recipe_is_whole(recipe: object) -> None:
    assert RECIPES[recipe.name] is recipe and recipe.text.endswith(".")  # type: ignore[attr-defined]
    optimizers.get(recipe.optimizer)  # type: ignore[attr-defined]


def test_what_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(ArgumentError, match="^recipe: must be one of default, article, got 'x'$"):
        find_recipe("x")
    with pytest.raises(DatasetError, match="^data set: must be one of mnist, digits, xor, .*, got 'x'$"):
        load("x")


def test_images_become_rows_between_0_and_1() -> None:
    images = np.arange(8, dtype="uint8").reshape(2, 2, 2) * 36
    rows = flat(images)
    assert rows.dtype == np.float32 and rows.shape == (2, 4)
    assert np.array_equal(rows, images.reshape(2, 4).astype("float32") / 255)


def test_mnist_is_loaded_as_the_network_takes_it() -> None:
    (x, y), (x_test, y_test) = load("mnist")
    assert x.shape == (60000, 784) and x_test.shape == (10000, 784) and x.dtype == np.float32
    assert (x.min(), x.max()) == (0, 1) and y.shape == (60000,) and y_test.shape == (10000,)


def test_the_articles_weights_are_uniform_from_0_to_a_tenth() -> None:
    first, second = starting_model(replace(RECIPES["article"], hidden=64), 0).layers
    for layer, shape in ((first, (784, 64)), (second, (64, 10))):
        W = np.asarray(layer.W)
        assert W.shape == shape and W.min() >= 0 and W.max() < 0.1
        assert abs(W.mean() - 0.05) < 0.005 and not np.asarray(layer.b).any()


def test_the_networks_weights_lie_around_0() -> None:
    model = starting_model(replace(RECIPES["default"], hidden=64, optimizer="adam", learning_rate=0.25), 0)
    for layer, (rows, columns) in zip(model.layers, ((784, 64), (64, 10)), strict=True):
        W, limit = np.asarray(layer.kernel), np.sqrt(6 / (rows + columns))
        assert W.shape == (rows, columns) and W.dtype == np.float32
        assert -limit <= W.min() < -0.98 * limit and 0.98 * limit < W.max() <= limit
        assert abs(W.mean()) < 4 * limit / np.sqrt(3 * W.size)
    assert model.optimizer.name == "adam" and float(model.optimizer.learning_rate) == 0.25


@pytest.mark.parametrize("name", RECIPES)
def test_the_starting_weights_are_a_function_of_the_seed(name: str) -> None:
    recipe = replace(RECIPES[name], hidden=8)
    models = [starting_model(recipe, seed) for seed in (5, 6, 5)]
    first, other, again = (np.concatenate([np.asarray(w).ravel() for w in model.weights]) for model in models)
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_a_test_gives_mean_loss_and_the_share_that_is_right() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)).astype("float32"), rng.integers(0, 3, 50)
    model = network(5, inputs=4, classes=3)
    p = np.asarray(model(x), "float64")
    results = score(model, x, y)
    assert results["accuracy"] == pytest.approx((p.argmax(axis=1) == y).mean())
    assert results["loss"] == pytest.approx(-np.log(p[np.arange(50), y]).mean(), rel=1e-5)
