"""Where NaN and infinity come from: the first step, the operation, its inputs, the samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.errors import CheckpointError
from gradtape.explain.growth import Growth, growth_before
from gradtape.explain.what_if import Outcome, outcomes
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.open_step import open_step
from gradtape.rerun.session import ReplaySession, SessionState
from gradtape.rerun.step_data import StepData

_CHUNK = 64
_PASSES = {"forward": "forward pass", "backward": "backward pass"}
_NAMES = {"nan": "NaN", "inf": "infinity"}


@dataclass
class NonFinite:
    """The first NaN or infinity of a training.

    Attributes:
        step: the step in which it appeared, opened.
        record: the operation where it first appeared: its inputs are finite, its output is not; None if it
            was in the data or the weights.
        what: ``nan`` or ``inf``.
        origin: where it first appeared, in words.
        rows: the positions of the affected samples in the batch; empty if they cannot be determined.
        sample_ids: the numbers of those samples in the data.
        growth: how gradients and weights grew in the steps before.
        outcomes: what would have happened with one thing changed.
    """

    step: StepData = field(repr=False)
    record: OpRecord | None
    what: str
    origin: str
    rows: list[int]
    sample_ids: list[int]
    growth: Growth = field(repr=False)
    outcomes: list[Outcome] = field(repr=False)

    @property
    def phase(self) -> str:
        """forward, loss, backward or update; data if it was in the batch."""
        return "data" if self.record is None else self.record.phase

    @property
    def layer(self) -> str:
        """The path of the layer where it first appeared, or of the forward operation; "" for none."""
        record = self.forward_record
        return "" if record is None else record.layer

    @property
    def forward_record(self) -> OpRecord | None:
        """The operation where it first appeared, or the forward operation whose gradient that computes."""
        record = self.record
        if record is None or record.forward is None:
            return record
        return self.step.records[record.forward]

    def __str__(self) -> str:
        step = self.step
        when = f"step {step.number} (epoch {step.epoch + 1}, batch {step.batch + 1})"
        lines = [
            f"{_NAMES[self.what]} first appeared in {when}, {self.origin}",
            *self._operation_lines(),
            *self._sample_lines(),
            f"  before     {self.growth}",
            *[f"  what if    {outcome}" for outcome in self.outcomes],
            f"  verdict    {step.verdict}",
        ]
        return "\n".join(lines)

    def _operation_lines(self) -> list[str]:
        record, forward = self.record, self.forward_record
        if record is None or forward is None:
            return []
        of = "" if record is forward else f", gradient of #{forward.index} {forward.name}"
        layer = f", layer {forward.layer}" if forward.layer else ""
        line = forward.user_line or forward.line
        lines = [f"  operation  #{record.index} {record.name}, {record.phase}{of}{layer}: {record.formula}"]
        lines.append(f"  source     {line}" + (f"  {line.text}" if line.text else ""))
        for label, value in zip(record.labels, record.input_values, strict=True):
            lines.append(f"  input      {label} {described(value)}")
        lines.append(f"  output     {described(_output(record))}")
        return lines

    def _sample_lines(self) -> list[str]:
        if not self.rows:
            return []
        names = self.sample_ids or self.rows
        kind = "samples" if self.sample_ids else "rows of the batch"
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        return [f"  {kind:9}  {', '.join(map(str, names[:10]))}{more}"]


def described(value: object) -> str:
    """Return shape, dtype and range of an array, and how many elements are not finite.

    >>> described(np.array([1.0, np.nan], "float32"))
    '(2,) float32, from 1 to 1, 1 of 2 not finite'
    """
    array = np.asarray(value)
    text = f"{array.shape} {array.dtype}"
    if array.dtype.kind not in "iuf" and array.dtype.name != "bfloat16":
        return text
    wide = array.astype("float64")
    fine = np.isfinite(wide)
    if fine.any():
        text += f", from {wide[fine].min():.4g} to {wide[fine].max():.4g}"
    return text if fine.all() else f"{text}, {int((~fine).sum())} of {array.size} not finite"


def find_nonfinite(session: ReplaySession) -> NonFinite | None:
    """Return the first NaN or infinity of a run, None if there is none.

    The steps from the last checkpoint without NaN or infinity are done again until the loss or a Variable is
    not finite.  That step is opened, and the value is traced back to the operation that has finite inputs.
    """
    end = _first_bad_loss(session)
    if end is None:
        end = session.last + 1
        # a loss is computed before its update, so the last update may have made weights infinite unseen
        if end == session.first or _is_finite(_arrays_at(session, end)):
            return None
    _start(session, end)
    mark = _last_finite(session, end)
    session.back(mark)
    step = open_step(session, mark.step)
    record, origin, what = _origin(step)
    rows = _rows(step, record)
    ids = [] if step.sample_ids is None else [int(step.sample_ids[row]) for row in rows]
    growth = growth_before(session, mark)
    return NonFinite(step, record, what, origin, rows, ids, growth, outcomes(session, mark, rows))


def _first_bad_loss(session: ReplaySession) -> int | None:
    bad = np.flatnonzero(~np.isfinite(session.recorded["loss"]))
    return int(session.recorded["step"][bad[0]]) if len(bad) else None


def _arrays_at(session: ReplaySession, step: int) -> dict[str, Any]:
    """Return the state after `step` updates, from a checkpoint or by doing the steps again."""
    session.go_to(step)
    return session.snapshot()


def _is_finite(arrays: dict[str, Any]) -> bool:
    return all(np.isfinite(a).all() for a in arrays.values() if a.dtype.kind == "f")


def _start(session: ReplaySession, end: int) -> None:
    """Put the session at the newest checkpoint before `end` in which all is finite."""
    for step in reversed([s for s in session.run.checkpoints if s <= end]):
        session.go_to(step)
        # a checkpoint may have been saved after the failing step, and hold NaN itself
        if _is_finite(session.snapshot()):
            return
    raise CheckpointError(
        f"run: no checkpoint before step {end} that is free of NaN and infinity is left; there are "
        f"{', '.join(map(str, session.run.checkpoints)) or 'none'}"
    )


def _last_finite(session: ReplaySession, end: int) -> SessionState:
    """Return the moment before the first step after which something is not finite, `end` at the latest."""
    mark = session.mark()
    # 64 steps at a time, then one by one in the part that fails: one state is compared per call
    width = _CHUNK
    while mark.step < end:
        session.forward(min(width, end - mark.step))
        after = session.mark()
        if _is_finite(after.arrays):
            mark = after
        elif width == 1:
            return mark
        else:
            session.back(mark)
            width = 1
    return mark


def _origin(step: StepData) -> tuple[OpRecord | None, str, str]:
    """Return the record where the value first appeared, its place in words, and its kind."""
    record = _sink(step)
    if record is None:
        return None, "which stays finite when it is computed operation by operation", "nan"
    # this ends: the inputs of a record were made by records before it
    while True:
        earlier = _bad_input(step, record)
        if earlier is None:
            break
        if earlier == "constant":
            return (
                record,
                f"in the {_PASSES.get(record.phase, record.phase)}, as a constant",
                _kind(_output(record)),
            )
        if isinstance(earlier, str):
            return None, f"it was in {earlier}", _kind(_output(record))
        record = earlier
    return record, f"in the {_PASSES.get(record.phase, record.phase)}", _kind(_output(record))


def _sink(step: StepData) -> OpRecord | None:
    """Return the first record that matters and is not finite: the loss, or a weight's new value."""
    for record in step.records:
        # a NaN that reaches neither the loss nor a weight, nor any Variable but a metric, does no harm
        is_end = (record.phase in ("forward", "loss") and not record.output_shape) or bool(record.variable)
        if is_end and not record.variable.startswith("metrics.") and not record.is_finite:
            return record
    return None


