"""In which source line something was asked for."""

from __future__ import annotations

import os
import sys
from types import CodeType

# The frames of tape and operations are not what a user looks for.
_MACHINERY = frozenset(
    f"gradtape.{name}"
    for name in (
        *("operation", "record", "tape", "backward", "jacobians", "seeding"),
        *("tensor", "variable", "listeners", "compiling", "source"),
    )
)

_inside: dict[str, bool] = {}


def caller() -> tuple[CodeType, int]:
    """Return where the running operation was asked for: the first frame outside tape and operations."""
    frame = sys._getframe(4)  # the four inside are caller, the listener, and the operation
    while True:
        name = frame.f_globals.get("__name__", "")
        inside = _inside.get(name)
        if inside is None:
            inside = _inside[name] = _is_machinery(name)
        if not inside or frame.f_back is None:
            return frame.f_code, frame.f_lasti
        frame = frame.f_back


def _is_machinery(module: str) -> bool:
    return module in _MACHINERY or module.startswith(("gradtape.ops", "gradtape.engine"))


def source_text(code: CodeType, instruction: int) -> str:
    """Return ``file.py:31`` for an instruction of `code`."""
    line = code.co_firstlineno
    for start, end, number in code.co_lines():
        if start <= instruction < end and number is not None:
            line = number
    return f"{os.path.basename(code.co_filename)}:{line}"
