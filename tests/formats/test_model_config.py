"""A damaged description of a model is refused alike wherever it is read: by the file's name, with the cause."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape.errors import ArgumentError, RunError, WeightsError
from gradtape.formats.arrays_file import read_arrays, write_arrays
from gradtape.formats.model_file import MODEL
from gradtape.layers import Dense
from gradtape.models import Sequential, load_model, model_from_json
from gradtape.replay import open_run

X = np.ones((4, 2), "float32")


@pytest.fixture
def model() -> Any:
    made = Sequential([Dense(1, name="out")], name="small")
    made.compile("sgd", "mse")
    return made


def without_layers(config: Any) -> None:
    del config["model"]["config"]["layers"]


def with_an_empty_layer(config: Any) -> None:
    config["model"]["config"]["layers"] = [{}]


@pytest.mark.parametrize(("damage", "cause"), [(without_layers, "layers"), (with_an_empty_layer, "is")])
def test_a_damaged_description_is_named_with_its_place(
    model: Any, tmp_path: Path, damage: Any, cause: str
) -> None:
    model.fit(X, X[:, :1], verbose=0, run=tmp_path / "run")
    said = f"the model cannot be made again: .*KeyError: '{cause}'"

    file = tmp_path / "model"
    model.save(file)
    arrays, about = read_arrays(file, MODEL)
    damage(about)
    write_arrays(file, arrays, about, MODEL)
    with pytest.raises(WeightsError, match=f"^load: {file}: {said}"):
        load_model(file)

    described = json.loads(model.to_json())
    damage(described)
    with pytest.raises(ArgumentError, match=f"^model_from_json: {said}"):
        model_from_json(json.dumps(described))

    run_file = tmp_path / "run" / "run.json"
    written = json.loads(run_file.read_text())
    damage(written)
    run_file.write_text(json.dumps(written))
    with pytest.raises(RunError, match=f"^run: .*run.json: {said}"):
        open_run(tmp_path / "run").model()


def test_a_step_of_a_run_refuses_a_damaged_description_too(model: Any, tmp_path: Path) -> None:
    model.fit(X, X[:, :1], verbose=0, run=tmp_path / "run")
    run_file = tmp_path / "run" / "run.json"
    written = json.loads(run_file.read_text())
    without_layers(written)
    run_file.write_text(json.dumps(written))
    with pytest.raises(RunError, match=r"run.json: the model cannot be made again: .*KeyError"):
        open_run(tmp_path / "run", X, X[:, :1]).at(0)