def _bad_input(step: StepData, record: OpRecord) -> OpRecord | str | None:
    """Return what gave the record an input that is not finite, the name of what no record made, or None."""
    for made_by, label, value in zip(record.made_by, record.labels, record.input_values, strict=True):
        if value.dtype.kind not in "iub" and not np.isfinite(value).all():
            return label if made_by is None else step.records[made_by]
    return None


def _output(record: OpRecord) -> Any:
    """Return the output of a record, of several the first that is not finite."""
    values = record.output_values
    return next((v for v in values if not np.isfinite(v).all()), values[0])


def _kind(value: Any) -> str:
    return "nan" if np.isnan(value).any() else "inf"


def _rows(step: StepData, record: OpRecord | None) -> list[int]:
    """Return the places in the batch of the samples that a value which is not finite belongs to.

    Where the operation has one row per sample, those whose row is not finite; otherwise (a gradient of a
    weight) those with by far the largest row among the inputs.
    """
    size = step.batch_size
    if record is None:
        found = np.flatnonzero(~np.isfinite(np.asarray(step.sample_losses)))
    elif np.shape(_output(record))[:1] == (size,):
        found = np.flatnonzero(~np.isfinite(_output(record).reshape(size, -1).astype("float64")).all(axis=1))
    else:
        return _largest_rows([v for v in record.input_values if v.shape[:1] == (size,)], size)
    return [int(i) for i in found] if len(found) < size else []  # all of them: no single sample is the cause


def _largest_rows(values: list[Any], size: int) -> list[int]:
    found: set[int] = set()
    for value in values:
        if value.dtype.kind == "f":
            largest = np.abs(value.reshape(size, -1).astype("float64")).max(axis=1, initial=0.0)
            # a thousand times the median: outliers, not the spread of usual samples; 1e-30 for a median of 0
            found |= {int(i) for i in np.flatnonzero(largest > 1e3 * np.median(largest) + 1e-30)}
    return sorted(found) if len(found) <= size // 2 else []
