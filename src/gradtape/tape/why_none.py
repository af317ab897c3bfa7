"""Why a gradient is None, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradtape.core.dtypes import is_floating
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.tape.record import Record


@dataclass(frozen=True)
class Assignment:
    """A `value` on the tape that was assigned to a Variable, whose new value is `tensor`."""

    variable: Variable
    value: Tensor
    tensor: Tensor
    source: str


@dataclass(frozen=True)
class Evidence:
    """What a tape knows about one source: its values on the tape, and all that happened.

    `beyond` are outputs that no gradient comes back from, each with its inputs.
    """

    source: Any
    values: Sequence[Tensor]
    targets: Sequence[Tensor]
    records: Sequence[Record]
    assignments: Sequence[Assignment]
    beyond: Sequence[tuple[Tensor, tuple[Tensor, ...]]]
    watches_variables: bool


def reason(evidence: Evidence) -> str:
    """Return in one sentence why the gradient of the targets for the source is None."""
    source, name = evidence.source, describe(evidence.source)
    if not is_floating(source.dtype):
        what = name[0].upper() + name[1:]
        return f"{what} has dtype {source.dtype}: only floating values have a gradient; cast it first."
    if not evidence.values:
        return _not_watched(evidence, name)
    reached = _reached(evidence)
    if any(id(t) in reached for t in evidence.targets):
        return connected(name)
    return _dead_end(evidence, reached, name) or _no_path(evidence, name)


def connected(name: str) -> str:
    """Return the sentence for a source, so called, that has a gradient."""
    return f"The gradient for {name} is not None: the target depends on it."


def describe(source: Any) -> str:
    """Return how a sentence calls the source."""
    if isinstance(source, Variable):
        return f"Variable {source.name!r}"
    return f"the tensor of shape {source.shape}"


def _not_watched(evidence: Evidence, name: str) -> str:
    source = evidence.source
    if not isinstance(source, Variable):
        return f"The tape did not watch {name}: call tape.watch(tensor) before it is used."
    if not source.trainable:
        return f"The tape did not watch {name} because it is not trainable: call tape.watch(variable)."
    if not evidence.watches_variables:
        return f"The tape did not watch {name}: it was made with watch_accessed_variables=False."
    return (
        f"{name} was never read while the tape was recording: compute the target inside the tape's block, "
        "not with NumPy, which leaves the tape."
    )


def _reached(evidence: Evidence) -> set[int]:
    """Return the ids of the tensors that depend on the source by a path a gradient can take."""
    reached = {id(t) for t in evidence.values}
    for record in evidence.records:
        if record.passes and any(id(t) in reached for t in record.inputs):
            reached.update([id(y) for y in record.outputs if is_floating(y.dtype)])
    return reached


def _dead_end(evidence: Evidence, reached: set[int], name: str) -> str | None:
    """Return the sentence about the place where the path from the source breaks off.

    A break on the way to the target is named before one that leads elsewhere.
    """
    before = _ancestors(evidence)
    assigned = [a for a in evidence.assignments if id(a.value) in reached]
    blocked = [r for r in evidence.records if _blocks(r, before) and any(id(t) in reached for t in r.inputs)]
    on_the_way: list[Assignment | Record] = [a for a in assigned if id(a.tensor) in before]
    on_the_way += [r for r in blocked if any(id(y) in before for y in r.outputs)]
    ends = on_the_way or [*assigned, *blocked]
    return None if not ends else f"The path from {name} ends at {_end(ends[-1])}."


def _blocks(record: Record, before: set[int]) -> bool:
    """Tell whether no gradient comes back through a record, or its output on the way to the target."""
    ends = [y for y in record.outputs if id(y) in before]
    return not record.passes or (bool(ends) and not any(is_floating(y.dtype) for y in ends))


def _ancestors(evidence: Evidence) -> set[int]:
    """Return the ids of the tensors from which the targets were computed, through assignments too."""
    before = {id(t) for t in evidence.targets}
    links = [(id(a.tensor), [id(a.value)]) for a in evidence.assignments]
    links += [(id(output), [id(t) for t in inputs]) for output, inputs in evidence.beyond]
    links += [(id(y), [id(t) for t in r.inputs]) for r in evidence.records for y in r.outputs]
    size = -1
    # Until nothing is added: the three kinds of links are not in order of time among each other.
    while size != len(before):
        size = len(before)
        for output, inputs in reversed(links):
            if output in before:
                before.update(inputs)
    return before


def _end(end: Assignment | Record) -> str:
    if isinstance(end, Record):
        return f"{_block(end)}, at {end.source}"
    return (
        f"an assignment to Variable {end.variable.name!r} at {end.source}: "
        "a Variable's new value does not remember where it came from"
    )


def _block(record: Record) -> str:
    if record.operation.facts.kind == "move" and not record.operation.differentiable:
        return record.name  # it moves nothing but the value on: its purpose is to stop the gradient
    if not record.operation.differentiable:
        return f"{record.name}, which has no gradient"
    dtypes = [y.dtype for y in record.outputs if not is_floating(y.dtype)]
    return f"{record.name} to {(dtypes or [record.outputs[0].dtype])[0]}, through which no gradient passes"


def _no_path(evidence: Evidence, name: str) -> str:
    outputs = {id(y) for r in evidence.records for y in r.outputs}
    if not any(id(t) in outputs for t in evidence.targets):
        return (
            "The target was not computed from watched values while this tape was recording: "
            "compute it inside the tape's block, outside stop_recording() and not with NumPy."
        )
    if isinstance(evidence.source, Variable) and all(
        t is not evidence.source._tensor for t in evidence.values
    ):
        return f"The target does not depend on {name}, which was assigned over after it was read."
    return f"The target does not depend on {name}: no recorded operation leads from one to the other."
