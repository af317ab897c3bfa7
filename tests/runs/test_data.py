"""The data of a run: found by name, or given again and checked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape.datasets import by_name
from gradtape.errors import DatasetError, RunError
from gradtape.runs import Recording
from tests.runs.training import data, model, train


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "run"
    train(folder, epochs=1)
    return folder


def test_given_data_are_those_of_the_run_with_or_without_the_part_for_validation(run_folder: Path) -> None:
    x, y = data()
    for given in ((x, y), (x[:93], y[:93])):
        found = gradtape.open_run(run_folder, *given).data()
        assert found[0].tobytes() == x[:93].tobytes() and found[1].tobytes() == y[:93].tobytes()


@pytest.mark.parametrize(
    "wrong", [{"class_weight": {"a": 1}}, {"class_weight": []}, {"shuffle": ...}, {"steps": ...}]
)
def test_arguments_of_fit_that_are_damaged_are_refused(
    run_folder: Path, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    shutil.copytree(run_folder, tmp_path / "run")
    file = tmp_path / "run" / "run.json"
    said = json.loads(file.read_text())
    said["fit"] = {n: value for n, value in {**said["fit"], **wrong}.items() if value is not ...}
    file.write_text(json.dumps(said))
    with pytest.raises(RunError, match="^run: run.json is damaged: fit cannot be "):
        gradtape.open_run(tmp_path / "run", *data())


def test_the_batches_are_those_it_was_trained_on(run_folder: Path) -> None:
    run = gradtape.open_run(run_folder, *data())
    order = run.source().order(run.config["seed"], 0)  # type: ignore[attr-defined]
    assert [len(rows) for rows in order] == [16] * 5 + [13]
    assert sorted(np.concatenate(order)) == list(range(93)) and order[0].tolist() != list(range(16))


def test_other_data_are_refused_naming_what_differs(run_folder: Path) -> None:
    x, y = data()
    changed = x.copy()
    changed[5, 1] += 1
    with pytest.raises(
        RunError, match=r"was trained on other data: sha256 '[0-9a-f]+' then, '[0-9a-f]+' now"
    ):
        gradtape.open_run(run_folder, changed[:93], y[:93])
    with pytest.raises(
        RunError, match=r"other data: shapes \[\[93, 5\], \[93\]\] then, \[\[20, 5\], \[20\]\] now"
    ):
        gradtape.open_run(run_folder, x[:20], y[:20])
    with pytest.raises(RunError, match="other data: dtypes"):
        gradtape.open_run(run_folder, x[:93].astype("float64"), y[:93])


def test_a_run_that_knows_no_name_says_how_to_give_its_data(run_folder: Path) -> None:
    with pytest.raises(
        RunError, match=r"has no recorded name of its data; pass the data: open_run\('.*', x=..., y=...\)"
    ):
        gradtape.open_run(run_folder).data()


def test_class_weights_are_part_of_what_is_checked(tmp_path: Path) -> None:
    x, y = data()
    made = model()
    made.fit(x, y, epochs=1, class_weight={0: 1.0, 1: 0.5}, verbose=0, run=tmp_path / "run")
    source = gradtape.open_run(tmp_path / "run", x, y).source()
    _, targets, weights = source.peek()
    assert weights.tolist() == np.where(targets == 1, 0.5, 1.0).tolist()


def test_data_with_a_name_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = (np.arange(40 * 4) % 251).astype("uint8").reshape(40, 2, 2)
    labels = np.arange(40) % 2
    sets = ((images, labels), (images[:3], labels[:3]))
    monkeypatch.setitem(by_name.DATASETS, "mnist", lambda: sets)
    recording = Recording(tmp_path / "run", data_name=by_name.name_of("mnist"))
    x = by_name.flat(images)
    made = gradtape.Sequential([gradtape.Input((4,)), gradtape.layers.Dense(2, activation="softmax")])
    made.compile("sgd", "mse")
    made.fit(x, np.eye(2)[labels], run=recording, verbose=0)
    run = gradtape.open_run(tmp_path / "run")
    with pytest.raises(RunError, match="other data"):  # the name's labels are numbers, not rows
        run.data()
    made.compile("sgd", "sparse_categorical_crossentropy")
    made.fit(x, labels, run=Recording(tmp_path / "b", data_name=by_name.name_of("mnist")), verbose=0)
    assert gradtape.open_run(tmp_path / "b").data()[0].tobytes() == x.tobytes()


def test_names_mean_what_is_registered_and_nothing_else(tmp_path: Path) -> None:
    for wrong in (
        {"dataset": "os"},
        {**by_name.name_of("mnist"), "module": "os"},
        {**by_name.name_of("x")},
        "mnist",
    ):
        with pytest.raises(DatasetError, match="^data set: "):
            by_name.named(wrong)  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match="part must be one of train, test, got 'x'"):
        train(tmp_path / "run", data_name=by_name.name_of("mnist", "x"))
    assert not (tmp_path / "run").exists()


def test_batches_of_an_object_are_given_by_that_object(tmp_path: Path) -> None:
    class Pairs:
        def __len__(self) -> int:
            return 3

        def __getitem__(self, number: int) -> Any:
            x, y = data()
            return x[number * 4 : number * 4 + 4], y[number * 4 : number * 4 + 4]

    model().fit(Pairs(), epochs=1, verbose=0, run=tmp_path / "run")
    assert gradtape.open_run(tmp_path / "run", Pairs()).source().steps == 3
    with pytest.raises(RunError, match="source\\(\\) gives its batches"):
        gradtape.open_run(tmp_path / "run", Pairs()).data()
    with pytest.raises(RunError, match="was not trained on arrays but on an object"):
        gradtape.open_run(tmp_path / "run", *data())
    assert json.loads((tmp_path / "run" / "run.json").read_text())["data"] is None
