"""What a terminal can do, and messages on lines of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

ERASE_REST, BOLD, GREEN, GREY, PLAIN = "\x1b[K", "\x1b[1m", "\x1b[32m", "\x1b[90m", "\x1b[0m"


@dataclass(frozen=True)
class Terminal:
    """The abilities of an output stream.

    Attributes:
        live: whether a line can be written over.
        colour: whether colours are wanted.
        unicode: whether the encoding knows the characters of the bar.
    """

    live: bool
    colour: bool
    unicode: bool

    @classmethod
    def of(cls, stream: object, environment: Mapping[str, str] = os.environ) -> Terminal:
        """Ask the stream, and NO_COLOR, FORCE_COLOR and TERM."""
        live = hasattr(stream, "isatty") and stream.isatty() and environment.get("TERM") != "dumb"
        forced = environment.get("FORCE_COLOR", "") not in ("", "0")
        return cls(live, (live or forced) and not environment.get("NO_COLOR"), _knows(stream, "━─"))

    def bar(self, done: int, total: int, width: int) -> str:
        """Return a bar of `width` characters, `done` of `total` full."""
        full = width * done // max(total, 1)
        heavy, light = (
            ("━" * full, "─" * (width - full)) if self.unicode else ("=" * full, "." * (width - full))
        )
        return f"{self.paint(heavy, GREEN)}{self.paint(light, GREY)}"

    def paint(self, text: str, style: str) -> str:
        """Return the text in the style, if colours are wanted."""
        return f"{style}{text}{PLAIN}" if self.colour and text else text


class Cursor:
    """Where the cursor of standard output stands: inside a line that is written over, or not."""

    inside_line = False


def say(text: str) -> None:
    """Print a message, on a line of its own."""
    # A program without a console, such as pythonw, has no standard output.
    # A bar that is being written over stays as it is; the message begins below it.
    if sys.stdout is not None:
        sys.stdout.write("\n" * Cursor.inside_line + text + "\n")
        sys.stdout.flush()
    Cursor.inside_line = False


def _knows(stream: object, characters: str) -> bool:
    try:
        characters.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def one_line(text: str) -> str:
    """Return `text` as one line without control characters.

    >>> one_line("a\\n  b\\x1b[1m")
    'a b\\\\x1b[1m'
    """
    words = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)
