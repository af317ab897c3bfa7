"""Hooks: objects told of every operation, read and assignment in this thread, and of the step around them.

A hook is a subclass of `Hook` that defines the methods it wants.  `add` puts it to work in this thread,
`remove` ends that.  Each kind of event has a list of its own, with the hooks that want it, so an event that
nobody wants costs one look at an empty list, and its arguments are not even put together.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, cast

from gradtape.errors import ArgumentTypeError, show

if TYPE_CHECKING:
    from gradtape.core.tensor import Tensor
    from gradtape.core.variable import Variable

P = ParamSpec("P")
R = TypeVar("R")
Place = tuple[str, Any, str]  # phase, its owner, which part of it
RulePlace = tuple[Any, int | None, str]  # record, position, what is being computed

FORWARD, LOSS, BACKWARD, UPDATE, METRICS = PHASES = ("forward", "loss", "backward", "update", "metrics")
RULE, SUM, FIT = "rule", "sum", "fit"
BEGIN, END, FAIL = ("begin", "end", "fail")
EVENTS = ("operation", "body", "read", "assign", "phase", "layer", "outputs", "rule", "gradients", "update")
_NOWHERE: Place = ("", None, "")
_NO_RULE: RulePlace = (None, None, "")


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

    def __init_subclass__(cls, **options: Any) -> None:
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

    def on_phase(self, phase: str, owner: Any, part: str) -> None:
        """The thread is in another phase of a step from now on.

        Args:
            phase: forward, loss, backward, update or metrics; "" outside all of them.
            owner: whose phase it is: a layer, a loss or a model, a tape, an optimizer, a metric.
            part: which part of an update; "" for other phases.
        """

    def on_layer(self, layer: Any) -> None:
        """The `call` of another layer is running from now on.

        Args:
            layer: which one; None where none is running any more.
        """

    def on_outputs(self, layer: Any, outputs: Any) -> None:
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

    def on_gradients(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Variable]) -> None:
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


class _PerThread(threading.local):
    """What belongs to one thread: its hooks, the hooks that want each event, and the place in a step."""

    def __init__(self) -> None:
        self.hooks: list[Hook] = []
        self.operation: list[Hook] = []
        self.body: list[Hook] = []
        self.read: list[Hook] = []
        self.assign: list[Hook] = []
        self.phase: list[Hook] = []
        self.layer: list[Hook] = []
        self.outputs: list[Hook] = []
        self.rule: list[Hook] = []
        self.gradients: list[Hook] = []
        self.update: list[Hook] = []
        self.place = _NOWHERE  # kept while a hook wants to hear of phases, like the next one for rules
        self.rule_place = _NO_RULE
        self.asked: list[tuple[Any, Any]] | None = None  # layers that told which weights train; see compile


local = _PerThread()


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


# Changes of place: whoever sends them asks first whether a hook wants them, as `if local.phase:`.


class phase:
    """A block in which this thread is in a phase of a step; at its end the outer phase comes back.

    Args:
        name: one of PHASES.
        owner: whose phase it is.
        part: which part of it.
    """

    def __init__(self, name: str, owner: Any, part: str = "") -> None:
        self._inside: Place = (name, owner, part)

    def __enter__(self) -> None:
        self._outside, self._rule = local.place, local.rule_place
        _tell_place(self._inside)

    def __exit__(self, *exception: object) -> None:
        _tell_place(self._outside)
        if local.rule_place is not self._rule:  # an exception ended a backward walk
            tell_rule(*self._rule)


def _tell_place(place: Place) -> None:
    local.place = place
    tell("phase", *place)


def tell(event: str, *about: Any) -> None:
    """Tell an event to the hooks that want it; for the frequent ones the loop stands where they happen.

    Args:
        event: one of EVENTS.
        *about: the arguments of the hooks' method.
    """
    for hook in getattr(local, event):
        getattr(hook, f"on_{event}")(*about)


def tell_part(part: str) -> None:
    """Tell that another part of the phase begins; not if its beginning was told to nobody.

    Args:
        part: its name.
    """
    name, owner, _ = local.place
    if name:
        _tell_place((name, owner, part))


def tell_rule(record: Any, position: int | None, part: str) -> None:
    """Tell what the backward walk computes from now on.

    Args:
        record: the record whose gradient is computed.
        position: for which of its inputs.
        part: RULE, FIT or SUM.
    """
    local.rule_place = (record, position, part)
    tell("rule", record, position, part)


def needs_phase(name: str, owner: Any) -> bool:
    """Tell whether hooks want to hear of a phase that the thread is not in yet.

    A frequent method asks this, as ``if local.phase and needs_phase(LOSS, self)``, and calls itself again
    inside `phase`: that costs less than the wrapper of `in_phase`.

    Args:
        name: one of PHASES.
        owner: whose phase it is.
    """
    return bool(local.phase) and (local.place[0] != name or local.place[1] is not owner)


def in_phase(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return the decorator of a method that is a phase of its own, whose owner is the method's object.

    Args:
        name: one of PHASES.
    """

    def decorate(method: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(method)
        def run_in_phase(*args: P.args, **kwargs: P.kwargs) -> R:
            if not local.phase:
                return method(*args, **kwargs)
            with phase(name, args[0]):
                return method(*args, **kwargs)

        cast(Any, run_in_phase)._phase = name
        return run_in_phase

    return decorate


def put_in_phase(made: type, name: str, methods: Sequence[str]) -> None:
    """Let methods that a class defines itself be a phase: what a subclass overrides stays one.

    Args:
        made: the class.
        name: one of PHASES.
        methods: the names of the methods.
    """
    for method in methods:
        own = vars(made).get(method)
        if isinstance(own, FunctionType) and not hasattr(own, "_phase"):
            setattr(made, method, in_phase(name)(own))
