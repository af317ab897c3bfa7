"""The progress of a training as text: a live line on a terminal, one line per epoch elsewhere.

On a terminal, written over itself at most every 0.05 s:

    Epoch 1/5
    469/469 ━━━━━━━━━━━━━━━━━━━━ 2s 4ms/step - accuracy: 0.9123 - loss: 0.3012 - 31k samples/s
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

from gradtape.callbacks.terminal import BOLD, ERASE_REST, Terminal, duration, number, per_step, thousands
from gradtape.training.loop import Progress

INTERVAL = 0.05

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
