"""Tables as text, laid out by rich: in a pipe as on a terminal that is wide enough, but for the bold."""

from __future__ import annotations

import io
import re
import shutil
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from gradtape.display.terminal import BOLD, Terminal, one_line

_NUMBER = re.compile(r"-|-?\d[\d.,:/e+-]*%?|nan|-?inf")
_ANY_WIDTH = 1_000_000  # in a pipe no line is cut


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

    Where there is still no room for all, long cells go on in the next line.

    >>> fitting([["name", "loss"], ["a", "0.5"]], ["loss"], 8)
    ['name', 'a']
    """
    table = _table(rows, width)
    if width is None or not dispensable or _width_of(table) <= width:
        return _lines(table, width)
    kept = [i for i, heading in enumerate(rows[0]) if heading != dispensable[0]]
    return fitting([[row[i] for i in kept] for row in rows], dispensable[1:], width)


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values, one pair a line; on a terminal a long value goes on in the next line."""
    table = _plain_table()
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(Text(one_line(name)), Text(one_line(value)))
    for line in _lines(table, room()):
        print(line)


def print_title(text: str) -> None:
    """Print an empty line and a heading."""
    print("\n" + Terminal.of(sys.stdout).paint(one_line(text), BOLD))


def _table(rows: Sequence[Sequence[str]], width: int | None = None) -> Table:
    """Return the rows as a table of rich, the headings as its first row."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    table = _plain_table()
    for i, column in enumerate(zip(*cells, strict=True)):
        # names stay in one line where that leaves half of the terminal for the rest
        is_name = i == 0 and width is not None and 2 * max(map(len, column)) <= width
        is_numbers = len(column) > 1 and all(map(_NUMBER.fullmatch, column[1:]))
        table.add_column(justify="right" if is_numbers else "left", overflow="fold", no_wrap=is_name)
    for row in cells:
        table.add_row(*map(Text, row))
    return table


def _plain_table() -> Table:
    """Return a table without lines, its columns two spaces apart."""
    return Table.grid(padding=(0, 2, 0, 0))


def _console(width: int | None) -> Console:
    """Return a console that takes text up: rich lays out, and colours nothing."""
    return Console(file=io.StringIO(), width=width or _ANY_WIDTH, color_system=None, legacy_windows=False)


def _width_of(table: Table) -> int:
    console = _console(None)
    return Measurement.get(console, console.options, table).maximum


def _lines(table: Table, width: int | None) -> list[str]:
    console = _console(width)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]
