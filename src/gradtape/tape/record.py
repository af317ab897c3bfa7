"""Record: what a tape remembers of one operation, and in which source line it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import CodeType
from typing import Any

from gradtape.core.operation import Operation
from gradtape.core.source_line import source_text
from gradtape.core.tensor import Tensor


class Record:
    """One operation as it was computed.

    Attributes:
        operation: which operation, with its gradient rules.
        inputs: the tensors it was given.
        attributes: its other arguments, by name.
        output: the tensor it gave; a tuple of tensors if it has several outputs.
        outputs: the tensors it gave, a tuple in any case.
        passes: whether a gradient can come back through it at all.
        body: the records of the operations that it is written with, if it is.

    A tape makes one for each operation, and fills it itself.
    """

    __slots__ = ("_body", "_code", "_instruction", "attributes", "inputs", "operation", "output", "passes")

    operation: Operation
    inputs: tuple[Tensor, ...]
    attributes: dict[str, Any]
    output: Any
    passes: bool
    _body: tuple[Record, ...]
    _code: CodeType
    _instruction: int

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.operation.name

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The tensors it gave, most often one."""
        output = self.output
        return output if type(output) is tuple else (output,)

    @property
    def body(self) -> tuple[Record, ...]:
        """The records of the operations that it is written with; () if it is written with arrays."""
        return getattr(self, "_body", ())  # a slot that is filled only where there is one

    @property
    def source(self) -> str:
        """The file and line that asked for the operation, as ``file.py:31``."""
        return source_text(self._code, self._instruction)

    def __repr__(self) -> str:
        inputs = ", ".join(str(t.shape) for t in self.inputs)
        outputs = ", ".join(f"{t.shape} {t.dtype}" for t in self.outputs)
        return f"<{self.name} {inputs} -> {outputs} at {self.source}>"


def numbered(records: Sequence[Record], prefix: str = "") -> Iterator[tuple[str, Record]]:
    """Give each record with its number, and after it those of its body: 3, then 3.0, 3.1."""
    for i, record in enumerate(records):
        yield f"{prefix}{i}", record
        yield from numbered(record.body, f"{prefix}{i}.")


def ways_back(records: Iterable[Record]) -> Iterator[Record]:
    """Give the records through which gradients go back: those of a body, unless there is a joint rule."""
    for record in records:
        if record.operation.has_body and record.operation.joint is None:
            yield from ways_back(record.body)
        else:
            yield record


def table(records: Sequence[Record]) -> str:
    """Return the records as a text table: operation, input shapes, output shapes, dtypes, source line.

    The records of a body are set in under the operation that it belongs to.
    """
    head = ("#", "operation", "inputs", "output", "dtype", "source")
    rows = [
        (
            number,
            "  " * number.count(".") + r.name,
            " ".join(str(t.shape) for t in r.inputs),
            " ".join(str(t.shape) for t in r.outputs),
            " ".join(dict.fromkeys(str(t.dtype) for t in r.outputs)),
            r.source,
        )
        for number, r in numbered(records)
    ]
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join(line.rstrip() for line in lines)
