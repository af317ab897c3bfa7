"""Hooks: objects told of every operation, read and assignment in this thread, and of the step around them.

A hook is a subclass of `Hook` that defines the methods it wants.  `add` puts it to work in this thread,
`remove` ends that.  `phases.py` has the lists that they stand in, and says in which phase of a step a thread
is; Variable and Operation import it, so it cannot import them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from gradtape.core.phases import (
    BACKWARD,
    BEGIN,
    END,
    EVENTS,
    FAIL,
    FIT,
    FORWARD,
    LOSS,
    METRICS,
    PHASES,
    RULE,
    SUM,
    UPDATE,
    Place,
    RulePlace,
    in_phase,
    local,
    needs_phase,
    phase,
    put_in_phase,
    tell,
    tell_part,
    tell_rule,
)
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentTypeError, show

__all__ = [
    "BACKWARD",
    "BEGIN",
    "END",
    "EVENTS",
    "FAIL",
    "FIT",
    "FORWARD",
    "LOSS",
    "METRICS",
    "PHASES",
    "RULE",
    "SUM",
    "UPDATE",
    "Hook",
    "Place",
    "RulePlace",
    "add",
    "in_phase",
    "is_active",
    "listening",
    "local",
    "needs_phase",
    "phase",
    "put_in_phase",
    "remove",
    "silence",
    "tell",
    "tell_part",
    "tell_rule",
]


class Hook:
    """Something that is told what happens in a thread: the base class, which wants to hear nothing.

    Three of the events are changes of place.  They are sent when a place is entered, and again, with what
    was before, when it is left, by an exception too.

    >>> from gradtape import ops
    >>> class Names(Hook):
    ...     def __init__(self):
    ...         self.names = []
    ...
    ...     def on_operation(self, operation, inputs, attributes, output):
    ...         self.names.append(operation.name)
    >>> names = Names()
    >>> with listening(names):
    ...     _ = ops.exp(ops.sum([1.0, 2.0]))
    >>> names.names
    ['sum', 'exp']
    """

    _lists: ClassVar[tuple[str, ...]] = ("hooks",)  # in which lists of the thread it stands

    def __init_subclass__(cls, **options: object) -> None:
        """Find out once which events the class wants: those whose method is not the empty one."""
        super().__init_subclass__(**options)
        wanted = [e for e in EVENTS if getattr(cls, f"on_{e}") is not getattr(Hook, f"on_{e}")]
        cls._lists = ("hooks", *wanted)

    def watches(self, value: Any) -> bool:
        """Tell whether a gradient would be lost if something were computed with the mere value.

        Args:
            value: a Tensor or Variable.
        """
        return False

    def on_operation(
        self, operation: Any, inputs: tuple[Tensor, ...], attributes: dict[str, Any], output: Any
    ) -> None:
        """An operation has been computed.

        Args:
            operation: the `Operation`.
            inputs: the tensors it was given.
            attributes: its other arguments, by name.
            output: the Tensor that it gave; a tuple of Tensors if it has several outputs.
        """

    def on_body(self, operation: Any, event: str) -> None:
        """The body of an operation that is written with other operations begins or has ended.

        The operations of the body are told in between, and last the operation itself.

        Args:
            operation: the `Operation`.
            event: ``"begin"``, ``"end"``, or ``"fail"`` where an exception ended it.
        """

    def on_read(self, variable: Variable, tensor: Tensor) -> None:
        """A Variable handed out its value.

        Args:
            variable: which one.
            tensor: its value.
        """

    def on_assign(self, variable: Variable, value: Tensor, before: Tensor, method: str) -> None:
        """A Variable was given a value, or had one added or subtracted.

        Args:
            variable: which one; it holds the new value already.
            value: what was assigned, added or subtracted.
            before: what it held before.
            method: ``"assign"``, ``"assign_add"`` or ``"assign_sub"``.
        """

    def on_phase(self, phase: str, owner: object, part: str) -> None:
        """The thread is in another phase of a step from now on.

        Args:
            phase: forward, loss, backward, update or metrics; "" outside all of them.
            owner: whose phase it is: a layer, a loss or a model, a tape, an optimizer, a metric.
            part: which part of an update; "" for other phases.
        """

    def on_layer(self, layer: object) -> None:
        """The `call` of another layer is running from now on.

        Args:
            layer: which one; None where none is running any more.
        """

    def on_outputs(self, layer: object, outputs: object) -> None:
        """The `call` of a layer has ended.

        Args:
            layer: which one.
            outputs: what it returned.
        """

    def on_rule(self, record: Any, position: int | None, part: str) -> None:
        """The backward walk computes something else from now on.

        Args:
            record: the tape's record whose gradient is computed; None outside a walk.
            position: for which of the record's inputs.
            part: ``"rule"`` for the gradient rule, ``"fit"`` where a broadcast or a dtype is undone after it,
                ``"sum"`` where two gradients of one tensor are added; "" outside a walk.
        """

    def on_gradients(
        self, optimizer: object, gradients: Sequence[Any], variables: Sequence[Variable]
    ) -> None:
        """An optimizer was given gradients.

        Args:
            optimizer: which one.
            gradients: as they were given, before any check.
            variables: the Variable of each.
        """

    def on_update(self, variable: Variable, update: Any) -> None:
        """An optimizer has changed a weight by `update_step`.

        Args:
            variable: the weight.
            update: how the change came about: a `gradtape.optimizers.base.update_terms.WeightUpdate`.
        """


def add(hook: Hook) -> None:
    """Tell `hook` what happens in this thread from now on.

    Args:
        hook: one that is not at work yet.

    Raises:
        ArgumentTypeError: if it is no Hook.
    """
    if not isinstance(hook, Hook):
        raise ArgumentTypeError(f"hooks.add: hook must be a Hook, got {show(hook)}")
    lists = local.__dict__
    for name in hook._lists:
        lists[name].append(hook)


def remove(hook: Hook) -> None:
    """Stop telling `hook`; the others go on.

    Args:
        hook: one that was added; another one changes nothing.
    """
    lists = local.__dict__
    for name in hook._lists:
        hooks = lists[name]
        if hooks and hooks[-1] is hook:  # blocks end in the reverse order, as a rule
            hooks.pop()
        else:
            hooks[:] = [other for other in hooks if other is not hook]


def is_active(hook: Hook) -> bool:
    """Tell whether `hook` is told what happens in this thread.

    Args:
        hook: any hook.
    """
    return hook in local.hooks


@contextmanager
def listening(hook: Hook) -> Iterator[None]:
    """Tell `hook` what happens inside the block.

    Args:
        hook: one that is not at work yet.
    """
    add(hook)
    try:
        yield
    finally:
        remove(hook)


@contextmanager
def silence() -> Iterator[None]:
    """Tell no hook what happens inside the block, but those that are added there."""
    lists = local.__dict__
    kept = {name: lists[name] for name in ("hooks", *EVENTS)}
    lists.update({name: [] for name in kept})
    try:
        yield
    finally:
        lists.update(kept)
