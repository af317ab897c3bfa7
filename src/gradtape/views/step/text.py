"""A step as text: each operation with its gradients beneath it, then the update weight by weight."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradtape.core.hooks import PHASES
from gradtape.display import number_text
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.layer import Layer
from gradtape.rerun.lanes import (
    Flow,
    Lanes,
    Pair,
    lanes_of,
)
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.source_lines import Line
from gradtape.views.step.schema import RecordView

WIDTH = 100
Records = Sequence[OpRecord] | Sequence[RecordView]
_WIDTHS = (6, 46, 14, 9, 5, 7, 7)  # of the columns; with one space between them they fill WIDTH
_HEAD = ("#", "operation, and beneath it (^) its gradients", "output", "norm", "FLOPs", "bytes", "time")


def step_text(step: Any) -> str:
    """Return the step as a table of at most 100 columns, in ASCII."""
    lanes = lanes_of(step.records, list(step.gradients))
    return "\n".join([*_head(step), "", *_forward(step, lanes), "", *_update(step, lanes), *_metrics(lanes)])


# The first lines.


def _head(step: Any) -> Iterator[str]:
    size = "" if step.sample_ids is None else f", {len(step.sample_ids)} samples"
    loss = "" if step.loss is None else f", loss {step.loss:.7g}"
    yield f"step {step.number}: epoch {step.epoch + 1}, batch {step.batch + 1}{size}{loss}"
    # A number such as 1e-05 is not to be broken at its hyphen.
    yield from textwrap.wrap(str(step.verdict), WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    yield from textwrap.wrap(times(step.records), WIDTH, subsequent_indent="  ")


def times(records: Records) -> str:
    """Return where the time went, in one line: by phase, and the slowest operation."""
    whole = sum(r.seconds for r in records) or 1e-12
    parts = []
    for phase in PHASES:
        spent = sum(r.seconds for r in records if r.phase == phase)
        if spent:
            parts.append(f"{phase} {100 * spent / whole:.0f}%")
    text = f"time {number_text.seconds(whole)}: {', '.join(parts)}"
    # Minus the index: of equally long ones the first is named.
    longest = max([(r.seconds, -r.index) for r in records], default=None)
    if longest is not None:
        text += f"; longest #{-longest[1]}, {number_text.seconds(longest[0])}"
    return text


# The two lanes.


def _forward(step: object, lanes: Lanes) -> Iterator[str]:
    yield row(*_HEAD)
    kinds = layer_kinds(step)
    layer: str | None = None
    for pair in lanes.pairs:
        heading = pair.record.layer or pair.record.phase
        if heading != layer:
            layer = heading
            yield f"{heading} {kinds.get(heading, '')}".rstrip()
        yield from _pair(pair)
    if lanes.unpaired:
        yield "backward, of no operation above"
        yield from (_line([r], called(r)) for r in lanes.unpaired)


def layer_kinds(step: Any) -> dict[str, str]:
    """Return the classes of the model's layers, by path."""
    return {f.path: type(f.value).__name__ for f in walk(step.session.model) if isinstance(f.value, Layer)}


def called(record: OpRecord) -> str:
    """Return an operation as it was called; tensors of its own layer have their names without the layer's."""
    return f"{record.name}({', '.join(near(label, record) for label in record.labels)})"


def near(label: str, record: OpRecord) -> str:
    """Return what a tensor is called inside the layer of a record: ``kernel`` for ``layers.0.kernel``."""
    return label.removeprefix(record.layer + ".") if record.layer else label


def _pair(pair: Pair) -> Iterator[str]:
    yield _line([pair.record], called(pair.record))
    yield from _body(pair.record, f"{pair.record.index}.")
    for record in pair.sums:
        yield _line([record], f"  ^ #{pair.record.index} += {terms(record)}")
    for flow in pair.flows:
        yield _flow(flow, pair.record)
    for record in pair.given_sums:
        yield _line(
            [record], f"  ^ {near(pair.record.labels[record.position or 0], pair.record)} += {terms(record)}"
        )


