"""StepRecorder: the hook that records everything that happens in a replayed step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from sys import _getframe
from types import FrameType
from typing import Any

from gradtape.core import hooks
from gradtape.core.hooks import BACKWARD, FORWARD, UPDATE
from gradtape.core.operation import Operation
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.optimizers.base.update_terms import WeightUpdate
from gradtape.rerun.op_record import OpRecord
from gradtape.rerun.source_lines import asking_line, user_line
from gradtape.tape.gradient_tape import GradientTape
from gradtape.tape.record import Record


class StepRecorder(hooks.Hook):
    """Keeps a record of each operation and each assignment, in order.

    Args:
        paths: the paths of the Variables, by id.
        layers: the paths of the layers, by id.

    Attributes:
        records: one for each operation and assignment.
        updates: how each weight was changed by the optimizer, by path.
    """

    def __init__(self, paths: Mapping[int, str], layers: Mapping[int, str]) -> None:
        self.records: list[OpRecord] = []
        self.updates: dict[str, WeightUpdate] = {}
        self._paths, self._layers = dict(paths), dict(layers)
        self._made: dict[int, tuple[tuple[int, ...], int | None]] = {}
        self._levels: list[list[OpRecord]] = [self.records]  # of the step, and of the bodies that are running
        self._labels: dict[int, str] = {}
        self._held: list[Tensor] = []  # an id is only that of one tensor as long as the tensor lives
        self._has_gradients = False
        self._root: Any = None
        self._at = 0.0
        self._phase = self._part = ""
        self._layer: Any = None
        self._rule: tuple[Record | None, int | None, str] = (None, None, "")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Record what happens inside the block."""
        self._root = _getframe(2).f_code  # past contextlib: who opened the block
        self._at = time.perf_counter()
        with hooks.listening(self):
            yield

    def call(self, tensor: Tensor, label: str) -> None:
        """Give a tensor that no operation made a name, such as ``x``."""
        self._labels[id(tensor)] = label
        self._held.append(tensor)

    # What it is told as a hook.

    def on_phase(self, phase: str, owner: object, part: str) -> None:
        """Note the phase, for the records to come."""
        self._phase, self._part = phase, part
        self._has_gradients |= phase == BACKWARD

    def on_layer(self, layer: object) -> None:
        """Note the layer."""
        self._layer = layer

    def on_rule(self, record: Record | None, position: int | None, part: str) -> None:
        """Note whose gradient is computed."""
        self._rule = (record, position, part)

    def on_read(self, variable: Variable, tensor: Tensor) -> None:
        """Note which Variable a tensor is the value of."""
        self.call(tensor, self._path(variable))

    def on_operation(
        self, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], output: Any
    ) -> None:
        """Keep the operation."""
        outputs = output if isinstance(output, tuple) else (output,)
        for tensor in outputs:
            tensor.numpy()  # so that an engine that computes in the background has finished
        seconds = time.perf_counter() - self._at
        body = self._levels.pop() if operation.has_body else []
        # the clock was restarted by each record of the body
        seconds += sum(record.seconds for record in body)
        record = self._keep(_getframe(1), operation.name, operation, inputs, attributes, outputs, seconds)
        record.body = body

    def on_body(self, operation: Operation, event: str) -> None:
        """Number the records of a body for themselves."""
        # a body that succeeds is taken off by `on_operation`, which puts it into the record of its owner
        if event == hooks.BEGIN:
            self._levels.append([])
        elif event == hooks.FAIL:
            self._levels.pop()

    def on_assign(self, variable: Variable, value: Tensor, before: Tensor, method: str) -> None:
        """Keep the assignment."""
        # the private tensor: `value` would count as a read, and be recorded
        path, after = self._path(variable), variable._tensor
        # the step need not have read it: an assignment alone shows its old value under its name too
        self._labels.setdefault(id(before), path)
        record = self._keep(_getframe(1), method, None, (before, value), {}, (after,), 0.0)
        record.variable = path
        self._labels[id(after)] = path

    def on_update(self, variable: Variable, update: WeightUpdate) -> None:
        """Keep how a weight was changed."""
        self.updates[self._path(variable)] = update

    def _keep(
        self,
        frame: FrameType,
        name: str,
        operation: Operation | None,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        outputs: tuple[Tensor, ...],
        seconds: float,
    ) -> OpRecord:
        records = self._levels[-1]
        index = len(records)
        made_by = tuple([self._maker(t) for t in inputs])
        record = OpRecord(
            index,
            self._phase or self._guess(),
            name,
            operation,
            inputs,
            attributes,
            outputs,
            made_by,
            tuple(map(self._label, inputs)),
            self._layers.get(id(self._layer), ""),
            asking_line(frame),
            user_line(frame, self._root),
            update_part=self._part,
            seconds=seconds,
        )
        self._note_rule(record)
        records.append(record)
        self._note_made(outputs, index)
        self._held.extend((*inputs, *outputs))
        # only now: what recording costs is in the time of no operation
        self._at = time.perf_counter()
        return record

    def _guess(self) -> str:
        """Return the phase of what a step of the user's own computes itself, outside every phase.

        With a tape running, or before any gradient, it is part of the way to a loss; after that it is done
        to the weights.
        """
        on_tape = any(isinstance(hook, GradientTape) for hook in hooks.local.hooks)
        return UPDATE if self._has_gradients and not on_tape else FORWARD

    def _note_made(self, outputs: tuple[Tensor, ...], index: int) -> None:
        """Note which record made the outputs, by its numbers from the outermost level inwards."""
        path = (*[len(level) for level in self._levels[:-1]], index)
        for i, tensor in enumerate(outputs):
            self._made[id(tensor)] = (path, i if len(outputs) > 1 else None)

    def _maker(self, tensor: Tensor) -> int | None:
        """Return the index of the record that made a tensor, among those of the present level."""
        path, _ = self._made.get(id(tensor), ((), None))
        outside = tuple([len(level) for level in self._levels[:-1]])
        return path[len(outside)] if path[: len(outside)] == outside and len(path) > len(outside) else None

    def _label(self, tensor: Tensor) -> str:
        """Return what a tensor is called: its name, or the numbers of the record that made it."""
        path, place = self._made.get(id(tensor), ((), None))
        made = "#" + ".".join(map(str, path)) if path else "constant"
        return self._labels.get(id(tensor)) or (made if place is None else f"{made}[{place}]")

    def _note_rule(self, record: OpRecord) -> None:
        """Say to which forward record, and which of its arguments, a backward record belongs."""
        forward, position, part = self._rule
        if forward is None:
            return
        record.forward, record.part = self._maker(forward.outputs[0]), part
        owner = None if record.forward is None else self._levels[-1][record.forward]
        operation = forward.operation
        rule = operation.joint
        if position is not None and (owner is None or owner.operation is operation):  # not inside a body
            record.position = position
            record.argument = operation.tensors[0 if operation.variadic else position]
            rule = operation.joint or operation.rule(position)
        record.rule = " ".join((getattr(rule, "__doc__", None) or "").split())

    def _path(self, variable: Variable) -> str:
        return self._paths.get(id(variable), variable.name)
