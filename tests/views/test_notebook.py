"""What a notebook shows of tensors, Variables, tapes and models: text always, HTML without scripts, not too large."""

import base64
import re
import struct
import subprocess
import sys
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest

from gradtape import GradientTape, Sequential, Variable, as_tensor, layers, ops
from gradtape.display.html import LIMIT, bundle

VOID = {"img", "br", "path"}


class Balance(HTMLParser):
    """Fails on a tag that is not closed."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def shown(value):
    """Return the text and the HTML of a value, having checked what must hold for all HTML."""
    found = value._repr_mimebundle_()
    text, html = found["text/plain"], found["text/html"]
    assert "<script" not in html and "javascript:" not in html and " on" not in re.sub(r">[^<]*<", "><", html)
    assert not re.findall(r"https?://", html)
    assert len(html.encode()) <= LIMIT
    check = Balance()
    check.feed(html)
    assert check.open == []
    return text, html


def picture(html):
    """Return the places in the palette, the palette and its opacity, of the first PNG."""
    data = base64.b64decode(re.search(r"data:image/png;base64,([^\"]+)", html)[1])
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        assert struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0] == zlib.crc32(
            kind + body
        )
        chunks[kind] = body
        place += 12 + length
    columns, rows = struct.unpack(">II", chunks[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), "uint8").reshape(rows, columns + 1)
    assert (lines[:, 0] == 0).all()
    return lines[:, 1:], np.frombuffer(chunks[b"PLTE"], "uint8").reshape(-1, 3), chunks[b"tRNS"]


def test_a_tensor_shows_its_numbers_in_colour():
    text, html = shown(as_tensor([[0.0, 1.0], [-1.0, float("nan")]]))
    assert text.startswith("Tensor([[ 0.")
    assert "(2, 2) float32" in html and "1 not finite" in html and "orange -1 .. 0 .. +1 blue" in html
    places, palette, opaque = picture(html)
    assert places.tolist() == [[127, 254], [0, 255]]
    assert opaque[127] == 0, "zero lets the background through"
    blue, orange = palette[254], palette[0]
    assert blue[2] > blue[0] and orange[0] > orange[2]


def test_a_variable_has_its_name_and_a_scalar_its_value():
    _, html = shown(Variable([1.5], name="<b>w</b>", trainable=False))
    assert "&lt;b&gt;w&lt;/b&gt;" in html and "not trainable" in html
    assert "= <code>1.5</code>" in shown(as_tensor(1.5))[1]


@pytest.mark.parametrize(
    "value",
    [np.zeros((0, 3)), np.zeros((2, 0, 3)), np.full((3, 4), np.inf), np.arange(24).reshape(2, 3, 4), np.array([True]),
     np.zeros((5, 5)), np.full((2, 2), 1e300), np.array([[-0.0]])],
    ids=str,
)  # fmt: skip
def test_every_kind_of_array_is_shown(value):
    shown(as_tensor(value))


def test_a_large_tensor_stays_small():
    rng = np.random.default_rng(0)
    _, html = shown(as_tensor(rng.normal(size=(1500, 700))))
    assert "means of blocks" in html and "the first of 1500 rows and 700 columns" in html
    places, _, _ = picture(html)
    assert max(places.shape) <= 96


def test_a_tape_shows_operations_rules_and_lines():
    v = Variable([[1.0, 2.0]], name="w")
    with GradientTape(persistent=True) as tape:
        ops.mean(ops.tanh(as_tensor([[3.0], [4.0]]) @ v) ** 2)
    text, html = shown(tape)
    assert text == str(tape)
    assert "4 operations" in html and "matmul" in html and "test_notebook.py:" in html
    assert "<msup><mi>y</mi><mn>2</mn></msup>" in html, "the rule of tanh, g * (1 - y**2), as MathML"
    assert "nothing recorded" in shown(GradientTape())[1]


def test_a_long_tape_is_cut_and_says_so():
    v = Variable(1.0)
    with GradientTape() as tape:
        y = v * 1.0
        for _ in range(1500):
            y = y * 1.0
    assert re.search(r"\d+ more rows are not shown", shown(tape)[1])


def test_a_model_shows_layers_and_weights():
    model = Sequential([layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dropout(0.5)])
    text, html = shown(model)
    assert text == repr(model)
    assert "Dense" in html and "Dropout" in html and "not compiled" in html and "15 numbers" in html
    assert html.count("<img") == 2
    model.compile("adam", "mse")
    assert "Adam" in shown(model)[1]
    assert "not built" in shown(Sequential([layers.Dense(3)]))[1]


def test_a_large_model_stays_small():
    parts = [layers.Input((200,)), *[layers.Dense(200) for _ in range(30)]]
    assert re.search(r"\d+ layers are not shown", shown(Sequential(parts))[1])


def test_what_cannot_be_shown_is_text_at_least():
    def refuse():
        raise ValueError("a layer that does not say its shape")

    assert bundle("text", refuse) == {"text/plain": "text"}


def test_import_gradtape_brings_nothing_of_it():
    code = "import sys, gradtape; print([m for m in sys.modules if m.startswith('gradtape.views.')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_heading_of_a_model_is_its_class_and_then_its_name():
    model = Sequential([layers.Input((2,)), layers.Dense(3, name="top")], name="mine")
    html = shown(model)[1]
    assert '<b>Sequential</b> <code>mine</code> <span class="soft">1 layers, 9 numbers, 36 B' in html
    assert "top <b>Dense</b>" in html
