"""diff: the step and operation where two runs diverge, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.errors import GradtapeError
from gradtape.rerun.changed_outside import AFTERWARDS, changed_outside, shown
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.open_step import open_step
from gradtape.rerun.same_bits import furthest, same_bits
from gradtape.rerun.session import ReplaySession
from gradtape.rerun.step_data import StepData

_CHUNK = 64
SAME, DATA, ORDER, WEIGHTS, CONFIGURATION, ENGINE, NUMERICS, STATE = KINDS = (
    *("same", "data", "order", "initial weights", "configuration", "engine", "numerics", "state"),
)


@dataclass
class RunDiff:
    """Where two runs diverge.

    Attributes:
        kind: the cause: same (they do not diverge), data, order, initial weights, configuration, engine,
            numerics (the same step gave other bits: another machine, number of threads, version), or state (a
            Variable was changed by something that is no part of a step).
        step: the first step in which anything differs; None if nothing does.
        what: what differs there, in words.
        records: the first operation that differs, as it was in either run; None if none could be compared.
        configuration: the differences of run.json: (path, in the first, in the second).
        notes: further remarks.
    """

    kind: str
    step: int | None
    what: str
    records: tuple[OpRecord, OpRecord] | None = None
    configuration: list[tuple[str, Any, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        where = "" if self.step is None else f" from step {self.step} on"
        lines = [f"{self.kind}{where}: {self.what}"]
        if self.records is not None:
            first, second = self.records
            line = first.user_line or first.line
            layer = f", layer {first.layer}" if first.layer else ""
            lines.append(f"  operation  #{first.index} {first.name}, {first.phase}{layer}, {line}")
            if first.name != second.name:
                lines.append(f"             #{second.index} {second.name} in the other")
        for path, one, other in self.configuration[:12]:
            lines.append(f"  differs    {path}: {one!r} and {other!r}")
        return "\n".join([*lines, *[f"  note       {note}" for note in self.notes]])


def diff(run_a: Any, run_b: Any) -> RunDiff:
    """Return where two runs diverge, and why.

    The recorded losses show up to which step they may be the same training.  From their last common
    checkpoint both are replayed side by side, and the first step after which they differ is opened.

    Args:
        run_a: a run, opened with the data it needs; see `open_run`.
        run_b: another one.
    """
    differing = run_a.differences(run_b)
    last = _first_other_loss(run_a.steps, run_b.steps)
    try:
        found = _compared(run_a.session(), run_b.session(), last)
    except GradtapeError as error:
        found = _judged_by_configuration(differing, last)
        found.notes.append(f"the steps were not replayed: {error}")
    found.configuration = differing
    if found.kind == SAME and differing:
        found.what += "; the two run.json files still differ"
    return found


def _first_other_loss(a: Any, b: Any) -> int | None:
    """Return the first step, of those that both recorded, whose losses are not the same bits."""
    # by number: a fork begins at a later step than the run it continues
    _, left, right = np.intersect1d(a["step"], b["step"], return_indices=True)
    one, other = a["loss"][left], b["loss"][right]
    apart = np.flatnonzero((one != other) & ~(np.isnan(one) & np.isnan(other)))
    steps = [int(s) for s in a["step"][left][apart][:1]]
    return steps[0] if steps else None


def _compared(a: ReplaySession, b: ReplaySession, last: int | None) -> RunDiff:
    """Replay both runs from their common state to find the first step that differs."""
    start = _common_start(a, b)
    if start is None:
        return _other_weights(a, b)
    end = min(a.last, b.last) + 1 if last is None else last + 1
    step = _first_other_step(a, b, start, end)
    if step is None:
        return _unexplained(a, b, start, last)
    return _opened(open_step(a, step), open_step(b, step), a, b)


def _common_start(a: ReplaySession, b: ReplaySession) -> int | None:
    """Return the last step of which both have a checkpoint, with the same bits; None if there is none.

    A later one may be the same by chance, so it counts only where all losses up to it are the same.
    """
    apart = _first_other_loss(a.recorded, b.recorded)
    known = [s for s in a.run.checkpoints if s in b.run.checkpoints and (apart is None or s <= apart)]
    for step in map(int, reversed(known)):
        one, other = a.run.variable_digests(step), b.run.variable_digests(step)
        if _kept(one) == _kept(other):
            return step
    return _same_beginning(a, b) if a.first != b.first else None


def _same_beginning(a: ReplaySession, b: ReplaySession) -> int | None:
    """Return the first step of the fork, if the other run was in the same state there."""
    step = max(a.first, b.first)
    a.go_to(step)
    b.go_to(step)
    a.begin()
    b.begin()
    return step if _same_state(a, b) else None


def _kept(digests: Mapping[str, str]) -> dict[str, str]:
    return {name: d for name, d in digests.items() if not name.startswith(AFTERWARDS)}


def _other_weights(a: ReplaySession, b: ReplaySession) -> RunDiff:
    """Say which Variables differ at the first checkpoint that both have."""
    both = [s for s in a.run.checkpoints if s in b.run.checkpoints]
    if not both:
        return RunDiff(CONFIGURATION, None, "they have no checkpoint of the same step in common")
    step = both[0]
    one, other = a.run.checkpoint(step).arrays, b.run.checkpoint(step).arrays
    names = [n for n in one if not n.startswith(AFTERWARDS) and not same_bits(one[n], other.get(n))]
    gone = sorted({shown(n) for n in one.keys() ^ other.keys() if not n.startswith(AFTERWARDS)})
    if gone:
        return RunDiff(CONFIGURATION, step, f"only one of them has {', '.join(gone[:6])}")
    if one[names[0]].shape != other[names[0]].shape:
        shapes = f"{one[names[0]].shape} and {other[names[0]].shape}"
        return RunDiff(CONFIGURATION, step, f"{shown(names[0])} has the shapes {shapes}")
    place = furthest(one[names[0]], other[names[0]])
    kind = WEIGHTS if step == a.first == b.first else STATE
    what = f"{_listed([shown(n) for n in names])} differ before it; {shown(names[0])}{place}"
    return RunDiff(kind, step, what)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more


def _first_other_step(a: ReplaySession, b: ReplaySession, start: int, end: int) -> int | None:
    """Return the first step in [start, end) after which the two states differ; None if none does."""
    a.go_to(start)
    b.go_to(start)
    # a comparison copies all Variables: many steps between two, and one by one in the part that differs
    width = _CHUNK
    while a.step < end:
        marks = a.mark(), b.mark()
        target = min(a.step + width, end)
        a.go_on(start, target)  # no checkpoint on the way is trusted
        b.go_on(start, target)
        if _same_state(a, b):
            continue
        if width == 1:
            return marks[0].step
        a.back(marks[0])
        b.back(marks[1])
        width = 1
    return None


def _same_state(a: ReplaySession, b: ReplaySession) -> bool:
    one, other = a.snapshot(), b.snapshot()
    names = [n for n in one if not n.startswith(AFTERWARDS)]
    return all(same_bits(one[n], other.get(n)) for n in names)


def _opened(a: StepData, b: StepData, session_a: ReplaySession, session_b: ReplaySession) -> RunDiff:
    """Say which operation differs first in a step that was opened in both runs."""
    # first: with other samples every operation differs, and none of them is the cause
    if a.sample_ids is not None and not same_bits(a.sample_ids, b.sample_ids):
        seeds = f"seeds {session_a.seed} and {session_b.seed}"
        what = f"it has the samples {_few(a.sample_ids)} and {_few(b.sample_ids)} ({seeds})"
        return RunDiff(ORDER, a.number, what, _first_pair(a, b))
    for one, other in zip(a.records, b.records, strict=False):
        found = _between(a, one, other)
        if found is not None:
            return RunDiff(found[0], a.number, found[1], (one, other))
    return RunDiff(CONFIGURATION, a.number, f"it has {len(a.records)} and {len(b.records)} operations")


def _few(ids: Any) -> str:
    return f"[{', '.join(map(str, ids[:6]))}{' ...' if len(ids) > 6 else ''}]"


def _first_pair(a: StepData, b: StepData) -> tuple[OpRecord, OpRecord] | None:
    """Return the first operation in which either the inputs or the output differ."""
    for one, other in zip(a.records, b.records, strict=False):
        if not _same_outputs(one, other):
            return one, other
    return None


def _between(a: StepData, one: OpRecord, other: OpRecord) -> tuple[str, str] | None:
    """Return kind and words of what differs between two records, None if nothing does."""
    if (one.name, one.phase) != (other.name, other.phase):
        return CONFIGURATION, f"{one.phase} {one.name} in one, {other.phase} {other.name} in the other"
    if _plain(one.attributes) != _plain(other.attributes):
        return CONFIGURATION, f"{one.name} has the attributes {one.attributes} and {other.attributes}"
    # before the outputs: an operation is the cause only if its inputs are the same
    for label, left, right in zip(one.labels, one.input_values, other.input_values, strict=False):
        if left.shape != right.shape:
            return CONFIGURATION, f"{label} has the shapes {left.shape} and {right.shape}"
        if not same_bits(left, right):
            return _of_input(a, label, left, right)
    if _same_outputs(one, other):
        return None
    values = list(zip(one.output_values, other.output_values, strict=False))
    left, right = next((pair for pair in values if not same_bits(*pair)), values[0])
    return NUMERICS, f"{one.name} gave other bits for the same inputs: {furthest(left, right)}"


def _same_outputs(one: OpRecord, other: OpRecord) -> bool:
    """Tell whether all outputs of two records are the same bit by bit."""
    return len(one.outputs) == len(other.outputs) and all(
        same_bits(x, y) for x, y in zip(one.output_values, other.output_values, strict=True)
    )


def _of_input(a: StepData, label: str, left: Any, right: Any) -> tuple[str, str]:
    """Return kind and words of an input that differs: the first that does, so no operation made it."""
    place = furthest(left, right)
    if label.partition(".")[0] in ("x", "y", "sample_weight"):
        rows = np.flatnonzero([not same_bits(i, j) for i, j in zip(left, right, strict=True)])
        ids = rows if a.sample_ids is None else a.sample_ids[rows]
        word = "sample" if len(ids) == 1 else "samples"
        return DATA, f"{label} differs in {word} {_few(ids)}: {label}{place}"
    return CONFIGURATION, f"{'a constant' if label == 'constant' else label}{place}"


def _plain(attributes: Mapping[str, Any]) -> dict[str, str]:
    # as text: == of two arrays is an array
    return {name: repr(value) for name, value in attributes.items()}


def _unexplained(a: ReplaySession, b: ReplaySession, start: int, last: int | None) -> RunDiff:
    """Describe two runs whose records differ although their replays do not."""
    if last is None:
        return RunDiff(SAME, None, "all steps have the same losses and the same states")
    for session in (a, b):
        found = changed_outside(session, start, last)
        if found is not None:
            return RunDiff(STATE, found.step, f"in {session.run.path}: {found}")
    around = [s.run.config["environment"] for s in (a, b)]
    apart = [name for name in around[0] if around[0][name] != around[1].get(name) and name in _AROUND]
    kind = ENGINE if "engine" in apart else NUMERICS
    one, other = (s.recorded_at(last, "loss") for s in (a, b))
    what = f"the losses are {one!r} and {other!r}, though both are the same when they are replayed here"
    described = [f"{name}: {around[0][name]} and {around[1].get(name)}" for name in apart]
    return RunDiff(kind, last, what, None, [], described)


_AROUND = ("engine", "version", "device", "threads", "blas", "numpy", "machine", "processor", "variables")


def _judged_by_configuration(differing: Sequence[tuple[str, Any, Any]], last: int | None) -> RunDiff:
    """Return the cause as far as run.json tells it."""
    paths = [path for path, _, _ in differing]
    for start, kind in (("data", DATA), ("seed", ORDER), ("environment.engine", ENGINE)):
        if any(path.startswith(start) for path in paths):
            return RunDiff(kind if last is not None else SAME, last, f"{start} differs in run.json")
    if last is None:
        return RunDiff(SAME, None, "all steps have the same losses")
    kind = CONFIGURATION if any(p.startswith(("model", "compile", "fit")) for p in paths) else NUMERICS
    return RunDiff(kind, last, "the losses differ")
