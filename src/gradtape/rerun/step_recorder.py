"""StepRecorder: listens to a step that is done again, and writes down everything."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from sys import _getframe
from typing import Any

from gradtape.core import hooks
from gradtape.core.operation import Operation
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.rerun.call_context import (
    BACKWARD,
    FORWARD,
    UPDATE,
    CallContext,
    look,
)
from gradtape.rerun.op_record import OpRecord
from gradtape.tape.gradient_tape import GradientTape


class StepRecorder(hooks.Hook):
    """Keeps a record of each operation and each assignment, in order.

    Args:
        paths: what the Variables are called, by id.
        layers: what the layers are called, by id.

    Attributes:
        records: what was heard.
    """

    def __init__(self, paths: Mapping[int, str], layers: Mapping[int, str]) -> None:
        self.records: list[OpRecord] = []
        self._paths, self._layers = dict(paths), dict(layers)
        self._made: dict[int, int] = {}
        self._labels: dict[int, str] = {}
        self._held: list[Tensor] = []  # an id is only that of one tensor as long as the tensor lives
        self._has_gradients = False
        self._root: Any = None
        self._at = 0.0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Write down what happens inside the block."""
        self._root = _getframe(2).f_code  # past contextlib: who opened the block
        hooks.add(self)
        self._at = time.perf_counter()
        try:
            yield
        finally:
            hooks.remove(self)

    def call(self, tensor: Tensor, label: str) -> None:
        """Give a tensor that no operation made a name, such as ``x``."""
        self._labels[id(tensor)] = label
        self._held.append(tensor)

    # What the hook tells.

    def on_read(self, variable: Variable, tensor: Tensor) -> None:
        """Note which Variable a tensor is the value of."""
        self.call(tensor, self._path(variable))

    def on_operation(
        self, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], output: Tensor
    ) -> None:
        """Keep the operation."""
        output.numpy()  # so that an engine that computes in the background has finished
        seconds = time.perf_counter() - self._at
        place = look(_getframe(1), self._root)
        self._keep(place, operation.name, operation, inputs, attributes, output, seconds)

    def on_assign(self, variable: Variable, value: Tensor, before: Tensor, method: str) -> None:
        """Keep the assignment."""
        place = look(_getframe(1), self._root)
        path, after = self._path(variable), variable._tensor
        self._labels.setdefault(id(before), path)
        record = self._keep(place, place.verb or "assign", None, (before, value), {}, after, 0.0)
        record.variable = path
        self._labels[id(after)] = path

    def _keep(
        self,
        place: CallContext,
        name: str,
        operation: Operation | None,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        output: Tensor,
        seconds: float,
    ) -> OpRecord:
        index = len(self.records)
        made_by = tuple([self._made.get(id(t)) for t in inputs])
        record = OpRecord(
            index,
            self._phase(place),
            name,
            operation,
            inputs,
            attributes,
            output,
            made_by,
            tuple([self._label(t, m) for t, m in zip(inputs, made_by, strict=True)]),
            self._layers.get(id(place.layer), ""),
            place.line,  # type: ignore[arg-type]
            place.user_line,
            stage=place.step,
            seconds=seconds,
        )
        self._note_back(record, place)
        self.records.append(record)
        self._made[id(output)] = index
        self._held.extend((*inputs, output))
        self._at = time.perf_counter()
        return record

    def _phase(self, place: CallContext) -> str:
        if place.phase is not None:
            self._has_gradients |= place.phase == BACKWARD
            return place.phase
        on_tape = any(isinstance(heard, GradientTape) for heard in hooks.local.hooks)
        return UPDATE if self._has_gradients and not on_tape else FORWARD

    def _label(self, tensor: Tensor, made_by: int | None) -> str:
        named = self._labels.get(id(tensor))
        if named is not None:
            return named
        return "constant" if made_by is None else f"#{made_by}"

    def _note_back(self, record: OpRecord, place: CallContext) -> None:
        """Say to which forward record, and which of its arguments, a backward record belongs."""
        back, position = place.back, place.position
        if back is None:
            return
        record.forward = self._made.get(id(back.output))
        record.position = position
        record.part = "sum" if place.is_sum else "fit" if place.is_fit else "rule"
        if position is not None:
            operation = back.operation
            record.argument = operation.tensors[0 if operation.variadic else position]
            rule = operation.rule(position)
            record.rule = " ".join((getattr(rule, "__doc__", None) or "").split())

    def _path(self, variable: Variable) -> str:
        return self._paths.get(id(variable), variable.name)
