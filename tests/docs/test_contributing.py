"""CONTRIBUTING.md: its three worked examples run as they stand, each in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
SECTIONS = ("Add an operation", "Add a layer", "Add an optimizer")


def program(section: str) -> str:
    """Return the program in a section of the page."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    return code


@pytest.mark.parametrize("section", SECTIONS)
def test_the_example_runs(section: str, tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text(program(section), encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "assert " in program(section)


def test_a_wrong_rule_in_the_example_would_be_found(tmp_path: Path) -> None:
    wrong = program("Add an operation").replace("return g * -2.0 * x * y", "return g * 2.0 * x * y")
    path = tmp_path / "example.py"
    path.write_text(wrong, encoding="utf-8")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True)
    assert done.returncode != 0 and "GradientCheckError" in done.stderr


def test_no_other_code_on_the_page_is_left_untested() -> None:
    blocks = re.findall(r"```python\n", PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == len(SECTIONS)
