"""History: the metrics of each epoch, kept and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.callbacks.callback import Callback, Logs
from gradtape.callbacks.log_values import log_value
from gradtape.errors import ArgumentError, GradtapeError, nearest

TRAINING, VALIDATION = "#1f5fa8", "#b5450b"


class History(Callback):
    """Keeps the metrics of each epoch; `fit` returns it.

    Attributes:
        history: the values of each metric, one per epoch: numbers, or arrays of a metric with several; those
            of the validation begin with ``val_``.
        epoch: the numbers of the epochs, from 0.

    >>> history = History()
    >>> history.on_train_begin()
    >>> history.on_epoch_end(0, {"loss": 0.5})
    >>> history.history, history.epoch
    ({'loss': [0.5]}, [0])

    Source: keras.callbacks.History; `plot` is gradtape's.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self._epochs_of: dict[str, list[int]] = {}  # a validation is not made in every epoch

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin a list of epochs; what was kept of the metrics stays."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the metrics of the epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(log_value(value))
            self._epochs_of.setdefault(name, []).append(epoch)

    def plot(self, metric: str = "loss", ax: Any = None) -> Any:
        """Draw a metric over the epochs, counted from 1, with its validation if there was any.

        Args:
            metric: its name, without ``val_``.
            ax: the matplotlib Axes to draw into; None makes new ones.

        Returns:
            The Axes; nothing is shown or saved.

        Raises:
            ArgumentError: if there is no metric of this name.
        """
        if metric not in self.history:
            raise ArgumentError(f"plot: no metric {metric!r}{nearest(metric, self.history)}")
        ax = _new_axes() if ax is None else ax
        parts = ((metric, "training", TRAINING, "o-"), (f"val_{metric}", "validation", VALIDATION, "s--"))
        for name, label, colour, style in parts:
            if name in self.history:
                epochs = [epoch + 1 for epoch in self._epochs_of[name]]
                ax.plot(epochs, self.history[name], style, color=colour, label=label)
        ax.set(xlabel="epoch", ylabel=metric)
        # Epochs are whole: no ticks at 1.5.
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend()
        return ax

    def get_state(self) -> dict[str, Any]:
        """Return the metrics and epochs so far."""
        return {"history": self.history, "epoch": self.epoch, "epochs_of": self._epochs_of}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on after these metrics and epochs."""
        self.history = {
            name: [log_value(value) for value in values] for name, values in state["history"].items()
        }
        self._epochs_of = {name: list(epochs) for name, epochs in state["epochs_of"].items()}
        self.epoch = list(state["epoch"])


def _new_axes() -> Any:
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError:
        raise GradtapeError('plot: needs matplotlib: pip install "gradtape[plots]"') from None
    return pyplot.subplots()[1]
