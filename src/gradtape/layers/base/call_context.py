"""What a layer knows of the call it is part of: is this training, who called, which losses came up."""

from __future__ import annotations

import threading
from typing import Any


class _Context(threading.local):
    """One per thread.

    Attributes:
        training: what the layers around say about training; None if nobody said anything.
        layer: the layer whose `call` is running.
        losses: (layer, loss) of each `add_loss` since the outermost call began.
    """

    def __init__(self) -> None:
        self.training: bool | None = None
        self.layer: Any = None
        self.losses: list[tuple[Any, Any]] = []


context = _Context()
