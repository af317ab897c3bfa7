"""Names that are absent: each name of Keras is there or answers with its sentence; others get a hint."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

import gradtape
import gradtape.tf as tf
from gradtape.base import absent
from tests.keras_parity import keras
from tools.list_keras_names import FILE, as_text, public_names

NAMES = json.loads(FILE.read_text(encoding="utf-8"))["names"]
PAGES = Path(__file__).parent.parent.parent / "docs" / "keras"


def part(path):
    """Return the room of gradtape that Keras has under this path, or None."""
    room = gradtape
    for name in filter(None, path.split(".")):
        room = getattr(room, name, None)
    return room


def test_the_file_holds_the_names_of_the_installed_keras():
    assert as_text(keras()) == FILE.read_text(encoding="utf-8")
    assert len(public_names(keras())["layers"]) > 150


@pytest.mark.parametrize("room", [room for room in NAMES if part(room) is not None and room != "export"])
def test_each_name_of_keras_is_there_or_says_that_it_is_not(room):
    for name in NAMES[room].split():
        module = part(room)
        if hasattr(module, name):
            continue
        with pytest.raises(AttributeError) as caught:
            getattr(module, name)
        text = str(caught.value)
        where = f"gradtape.{room}".rstrip(".")
        assert text.startswith(
            f"{where} has no {name}, which Keras 3.15.1 has: it is not in this version; near: "
        )
        page = re.search(r"see docs/keras/(\w+\.md)$", text)[1]
        rows = (PAGES / page).read_text(encoding="utf-8")
        assert f"`{name}`" in rows, f"{page} has no row for {name}"


# A room of Keras that is none here; below a single file Python itself says that there is nothing.  `export` is
# the name of a room of ours that has nothing to do with Keras'.
ABSENT = [room for room in NAMES if part(room) is None and not room.startswith(("utils.", "export"))]


@pytest.mark.parametrize("room", ABSENT)
def test_each_absent_room_of_keras_says_that_it_is_not_there(room):
    top = room.split(".")[0]
    missing = room if hasattr(gradtape, top) else top
    with pytest.raises(
        ModuleNotFoundError, match=rf"has no {missing.split('.')[-1]}, which Keras 3\.15\.1 has"
    ):
        importlib.import_module(f"gradtape.{room}")


def test_an_import_of_an_absent_name_says_the_same():
    sentence = "gradtape.layers has no Conv3D, which Keras 3.15.1 has: it is not in this version"
    if hasattr(gradtape.layers, "Conv3D"):
        pytest.skip("it has come")
    with pytest.raises(ImportError, match=sentence):
        from gradtape.layers import Conv3D  # noqa: F401
    with pytest.raises(ImportError, match=r"gradtape\.utils has no get_file, .* near: nothing here opens"):
        from gradtape.utils import get_file  # noqa: F401
    with pytest.raises(ImportError, match=r"gradtape has no backend, .* near: gradtape\.set_engine"):
        from gradtape import backend  # noqa: F401
    with pytest.raises(ModuleNotFoundError, match=r"gradtape has no applications"):
        from gradtape.applications import VGG16  # noqa: F401
    assert not hasattr(gradtape.layers, "Conv3D")


@pytest.mark.parametrize(
    ("module", "name", "text"),
    [
        (gradtape, "Dense", "gradtape has no Dense; did you mean gradtape.layers.Dense?"),
        (gradtape, "layer", "gradtape has no layer; did you mean gradtape.layers or gradtape.Layer?"),
        (
            gradtape.losses,
            "crossentropy",
            "no crossentropy; did you mean gradtape.losses.binary_crossentropy",
        ),
        (gradtape.losses, "Adam", "gradtape.losses has no Adam; did you mean gradtape.optimizers.Adam?"),
        (gradtape.ops, "zzz", "gradtape.ops has no zzz; dir(gradtape.ops) lists what there is"),
        (gradtape, "__wrapped__", "module 'gradtape' has no attribute '__wrapped__'"),
        (tf, "reduce_men", "did you mean gradtape.tf.reduce_mean"),
        (tf.nn, "conv2d", "gradtape.tf.nn has no conv2d: here are the names of TensorFlow that programs"),
        (tf.keras.layers, "TFSMLayer", "gradtape.tf.keras.layers has no TFSMLayer, which Keras 3.15.1 has"),
    ],
)
def test_a_name_that_nobody_has_gets_a_hint(module, name, text):
    with pytest.raises(AttributeError, match=re.escape(text)):
        getattr(module, name)


def test_dir_lists_what_is_public():
    assert "base" not in dir(gradtape.ops) and "operators" not in dir(gradtape.ops)
    assert {"nn", "numpy", "linalg", "matmul"} <= set(dir(gradtape.ops))
    assert dir(gradtape.layers) == sorted(gradtape.layers.__all__)
    assert {"reduce_mean", "keras", "float32"} <= set(dir(tf)) and "np" not in dir(tf)


@pytest.mark.parametrize("room", ["ops.numpy", "ops.nn", "ops.linalg"])
def test_a_name_in_two_rooms_of_keras_is_in_both_of_ours(room):
    for name in NAMES[room].split():
        if hasattr(gradtape.ops, name):
            assert getattr(part(room), name) is getattr(gradtape.ops, name)


def test_a_module_that_python_looks_for_is_no_concern_of_ours():
    assert importlib.util.find_spec("gradtape.layers.nonsense") is None
    assert absent.room_is_absent("gradtape.layers.nonsense") is None
    assert absent.room_is_absent("gradtape.layers") is None
    assert absent.room_is_absent("gradtape.activations") is None
    assert "gradtape.applications" not in sys.modules
