"""Tables as text: the same on a terminal and in a pipe, except for the terminal's bold heading."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from gradtape.display.terminal import BOLD, Terminal, one_line

_NUMBER = re.compile(r"-|-?\d[\d.,:/e+-]*%?|nan|-?inf")


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], dispensable: Sequence[str] = ()
) -> None:
    """Print rows under their headings; columns of numbers stand to the right.

    Args:
        headings: the names of the columns.
        rows: the cells of each row.
        dispensable: the columns that are left out, the first one first, where a terminal is too narrow.
    """
    first, *others = fitting([headings, *rows], list(dispensable), room())
    print(Terminal.of(sys.stdout).paint(first, BOLD))
    for line in others:
        print(line)


def room() -> int | None:
    """Return how many characters a line of the terminal has; None in a pipe or a file."""
    return shutil.get_terminal_size().columns if Terminal.of(sys.stdout).live else None


def fitting(rows: Sequence[Sequence[str]], dispensable: list[str], width: int | None) -> list[str]:
    """Return the rows as lines, without those columns for which there is no room.

    >>> fitting([["name", "loss"], ["a", "0.5"]], ["loss"], 8)
    ['name', 'a']
    """
    lines = aligned(rows)
    if width is None or not dispensable or max(map(cell_len, lines)) <= width:
        return lines
    kept = [i for i, heading in enumerate(rows[0]) if heading != dispensable[0]]
    return fitting([[row[i] for i in kept] for row in rows], dispensable[1:], width)


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
    width, line = max((cell_len(name) for name, _ in pairs), default=0), room()
    for name, value in pairs:
        lines = [value] if line is None else folded(value, line - width - 2)
        for start, part in zip([name, *[""] * len(lines)], lines, strict=False):
            print(f"{_padded(start, width, False)}  {part}")


def folded(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width`, and never under 20, characters, cut between words.

    >>> folded("a text of more than twenty letters", 20)
    ['a text of more than', 'twenty letters']
    """
    return textwrap.wrap(text, max(width, 20), break_on_hyphens=False) or [text]


def print_title(text: str) -> None:
    """Print an empty line and a heading."""
    print("\n" + Terminal.of(sys.stdout).paint(one_line(text), BOLD))
