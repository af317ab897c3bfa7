"""Callbacks: what is told of a training while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["Callback", "CallbackList", "History"]


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

    def get_state(self) -> Any:
        """Return the history, as JSON values."""
        return {"history": self.history, "epoch": self.epoch}

    def set_state(self, state: Any) -> None:
        """Go on with a history."""
        self.history, self.epoch = state["history"], state["epoch"]

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

    def get_state(self) -> list[Any]:
        """Return what each callback must be given back when the training goes on."""
        states = [(type(c).__name__, c.get_state()) for c in self.callbacks if hasattr(type(c), "get_state")]
        return [[name, state] for name, state in states]

    def set_state(self, state: list[Any]) -> None:
        """Give each callback back what `get_state` returned."""
        waiting = [c for c in self.callbacks if hasattr(type(c), "set_state")]
        for name, one in state:
            callback = next((c for c in waiting if type(c).__name__ == name), None)
            if callback is not None:
                waiting.remove(callback)
                callback.set_state(one)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *args: [getattr(c, name)(*args) for c in self.callbacks]
