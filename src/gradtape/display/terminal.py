"""The abilities of a terminal, and times, counts and metrics as text."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    def of(cls, stream: Any, environment: Mapping[str, str] = os.environ) -> Terminal:
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
    if sys.stdout is not None:
        sys.stdout.write("\n" * Cursor.inside_line + text + "\n")
        sys.stdout.flush()
    Cursor.inside_line = False


def _knows(stream: Any, characters: str) -> bool:
    try:
        characters.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def duration(seconds: float) -> str:
    """Return a time as `2s`, `1:05` or `1:00:05`.

    >>> duration(2.4), duration(65), duration(3605)
    ('2s', '1:05', '1:00:05')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def per_step(seconds: float) -> str:
    """Return the time of one step in the unit that fits.

    >>> per_step(2.0), per_step(0.004), per_step(0.0003)
    ('2s/step', '4ms/step', '300us/step')
    """
    if seconds >= 1:
        return f"{seconds:.0f}s/step"
    return f"{seconds * 1e3:.0f}ms/step" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us/step"


def number(value: float) -> str:
    """Return a loss or an accuracy as Keras writes it.

    >>> number(0.30124), number(0.00004)
    ('0.3012', '4.0000e-05')
    """
    return f"{value:.4f}" if value == 0 or abs(value) > 1e-3 or value != value else f"{value:.4e}"


def thousands(value: float) -> str:
    """Return a rate in two or three figures.

    >>> thousands(950), thousands(9500), thousands(31_234), thousands(2_500_000)
    ('950', '9.5k', '31k', '2.5M')
    """
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            scaled = value / limit
            return f"{scaled:.1f}{unit}" if scaled < 10 else f"{scaled:.0f}{unit}"
    return f"{value:.0f}"


def one_line(text: str) -> str:
    """Return `text` as one line without control characters.

    >>> one_line("a\\n  b\\x1b[1m")
    'a b\\\\x1b[1m'
    """
    words = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)
