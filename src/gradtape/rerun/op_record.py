"""OpRecord: one tensor operation of a step that was opened."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.base.deprecation import renamed
from gradtape.core.hooks import BACKWARD
from gradtape.core.operation import Operation
from gradtape.core.tensor import Tensor
from gradtape.rerun.source_lines import Line

_ASSIGNS = {"assign": "value", "assign_add": "variable + value", "assign_sub": "variable - value"}


# eq=False: == of the arrays among the fields would be an array
@dataclass(eq=False)
class OpRecord:
    """One tensor operation of a step, with the values it was computed with.

    Attributes:
        index: its place in the step, from 0.
        phase: forward, loss, backward, update or metrics.
        name: the operation's name; assign, assign_add or assign_sub where a Variable got a new value.
        operation: the operation with its rules; None for an assignment.
        inputs: the tensors it was given; an assignment has the value before, and what was assigned.
        attributes: its other arguments, by name.
        outputs: the tensors it gave, most often one; for an assignment what the Variable held afterwards.
        made_by: for each input, the index of the record that made it; None if none did.
        labels: the name of each input: ``x``, ``layers.0.kernel``, ``#3`` for what record 3 gave,
            ``#3[1]`` for the second of several outputs, ``#3.1`` for what record 1 in its body gave,
            ``constant``.
        layer: the path of the layer that asked for it, "" if none did.
        line: the line of source that asked for it.
        user_line: the nearest line outside the library.
        forward: for a backward record, the index of the forward record it belongs to.
        argument: for which argument of that the gradient is.
        position: the number of that argument.
        part: for a backward record: rule, or sum where two gradients of one tensor are added, or fit where a
            broadcast or a dtype is undone.
        update_part: for an update, which part of it: update_step, clipping, weight decay ...
        variable: for an assignment, the path of the Variable.
        seconds: wall time since the record before, with what Python did between them.
        body: the records of the operations that it is written with, numbered from 0, if it is.
    """

    index: int
    phase: str
    name: str
    operation: Operation | None
    inputs: tuple[Tensor, ...]
    attributes: dict[str, Any]
    outputs: tuple[Tensor, ...]
    made_by: tuple[int | None, ...]
    labels: tuple[str, ...]
    layer: str
    line: Line
    user_line: Line | None
    forward: int | None = None
    argument: str = ""
    position: int | None = None
    part: str = ""
    rule: str = ""
    update_part: str = ""
    variable: str = ""
    seconds: float = 0.0
    body: list[OpRecord] = field(default_factory=list)

    @property
    def formula(self) -> str:
        """What is computed, in a line; for a backward record the gradient rule that it is part of."""
        if self.operation is None:
            return f"{self.variable} <- {_ASSIGNS[self.name].replace('variable', self.variable)}"
        if self.phase == BACKWARD and self.rule:
            return self.rule
        return self.operation.facts.symbol or described(self.operation)

    @property
    def kind(self) -> str:
        """What kind of operation it is, see `gradtape.core.op_facts`; "" if that was not declared."""
        return "assign" if self.operation is None else self.operation.facts.kind

    @property
    def output(self) -> Tensor:
        """The tensor it gave; the first one of several."""
        return self.outputs[0]

    @property
    def input_shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the inputs."""
        return tuple([t.shape for t in self.inputs])

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of the output, or of the first one."""
        return self.output.shape

    @property
    def input_dtypes(self) -> tuple[Any, ...]:
        """The dtypes of the inputs."""
        return tuple([t.dtype for t in self.inputs])

    @property
    def output_dtype(self) -> Any:
        """The dtype of the output, or of the first one."""
        return self.output.dtype

    @property
    def input_values(self) -> tuple[Any, ...]:
        """The inputs as NumPy arrays, read only."""
        return tuple([_read_only(t) for t in self.inputs])

    @property
    def output_value(self) -> Any:
        """The output, or the first one, as a NumPy array, read only."""
        return _read_only(self.output)

    @property
    def output_values(self) -> tuple[Any, ...]:
        """All outputs as NumPy arrays, read only."""
        return tuple([_read_only(t) for t in self.outputs])

    @property
    def flops(self) -> int | None:
        """How many floating-point operations it does, counted from the shapes; None if it does not say."""
        if self.operation is None:
            return 0 if self.name == "assign" else self.output.size
        if self.body and self.operation.facts.cost is None:
            # a declared cost comes first, as the body is only how the operation is written
            inner = [r.flops for r in self.body]
            return None if None in inner else sum(n for n in inner if n is not None)
        given = tuple([t.shape for t in self.outputs]) if self.operation.has_several else self.output_shape
        return self.operation.facts.flops(self.input_shapes, given, self.attributes)

    @property
    def size_bytes(self) -> int:
        """How many bytes it reads and writes: those of its inputs and of its outputs."""
        return int(sum(t._array.nbytes for t in (*self.inputs, *self.outputs)))

    @property
    def norm(self) -> float:
        """The root of the sum of the squares of the outputs, in float64."""
        # the norm of the norms, as outputs may differ in shape; float32 would overflow above 1.8e19
        return float(
            np.linalg.norm([np.linalg.norm(np.asarray(v, "float64").ravel()) for v in self.output_values])
        )

    @property
    def is_finite(self) -> bool:
        """Whether the outputs hold neither NaN nor infinity."""
        return all(bool(np.isfinite(v).all()) for v in self.output_values)

    @property
    def source(self) -> str:
        """The file and line that asked for it, as ``file.py:31``."""
        return str(self.line)

    def __repr__(self) -> str:
        inputs = ", ".join(self.labels)
        outputs = ", ".join(f"{t.shape} {t.dtype}" for t in self.outputs)
        return f"<#{self.index} {self.phase} {self.name}({inputs}) -> {outputs}>"

    values = renamed("OpRecord.values", "input_values")
    value = renamed("OpRecord.value", "output_value")
    shapes = renamed("OpRecord.shapes", "input_shapes")
    shape = renamed("OpRecord.shape", "output_shape")
    dtypes = renamed("OpRecord.dtypes", "input_dtypes")
    dtype = renamed("OpRecord.dtype", "output_dtype")
    stage = renamed("OpRecord.stage", "update_part")


def _read_only(tensor: Tensor) -> Any:
    """Return the tensor's own memory as an array that cannot be written to; a NumPy scalar for rank 0."""
    value = np.asarray(tensor)
    # NumPy prints and formats a scalar as a number, but an array of rank 0 as an array
    return value if value.ndim else value[()]


def described(operation: Operation) -> str:
    """Return what an operation's docstring says it returns: its formula, or a few words.

    >>> from gradtape.ops.numpy.arithmetic import add
    >>> described(add.operation)
    'x1 + x2'
    """
    text = " ".join((operation.forward.__doc__ or "").strip().partition("\n\n")[0].split())
    first = re.split(r"(?<=\w|\))\.(?:\s|$)", text, maxsplit=1)[0]
    return (
        first.removeprefix("Return ").removesuffix(".") or f"{operation.name}({', '.join(operation.tensors)})"
    )