def _body(record: OpRecord, prefix: str) -> Iterator[str]:
    """Give the operations that an operation is written with, set in."""
    for inner in record.body:
        line = _line([inner], "  " * prefix.count(".") + called(inner))
        yield f"{prefix}{inner.index}".rjust(_WIDTHS[0]) + line[_WIDTHS[0] :]
        yield from _body(inner, f"{prefix}{inner.index}.")


def terms(record: OpRecord) -> str:
    """Return what an addition of gradients adds."""
    return " + ".join("1" if label == "constant" else label for label in record.labels)


def _flow(flow: Flow, forward: OpRecord) -> str:
    text = f"  ^ {near(flow.target, forward)}: {rule_text(flow)}"
    return _line(flow.records, text) if flow.records else row("", text)


def rule_text(flow: Flow) -> str:
    """Return in a few words how a gradient comes out of `g`, that of the output."""
    if flow.is_unchanged:
        return "g, unchanged" if flow.formula in ("g", "") else f"{flow.formula}, which is g"
    last = flow.records[-1]
    if last.part == "fit" and flow.formula == "g":
        return "g, in its dtype" if last.kind == "move" else "g, summed to its shape"
    return flow.formula or last.name


def _line(records: Sequence[OpRecord], text: str) -> str:
    """Return the line of an operation, or of several that compute one thing, the last of which gives it."""
    last = records[-1]
    return row(
        numbers(records),
        text,
        " ".join(number_text.shape(t.shape) for t in last.outputs),
        norm([number_text.norm(t) for t in last.outputs]),
        flops_text(records),
        number_text.size(sum(r.size_bytes for r in records)),
        number_text.seconds(sum(r.seconds for r in records)),
    )


def flops_text(records: Records) -> str:
    """Return how many floating-point operations the records do; ? if one of them does not say."""
    found = [r.flops for r in records]
    return "?" if None in found else number_text.count(sum(n for n in found if n is not None))


def numbers(records: Records) -> str:
    """Return the numbers of records that stand together: ``55-58``."""
    first, last = records[0].index, records[-1].index
    return str(last) if first == last or last > 999 else f"{first}-{last}"


def row(*cells: str) -> str:
    """Return cells as a line of the table; what is too long for its column is cut in the middle."""
    short = [fitting(cell, width) for cell, width in zip(cells, _WIDTHS, strict=False)]
    placed = [
        c.ljust(w) if i in (1, 2) else c.rjust(w)
        for i, (c, w) in enumerate(zip(short, _WIDTHS, strict=False))
    ]
    return " ".join(placed).rstrip()


def fitting(text: str, width: int) -> str:
    """Return the text in at most `width` printable characters.

    >>> fitting("optimizer.momentum.layers.0.kernel", 20)
    'optimize..s.0.kernel'
    """
    clean = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if len(clean) <= width:
        return clean
    first = (width - 2) // 2 - 1
    return f"{clean[:first]}..{clean[len(clean) - (width - 2 - first) :]}"


def norm(array: object) -> str:
    """Return the root of the sum of the squares, and in its place how many elements are not finite."""
    values = np.asarray(array, "float64")
    bad = values.size - int(np.isfinite(values).sum())
    return f"{number_text.count(bad)} bad" if bad else number_text.value(number_text.norm(values))


# The update and the metrics.


def _update(step: Any, lanes: Lanes) -> Iterator[str]:
    if not lanes.updates:
        return
    kind = type(step.session.model.optimizer).__name__
    yield (
        f"{'update by ' + kind:<42} {'before':>10} {'gradient':>10} {'change':>10} "
        f"{'of it':>7} {'ops':>5} {'time':>7}"
    )
    for path, records in lanes.updates.items():
        cells = weight_cells(step, path) if path in step.gradients else ("", "", "", "")
        spent = number_text.seconds(sum(r.seconds for r in records))
        before, gradient, change, share = cells
        yield (
            f"{fitting(path, 42):<42} {before:>10} {gradient:>10} {change:>10} "
            f"{share:>7} {len(records):>5} {spent:>7}"
        ).rstrip()


