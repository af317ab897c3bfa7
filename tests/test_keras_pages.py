"""The pages that compare us with Keras: each name of Keras has a row, and what is called same is there."""

import re
from pathlib import Path

import pytest

import gradtape
import gradtape.tf
from tests.keras_parity import keras

PAGES = Path(__file__).parent.parent / "docs" / "keras"
ROOMS = {
    "callbacks": "callbacks.md",
    "layers": "layers.md",
    "initializers": "initializers.md",
    "activations": "initializers.md",
    "regularizers": "initializers.md",
    "constraints": "initializers.md",
    "random": "random.md",
}


def rows(page):
    """Return (names, verdict) of each row of the tables of a page."""
    found = re.findall(r"^\| (.*?) \| (same|different|absent)[^|]* \|", page, re.MULTILINE)
    return [(re.findall(r"`(\w+)`", names), verdict) for names, verdict in found]


def in_small_letters(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("room", ROOMS)
def test_each_name_of_keras_has_a_row(room):
    verdicts = {n: v for names, v in rows((PAGES / ROOMS[room]).read_text("utf-8")) for n in names}
    ours = getattr(gradtape, room)
    for name in dir(getattr(keras(), room)):
        if name.startswith("_"):
            continue
        small = {in_small_letters(known): known for known in verdicts}
        assert name in verdicts or name in small, f"{name} has no row in {ROOMS[room]}"
        verdict = verdicts.get(name) or verdicts[small[name]]
        for place in (ours, getattr(gradtape.tf.keras, room)):
            assert hasattr(place, name) == (verdict != "absent"), f"{name} is called {verdict}"
