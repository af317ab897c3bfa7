"""LambdaCallback: a callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtape.callbacks.callback import HOOKS, Callback
from gradtape.errors import ArgumentError, ArgumentTypeError, nearest, show

Hook = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Calls a function for each hook that is given.

    Args:
        on_epoch_begin: called with epoch and logs.
        on_epoch_end: called with epoch and logs.
        on_train_begin: called with logs.
        on_train_end: called with logs.
        on_train_batch_begin: called with batch and logs.
        on_train_batch_end: called with batch and logs.
        **hooks: the other hooks of `Callback`, by name.

    >>> printer = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> printer.on_epoch_end(0, {"loss": 0.5})
    0 0.5

    Source: keras.callbacks.LambdaCallback, which takes any other name for granted.
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **hooks: Hook,
    ) -> None:
        given: dict[str, Hook] = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **hooks,
        }
        for name, function in given.items():
            if name not in HOOKS:
                raise ArgumentError(f"LambdaCallback: there is no hook {name!r}{nearest(name, HOOKS)}")
            if function is not None and not callable(function):
                raise ArgumentTypeError(f"LambdaCallback: {name} must be a function, got {show(function)}")
            if function is not None:
                setattr(self, name, function)