def weight_cells(step: Any, path: str) -> tuple[str, str, str, str]:
    """Return the norms of a weight before, of its gradient and of its change, and the change's share."""
    if path not in step.variables_before:
        return "", norm(step.gradients[path]), "", ""
    before = np.asarray(step.variables_before[path], "float64")
    with np.errstate(invalid="ignore"):  # inf - inf
        change = np.asarray(step.variables_after[path], "float64") - before
    whole, moved = number_text.norm(before), number_text.norm(change)
    share = f"{100 * moved / whole:.2g}%" if whole and np.isfinite(moved / whole) else "-"
    return norm(before), norm(step.gradients[path]), norm(change), share


def _metrics(lanes: Lanes) -> Iterator[str]:
    # The results of metrics that are means: they all end in `average` of metrics/base/sums.py.
    found = [r for r in lanes.metrics if r.name == "average" and not r.output_shape]
    if not lanes.metrics:
        return
    names = [_metric_name(r) for r in found]
    values = [f"{name} {number_text.value(r.output_value)}" for name, r in zip(names, found, strict=True)]
    spent = number_text.seconds(sum(r.seconds for r in lanes.metrics))
    said = f"{', '.join(values) or 'read'}; {len(lanes.metrics)} operations, {spent}"
    yield from textwrap.wrap(f"metrics so far in the epoch: {said}", WIDTH, subsequent_indent="  ")


def _metric_name(record: OpRecord) -> str:
    """Return what a mean is the mean of: the Variable metrics.1.accuracy.0 is of the accuracy."""
    parts = record.labels[0].split(".")
    return parts[-2] if len(parts) > 2 and parts[0] == "metrics" else f"#{record.index}"


# One operation with its values.


def op_text(step: Any, index: int) -> str:
    """Return one operation of a step with the values of its inputs and its output."""
    record = step.records[index]
    lines = [f"#{index} {called(record)}", f"{record.phase}: {record.formula}", *_belongs(step, record)]
    lines += [f"from {line}, {line.function}: {line.text}" for line in _lines(record)]
    cost = f"{flops_text([record])} FLOPs, {number_text.size(record.size_bytes)}"
    lines.append(f"{cost}, {number_text.seconds(record.seconds)}")
    lines += [f"{name} = {value}" for name, value in record.attributes.items()]
    for label, array in zip(record.labels, record.input_values, strict=True):
        lines += _array(f"input {label}", array)
    lines += _body(record, f"{index}.")
    for i, tensor in enumerate(record.outputs):
        lines += _array(f"output {i}" if len(record.outputs) > 1 else "output", tensor.numpy())
    return "\n".join(fitting(line, WIDTH) for line in lines)


def _belongs(step: Any, record: OpRecord) -> Iterator[str]:
    if record.layer:
        yield f"layer {record.layer} {layer_kinds(step).get(record.layer, '')}".rstrip()
    if record.forward is not None:
        forward = step.records[record.forward]
        yield f"gradient of {record.argument} of #{forward.index} {called(forward)}"
    back = [f"#{r.index}" for r in step.backward_of(record)]
    if back:
        yield f"its backward: {', '.join(back)}"


def _lines(record: OpRecord) -> list[Line]:
    found = [record.line, record.user_line]
    return [line for i, line in enumerate(found) if line is not None and line not in found[:i]]


def _array(title: str, array: object) -> Iterator[str]:
    """Give shape, dtype, norm and extremes of an array, and its values as NumPy shortens them."""
    values = np.asarray(array)
    yield ""
    yield f"{title} {number_text.shape(values.shape)} {values.dtype}: norm {norm(values)}, {_range(values)}"
    with np.printoptions(precision=4, threshold=200, edgeitems=3, linewidth=WIDTH - 2, suppress=False):
        yield from (f"  {line}" for line in str(values).splitlines())


def _range(values: Any) -> str:
    if not values.size or values.dtype.kind == "b":
        return f"{int(np.count_nonzero(values))} of {values.size} true" if values.size else "empty"
    with np.errstate(invalid="ignore"):
        return f"from {number_text.value(values.min())} to {number_text.value(values.max())}"
