"""ProgbarLogger: progress, time and metrics on one line.

Epoch 1/5
938/938 ━━━━━━━━━━━━━━━━━━━━ 2s 2ms/step - accuracy: 0.9123 - loss: 0.3012
"""

from __future__ import annotations

import sys
from typing import Any, TextIO

from gradtape.callbacks.callback import Callback, Logs
from gradtape.callbacks.progress_line import ProgressLine
from gradtape.callbacks.screens import Screen, screen_for
from gradtape.errors import ArgumentError, show


class ProgbarLogger(Callback):
    """Shows a progress line: on a terminal or in a notebook it changes, elsewhere there is one per epoch.

    Args:
        stream: where the line goes; None takes standard output.

    Params "verbose": 0 shows nothing, 2 one line per epoch everywhere, 1 and "auto" a changing line where
    that can be done.  NO_COLOR and FORCE_COLOR are obeyed.

    Source: keras.callbacks.ProgbarLogger, which takes any output for a terminal on Linux.
    """

    _of_this_fit = {"_stream": None, "_screen": None, "_line": None, "_in_fit": False}

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._screen: Screen | None = None
        self._in_fit = False
        self._line: ProgressLine | None = None
        self._waits = False

    def set_params(self, params: dict[str, Any]) -> None:
        """Say which "verbose", "epochs" and "steps" there are."""
        verbose = params.get("verbose", "auto")
        if verbose not in (0, 1, 2, "auto"):
            raise ArgumentError(f'verbose must be 0, 1, 2 or "auto", got {show(verbose)}')
        super().set_params(params)

    def needs_every(self, what: str) -> bool:
        """It takes what it gets: several batches may run at once."""
        return False

    def reads_logs(self, what: str) -> bool:
        """It looks at metrics only when it is time to show them."""
        self._waits = self._screen is None or not self._screen.is_due() or (self._in_fit and what == "test")
        return not self._waits

    def on_train_begin(self, logs: Logs = None) -> None:
        """Show nothing of the validations from now on."""
        self._in_fit, self._line = True, None

    def on_train_end(self, logs: Logs = None) -> None:
        """Show tests again."""
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Begin a line, with a heading if there are several epochs."""
        epochs = self.params.get("epochs") or 1
        self._begin(f"Epoch {epoch + 1}/{epochs}" if epochs > 1 else "")

    def on_test_begin(self, logs: Logs = None) -> None:
        """Begin a line."""
        if not self._in_fit:
            self._line = None
            self._begin("")

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Begin a line."""
        self._line, self._waits = None, False
        self._begin("")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Bring the line up to date."""
        self._update(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Bring the line up to date."""
        if not self._in_fit:
            self._update(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Bring the line up to date."""
        self._update(batch, None)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Show the line as it stays."""
        self._end(logs)

    def on_test_end(self, logs: Logs = None) -> None:
        """Show the line as it stays."""
        if not self._in_fit:
            self._end(logs)

    def on_predict_end(self, logs: Logs = None) -> None:
        """Show the line as it stays."""
        self._end(None)

    def close(self) -> None:
        """End the line that is being written over."""
        self._in_fit = False
        if self._screen is not None:
            self._screen.close()

    def _begin(self, heading: str) -> None:
        verbose = self.params.get("verbose", "auto")
        if not verbose:
            return
        if self._screen is None:
            self._screen = screen_for(sys.stdout if self._stream is None else self._stream, verbose)
        before, steps = self._line, self.params.get("steps")
        if steps is None and before is not None:
            steps = before.steps  # as many as the epoch before had
        self._line = ProgressLine(steps, is_first=before is None)
        self._screen.begin(heading)

    def _update(self, batch: int, logs: Logs) -> None:
        if self._screen is not None and self._line is not None:
            self._line.update(batch + 1, logs)
            # Where the step left its metrics out, as it was not yet time, the line waits for the next call.
            if logs or not self._waits:
                self._screen.update(self._line.text)

    def _end(self, logs: Logs) -> None:
        if self._screen is not None and self._line is not None:
            self._line.finish(logs)
            self._screen.end(self._line.text)
