"""A tape in a notebook: the operations it remembers, with formula, rules and source line."""

from __future__ import annotations

from collections.abc import Iterator

from gradtape.display import number_text
from gradtape.display.html import (
    escaped,
    framed,
    row,
    table,
)
from gradtape.display.mathml import formula_html
from gradtape.tape.gradient_tape import GradientTape
from gradtape.tape.record import Record

_HEAD = ("#", "operation", "gradient rules", "inputs", "output", "source")


def tape_html(tape: GradientTape) -> str:
    """Return a tape as HTML."""
    records = tape.records
    if not records:
        return framed([f"<code>{escaped(tape)}</code>"])
    title = f'<b>GradientTape</b> <span class="soft">{len(records)} operations</span>'
    return framed([title, table(_HEAD, _rows(records))])


def _rows(records: list[Record]) -> Iterator[str]:
    made = {id(record.output): i for i, record in enumerate(records)}
    for i, record in enumerate(records):
        inputs = [
            f"#{made[id(t)]} {number_text.shape(t.shape)}" if id(t) in made else number_text.shape(t.shape)
            for t in record.inputs
        ]
        output = f"{number_text.shape(record.output.shape)} {record.output.dtype}"
        name, rules = f"<code>{escaped(record.name)}</code>", "<br>".join(rules_of(record))
        yield row([str(i), name, rules, "<br>".join(inputs), output, escaped(record.source)])


def rules_of(record: Record) -> Iterator[str]:
    """Give how a gradient goes back to each input, as HTML."""
    for argument, rule in record.operation.rules.items():
        formula = " ".join((rule.__doc__ or "").split())
        yield f"{escaped(argument)}: {formula_html(formula)}" if formula else escaped(argument)
