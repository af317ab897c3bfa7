"""Members whose room is imported when one of them is looked for: models, in programs that never named them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.runs.training import train

OPEN = """
import sys, gradtape
run = gradtape.open_run(sys.argv[1])
from gradtape.rerun.model_from_run import model_of
assert "gradtape.models" not in sys.modules
print(type(model_of(run.config, {})).__name__, "gradtape.models" in sys.modules)
"""
READ = """
import sys
from gradtape import layers
config = {"class_name": "Sequential", "config": {"layers": []}}
print(type(layers.deserialize(config)).__name__, "gradtape.models" in sys.modules)
"""


def printed(program: str, *arguments: str) -> str:
    """Return what a program prints in a process of its own, which has imported nothing yet."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_program_that_only_opens_a_run_gets_its_model(tmp_path: Path) -> None:
    train(tmp_path / "run")
    assert printed(OPEN, str(tmp_path / "run")).endswith(" True")


def test_a_layer_that_is_a_model_is_read_by_name() -> None:
    assert printed(READ) == "Sequential True"


@pytest.mark.parametrize("name", ["Functional", "Model", "Sequential"])
def test_every_name_that_comes_late_is_a_model(name: str) -> None:
    program = f"from gradtape.layers.base.layer import LAYERS; print(LAYERS.find('{name}').__module__)"
    assert printed(program).startswith("gradtape.models.")
