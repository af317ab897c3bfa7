"""Phases: where in a step a thread is, and which of its hooks want to hear of each kind of event.

`hooks.py` puts hooks to work.  Each kind of event has a list of its own, with the hooks that want it, so an
event that nobody wants costs one look at an empty list, and its arguments are not even put together.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

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


class _PerThread(threading.local):
    """What belongs to one thread: its hooks, the hooks that want each event, and the place in a step."""

    def __init__(self) -> None:
        # Hooks, though not typed so: Hook is told of Variables, which read these lists.
        self.hooks: list[Any] = []
        self.operation: list[Any] = []
        self.body: list[Any] = []
        self.read: list[Any] = []
        self.assign: list[Any] = []
        self.phase: list[Any] = []
        self.layer: list[Any] = []
        self.outputs: list[Any] = []
        self.rule: list[Any] = []
        self.gradients: list[Any] = []
        self.update: list[Any] = []
        self.place = _NOWHERE  # kept while a hook wants to hear of phases, like the next one for rules
        self.rule_place = _NO_RULE
        self.asked: list[tuple[Any, Any]] | None = None  # layers that told which weights train; see compile


local = _PerThread()


# Changes of place: whoever sends them asks first whether a hook wants them, as `if local.phase:`.


class phase:
    """A block in which this thread is in a phase of a step; at its end the outer phase comes back.

    Args:
        name: one of PHASES.
        owner: whose phase it is.
        part: which part of it.
    """

    def __init__(self, name: str, owner: object, part: str = "") -> None:
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


def tell(event: str, *about: object) -> None:
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


def tell_rule(record: object, position: int | None, part: str) -> None:
    """Tell what the backward walk computes from now on.

    Args:
        record: the record whose gradient is computed.
        position: for which of its inputs.
        part: RULE, FIT or SUM.
    """
    local.rule_place = (record, position, part)
    tell("rule", record, position, part)


def needs_phase(name: str, owner: object) -> bool:
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
