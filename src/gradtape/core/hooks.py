"""Who listens to operations: one list per thread, shared by tapes and recorders.

A listener has two methods.  `on_operation(operation, inputs, attributes, output)` is called after an
operation has been computed; `on_read(variable, tensor)` when a Variable hands out its value; and
`on_assign(variable, value, before)` when a Variable that held `before` was given `value`, or had it
added or taken away.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from gradtape.core.tensor import Tensor
    from gradtape.core.variable import Variable


class Listener(Protocol):
    """What the hook calls; see the module's text."""

    def on_operation(
        self, operation: Any, inputs: tuple[Tensor, ...], attributes: dict[str, Any], output: Any
    ) -> None: ...

    def on_read(self, variable: Variable, tensor: Tensor) -> None: ...

    def on_assign(self, variable: Variable, value: Tensor, before: Tensor) -> None: ...


class _PerThread(threading.local):
    def __init__(self) -> None:
        self.active: list[Listener] = []
        self.asked: list[tuple[Any, Any]] | None = None  # layers that told which weights train; see compile


local = _PerThread()


def add(listener: Listener) -> None:
    """Let `listener` hear every operation of this thread from now on."""
    local.active.append(listener)


def remove(listener: Listener) -> None:
    """Stop telling `listener`; the others go on."""
    active = local.active
    if active and active[-1] is listener:  # blocks end in the reverse order, as a rule
        active.pop()
    else:
        active[:] = [other for other in active if other is not listener]


def is_active(listener: Listener) -> bool:
    """Tell whether `listener` hears the operations of this thread."""
    return listener in local.active


@contextmanager
def silence() -> Iterator[None]:
    """Let nobody hear what happens inside the block."""
    kept, local.active = local.active, []
    try:
        yield
    finally:
        local.active = kept
