"""The tables of the READMEs: what one step of the article's program puts on the tape, and its rules."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import patch

import numpy as np

from gradtape import GradientTape, ops
from gradtape.article import naive
from gradtape.tape.record import Record

HEADINGS = {
    "README.md": "| operation | gradient of | rule (`g` is the gradient of the operation's output) |",
    "README.zh-CN.md": "| 运算 | 对谁的梯度 | 规则（`g` 是该运算输出的梯度） |",
}


class PrintedTape(GradientTape):
    """A tape that keeps its table and its records when the block ends, as `print(tape)` there shows them."""

    table: str = ""
    kept: tuple[Record, ...] = ()

    def __exit__(self, *exception: Any) -> None:
        super().__exit__(*exception)
        PrintedTape.table, PrintedTape.kept = str(self), tuple(self.records)


def one_step() -> None:
    """Run one training step of the article's network on `PrintedTape`."""
    layers = [naive.NaiveDense(784, 512, ops.relu), naive.NaiveDense(512, 10, ops.softmax)]
    images, labels = np.zeros((128, 784), "float32"), np.zeros(128, "int32")
    with patch.object(naive, "GradientTape", PrintedTape):
        naive.one_training_step(naive.NaiveSequential(layers), images, labels)


def rules(records: tuple[Record, ...]) -> list[str]:
    """Return a row for each rule that the step uses, from the loss back to the first layer."""
    shortcuts = {record: record.operation.shortcut for record in records if record.operation.shortcut}
    passed = {id(record.inputs[b]) for record, (_, b) in shortcuts.items()}
    found: dict[str, None] = {}
    for record in reversed(records):
        if id(record.output) in passed:  # softmax: the cross-entropy's gradient goes straight to the logits
            continue
        for argument, rule in record.operation.rules.items():
            position = record.operation.tensors.index(argument)
            if position != shortcuts.get(record, (0, None))[1]:
                formula = (rule.__doc__ or "").strip()
                found[f"| {record.name} | `{argument}` | `{formula}` |"] = None
    return list(found)


def with_tables(text: str, name: str) -> str:
    """Return a README with its two tables as a run gives them now.

    Args:
        text: the README.
        name: its file name, which tells the language.
    """
    one_step()
    printed = f"```\n{PrintedTape.table}\n```"
    text, first = re.subn(r"```\n#  operation .*?\n```", lambda _: printed, text, flags=re.S)
    table = "\n".join([HEADINGS[name], "|---|---|---|", *rules(PrintedTape.kept)]) + "\n"
    text, second = re.subn(r"(?:^\|.*\n)+", lambda _: table, text, flags=re.M)
    if (first, second) != (1, 1):
        raise ValueError(f"{name} has {first} printed tapes and {second} tables, not one of each")
    return text
