"""TerminateOnNaN: stop when the loss is NaN or infinite."""

from __future__ import annotations

import math

from gradtape.callbacks.callback import Callback, Logs
from gradtape.display.terminal import say
from gradtape.errors import NotFiniteError


class TerminateOnNaN(Callback):
    """Stops the training when the loss is NaN or infinite.

    Args:
        raise_error: whether to raise an error instead, so that no `on_train_end` is called.

    Attributes:
        looks_at_each: whether it looks after each batch, and so asks for a call of the engine for each.  With
            False it looks after each call, of however many steps: nothing is slowed down, the loss stays NaN,
            and some more steps may have been done when it stops.

    Raises:
        GradtapeError: a RuntimeError, with `raise_error`.

    Source: keras.callbacks.TerminateOnNaN.
    """

    looks_at_each = True

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def needs_every(self, what: str) -> bool:
        """Whether it must be told of each batch."""
        return self.looks_at_each and super().needs_every(what)

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise NotFiniteError(f"TerminateOnNaN: the loss is {loss} after batch {batch + 1}")
        say(f"Batch {batch + 1}: the loss is {loss}, terminating training")
        self.model.stop_training = True
