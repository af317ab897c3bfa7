"""Verdict: whether a replayed step is the step that was trained, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.errors import CheckpointError
from gradtape.rerun.changed_outside import (
    AFTERWARDS,
    ExternalChange,
    changed_outside,
    shown,
)
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.same_bits import furthest
from gradtape.rerun.session import Difference, ReplaySession
from gradtape.runs.disk.arrays import described
from gradtape.runs.state import state_digest


@dataclass
class Verdict:
    """The result of comparing a replay with the recorded training.

    Attributes:
        step: the step that was opened.
        start: the checkpoint from which the replay started.
        losses: how many recorded losses were compared, those on the way and the step's own.
        states: how many Variables were compared with recorded digests, after the step.
        difference: the first difference; None if all bits are the same.
        record: the record of the opened step that gave what differs; None if it lies in an earlier step.
        outside: what was changed before the steps that were done again, if they differ because of that.
        compiled: where the engine compiles: the largest relative difference between the compiled step, which
            the verdict is about, and the opened view, which is computed operation by operation on the host,
            and of what.
        notes: further remarks.
    """

    step: int
    start: int
    losses: int
    states: int
    difference: Difference | None = None
    record: OpRecord | None = None
    outside: ExternalChange | None = None
    compiled: tuple[float, str] | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether every recorded number that could be compared has the same bits."""
        # a run without recorded losses has no difference either, but nothing was shown to be the same
        return self.difference is None and self.losses + self.states > 0

    def __str__(self) -> str:
        way = f"replayed from checkpoint {self.start}"
        parts = [f"same bits: {self._compared()}, {way}" if self.is_same else self._differs(way)]
        if self.compiled is not None:
            size, what = self.compiled
            both = "the compiled step and this view, computed operation by operation on the host,"
            parts.append(
                f"{both} differ by at most {size:.1e} relative ({what})"
                if size
                else f"{both} have the same bits"
            )
        return "; ".join([*parts, *self.notes])

    def _compared(self) -> str:
        losses = f"{self.losses} recorded loss{'es' if self.losses != 1 else ''}"
        return f"{losses} and {self.states} Variables" if self.states else losses

    def _differs(self, way: str) -> str:
        found = self.difference
        if found is None:
            return f"not compared: the run recorded no loss for these steps; {way}"
        index = str(list(found.index)) if found.index else ""
        where = f" at #{self.record.index} {self.record.name}" if self.record is not None else ""
        because = f": {self.outside}" if self.outside is not None else ""
        return (
            f"NOT the same{because}; {found.what}{index} of step {found.step}{where} was {found.recorded!r}, "
            f"is {found.replayed!r}, a difference of {found.size:.3g}; {way}"
        )


def judge(
    session: ReplaySession,
    step: int,
    records: Sequence[OpRecord],
    loss: float | None,
    after: Mapping[str, Any],
) -> Verdict:
    """Return the verdict on a step that has just been computed.

    Args:
        session: the session that computed it, in the state after the step.
        step: the step.
        records: its operations.
        loss: its loss, None if it gave none.
        after: all Variables after it.
    """
    if loss is not None:
        session.compare(step, loss)
    verdict = Verdict(step, session.start, session.compared, 0, session.difference)
    if verdict.difference is None:
        _compare_states(verdict, session, records, after)
    else:
        verdict.outside = _changed_before(session)
        if verdict.difference.step == step:
            verdict.record = _giver(records, verdict.difference.replayed)
    if not verdict.is_same:
        verdict.notes += [f"{name} was {before}, is {now}" for name, before, now in session.elsewhere()]
    verdict.notes += session.faults
    return verdict


def _changed_before(session: ReplaySession) -> ExternalChange | None:
    """Return what is not right about the checkpoint from which the replay went on, None if it is right."""
    # a checkpoint holds whatever the Variables were, also what a callback did: only a replay from an
    # earlier one tells whether the steps lead to it
    earlier = [s for s in session.run.checkpoints if s < session.start]
    if not earlier:
        return None
    mark = session.mark()
    found = changed_outside(session, earlier[-1], session.start)
    session.back(mark)
    return found


def _giver(records: Sequence[OpRecord], loss: float) -> OpRecord | None:
    """Return the last record of the loss that gave this number."""
    for record in reversed(records):
        if (
            record.output_shape == ()
            and record.phase in ("loss", "forward")
            and float(record.output_value) == loss
        ):
            return record
    return None


def _compare_states(
    verdict: Verdict, session: ReplaySession, records: Sequence[OpRecord], after: Mapping[str, Any]
) -> None:
    """Compare the Variables with the digests of a checkpoint after the step, also of one that is gone."""
    digests = session.run.variable_digests(verdict.step + 1)
    if not digests and session.batch:  # at the end of an epoch validation has changed the metrics since
        _compare_digest(verdict, session, after)
    for name in _in_order(records, digests):
        if name in after and not name.startswith(AFTERWARDS):
            verdict.states += 1
            # digests outlive their checkpoint, whose arrays are only opened to say how large a difference is
            if described(after[name])["sha256"] != digests[name]:
                verdict.record = _last_change(records, shown(name))
                verdict.difference = _largest(session, verdict.step, name, after[name])
                return


def _in_order(records: Sequence[OpRecord], names: Mapping[str, str]) -> list[str]:
    """Return the names, those first that the step changes, in the order of the change."""
    places = {r.variable: r.index for r in records if r.variable}
    # the first Variable that differs is the cause, those after it may differ because of it
    return sorted(names, key=lambda name: places.get(shown(name), len(records)))


def _compare_digest(verdict: Verdict, session: ReplaySession, after: Mapping[str, Any]) -> None:
    """Compare all Variables together with the one digest that the journal keeps of a checkpoint."""
    recorded = session.run.digests.get(verdict.step + 1)
    if recorded is not None:
        verdict.states = len(after)
        if state_digest({name: described(array) for name, array in after.items()}) != recorded:
            verdict.difference = Difference(verdict.step, "the digest of all Variables", np.nan, np.nan)


def _last_change(records: Sequence[OpRecord], name: str) -> OpRecord | None:
    return next((r for r in reversed(records) if r.variable == name), None)


def _largest(session: ReplaySession, step: int, name: str, replayed: Any) -> Difference:
    """Return the element of a Variable that is furthest from the checkpoint's."""
    try:
        recorded = session.run.checkpoint(step + 1).arrays[name]
    except CheckpointError:
        return Difference(step, name, float("nan"), float("nan"))
    place = furthest(recorded, replayed)
    return Difference(step, shown(name), place.first, place.second, place.index)


def largest_difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[float, str]:
    """Return the largest difference between two dicts of arrays, relative to the largest value, and of what.

    >>> largest_difference({"w": np.array([2.0, 4.0])}, {"w": np.array([2.0, 3.0])})
    (0.25, 'w')
    """
    worst, name = 0.0, ""
    for key, value in ours.items():
        a, b = np.asarray(value, "float64"), np.asarray(theirs[key], "float64")
        if not a.size or np.array_equal(a, b, equal_nan=True):
            continue
        with np.errstate(invalid="ignore"):  # infinity minus infinity
            gap = np.nan_to_num(np.abs(a - b), nan=np.inf).max()
        # relative to the largest value of the array, not to each: near 0 every rounding would look large
        fine = np.abs(a[np.isfinite(a)])
        # 1e-300: the array may be all 0, or have no finite element
        found = float(gap) / max(float(fine.max(initial=0.0)), 1e-300)
        if found > worst:
            worst, name = found, key
    return worst, name
