"""Callbacks: what is told of a training while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Callback:
    """The base of all callbacks; every hook does nothing until a subclass defines it."""

    model: Any = None
    params: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("on_"):
            return lambda *args, **kwargs: None
        raise AttributeError(name)


class History(Callback):
    """Keeps the metrics of each epoch."""

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keep the metrics of `epoch`."""
        self.epoch.append(epoch)
        for name, value in sorted((logs or {}).items()):
            self.history.setdefault(name, []).append(value)


class CallbackList:
    """All callbacks of a training, told one after the other."""

    needs_batches = False
    sees: frozenset[str] = frozenset()

    def __init__(
        self,
        callbacks: Iterable[Any] | None = None,
        add_history: bool = False,
        verbose: Any = 0,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks = list(callbacks or [])
        if add_history:
            model.history = History()
            self.callbacks.append(model.history)
        for callback in self.callbacks:
            callback.model, callback.params = model, params

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *args: [getattr(c, name)(*args) for c in self.callbacks]
