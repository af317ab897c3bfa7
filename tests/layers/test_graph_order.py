"""The order of layers and weights of functional models is Keras', so that weights can be carried over."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape.formats import arrays_file, model_file
from tests.keras_parity import keras

WIDTH = 3


def drawn(library: Any, seed: int) -> Any:
    """Return a graph of square layers with branches, shared layers and several inputs and outputs."""
    chance = random.Random(seed)
    layers = library.layers
    inputs = [layers.Input((WIDTH,), name=f"in{i}") for i in range(chance.randint(1, 3))]
    tensors, shared = list(inputs), [layers.Dense(WIDTH, name="shared")]
    for number in range(chance.randint(2, 9)):
        kind = chance.choice(["dense", "dense", "add", "shared", "normal", "concatenate"])
        first = chance.choice(tensors)
        if kind == "add":
            made = layers.Add(name=f"add{number}")([first, chance.choice(tensors)])
        elif kind == "concatenate":
            joined = layers.Concatenate(name=f"join{number}")([chance.choice(tensors), first])
            made = layers.Dense(WIDTH, name=f"after{number}")(joined)
        elif kind == "shared":
            made = shared[0](first)
        elif kind == "normal":
            made = layers.BatchNormalization(name=f"normal{number}")(first)
        else:
            made = layers.Dense(WIDTH, name=f"dense{number}")(first)
        tensors.append(made)
    later = tensors[len(inputs) :]
    outputs = chance.sample(later, min(len(later), chance.randint(1, 3)))
    return library.Model(
        inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0]
    )


@pytest.mark.parametrize("seed", range(40))
def test_layers_and_weights_have_keras_order(seed: int) -> None:
    theirs, ours = drawn(keras(), seed), drawn(gradtape, seed)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    weights = [np.random.default_rng(i).random(w.shape, "float32") for i, w in enumerate(theirs.weights)]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    x = [
        np.random.default_rng(i).normal(size=(4, WIDTH)).astype("float32") for i in range(len(theirs.inputs))
    ]
    found, expected = (m(x if len(x) > 1 else x[0]) for m in (ours, theirs))
    for a, b in zip(*(p if isinstance(p, list) else [p] for p in (found, expected)), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


def skipped() -> Any:
    gradtape.set_seed(3)
    x = gradtape.Input((WIDTH,))
    h2 = gradtape.layers.Dense(WIDTH, name="h2")(gradtape.layers.Dense(WIDTH, name="h1")(x))
    both = gradtape.layers.Add(name="add")([gradtape.layers.Dense(WIDTH, name="skip")(x), h2])
    return gradtape.Model(x, gradtape.layers.Dense(1, name="o")(both))


def test_a_layer_that_skips_stands_at_its_depth() -> None:
    assert [layer.name for layer in skipped().layers][1:] == ["h1", "skip", "h2", "add", "o"]


def test_files_of_the_order_before_are_read_as_they_were_meant(tmp_path: Any) -> None:
    x = np.ones((2, WIDTH), "float32")
    new = skipped()
    assert new.to_json().count('"order": "depth"') == 1
    older = skipped()
    older.number_by_first_call()
    assert [layer.name for layer in older.layers][1:] == ["skip", "h1", "h2", "add", "o"]
    older._graph.to_config = lambda to=older._graph.to_config: {k: v for k, v in to().items() if k != "order"}
    older.save(tmp_path / "older")
    again = gradtape.models.load_model(tmp_path / "older")
    np.testing.assert_array_equal(again(x), older(x))
    again.save(tmp_path / "again")
    np.testing.assert_array_equal(gradtape.models.load_model(tmp_path / "again")(x), older(x))
    new.save(tmp_path / "new")
    np.testing.assert_array_equal(gradtape.models.load_model(tmp_path / "new")(x), new(x))


def test_files_of_weights_of_the_order_before_are_read_as_they_were_meant(tmp_path: Any) -> None:
    x = np.ones((2, WIDTH), "float32")
    older, model = skipped(), skipped()
    older.number_by_first_call()
    older.set_weights([w + 0.5 * i for i, w in enumerate(older.get_weights())])
    older.save_weights(tmp_path / "weights")
    assert "order" not in arrays_file.read_arrays(tmp_path / "weights", model_file.WEIGHTS)[1]
    names = [layer.name for layer in model.layers]
    model.load_weights(tmp_path / "weights")
    np.testing.assert_array_equal(model(x), older(x))
    assert [layer.name for layer in model.layers] == names
    model.save_weights(tmp_path / "weights")
    assert arrays_file.read_arrays(tmp_path / "weights", model_file.WEIGHTS)[1]["order"] == "depth"
    again = skipped()
    again.load_weights(tmp_path / "weights")
    np.testing.assert_array_equal(again(x), older(x))
