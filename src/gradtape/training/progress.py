"""The progress of a training as text: a live line on a terminal, one line per epoch elsewhere.

On a terminal, written over itself at most every 0.05 s:

    Epoch 1/5
    469/469 ━━━━━━━━━━━━━━━━━━━━ 2s 4ms/step - accuracy: 0.9123 - loss: 0.3012 - 31k samples/s
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from gradtape.training.loop import Progress

INTERVAL = 0.05
ERASE_REST, BOLD, GREEN, GREY, PLAIN = "\x1b[K", "\x1b[1m", "\x1b[32m", "\x1b[90m", "\x1b[0m"

# Bar width and parts shown, from the widest line to the narrowest; 80 columns hold the second or third.
LAYOUTS = (
    (20, ("time", "accuracy", "loss", "rate")),
    (8, ("time", "accuracy", "loss", "rate")),
    (5, ("time", "accuracy", "loss", "rate")),
    (8, ("time", "accuracy", "loss")),
    (5, ("time", "loss")),
    (0, ("time", "loss")),
    (0, ("time",)),
)


@dataclass(frozen=True)
class Terminal:
    """What can be done where the text goes.

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
        live = stream is not None and stream.isatty() and environment.get("TERM") != "dumb"
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


def _knows(stream: Any, characters: str) -> bool:
    try:
        characters.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Display:
    """Shows progress; a context, because a live line is to be ended whatever happens.

    Args:
        stream: where the text goes; standard output if None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stdout if stream is None else stream
        self.terminal = Terminal.of(self.stream)
        self._pace = Pace()
        self._epoch = -1
        self._next = 0.0
        self._is_open = False

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._is_open:
            self._write("\n")

    def show(self, progress: Progress) -> None:
        """Show how far it is, if it is time to."""
        is_done = progress.step >= progress.steps
        if progress.epoch != self._epoch:
            self._begin(progress)
        elif not is_done and (not self.terminal.live or time.perf_counter() < self._next):
            self._pace.last = progress
            return
        self._pace.last = progress
        if self.terminal.live:
            columns = shutil.get_terminal_size().columns - 1  # a full last column makes some terminals wrap
            self._write(f"\r{self.line(progress, columns)}{ERASE_REST}" + "\n" * is_done)
            self._is_open, self._next = not is_done, time.perf_counter() + INTERVAL
        elif is_done:
            heading = self.terminal.paint(_heading(progress), BOLD)
            self._write(f"{heading} - {self.line(progress, sys.maxsize, bar=False)}\n")

    def _begin(self, progress: Progress) -> None:
        """Start an epoch."""
        self._epoch = progress.epoch
        self._pace.begin(progress)
        if self.terminal.live:
            self._write("\n" * self._is_open + self.terminal.paint(_heading(progress), BOLD) + "\n")

    def line(self, progress: Progress, columns: int, bar: bool = True) -> str:
        """Return the line for `progress`, at most `columns` wide."""
        counter = f"{progress.step:>{len(str(progress.steps))}}/{progress.steps}"
        parts = self._parts(progress)
        for width, names in LAYOUTS:
            text = " - ".join(parts[name] for name in names)
            width *= bar
            if len(counter) + 1 + width + (width > 0) + len(text) <= columns:
                drawn = self.terminal.bar(progress.step, progress.steps, width)
                return " ".join(part for part in (counter, drawn, text) if part)
        return counter[: max(columns, 0)]

    def _parts(self, progress: Progress) -> dict[str, str]:
        steps, samples, seconds = self._pace.measured(progress)
        if progress.step < progress.steps:
            spent = f"{duration(self._pace.seconds_left(progress))} left"
        else:
            spent = f"{duration(progress.seconds)} {per_step(seconds / steps)}"
        return {
            "time": spent,
            "accuracy": f"accuracy: {number(progress.accuracy)}",
            "loss": f"loss: {number(progress.loss)}",
            "rate": f"{thousands(samples / max(seconds, 1e-9))} samples/s",
        }

    def _write(self, text: str) -> None:
        if self.stream is not None:
            self.stream.write(text)
            self.stream.flush()


class Pace:
    """How fast it goes.  The very first report is left out where there are others: it may have compiled."""

    def __init__(self) -> None:
        self._first = (0, 0, 0.0)
        self._steps, self._seconds = 0, 0.0  # of the epochs before this one
        self.last: Progress | None = None

    def begin(self, progress: Progress) -> None:
        """Start an epoch, with its first report."""
        if self.last is None:
            self._first = (progress.step, progress.samples, progress.seconds)
            return
        steps, _, seconds = self.measured(self.last)
        self._steps, self._seconds = self._steps + steps, self._seconds + seconds
        self._first = (0, 0, 0.0)

    def measured(self, progress: Progress) -> tuple[int, int, float]:
        """Return the steps, samples and seconds of this epoch that tell the speed."""
        steps, samples, seconds = self._first
        if progress.step == steps:
            return progress.step, progress.samples, progress.seconds
        return progress.step - steps, progress.samples - samples, progress.seconds - seconds

    def seconds_left(self, progress: Progress) -> float:
        """Return how long the whole training will still take at the speed so far."""
        steps, _, seconds = self.measured(progress)
        left = (progress.epochs - progress.epoch) * progress.steps - progress.step
        return left * (self._seconds + seconds) / (self._steps + steps)


def _heading(progress: Progress) -> str:
    return f"Epoch {progress.epoch + 1}/{progress.epochs}"


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
