"""Tables of the command line: rich lays them out, and a pipe gets the same plain text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from rich.cells import cell_len

from gradtape.display.tables import fitting, print_facts, print_table

ROWS = [["name", "loss"], ["a", "0.5"], ["long", "10.25"], ["数字", "nan"]]


def test_columns_stand_two_spaces_apart_and_numbers_to_the_right() -> None:
    assert fitting(ROWS, [], None) == ["name   loss", "a       0.5", "long  10.25", "数字    nan"]


@pytest.mark.parametrize("width", [80, 40, 12])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    rows = [["path", "value"], ["a.long.path." * 5, "of many words " * 9], ["b", "x" * 200]]
    lines = fitting(rows, [], width)
    assert max(map(cell_len, lines)) <= width
    assert "".join(lines).replace(" ", "").count("x") == 200
    assert len(fitting(rows, [], None)) == 3  # in a pipe each row is one line


def test_what_looks_like_markup_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("[bold]a[/bold]", "b"), [[":smile:", "\x1b[31mred"]])
    print_facts([("[i]c", "d"), ("e", "")])
    assert capsys.readouterr().out == ("[bold]a[/bold]  b\n:smile:         \\x1b[31mred\n[i]c  d\ne\n")


def test_importing_the_package_loads_neither_rich_nor_a_server_nor_jax() -> None:
    program = (
        "import sys, gradtape; gradtape.Sequential([gradtape.layers.Dense(1)]).summary; "
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'rich', 'typer', 'click', 'jax', 'jaxlib', 'tornado', 'aiohttp', 'flask', 'matplotlib',"
        " 'tensorboardX', 'pandas', 'PIL', 'keras', 'tensorflow', 'torch'}),"
        " 'http.server' in sys.modules, 'socketserver' in sys.modules, 'asyncio' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path), "GRADTAPE_ENGINE": "numpy"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "[] False False False\n", done.stderr


def test_names_in_the_first_column_stay_in_one_line_where_there_is_room() -> None:
    rows = [["", "A", "B"], ["compile.optimizer.rate", "a " * 30, "b " * 30]]
    assert fitting(rows, [], 60)[1].startswith("compile.optimizer.rate  a")
    assert fitting(rows, [], 40)[1].split()[0] != "compile.optimizer.rate"
