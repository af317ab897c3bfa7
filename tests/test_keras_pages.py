"""The pages that compare us with Keras: each name of Keras has a row, and what is called same is there."""

import inspect
import re
from pathlib import Path

import pytest

import gradtape
import gradtape.tf
from tests.keras_parity import keras

PAGES = Path(__file__).parent.parent / "docs" / "keras"

# A room of Keras, or a class in it, and the page that lists what it has.
ROOMS = {
    "": "training.md",
    "Layer": "training.md",
    "Model": "training.md",
    "Optimizer": "optimizers.md",
    "Sequential": "training.md",
    "activations": "initializers.md",
    "callbacks": "callbacks.md",
    "datasets": "data.md",
    "constraints": "initializers.md",
    "initializers": "initializers.md",
    "layers": "layers.md",
    "losses": "losses.md",
    "metrics": "metrics.md",
    "models": "saving.md",
    "ops": "ops.md",
    "ops.linalg": "ops.md",
    "ops.nn": "ops.md",
    "ops.numpy": "ops.md",
    "optimizers": "optimizers.md",
    "optimizers.schedules": "optimizers.md",
    "random": "random.md",
    "regularizers": "initializers.md",
    "saving": "saving.md",
    "utils": "utils.md",
}
# Rows that speak of several at once say in words which of them is absent.
SOME_ABSENT = {"save", "jit_compile", "compiled_metrics", "export"}  # export: a room, and no method


def rows(page):
    """Return (names, verdict) of each row of the tables of a page."""
    found = re.findall(r"^\| (.*?) \| (same|different|absent)[^|]* \|", page, re.MULTILINE)
    return [(re.findall(r"`(\w+)`", names), verdict) for names, verdict in found]


def in_small_letters(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def part(library, path):
    for name in path.split(".") if path else ():
        library = getattr(library, name)
    return library


def places(room):
    """Return where the names of a room are found in gradtape: in it, and under tf.keras if that has the room."""
    theirs = gradtape.tf.keras
    return [part(gradtape, room), *([part(theirs, room)] if room else [])]


@pytest.mark.parametrize("room", ROOMS)
def test_each_name_of_keras_has_a_row(room):
    verdicts = {n: v for names, v in rows((PAGES / ROOMS[room]).read_text("utf-8")) for n in names}
    small = {in_small_letters(known): known for known in verdicts}
    for name in dir(part(keras(), room)):
        if name.startswith("_"):
            continue
        assert name in verdicts or name in small, f"{name} has no row in {ROOMS[room]}"
        verdict = verdicts.get(name) or verdicts[small[name]]
        for place in places(room):
            if name not in SOME_ABSENT:
                assert hasattr(place, name) == (verdict != "absent"), f"{room}: {name} is called {verdict}"


# What we leave out of a signature, by name; the pages say so.
LEFT_OUT = {
    *("rebuild", "zipped", "kwargs", "args", "max_shard_size", "sparse", "ragged", "optional", "state"),
    *("aggregation", "autocast", "overwrite_with_gradient", "layout", "mask", "self"),
    *("input_tensor", "input_tensors", "clone_function", "call_function", "recursive", "objects_to_skip"),
    *("lora_rank", "lora_alpha", "quantization_config", "renorm", "renorm_clipping", "renorm_momentum"),
    "synchronized",
}


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("", "random", "callbacks")])
def test_arguments_have_keras_names_order_and_defaults(room):
    verdicts = {n: v for names, v in rows((PAGES / ROOMS[room]).read_text("utf-8")) for n in names}
    for name, theirs in vars(part(keras(), room)).items():
        ours = getattr(part(gradtape, room), name, None)
        if name.startswith("_") or verdicts.get(name) != "same" or not callable(theirs):
            continue
        wanted = [p for p in parameters(theirs) if p.name not in LEFT_OUT]
        found = {p.name: p for p in parameters(ours)}
        missing = [p.name for p in wanted if p.name not in found]
        if len(wanted) == 1 and wanted[0].default is inspect.Parameter.empty:
            continue  # a function of one argument, which nobody names
        assert not missing, f"{name} lacks {missing}"
        order = [n for n in found if n in {p.name for p in wanted}]
        assert order == [p.name for p in wanted], name
        for p in wanted:
            if p.default is not inspect.Parameter.empty and isinstance(p.default, bool | int | float | str):
                assert str(found[p.name].default) in (str(p.default), "None"), f"{name}: {p.name}"


def parameters(made):
    try:
        return list(inspect.signature(made).parameters.values())
    except ValueError:  # a class without a signature
        return []
