"""A step as data: the StepView that its page, its JSON and the notebook are made of."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradtape.core.hooks import BACKWARD, METRICS, UPDATE
from gradtape.rerun.lanes import Flow, Pair, lanes_of
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.session import Difference
from gradtape.rerun.source_lines import Line
from gradtape.rerun.verdict import Verdict
from gradtape.views.step.array_pool import Pool
from gradtape.views.step.schema import (
    DifferenceView,
    FlowView,
    LineView,
    MetricView,
    OperationView,
    PairView,
    RecordView,
    SamplesView,
    StepFacts,
    StepView,
    SumView,
    UpdateView,
    VerdictView,
    WeightArrays,
)
from gradtape.views.step.symbol_tree import tree_of
from gradtape.views.step.text import (
    called,
    layer_kinds,
    near,
    rule_text,
    terms,
)

MOST_SAMPLES = 256
# How much an array is needed whole: what products are made of, what comes and goes, gradients, weights.
NEEDED, OUTPUT, GRADIENT, WEIGHT, DETAIL = range(1, 6)


def step_view(step: Any, room: int = 0) -> tuple[StepView, Pool]:
    """Return a step as data, and its arrays with their values.

    Args:
        step: the step.
        room: how many bytes the texts of the arrays may take; 0 where only their numbers are wanted.
    """
    lanes = lanes_of(step.records, list(step.gradients))
    pool = Pool(room)
    view = StepView(
        step=_facts(step),
        layers=layer_kinds(step),
        operations=_operations(step.records),
        records=[record_view(record, pool) for record in step.records],
        pairs=[_pair(pair) for pair in lanes.pairs],
        unpaired=[record.index for record in lanes.unpaired],
        updates=[_update(step, path, group, pool) for path, group in lanes.updates.items()],
        metrics=[_metric(record) for record in lanes.metrics],
        samples=samples_of(step, pool),
        arrays=[],
    )
    pool.settle()
    view.arrays = pool.described()
    return view, pool


def _operations(records: Sequence[OpRecord]) -> dict[str, OperationView]:
    """Return by name what is known of each operation that occurs, for the script to explain its numbers."""
    found = {r.name: r.operation for r in _with_bodies(records) if r.operation is not None}
    return {
        name: OperationView(
            kind=operation.facts.kind,
            symbol=operation.facts.symbol,
            tree=tree_of(operation.facts.symbol),
            arguments=list(operation.tensors),
        )
        for name, operation in found.items()
    }


def _with_bodies(records: Sequence[OpRecord]) -> Iterator[OpRecord]:
    for record in records:
        yield record
        yield from _with_bodies(record.body)


def _facts(step: Any) -> StepFacts:
    ids = step.sample_ids
    return StepFacts(
        number=step.number,
        epoch=step.epoch,
        batch=step.batch,
        samples=None if ids is None else len(ids),
        sample_ids=None if ids is None else [int(i) for i in ids],
        loss=finite(step.loss),
        verdict=_verdict(step.verdict),
        optimizer=type(step.session.model.optimizer).__name__,
        run=os.path.basename(str(step.session.run.path)),
    )


def _verdict(verdict: Verdict) -> VerdictView:
    return VerdictView(
        same=verdict.is_same,
        text=str(verdict),
        steps=verdict.step - verdict.start,
        start=verdict.start,
        losses=verdict.losses,
        states=verdict.states,
        difference=None if verdict.difference is None else _difference(verdict.difference, verdict.record),
        compiled=None if verdict.compiled is None else [finite(verdict.compiled[0]), verdict.compiled[1]],
        notes=[str(n) for n in (verdict.outside, *verdict.notes) if n is not None],
    )


def _difference(found: Difference, record: OpRecord | None) -> DifferenceView:
    return DifferenceView(
        what=found.what + (str(list(found.index)) if found.index else ""),
        step=found.step,
        recorded=finite(found.recorded),
        replayed=finite(found.replayed),
        size=finite(found.size),
        record=None if record is None else record.index,
    )


def finite(value: Any) -> Any:
    """Return a number as JSON can hold it: one that is not finite as text.

    >>> finite(0.5), finite(float("nan")), finite(None)
    (0.5, 'nan', None)
    """
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else str(number)


def record_view(record: OpRecord, pool: Pool) -> RecordView:
    """Return one operation as data; its arrays go into the pool."""
    return RecordView(
        index=record.index,
        phase=record.phase,
        name=record.name,
        kind=record.kind,
        called=called(record),
        formula=record.formula,
        labels=[near(label, record) for label in record.labels],
        inputs=[pool.add(array, _rank(record, True)) for array in record.input_values],
        outputs=[pool.add(array, _rank(record, False)) for array in record.output_values],
        made_by=list(record.made_by),
        made_by_output=[_output_number(label) for label in record.labels],
        attributes={name: str(value)[:80] for name, value in record.attributes.items()},
        layer=record.layer,
        line=line_view(record.line),
        user_line=line_view(record.user_line),
        flops=record.flops,
        bytes=record.size_bytes,
        seconds=record.seconds,
        forward=record.forward,
        argument=record.argument,
        part=record.part,
        variable=record.variable,
        update_part=record.update_part,
        body=[record_view(inner, pool) for inner in record.body],
    )


def _output_number(label: str) -> int:
    """Return which of several outputs a label such as ``#3[1]`` names; 0 for other labels.

    >>> _output_number("#3[1]"), _output_number("#3")
    (1, 0)
    """
    return int(label[label.index("[") + 1 : -1]) if label.startswith("#") and label.endswith("]") else 0


def _rank(record: OpRecord, is_input: bool) -> int:
    if record.phase in (UPDATE, METRICS):
        return DETAIL
    if is_input and record.kind == "product":
        return NEEDED
    return GRADIENT if record.phase == BACKWARD else OUTPUT


def line_view(line: Line | None) -> LineView | None:
    """Return a line of source without the folders it lies in."""
    return None if line is None else LineView(at=str(line), function=line.function, text=line.text)


def _pair(pair: Pair) -> PairView:
    return PairView(
        record=pair.record.index,
        gradient=None if pair.gradient is None else pair.gradient.index,
        reached=pair.is_reached,
        sums=[SumView(record=r.index, terms=terms(r)) for r in (*pair.sums, *pair.given_sums)],
        flows=[_flow(flow, pair.record) for flow in pair.flows],
    )


def _flow(flow: Flow, forward: OpRecord) -> FlowView:
    return FlowView(
        argument=flow.argument,
        target=near(flow.target, forward),
        formula=flow.formula,
        text=rule_text(flow),
        records=[record.index for record in flow.records],
        gradient=None if flow.gradient is None else flow.gradient.index,
    )


def _update(step: Any, path: str, records: Sequence[OpRecord], pool: Pool) -> UpdateView:
    shown = UpdateView(path=path, records=[r.index for r in records], arrays=None)
    if path in step.gradients and path in step.variables_before:
        before, after = np.asarray(step.variables_before[path]), np.asarray(step.variables_after[path])
        with np.errstate(all="ignore"):
            # Whole numbers as float64: the difference of unsigned ones would wrap around.
            change = after - before if before.dtype.kind == "f" else after.astype("f8") - before
        shown.arrays = WeightArrays(
            before=pool.add(before, NEEDED),
            gradient=pool.add(step.gradients[path], WEIGHT),
            change=pool.add(change, WEIGHT),
            after=pool.add(after, WEIGHT),
        )
    return shown


def _metric(record: OpRecord) -> MetricView:
    value = finite(record.output_value) if not record.output_shape else None
    return MetricView(record=record.index, name=record.name, variable=record.variable, value=value)


# The samples of the batch.


def samples_of(step: Any, pool: Pool) -> SamplesView | None:
    """Return ids, losses, targets and predictions of the samples; None where the inputs are not one array."""
    x = step.x
    if not isinstance(x, np.ndarray) or not x.ndim or step.sample_ids is None:
        return None
    count = min(len(x), MOST_SAMPLES)
    losses = step.sample_losses
    # Losses with further axes, of sequences say, are not one number for each sample.
    fits = isinstance(losses, np.ndarray) and losses.shape == (len(x),)
    return SamplesView(
        count=len(x),
        ids=[int(i) for i in step.sample_ids[:count]],
        losses=[finite(v) for v in losses[:count]] if fits else None,
        targets=answers(step.y, count),
        predictions=answers(step.predictions, count),
        image=image_shape(x.shape[1:]),
        # Rank 0: the samples themselves go in whole before all else.
        inputs=pool.add(x, 0),
    )


def image_shape(shape: tuple[int, ...]) -> list[int] | None:
    """Return height and width if samples of this shape are pictures in grey, such as 784 numbers; else None.

    >>> image_shape((784,)), image_shape((28, 28, 1)), image_shape((20,))
    ([28, 28], [28, 28], None)
    """
    if len(shape) == 3 and shape[2] == 1:
        shape = shape[:2]
    if len(shape) == 2 and min(shape) >= 8:
        return list(shape)
    side = math.isqrt(shape[0]) if len(shape) == 1 else 0
    return [side, side] if side >= 28 and side * side == shape[0] else None


def answers(values: object, count: int) -> list[Any] | None:
    """Return for each sample its number, or the place of the largest of its numbers and that number.

    >>> answers(np.array([[0.25, 0.75]]), 1), answers(np.array([3]), 1)
    ([[1, 0.75]], [[3, None]])
    """
    if not isinstance(values, np.ndarray) or not values.ndim:
        return None
    rows = values[:count].reshape(min(len(values), count), -1)
    if rows.shape[1] == 1:
        return [[int(v) if values.dtype.kind in "iub" else finite(v), None] for v in rows[:, 0]]
    if rows.shape[1] == 0:
        return None
    return [[int(np.argmax(row)), finite(np.max(row))] for row in rows]
