"""SwapEMAWeights: test and predict with the moving averages of the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.callbacks.callback import Callback, Logs
from gradtape.errors import ArgumentError


class SwapEMAWeights(Callback):
    """Uses the moving averages of the weights for tests and predictions.

    Args:
        swap_on_epoch: whether it also does so from the end of each epoch to the begin of the next, so that
            callbacks such as `ModelCheckpoint`, which must come after it, save the averages.  The model then
            keeps them when the training ends.

    The optimizer must have been made with ``use_ema=True``.

    Source: keras.callbacks.SwapEMAWeights, which after `predict` leaves the averages in the model.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        self.swap_on_epoch = swap_on_epoch
        self._raw: list[Any] | None = None  # the weights themselves, while the averages are in the model

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Train with the weights themselves."""
        self._swap(False)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Leave the averages to those who look now."""
        if self.swap_on_epoch:
            self._swap(True)

    def on_train_end(self, logs: Logs = None) -> None:
        """Keep the averages."""
        self._raw = None

    def on_test_begin(self, logs: Logs = None) -> None:
        """Test with the averages."""
        self._swap(True)

    def on_test_end(self, logs: Logs = None) -> None:
        """Go on with the weights themselves."""
        self._swap(False)

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Predict with the averages."""
        self._swap(True)

    def on_predict_end(self, logs: Logs = None) -> None:
        """Go on with the weights themselves."""
        self._swap(False)

    def _swap(self, to_averages: bool) -> None:
        """Put the averages, or the weights themselves, into the model, if they are not there."""
        if to_averages == (self._raw is not None):
            return
        weights = self.model.trainable_weights
        values = self._averages(weights) if self._raw is None else self._raw
        # Tensors never change, so keeping them copies nothing.
        self._raw = [weight.value for weight in weights] if to_averages else None
        for weight, value in zip(weights, values, strict=True):
            weight.assign(value)

    def _averages(self, weights: list[Any]) -> list[Any]:
        """Return the averages of the weights; the weights themselves before the first update."""
        optimizer = self.model.optimizer
        if not getattr(optimizer, "use_ema", False):
            raise ArgumentError("SwapEMAWeights: the optimizer must be made with use_ema=True")
        if int(optimizer.iterations) == 0:
            return [weight.value for weight in weights]
        return [optimizer.slot(weight, "average").value for weight in weights]

    def get_arrays(self) -> dict[str, Any]:
        """Return the weights themselves, while the averages are in the model."""
        return {str(i): weight.numpy() for i, weight in enumerate(self._raw or [])}

    def set_arrays(self, arrays: Mapping[str, Any]) -> None:
        """Go on with the averages in the model, and these weights."""
        self._raw = [arrays[str(i)] for i in range(len(arrays))]
