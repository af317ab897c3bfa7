"""The context of a layer's call: the training flag, the calling layer, the losses added so far."""

from __future__ import annotations

import threading
from typing import Any


class _Context(threading.local):
    """One per thread.

    Attributes:
        training: the flag passed to an enclosing layer; None if none was passed.
        layer: the layer whose `call` is running.
        losses: what each `add_loss` since the outermost call began has added, ().
    """

    def __init__(self) -> None:
        self.training: bool | None = None
        self.layer: Any = None
        self.losses: list[Any] = []


context = _Context()
