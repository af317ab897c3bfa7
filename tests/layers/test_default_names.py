"""Default names are Keras': the class's words in small letters, counted from the second of a kind on."""

import inspect

import pytest

import gradtape
from gradtape.base.names import snake_case
from gradtape.layers.base import layer_names
from tests.keras_parity import keras
from tests.layers.test_missing_attributes import ARGUMENTS, attempt

LAYERS = sorted(
    name
    for name in gradtape.layers.__all__
    if inspect.isclass(getattr(gradtape.layers, name)) and hasattr(keras().layers, name) and name != "Layer"
)


@pytest.fixture
def from_the_beginning(monkeypatch):
    """Let both libraries count their names from the beginning."""
    monkeypatch.setattr(layer_names, "_used_names", {})
    keras().utils.clear_session(free_memory=False)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_called_as_in_keras(name, from_the_beginning):
    ours, theirs = getattr(gradtape.layers, name), getattr(keras().layers, name)
    tried = [a for a in [*ARGUMENTS, ((2, 1),)] if attempt(ours, a) is not None]
    arguments = next(a for a in tried if attempt(theirs, a) is not None)
    layer_names._used_names.clear()
    found = [ours(*arguments).name for _ in range(3)]
    keras().utils.clear_session(free_memory=False)
    assert found == [theirs(*arguments).name for _ in range(3)]


@pytest.mark.parametrize("room", ["layers", "losses", "metrics", "optimizers", "models"])
def test_every_class_of_keras_would_get_its_name(room):
    for name, made in vars(getattr(keras(), room)).items():
        if inspect.isclass(made):
            auto = keras().src.utils.naming.to_snake_case(name)
            assert snake_case(name) == auto, name


def test_models_and_inputs_are_called_as_in_keras(from_the_beginning):
    names = []
    for k in (gradtape, keras()):
        x = k.Input((2,))
        y = k.layers.Dense(1)(x)

        class MyNet(k.Model):
            pass

        model = k.Model(x, y)
        made = [model, k.Model(x, y), k.Sequential(), k.Sequential(), MyNet(), *model.layers]
        names.append([one.name for one in made])
    assert names[0] == names[1]
