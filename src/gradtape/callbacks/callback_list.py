"""CallbackList: all callbacks of a training, called one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gradtape.base.trees import leaves
from gradtape.callbacks.callback import HOOKS, Callback
from gradtape.callbacks.history import History
from gradtape.callbacks.log_values import json_value, log_value
from gradtape.callbacks.progbar_logger import ProgbarLogger
from gradtape.callbacks.step_record import SEEN, StepRecord
from gradtape.errors import ArgumentError, ArgumentTypeError, nearest, show


class CallbackList(Callback):
    """Several callbacks as one.  A hook is passed on only to those that define it.

    Args:
        callbacks: a callback, or a list of them, nested or not.
        add_history: whether a `History` is added if there is none.
        add_progbar: whether a `ProgbarLogger` is added if there is none.
        model: the model it is all about.
        **params: what the callbacks are told by `set_params`: "verbose", "epochs", "steps".

    Attributes:
        callbacks: the callbacks, in the order in which they are told.
        sees: what any of them is to be told of each training step.
        norms: whether the norm of the gradients is to be among what a step returns.

    A hook gets the metrics sorted by name, as Python numbers; all callbacks get the same dict, so one may add
    to it what the next ones see.

    >>> class Counter(Callback):
    ...     count = 0
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.count += 1
    >>> counter = Counter()
    >>> told = CallbackList([counter], epochs=2)
    >>> told.on_epoch_end(0, {"loss": 1.0})
    >>> counter.count, told.needs_batches
    (1, False)
    """

    def __init__(
        self,
        callbacks: object = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: object = None,
        **params: object,
    ) -> None:
        self.callbacks = [_checked(c) for c in ([] if callbacks is None else leaves(callbacks))]
        # At the end, so that they see what the other callbacks add to the logs.
        for wanted, kind in ((add_history, History), (add_progbar, ProgbarLogger)):
            if wanted and not any(isinstance(callback, kind) for callback in self.callbacks):
                self.callbacks.append(kind())
        self._sort()
        self.norms = False
        self.set_params(params)
        if model is not None:
            self.set_model(model)

    @classmethod
    def of(
        cls, callbacks: object, model: object, verbose: object, add_history: bool = True, **params: object
    ) -> CallbackList:
        """Return the list that `fit`, `evaluate` or `predict` tells; `callbacks` itself if it is one already.

        Args:
            callbacks: what the user gave.
            model: the model it is all about.
            verbose: what is shown; 0 adds no progress bar.
            add_history: whether a `History` is added if there is none.
            **params: what else the callbacks are told: "epochs", "steps".
        """
        if isinstance(callbacks, CallbackList):
            return callbacks
        return cls(callbacks, add_history, verbose != 0, model, verbose=verbose, **params)

    def append(self, callback: Callback) -> None:
        """Add a callback, to be told after the others."""
        self.callbacks.append(_checked(callback))
        self._sort()

    def _sort(self) -> None:
        """Find out which callbacks define which hooks."""
        self._listeners = {hook: [getattr(c, hook) for c in self.callbacks if c.has(hook)] for hook in HOOKS}
        ends = {what: f"on_{what}_batch_end" for what in ("train", "test")}
        self._batch_enders = {
            what: [(c, _speaks_for(c, hook)) for c in self.callbacks if c.has(hook)]
            for what, hook in ends.items()
        }
        self._watchers = [c for c in self.callbacks if c.sees]
        self.sees = frozenset(seen for c in self.callbacks for seen in c.sees)

    def set_model(self, model: Any) -> None:
        """Set the model of all callbacks, and the history of the model."""
        super().set_model(model)
        for callback in self.callbacks:
            callback.set_model(model)
            if isinstance(callback, History):
                model.history = callback

    def set_params(self, params: dict[str, Any]) -> None:
        """Set the arguments of the call in all callbacks."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def needs_every(self, what: str) -> bool:
        """Whether a callback must be told of each single "train", "test" or "predict" batch."""
        return any(callback.needs_every(what) for callback in self.callbacks)

    def reads_logs(self, what: str) -> bool:
        """Whether a callback would look at the metrics after the next "train" or "test" batch."""
        for callback, knows in self._batch_enders[what]:
            if not knows or callback.reads_logs(what):
                return True
        return False

    @property
    def monitored(self) -> list[str]:
        """The names that must be among the metrics of an epoch."""
        return [name for callback in self.callbacks for name in callback.monitored]

    def check_metrics(self, names: Iterable[str], validates: bool = False) -> None:
        """Raise ArgumentError if a callback needs a metric that is not among `names` or their ``val_`` twins.

        Where a callback of the user's may add metrics, only the end of the first epoch can tell.
        """
        self.validates = validates
        known = list(names)
        # learning_rate: those that schedule it add it to the logs.
        known += [*(f"val_{name}" for name in known if validates), "learning_rate"]
        # A callback of the user's may put a metric into `logs`, which the ones after it see.
        is_certain = all(_is_ours(c) or not c.has("on_epoch_end") for c in self.callbacks)
        for callback in self.callbacks:
            callback.validates = validates
            if is_certain and len(known) > 1:
                callback.check_metrics(known, validates)

    def on_train_step(self, record: StepRecord) -> None:
        """Tell those callbacks that see into steps."""
        for callback in self._watchers:
            callback.on_train_step(record)

    def close(self) -> None:
        """Let all callbacks close files and other resources."""
        for callback in self.callbacks:
            callback.close()

    def get_state(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Return the state of each callback that has one, with the name of its class, as JSON values."""
        states = [(type(callback).__name__, callback.get_state()) for callback in self.callbacks]
        return [{"class_name": name, "state": json_value(state)} for name, state in states if state]

    def set_state(self, state: Iterable[Mapping[str, Any]]) -> None:  # type: ignore[override]
        """Give each callback the state that it had; ArgumentError if one of them is not there any more."""
        waiting = list(self.callbacks)
        for one in state:
            # By class and order, not by position: a callback without state may be added or removed.
            found = [c for c in waiting if type(c).__name__ == one["class_name"]]
            if not found:
                had, have = [s["class_name"] for s in state], [type(c).__name__ for c in self.callbacks]
                raise ArgumentError(
                    f"callbacks: the training had {', '.join(had)}, now there are {', '.join(have) or 'none'}"
                )
            waiting.remove(found[0])
            found[0].set_state(one["state"])

    def get_arrays(self) -> dict[str, Any]:
        """Return the arrays of all callbacks: ``EarlyStopping.0.3`` is array 3 of the first EarlyStopping."""
        named = self._by_name().items()
        return {f"{who}.{name}": array for who, c in named for name, array in c.get_arrays().items()}

    def set_arrays(self, arrays: Mapping[str, Any]) -> None:
        """Give each callback the arrays that it had."""
        for who, callback in self._by_name().items():
            start = f"{who}."
            own = {name.removeprefix(start): a for name, a in arrays.items() if name.startswith(start)}
            # To be given arrays, even none, tells SwapEMAWeights that the averages are in the model.
            if own:
                callback.set_arrays(own)

    def _by_name(self) -> dict[str, Callback]:
        """Return the callbacks by their class and its number among those of its class."""
        found: dict[str, Callback] = {}
        for callback in self.callbacks:
            name = type(callback).__name__
            found[f"{name}.{sum(key.startswith(f'{name}.') for key in found)}"] = callback
        return found


def _checked(callback: object) -> Callback:
    if isinstance(callback, type) and issubclass(callback, Callback):
        name = callback.__name__
        raise ArgumentTypeError(f"callbacks: {name} is a class; give an instance: {name}(...)")
    if not isinstance(callback, Callback):
        raise ArgumentTypeError(f"callbacks: needs instances of Callback, got {show(callback)}")
    for seen in callback.sees:
        if seen not in SEEN:
            raise ArgumentError(f"{type(callback).__name__}: sees: unknown {seen!r}{nearest(seen, SEEN)}")
    return callback


def _speaks_for(callback: Callback, hook: str) -> bool:
    """Tell whether its `reads_logs` knows of the hook: a subclass may have put another in its place."""
    for kind in [callback, *type(callback).__mro__]:
        if "reads_logs" in vars(kind):
            return True
        if hook in vars(kind) or hook.replace("_train_batch_", "_batch_") in vars(kind):
            return False
    return True


def _is_ours(callback: Callback) -> bool:
    return type(callback).__module__.startswith("gradtape.")


def _passed_on(name: str) -> Callable[..., None]:
    """Return the method of CallbackList that tells all who define the hook."""
    of_batch_or_epoch = name.rsplit("_", 1)[0].endswith(("batch", "epoch"))

    def numbered(self: CallbackList, number: int, logs: dict[str, Any] | None = None) -> None:
        hooks = self._listeners[name]
        # Once for all of them, so that one may add to what the next ones see.
        plain = _plain(logs) if hooks else {}
        for hook in hooks:
            hook(number, plain)

    def whole(self: CallbackList, logs: dict[str, Any] | None = None) -> None:
        plain = _plain(logs)
        for hook in self._listeners[name]:
            hook(plain)

    return numbered if of_batch_or_epoch else whole


def _plain(logs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return metrics sorted by name, as Python numbers where they are numbers."""
    return {name: log_value(value) for name, value in sorted((logs or {}).items())}


for _name in HOOKS:
    setattr(CallbackList, _name, _passed_on(_name))
    getattr(CallbackList, _name).__doc__ = f"Tell all callbacks that define `{_name}`."
