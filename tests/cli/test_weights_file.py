"""Weights in a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from gradtape.cli.recipes import article_model
from gradtape.cli.weights_file import (
    FORMAT,
    load_weights,
    named_weights,
    save_weights,
)
from gradtape.errors import WeightsError
from gradtape.ops.random.seeds import set_seed

ABOUT = {"dataset": "mnist", "seed": 3, "learning_rate": 0.001, "名": "数字"}


def small(seed: int) -> Any:
    """Return a model of 4-3-2 units."""
    set_seed(seed)
    return article_model(3, inputs=4, classes=2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of weights."""
    save_weights(tmp_path / "w.safetensors", small(0), ABOUT)
    return tmp_path / "w.safetensors"


def test_what_was_saved_comes_back(file: Path) -> None:
    model, about = load_weights(file)
    expected = named_weights(small(0))
    found = named_weights(model)
    assert list(found) == ["layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b"] == list(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype and np.array_equal(found[name], array)
    assert about == ABOUT


def test_the_file_is_safetensors_that_others_read(file: Path) -> None:
    arrays = load_file(file)
    assert {name: (a.shape, str(a.dtype)) for name, a in arrays.items()} == {
        "layers.0.W": ((4, 3), "float32"),
        "layers.0.b": ((3,), "float32"),
        "layers.1.W": ((3, 2), "float32"),
        "layers.1.b": ((2,), "float32"),
    }


def test_loading_the_model_predicts_the_same(file: Path) -> None:
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    before = small(0)(x)
    assert np.array_equal(np.asarray(before), np.asarray(load_weights(file)[0](x)))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = file.read_bytes()

    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        save_weights(file, small(1), {})
    assert file.read_bytes() == kept and list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("size", [0, 1, 7, 8, 50, -1, -20])
def test_a_file_cut_short_is_refused(file: Path, size: int) -> None:
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(WeightsError, match="^weights: .*w.safetensors cannot be read: "):
        load_weights(file)


def test_what_is_not_there_or_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="^weights: there is no file .*nowhere$"):
        load_weights(tmp_path / "nowhere")
    with pytest.raises(WeightsError, match="^weights: .* cannot be read: "):
        load_weights(tmp_path)


def rewritten(file: Path, metadata: dict[str, str] | None = None, **arrays: Any) -> None:
    """Write the file anew, with other arrays (None removes one) and metadata."""
    merged = load_file(file) | {f"layers.{name.replace('_', '.')}": a for name, a in arrays.items()}
    kept = {name: a for name, a in merged.items() if a is not None}
    save_file(kept, file, metadata={"format": FORMAT} if metadata is None else metadata)


def test_weights_of_others_are_refused(file: Path) -> None:
    rewritten(file, {"format": "pt"})
    with pytest.raises(WeightsError, match="was not written by gradtape"):
        load_weights(file)


@pytest.mark.parametrize("about", ["{", "[1]", "3", "null"])
def test_damaged_words_about_the_weights_are_refused(file: Path, about: str) -> None:
    rewritten(file, {"format": FORMAT, "about": about})
    with pytest.raises(WeightsError, match="what it says about itself is damaged"):
        load_weights(file)


def test_weights_without_words_about_them_are_fine(file: Path) -> None:
    rewritten(file)
    assert load_weights(file)[1] == {}


F32 = "float32"
WRONG = [
    ({"0_W": None}, "does not hold the model of a gradtape training"),
    ({"1_W": None}, "does not hold the model of a gradtape training"),
    ({"0_W": np.zeros(4, F32)}, "does not hold the model of a gradtape training"),
    ({"0_W": np.zeros((4, 3, 1), F32)}, "does not hold the model of a gradtape training"),
    ({"1_b": None}, r"layers.1.b must be \(2,\) float32, got nothing"),
    ({"0_b": np.zeros(5, F32)}, r"layers.0.b must be \(3,\) float32, got \(5,\) float32"),
    ({"1_W": np.zeros((9, 2), F32)}, r"layers.1.W must be \(3, 2\) float32, got \(9, 2\) float32"),
    ({"0_W": np.zeros((4, 3))}, r"layers.0.W must be \(4, 3\) float32, got \(4, 3\) float64"),
]


@pytest.mark.parametrize(("arrays", "message"), WRONG)
def test_weights_that_do_not_fit_together_are_refused(
    file: Path, arrays: dict[str, Any], message: str
) -> None:
    rewritten(file, **arrays)
    with pytest.raises(WeightsError, match=message):
        load_weights(file)


def test_words_about_weights_are_json(file: Path) -> None:
    header = file.read_bytes()[8 : 8 + int.from_bytes(file.read_bytes()[:8], "little")]
    assert json.loads(json.loads(header)["__metadata__"]["about"]) == ABOUT


def test_an_array_that_the_model_has_not_is_refused(file: Path) -> None:
    rewritten(file, **{"0_extra": np.zeros(1, "float32")})
    with pytest.raises(WeightsError, match=r"the model has nothing called layers\.0\.extra, which the file"):
        load_weights(file)
