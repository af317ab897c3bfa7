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
from gradtape.tape.record import Record, numbered

_HEAD = ("#", "operation", "gradient rules", "inputs", "output", "source")


def tape_html(tape: GradientTape) -> str:
    """Return a tape as HTML."""
    records = tape.records
    if not records:
        return framed([f"<code>{escaped(tape)}</code>"])
    title = f'<b>GradientTape</b> <span class="soft">{len(records)} operations</span>'
    return framed([title, table(_HEAD, _rows(records))])


def _rows(records: list[Record]) -> Iterator[str]:
    made: dict[int, str] = {}
    for number, record in numbered(records):  # a body comes after its operation, whose outputs it makes
        for i, tensor in enumerate(record.outputs):
            made.setdefault(id(tensor), number if len(record.outputs) == 1 else f"{number}[{i}]")
    for number, record in numbered(records):
        inputs = [
            f"#{made[id(t)]} {number_text.shape(t.shape)}" if id(t) in made else number_text.shape(t.shape)
            for t in record.inputs
        ]
        output = "<br>".join(f"{number_text.shape(t.shape)} {t.dtype}" for t in record.outputs)
        indent = "&emsp;" * number.count(".")
        name, rules = f"{indent}<code>{escaped(record.name)}</code>", "<br>".join(rules_of(record))
        yield row([number, name, rules, "<br>".join(inputs), output, escaped(record.source)])


def rules_of(record: Record) -> Iterator[str]:
    """Give how a gradient goes back to each input, as HTML."""
    operation = record.operation
    joint = {} if operation.joint is None else {", ".join(operation.tensors): operation.joint}
    for argument, rule in (operation.rules | joint).items():
        formula = " ".join((rule.__doc__ or "").split())
        yield f"{escaped(argument)}: {formula_html(formula)}" if formula else escaped(argument)
