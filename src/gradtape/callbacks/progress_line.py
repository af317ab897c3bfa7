"""ProgressLine: the text of one epoch's progress.

469/938 ━━━━━━━━━━────────── 1s left - accuracy: 0.9123 - loss: 0.3012
938/938 ━━━━━━━━━━━━━━━━━━━━ 2s 2ms/step - accuracy: 0.9357 - loss: 0.2210
"""

from __future__ import annotations

import time
from typing import Any

from gradtape.callbacks.log_values import log_text
from gradtape.display.number_text import duration, per_step
from gradtape.display.terminal import Terminal

BAR_WIDTHS = (20, 8, 5, 0)  # from the widest line to the narrowest


class ProgressLine:
    """The progress of one epoch.

    Args:
        steps: how many steps it has; None if that is not known.
        is_first: whether it is the first epoch, whose first report may have compiled: it is left out of the
            speed where there are others.

    Attributes:
        steps: how many steps it has.
        done: how many of them are done.
    """

    def __init__(self, steps: int | None, is_first: bool) -> None:
        self.steps = steps
        self.done = 0
        self._logs: dict[str, Any] = {}
        self._began = time.perf_counter()
        self._seconds = 0.0
        self._is_first = is_first
        self._skipped = (0, 0.0)

    def update(self, done: int, logs: dict[str, Any] | None) -> None:
        """Take into account that `done` steps are done."""
        self._seconds = time.perf_counter() - self._began
        # The first report may hold seconds of compiling, which no later step costs.
        if self._is_first and self.done == 0:
            self._skipped = (done, self._seconds)
        self.done = done
        self._logs = logs or self._logs

    def finish(self, logs: dict[str, Any] | None) -> None:
        """Take into account that the epoch is over; the time of its validation does not count."""
        self.steps = self.done
        self._logs = logs or self._logs

    def text(self, terminal: Terminal, columns: int) -> str:
        """Return the line, with a bar where it is written over, at most `columns` wide if anyhow possible."""
        steps = "?" if self.steps is None else str(self.steps)
        counter = f"{self.done:>{len(steps)}}/{steps}"
        metrics = [f"{name}: {log_text(value)}" for name, value in self._logs.items()]
        for width, shown in self._layouts(terminal.live and self.steps is not None):
            text = " - ".join([self._time(), *metrics[:shown]])
            if len(counter) + 1 + width + (width > 0) + len(text) <= columns:
                bar = terminal.bar(self.done, self.steps or 1, width)
                return " ".join(part for part in (counter, bar, text) if part)
        return counter[: max(columns, 0)]

    def _layouts(self, has_bar: bool) -> list[tuple[int, int]]:
        """Return widths of the bar and numbers of metrics, in the order in which they are tried."""
        # A shorter bar, and then none, before a metric is left out.
        every = len(self._logs)
        wide = [(width, every) for width in BAR_WIDTHS] if has_bar else []
        return wide + [(0, shown) for shown in range(every, -1, -1)]

    def _time(self) -> str:
        """Return the time left, or when it is done or not known the time taken."""
        pace = self._pace()
        if self.steps is not None and self.done < self.steps:
            return f"{duration((self.steps - self.done) * pace)} left" if self.done else "..."
        return f"{duration(self._seconds)} {per_step(pace)}"

    def _pace(self) -> float:
        """Return the seconds that a step takes."""
        steps, seconds = self._skipped
        if self.done > steps:
            return (self._seconds - seconds) / (self.done - steps)
        return self._seconds / max(self.done, 1)
