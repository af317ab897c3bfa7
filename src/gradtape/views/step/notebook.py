"""A step and a run in a notebook: the two lanes with small heat maps, the losses as a line; no script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

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
from gradtape.views.step.array_pool import Pool
from gradtape.views.step.schema import ArrayView, StepView, WeightArrays
from gradtape.views.step.step_view import step_view
from gradtape.views.step.text import flops_text, numbers, times

_PICTURES = 120_000  # bytes for heat maps
_COLUMNS = ("#", "operation, and its gradients", "output", "norm", "FLOPs", "time")


def step_html(step: object) -> str:
    """Return a step as HTML: the table, the weights, and each operation's heat maps behind a fold."""
    view, pool = step_view(step)
    return framed(
        [*_head(view), table(_COLUMNS, _rows(view), most=60_000), _updates(view), _pictures(view, pool)]
    )


def _head(view: StepView) -> Iterator[str]:
    facts = view.step
    samples = "" if facts.samples is None else f", {facts.samples} samples"
    loss = "" if facts.loss is None else f", loss {float(facts.loss):.7g}"
    sign = "&#10003;" if facts.verdict.same else "&#10007;" if facts.verdict.difference else "?"
    yield f"<b>Step {facts.number}</b>: epoch {facts.epoch + 1}, batch {facts.batch + 1}{samples}{loss}"
    yield f"<div>{sign} {escaped(facts.verdict.text)}</div>"
    yield f'<div class="soft">{escaped(times(view.records))}</div>'


def _rows(view: StepView) -> Iterator[str]:
    for pair in view.pairs:
        yield _row(view, [pair.record], f"<code>{escaped(view.records[pair.record].called)}</code>")
        for added in pair.sums:
            yield _row(view, [added.record], f"&#8593; += <code>{escaped(added.terms)}</code>", "back")
        for flow in pair.flows:
            text = f"&#8593; <code>{escaped(flow.target)}</code>: {formula_html(flow.text)}"
            yield _row(view, flow.records, text, "back") if flow.records else row(["", text], "back")


def _row(view: StepView, indices: list[int], text: str, kind: str = "") -> str:
    records = [view.records[index] for index in indices]
    # Of several operations that compute one gradient, the last gives it.
    arrays = [view.arrays[number] for number in records[-1].outputs]
    shapes = ", ".join(number_text.shape(tuple(array.shape)) for array in arrays)
    norms = ", ".join(map(_norm, arrays))
    seconds = number_text.seconds(sum(r.seconds for r in records))
    return row([numbers(records), text, shapes, norms, flops_text(records), seconds], kind)


def _norm(array: ArrayView) -> str:
    """Return the norm of an array, and in its place how many elements are not finite."""
    bad = array.nan + array.inf
    return f"{number_text.count(bad)} bad" if bad or array.norm is None else number_text.value(array.norm)


def _updates(view: StepView) -> str:
    found = [(update.path, update.arrays) for update in view.updates if update.arrays is not None]
    rows = [row([f"<code>{escaped(path)}</code>", *_cells(view, arrays)]) for path, arrays in found]
    heading = (f"update by {view.step.optimizer}", "before", "gradient", "change", "of it")
    return table(heading, rows, most=20_000)


def _cells(view: StepView, arrays: WeightArrays) -> tuple[str, str, str, str]:
    before, gradient, change = (view.arrays[n] for n in (arrays.before, arrays.gradient, arrays.change))
    share = f"{100 * change.norm / before.norm:.2g}%" if before.norm and change.norm is not None else "-"
    return _norm(before), _norm(gradient), _norm(change), share


def _pictures(view: StepView, pool: Pool) -> str:
    """Return the outputs and their gradients as heat maps, as many as there is room for."""
    found, size = [], 0
    for pair in view.pairs:
        record = view.records[pair.record]
        maps = [heat_map(pool.entries[n].array, 200) for n in record.outputs if view.arrays[n].shape]
        if not maps:
            continue
        kind = escaped(view.layers.get(record.layer, ""))
        title = f"#{record.index} <code>{escaped(record.called)}</code> {kind}"
        gradients = [] if pair.gradient is None else view.records[pair.gradient].outputs
        maps += [heat_map(pool.entries[n].array, 200, "its gradient: ") for n in gradients]
        inside = f"{formula_html(record.formula)}<div>{''.join(maps)}</div>"
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
        rows = [row([_cell(name, one[name]) for name in names]) for one in epochs]
        parts.append(fold("epochs", table(names, rows, "num", 60_000)))
    return framed(parts)


def _cell(name: str, found: Any) -> str:
    """Return a number of an epoch as text; its own number counts from 1, as the progress bar's does."""
    return str(int(found) + 1) if name == "epoch" else number_text.value(float(np.mean(found)))
