"""Record: what a tape remembers of one operation, and in which source line it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
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
        output: the tensor it gave.
        passes: whether a gradient can come back through it at all.

    A tape makes one for each operation, and fills it itself.
    """

    __slots__ = ("_code", "_instruction", "attributes", "inputs", "operation", "output", "passes")

    operation: Operation
    inputs: tuple[Tensor, ...]
    attributes: dict[str, Any]
    output: Tensor
    passes: bool
    _code: CodeType
    _instruction: int

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.operation.name

    @property
    def source(self) -> str:
        """The file and line that asked for the operation, as ``file.py:31``."""
        return source_text(self._code, self._instruction)

    def __repr__(self) -> str:
        inputs = ", ".join(str(t.shape) for t in self.inputs)
        return f"<{self.name} {inputs} -> {self.output.shape} {self.output.dtype} at {self.source}>"


def table(records: Sequence[Record]) -> str:
    """Return the records as a text table: operation, input shapes, output shape, dtype, source line."""
    head = ("#", "operation", "inputs", "output", "dtype", "source")
    rows = [
        (
            str(i),
            r.name,
            " ".join(str(t.shape) for t in r.inputs),
            str(r.output.shape),
            str(r.output.dtype),
            r.source,
        )
        for i, r in enumerate(records)
    ]
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join(line.rstrip() for line in lines)
