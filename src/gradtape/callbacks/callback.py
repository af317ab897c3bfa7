"""Callback: the base class of objects that fit, evaluate and predict notify."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gradtape.base.made_by_init import MadeByInit
from gradtape.callbacks.metric_names import unknown_metric
from gradtape.callbacks.step_record import StepRecord
from gradtape.errors import ArgumentError

Logs = dict[str, Any] | None

HOOKS = tuple(
    f"on_{what}_{when}"
    for what in ("train", "test", "predict", "epoch", "train_batch", "test_batch", "predict_batch", "batch")
    for when in ("begin", "end")
)


class Callback(MadeByInit):
    """The base of all callbacks: every hook does nothing until a subclass defines it.

    Attributes:
        model: the model that is trained, tested or used for predictions.
        params: arguments of the call: "verbose", "epochs" and "steps".
        sees: what of each training step `on_train_step` is to be told, beyond step, epoch, batch and loss:
            any of "batch", "sample_ids", "predictions", "gradients" and "activations".  A callback that
            leaves this empty costs nothing.
        validates: whether `fit` was given validation data.

    To stop the training, a callback sets ``self.model.stop_training = True``.  To
    have a metric of its own in the history it adds it to the `logs` of `on_epoch_end`.

    >>> class Printer(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(f"{epoch}: {logs['loss']:.2f}")
    >>> Printer().on_epoch_end(3, {"loss": 0.25})
    3: 0.25

    Source: keras.callbacks.Callback; `sees` and `on_train_step` are gradtape's.
    """

    _model: Any = None
    _of_this_fit: Mapping[str, Any] = {
        "_model": None
    }  # what no copy has: attributes, and what it has instead
    params: dict[str, Any] = {}
    sees: Iterable[str] = frozenset()
    validates: bool = False

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy or a pickle keeps: all but the model, open files and the like."""
        # Of every class above, too: each adds its own to those of its base.
        instead = {name: value for made in type(self).__mro__ for name, value in _transient(made).items()}
        return {name: instead.get(name, value) for name, value in vars(self).items()}

    @property
    def model(self) -> Any:
        """The model that is trained, tested or used for predictions."""
        return self._model

    def set_model(self, model: object) -> None:
        """Set the model."""
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Set the arguments of the call: "verbose", "epochs" and "steps"."""
        self.params = params

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called before the first epoch of `fit`."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called after the last epoch of `fit`, with the metrics of that epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called before each epoch of `fit`; `epoch` counts from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called after each epoch with its metrics; those of the validation begin with ``val_``."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each training step; `batch` counts from 0 in each epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each training step, with the metrics of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Another name for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Another name for `on_train_batch_end`."""

    def on_train_step(self, record: StepRecord) -> None:
        """Called after each training step with what `sees` names of it; never if `sees` is empty."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """Called before `evaluate`, and before each validation in `fit`."""

    def on_test_end(self, logs: Logs = None) -> None:
        """Called after `evaluate` and after each validation, with the metrics."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch that is tested."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch that is tested, with the metrics so far."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Called before `predict`."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """Called after `predict`."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before each batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after each batch of `predict`."""

    def close(self) -> None:
        """Close files and other resources; called at the end of `fit`, also after an error."""

    def needs_every(self, what: str) -> bool:
        """Whether it must be told of each single "train", "test" or "predict" batch.

        If not, several may run in one call.  The default is to ask for each one exactly when a hook for
        batches is defined.
        """
        return any(self.has(f"on_{what}_batch_{when}") for when in ("begin", "end"))

    def reads_logs(self, what: str) -> bool:
        """Whether it would look at the metrics after the "train" or "test" batch that comes next.

        Where nobody would, and each batch is a call of its own, they are not computed then, and `logs` is
        empty.  The default is to look exactly when a hook for the ends of batches is defined.
        """
        return self.has(f"on_{what}_batch_end")

    @property
    def needs_batches(self) -> bool:
        """Whether it must be told of each single training step."""
        return self.needs_every("train")

    @property
    def monitored(self) -> Iterable[str]:
        """The names that must be among the metrics of an epoch."""
        return ()

    def check_metrics(self, names: Iterable[str], validates: bool = False) -> None:
        """Raise ArgumentError if it needs a metric that is not among `names`, before the first step.

        Args:
            names: the metrics that an epoch will have.
            validates: whether `fit` was given validation data.
        """
        known = list(names)
        for name in self.monitored:
            if name not in known:
                raise ArgumentError(unknown_metric(type(self).__name__, name, known))

    def has(self, hook: str) -> bool:
        """Tell whether a subclass, or the instance itself, defines the hook."""
        # The instance too: LambdaCallback sets its functions there.
        names = (hook, hook.replace("_train_batch_", "_batch_"))
        return any(n in vars(self) or getattr(type(self), n) is not getattr(Callback, n) for n in names)

    def get_state(self) -> dict[str, Any]:
        """Return the state that an exact resumption needs, as JSON values."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore what `get_state` returned; called after `on_train_begin`."""

    def get_arrays(self) -> dict[str, Any]:
        """Return the arrays that an exact resumption needs, NumPy arrays by name."""
        return {}

    def set_arrays(self, arrays: Mapping[str, Any]) -> None:
        """Restore what `get_arrays` returned."""


def _transient(made: type) -> Mapping[str, Any]:
    """Return what a class itself says of attributes that no copy has."""
    found: Mapping[str, Any] = vars(made).get("_of_this_fit", {})
    return found
