"""In which source line something was asked for."""

from __future__ import annotations

import os
import sys
from types import CodeType, FrameType

# The frames of tape, operations and their other names are not what a user looks for.
_MACHINERY = tuple(
    f"gradtape.{room}" for room in ("core", "engine", "ops", "program", "random", "tape", "tf")
)


class _Inside(dict[str, bool]):
    """Whether a module, by name, is machinery: found once, then looked up."""

    def __missing__(self, module: str) -> bool:
        found = any(module == room or module.startswith(f"{room}.") for room in _MACHINERY)
        self[module] = found
        return found


_inside = _Inside()


def caller(frame: FrameType) -> FrameType:
    """Return where the operation that runs in `frame` was asked for: the first frame outside machinery."""
    while _inside[frame.f_globals.get("__name__", "")] and frame.f_back is not None:
        frame = frame.f_back
    return frame


def line_number(code: CodeType, instruction: int) -> int:
    """Return the number of the line in which an instruction of `code` stands."""
    line = code.co_firstlineno
    for start, end, number in code.co_lines():
        if start <= instruction < end and number is not None:
            line = number
    return line


def here() -> str:
    """Return ``file.py:31``: the line outside the machinery that is running."""
    frame = caller(sys._getframe(1))
    return source_text(frame.f_code, frame.f_lasti)


def source_text(code: CodeType, instruction: int) -> str:
    """Return ``file.py:31`` for an instruction of `code`."""
    return f"{os.path.basename(code.co_filename)}:{line_number(code, instruction)}"
