"""A step as data: one schema, of which the page, the JSON and the notebook are made."""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape.views.step import html, json_data, notebook, schema
from gradtape.views.step.json_data import op_data, step_data
from gradtape.views.step.step_view import step_view
from tests.replay.trainings import MODELS, plain, recorded

DOCS = Path(__file__).parents[2] / "docs" / "replay.md"
VIEWS = [made for made in vars(schema).values() if dataclasses.is_dataclass(made)]


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Step 7 of each kind of training."""
    folder = tmp_path_factory.mktemp("runs")
    return {name: recorded(folder / str(i), make).at(7) for i, (name, make) in enumerate(MODELS.items())}


@pytest.fixture(scope="module")
def plain_step(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return recorded(tmp_path_factory.mktemp("plain") / "run", plain).at(4)


def misfit(value: Any, wanted: Any, where: str = "") -> str | None:
    """Return where a value of JSON is not what the schema says of it; None if it fits."""
    if wanted is Any:
        return None
    if typing.get_origin(wanted) in (typing.Union, types.UnionType):
        faults = [misfit(value, one, where) for one in typing.get_args(wanted)]
        return None if None in faults else "; ".join(map(str, faults))
    if typing.get_origin(wanted) is list:
        if not isinstance(value, list):
            return f"{where}: {value!r} is no list"
        (inner,) = typing.get_args(wanted)
        return next((f for i, v in enumerate(value) if (f := misfit(v, inner, f"{where}[{i}]"))), None)
    if typing.get_origin(wanted) is dict:
        inner = typing.get_args(wanted)[1]
        return next((f for k, v in value.items() if (f := misfit(v, inner, f"{where}.{k}"))), None)
    if dataclasses.is_dataclass(wanted):
        hints = typing.get_type_hints(wanted)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            return f"{where}: {value!r} has not the fields of {wanted}"
        return next((f for k, hint in hints.items() if (f := misfit(value[k], hint, f"{where}.{k}"))), None)
    fits = type(value) in ((int, float) if wanted is float else (wanted,))
    return None if fits else f"{where}: {value!r} is no {wanted}"


def page_data(step: Any) -> Any:
    """Return what the page knows, read from it as the browser does."""
    return json.loads(re.search(r'id="data">(.*?)</script>', html.step_page(step), re.S)[1])  # type: ignore[index]


@pytest.mark.parametrize("name", MODELS)
def test_the_data_is_what_the_schema_says(steps: dict[str, Any], name: str) -> None:
    told = json.loads(json.dumps(step_data(steps[name]), allow_nan=False))
    assert misfit(told, schema.StepView) is None
    assert told["schema"] == schema.SCHEMA == 1
    assert misfit({**told, "records": [{}]}, schema.StepView) is not None  # the check can fail


def test_the_page_and_the_json_are_the_same_data(plain_step: Any) -> None:
    """They differ only in how much of the arrays they hold."""
    page, told = page_data(plain_step), step_data(plain_step)
    assert misfit(page, schema.StepView) is None
    for shown in (page, told):
        for array in shown["arrays"]:
            array["level"] = array["block"] = None
    assert page == json.loads(json.dumps(told))


def test_all_three_are_made_of_it(plain_step: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the view, and nowhere else, is seen in each of them."""

    def marked(step: Any, room: int = 0) -> Any:
        view, pool = step_view(step, room)
        view.records[0].called = "marked_operation()"
        return view, pool

    for module in (html, json_data, notebook):
        monkeypatch.setattr(module, "step_view", marked)
    assert page_data(plain_step)["records"][0]["called"] == "marked_operation()"
    assert step_data(plain_step)["records"][0]["called"] == "marked_operation()"
    assert "marked_operation()" in notebook.step_html(plain_step)


def test_a_step_as_json_is_the_step(plain_step: Any) -> None:
    told = step_data(plain_step)
    assert told["step"]["verdict"]["same"] and told["step"]["loss"] == plain_step.loss
    assert [record["name"] for record in told["records"]] == [r.name for r in plain_step.records]
    flow = told["pairs"][0]["flows"][0]
    assert (flow["argument"], flow["text"]) == ("x2", "transpose(x1) @ g")
    (update,) = [one for one in told["updates"] if one["path"] == "layers.0.kernel"]
    gradient = told["arrays"][update["arrays"]["gradient"]]
    assert gradient["norm"] == pytest.approx(np.linalg.norm(plain_step.gradients["layers.0.kernel"]))
    one = op_data(plain_step, 0)
    assert misfit(one["record"], schema.RecordView) is None
    (output,) = one["record"]["outputs"]
    assert one["arrays"][output]["values"] == [float(v) for v in plain_step.records[0].output_value.ravel()]


def test_there_is_room_for_several_outputs_and_for_bodies(
    plain_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, pool = step_view(plain_step)
    first = view.records[0]
    first.outputs = [*first.outputs, pool.add(np.zeros((5, 7, 9), "float32"), 0)]
    first.body = [dataclasses.replace(first, body=[])]
    view.arrays = pool.described()
    told = json.loads(json.dumps(schema.as_json(view)))
    assert misfit(told, schema.StepView) is None
    assert len(told["records"][0]["outputs"]) == 2 and told["records"][0]["body"][0]["index"] == 0
    monkeypatch.setattr(notebook, "step_view", lambda step: (view, pool))
    assert "(16, 8), (5, 7, 9)" in notebook.step_html(plain_step).replace("&#215;", "x")


@pytest.mark.parametrize("made", VIEWS, ids=lambda made: made.__name__)
def test_every_field_is_described(made: Any) -> None:
    described = re.findall(r"^    +(\w+): ", (made.__doc__ or "").partition("Attributes:")[2], re.M)
    assert described == [field.name for field in dataclasses.fields(made)]


def test_the_page_of_the_manual_names_every_field() -> None:
    text = DOCS.read_text(encoding="utf-8").partition("### A step as data")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", text))
    for made in (schema.StepView, schema.RecordView, schema.StepFacts):
        assert {field.name for field in dataclasses.fields(made)} <= named
