"""Tables as text: the same on a terminal and in a pipe, but for the bold heading of a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from gradtape.callbacks.terminal import BOLD, Terminal
from gradtape.cli.words import one_line

_NUMBER = re.compile(r"-|-?\d[\d.,:/e+-]*%?|nan|-?inf")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their headings; columns of numbers stand to the right."""
    first, *others = aligned([headings, *rows])
    print(Terminal.of(sys.stdout).paint(first, BOLD))
    for line in others:
        print(line)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines, columns two spaces apart; the first row is the headings.

    >>> aligned([["name", "loss"], ["a", "0.5"], ["long", "10.25"]])
    ['name   loss', 'a       0.5', 'long  10.25']
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    columns = list(zip(*cells, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    right = [len(column) > 1 and all(map(_NUMBER.fullmatch, column[1:])) for column in columns]
    return ["  ".join(map(_padded, row, widths, right)).rstrip() for row in cells]


def _padded(cell: str, width: int, to_the_right: bool) -> str:
    room = " " * (width - cell_len(cell))
    return room + cell if to_the_right else cell + room


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values, one pair a line."""
    pairs = [(one_line(name), one_line(value)) for name, value in facts]
    width = max((cell_len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        print(f"{_padded(name, width, False)}  {value}")


def print_title(text: str) -> None:
    """Print an empty line and a heading."""
    print("\n" + Terminal.of(sys.stdout).paint(one_line(text), BOLD))
