"""Ctrl-C and SIGTERM as requests: the current step is finished, and the state is saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether, and by which signal, it was asked to stop.

    Args:
        signals: those it listens to.

    Attributes:
        second_kills: whether a second Ctrl-C ends the process itself, whatever it is at, as a second SIGTERM
            does; if not, it is a KeyboardInterrupt as ever.  The command line says so; a notebook lives on.
    """

    second_kills = False

    def __init__(self, signals: tuple[int, ...] = SIGNALS) -> None:
        self._signals = signals
        self.signal: int | None = None
        self._kept: dict[int, Any] = {}

    def __bool__(self) -> bool:
        return self.signal is not None

    @property
    def exit_code(self) -> int:
        """What the command is to exit with: 128 + the signal, as a shell reports it."""
        return 0 if self.signal is None else 128 + self.signal

    def listen(self) -> None:
        """Take the signals over, but those that this process is told to ignore (nohup, a shell's &)."""
        for number in self._signals:
            # None: a handler that was not set from Python, and could not be put back.
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._kept[number] = signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        """Remember the signal; a second one ends the program at once."""
        self.signal = number
        # Handlers go back at once, so that a second Ctrl-C meets Python's own, whatever hangs.
        self.release()
        if self.second_kills and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    def release(self) -> None:
        """Give the signals back."""
        for number, handler in self._kept.items():
            signal.signal(number, handler)
        self._kept.clear()


@contextmanager
def stop_on_signals(with_term: bool = True) -> Iterator[Stop]:
    """Give the request that Ctrl-C and, if asked for, SIGTERM set while the block runs."""
    stop = Stop(SIGNALS if with_term else SIGNALS[:1])
    # Python lets only the main thread set signal handlers.
    if threading.current_thread() is threading.main_thread():
        stop.listen()
    try:
        yield stop
    finally:
        stop.release()
