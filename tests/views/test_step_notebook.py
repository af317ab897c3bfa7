"""A step and a run in a notebook."""

import re

import pytest

from tests.replay.trainings import MODELS, recorded
from tests.views.test_notebook import shown


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return recorded(tmp_path_factory.mktemp("notebook") / "run", MODELS["dropout, batch norm, momentum"])


def test_a_step_shows_its_lanes_weights_and_heat_maps(run):
    step = run.at(7)
    text, html = shown(step)
    assert text == str(step)
    assert "Step 7" in html and "same bits" in html and "update by SGD" in html
    assert "matmul(x, kernel)" in html and "layers.0.kernel" in html and "+= <code>#" in html
    assert html.count("<img") > 10


def test_a_run_shows_its_losses(run):
    text, html = shown(run)
    assert text == repr(run)
    assert re.search(r"18 steps, 3 epochs", html) and "<svg" in html and "loss of each step" in html
