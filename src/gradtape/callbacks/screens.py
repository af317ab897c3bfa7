"""Screens for a progress line: updated on a terminal or in a notebook, one line per epoch elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TextIO

from gradtape.display.terminal import (
    BOLD,
    ERASE_REST,
    Cursor,
    Terminal,
)

Line = Callable[[Terminal, int], str]  # the line as it is now, for a terminal and a number of columns

NO_LIMIT = 1 << 30


class Screen(Protocol):
    """Shows a heading, a line that changes, and how it was in the end."""

    def begin(self, heading: str) -> None:
        """Show the heading."""

    def is_due(self) -> bool:
        """Tell whether it is time to show the line as it is now."""

    def update(self, line: Line) -> None:
        """Show the line, if it is time to."""

    def end(self, line: Line) -> None:
        """Show the line as it stays."""

    def close(self) -> None:
        """Leave nothing half written."""


def screen_for(stream: TextIO | None, verbose: object) -> Screen:
    """Return the screen for a stream: a live one only where lines can be written over."""
    terminal = Terminal.of(stream)
    # A stream of the user's own is written to in a notebook too.
    handle = _notebook_display() if stream is sys.stdout and verbose != 2 else None
    if handle is not None:
        return Notebook(handle)
    return Live(stream, terminal) if terminal.live and verbose != 2 else Plain(stream, terminal)


class Plain:
    """One line at the end of each epoch, as for files and pipes."""

    def __init__(self, stream: TextIO | None, terminal: Terminal) -> None:
        self._stream, self._terminal = stream, replace(terminal, live=False)
        self._heading = ""

    def begin(self, heading: str) -> None:
        """Keep the heading for the end."""
        self._heading = heading

    def is_due(self) -> bool:
        """Only the end is shown."""
        return False

    def update(self, line: Line) -> None:
        """Show nothing yet."""

    def end(self, line: Line) -> None:
        """Show heading and line."""
        start = f"{self._terminal.paint(self._heading, BOLD)} - " if self._heading else ""
        write(self._stream, f"{start}{line(self._terminal, NO_LIMIT)}\n")

    def close(self) -> None:
        """There is nothing half written."""


class Live:
    """A line that is written over, at most every 0.05 s."""

    interval = 0.05

    def __init__(self, stream: TextIO | None, terminal: Terminal) -> None:
        self._stream, self._terminal = stream, terminal
        self._next = 0.0

    def begin(self, heading: str) -> None:
        """Show the heading on a line of its own."""
        self.close()
        # The first line of an epoch is shown at once.
        self._next = 0.0
        if heading:
            write(self._stream, self._terminal.paint(heading, BOLD) + "\n")

    def is_due(self) -> bool:
        """Tell whether the line has stood long enough."""
        return time.perf_counter() >= self._next

    def update(self, line: Line) -> None:
        """Write over the line."""
        if not self.is_due():
            return
        self._next = time.perf_counter() + self.interval
        columns = shutil.get_terminal_size().columns - 1  # a full last column makes some terminals wrap
        write(self._stream, f"\r{line(self._terminal, columns)}{ERASE_REST}")
        Cursor.inside_line = True

    def end(self, line: Line) -> None:
        """Write over the line, as long as it is, and leave it."""
        write(self._stream, f"\r{line(self._terminal, NO_LIMIT)}{ERASE_REST}\n")
        Cursor.inside_line = False

    def close(self) -> None:
        """End the line."""
        if Cursor.inside_line:
            write(self._stream, "\n")
        Cursor.inside_line = False


class Notebook:
    """One output of a notebook's cell, changed at most every 0.25 s; its last state stays."""

    interval = 0.25
    # So that the output of a long training stays short in the notebook's file.
    most_lines = 100

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._terminal = Terminal(live=True, colour=False, unicode=True)
        self._handle: Any = None
        self._lines: list[str] = []
        self._next = 0.0

    def begin(self, heading: str) -> None:
        """Keep the heading above the line."""
        self._lines += [heading] * bool(heading)

    def is_due(self) -> bool:
        """Tell whether the output has stood long enough."""
        return time.perf_counter() >= self._next

    def update(self, line: Line) -> None:
        """Change the output."""
        if self.is_due():
            self._show([*self._lines, line(self._terminal, NO_LIMIT)])

    def end(self, line: Line) -> None:
        """Change the output and keep the line."""
        self._lines = [*self._lines, line(self._terminal, NO_LIMIT)][-self.most_lines :]
        self._show(self._lines)

    def close(self) -> None:
        """The output stays as it is."""

    def _show(self, lines: list[str]) -> None:
        # One output that is updated in place: clear_output would also remove what the user has printed.
        bundle = {"text/plain": "\n".join(lines)}
        if self._handle is None:
            self._handle = self._display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
        self._next = time.perf_counter() + self.interval


def write(stream: TextIO | None, text: str) -> None:
    """Write at once, if there is a stream."""
    if stream is not None:
        stream.write(text)
        stream.flush()


def _notebook_display() -> Callable[..., Any] | None:
    """Return IPython's display function if this runs in a notebook's kernel."""
    # Not imported: a notebook's kernel has done so. IPython in a terminal has a shell, too, but no kernel.
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return None if getattr(shell, "kernel", None) is None else ipython.display.display
