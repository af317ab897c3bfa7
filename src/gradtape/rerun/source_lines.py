"""Which lines of source asked for an operation: read from Python's stack while it is computed."""

from __future__ import annotations

import linecache
import os
from dataclasses import dataclass
from types import CodeType, FrameType

from gradtape.core.source_line import caller, line_number

_PACKAGE = __name__.partition(".")[0] + "."


@dataclass(frozen=True)
class Line:
    """A line of source.

    Attributes:
        file: its path.
        number: counted from 1.
        function: in which function it stands.
    """

    file: str
    number: int
    function: str

    @property
    def text(self) -> str:
        """What the line says, "" where the file is not there any more."""
        return linecache.getline(self.file, self.number).strip()

    def __str__(self) -> str:
        return f"{os.path.basename(self.file)}:{self.number}"


def asking_line(frame: FrameType) -> Line:
    """Return the line that asked for what runs in `frame`, outside the machinery of tape and operations."""
    return _line(caller(frame))


def user_line(frame: FrameType, root: CodeType) -> Line | None:
    """Return the nearest line outside the library; None if there is none.

    Args:
        frame: where to begin.
        root: the code of the call beyond which not to look.
    """
    current: FrameType | None = frame
    while current is not None and current.f_code is not root:
        if not str(current.f_globals.get("__name__", "")).startswith(_PACKAGE):
            return _line(current)
        current = current.f_back
    return None


def _line(frame: FrameType) -> Line:
    code = frame.f_code
    return Line(code.co_filename, line_number(code, frame.f_lasti), code.co_name)
