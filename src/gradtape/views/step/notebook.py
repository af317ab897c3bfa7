"""A step and a run in a notebook: the two lanes with small heat maps, the losses as a line; no script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradtape.display import number_text
from gradtape.display.curves import curve
from gradtape.display.heat_map import heat_map
from gradtape.display.html import (
    escaped,
    fold,
    framed,
    row,
    table,
)
from gradtape.display.mathml import formula_html
from gradtape.rerun.lanes import (
    Flow,
    Lanes,
    Pair,
    lanes_of,
)
from gradtape.rerun.op_record import OpRecord
from gradtape.views.step.text import (
    called,
    flops_text,
    layer_kinds,
    near,
    norm,
    numbers,
    rule_text,
    terms,
    times,
    weight_cells,
)

_PICTURES = 120_000  # bytes for heat maps
_COLUMNS = ("#", "operation, and its gradients", "output", "norm", "FLOPs", "time")


def step_html(step: Any) -> str:
    """Return a step as HTML: the table, the weights, and each operation's heat maps behind a fold."""
    lanes = lanes_of(step.records, list(step.gradients))
    return framed(
        [
            *_head(step),
            table(_COLUMNS, _rows(lanes), most=60_000),
            _updates(step, lanes),
            _pictures(lanes, step),
        ]
    )


def _head(step: Any) -> Iterator[str]:
    samples = "" if step.sample_ids is None else f", {len(step.sample_ids)} samples"
    loss = "" if step.loss is None else f", loss {step.loss:.7g}"
    sign = "&#10003;" if step.verdict.is_same else "&#10007;" if step.verdict.difference else "?"
    yield f"<b>Step {step.number}</b>: epoch {step.epoch}, batch {step.batch}{samples}{loss}"
    yield f"<div>{sign} {escaped(step.verdict)}</div>"
    yield f'<div class="soft">{escaped(times(step.records))}</div>'


def _rows(lanes: Lanes) -> Iterator[str]:
    for pair in lanes.pairs:
        yield _row([pair.record], f"<code>{escaped(called(pair.record))}</code>")
        for record in (*pair.sums, *pair.given_sums):
            yield _row([record], f"&#8593; += <code>{escaped(terms(record))}</code>", "back")
        for flow in pair.flows:
            yield _flow(flow, pair)


def _flow(flow: Flow, pair: Pair) -> str:
    text = f"&#8593; <code>{escaped(near(flow.target, pair.record))}</code>: {formula_html(rule_text(flow))}"
    return _row(flow.records, text, "back") if flow.records else row(["", text], "back")


def _row(records: list[OpRecord], text: str, kind: str = "") -> str:
    last = records[-1]
    cost = (
        flops_text(records),
        number_text.seconds(sum(r.seconds for r in records)),
    )
    return row(
        [numbers(records), text, number_text.shape(last.output_shape), norm(last.output_value), *cost], kind
    )


def _updates(step: Any, lanes: Lanes) -> str:
    kind = type(step.session.model.optimizer).__name__
    rows = [
        row([f"<code>{escaped(path)}</code>", *weight_cells(step, path)])
        for path in lanes.updates
        if path in step.gradients
    ]
    return table((f"update by {kind}", "before", "gradient", "change", "of it"), rows, most=20_000)


def _pictures(lanes: Lanes, step: Any) -> str:
    """Return the outputs and their gradients as heat maps, as many as there is room for."""
    kinds, found, size = layer_kinds(step), [], 0
    for pair in lanes.pairs:
        record = pair.record
        if not record.output_shape:
            continue
        title = (
            f"#{record.index} <code>{escaped(called(record))}</code> {escaped(kinds.get(record.layer, ''))}"
        )
        gradient = (
            "" if pair.gradient is None else heat_map(pair.gradient.output_value, 200, "its gradient: ")
        )
        inside = f"{formula_html(record.formula)}<div>{heat_map(record.output_value, 200)}{gradient}</div>"
        size += len(inside)
        if size > _PICTURES:
            break
        found.append(fold(title, inside))
    return fold("heat maps of the outputs and of their gradients", "".join(found))


def run_html(run: Any) -> str:
    """Return a run as HTML: where it stands, and its losses as a line."""
    steps, epochs = run.steps, run.epochs
    facts = f"{run.state}, {len(steps)} steps, {len(epochs)} epochs, checkpoints {len(run.checkpoints)}"
    parts = [f"<b>Run</b> <code>{escaped(run.path.name)}</code> <span class='soft'>{escaped(facts)}</span>"]
    if len(steps):
        parts.append(f"<div>{curve(steps['loss'], 'loss of each step')}</div>")
    if len(epochs):
        names = list(epochs.dtype.names or ())
        rows = [row([number_text.value(float(one[name])) for name in names]) for one in epochs]
        parts.append(fold("epochs", table(names, rows, "num", 60_000)))
    return framed(parts)
