"""OperationRecorder: what a tape watches, and the records that it keeps of what is computed with that."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator
from sys import _getframe
from typing import Any, Self

from gradtape.base.trees import leaves
from gradtape.core import hooks
from gradtape.core.dtypes import FLOAT, is_floating
from gradtape.core.operation import Operation
from gradtape.core.source_line import caller, source_text
from gradtape.core.tensor import ArrayLike, Tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentTypeError, TapeError, show
from gradtape.tape.backward import missing_rule
from gradtape.tape.record import Record, table
from gradtape.tape.why_none import Assignment

_new = object.__new__


class OperationRecorder(hooks.Hook):
    """The recording half of a tape; see `gradtape.GradientTape`.

    Args:
        persistent: keep the records after `gradient`, so that it can be asked again.
        watch_accessed_variables: watch every trainable Variable that is read.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_variables = watch_accessed_variables
        self._entered = False
        self._clear()

    def _clear(self) -> None:
        self._records: list[Record] = []
        self._outside: list[list[Record]] = []  # while a body runs: the records around it
        # By id, with the tensor itself: as long as it lives, Python gives its id to no other.
        self._tracked: dict[int, Tensor] = {}
        self._given: dict[int, Tensor] = {}
        self._reads: dict[int, tuple[Variable, list[Tensor]]] = {}
        self._assignments: list[Assignment] = []
        self._beyond: dict[int, tuple[Tensor, tuple[Tensor, ...]]] = {}
        self._asked: list[weakref.ref[Any]] = []
        self._reasons: dict[int, str] = {}
        self._targets: list[weakref.ref[Any]] = []
        self._watched: tuple[Variable, ...] = ()
        self._used = False

    def __enter__(self) -> Self:
        if hooks.is_active(self):
            raise TapeError("GradientTape: this tape is already recording; make another one for nesting")
        if self._used and not self._persistent:
            self._clear()
        hooks.add(self)
        self._entered = True
        return self

    def __exit__(self, *exception: object) -> None:
        hooks.remove(self)

    # The methods of a hook.

    def on_operation(
        self, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], output: Any
    ) -> None:
        """Remember the operation if one of its inputs is tracked."""
        tracked = self._tracked
        # A loop: any() with a generator costs more than the two or three lookups.
        for tensor in inputs:
            if id(tensor) in tracked:
                break
        else:
            if self._beyond:
                self._follow(inputs, output)
            return
        record = _new(Record)  # filled here: between large products each call more is felt
        record.operation, record.inputs = operation, inputs
        record.attributes, record.output = attributes, output
        # Code and instruction are kept, and the line is looked up only if somebody asks.
        frame = caller(_getframe(2))  # past this and the operation
        record._code, record._instruction = frame.f_code, frame.f_lasti
        try:
            dtype = output._array.dtype
        except AttributeError:  # a tuple
            self._keep_several(record)
            return
        record.passes = operation.differentiable and (dtype is FLOAT or dtype.kind not in "iub")
        if record.passes:
            if operation.lacks_rules:
                self._check_rules(record)
            tracked[id(output)] = output
        else:
            self._beyond[id(output)] = (output, inputs)
        self._records.append(record)

    def _keep_several(self, record: Record) -> None:
        """Remember an operation with several outputs: a gradient comes back from the floating ones."""
        operation = record.operation
        floating = [y for y in record.outputs if operation.differentiable and is_floating(y.dtype)]
        record.passes = bool(floating)
        if floating and operation.lacks_rules:
            self._check_rules(record)
        self._tracked.update({id(y): y for y in floating})
        self._beyond.update({id(y): (y, record.inputs) for y in record.outputs if id(y) not in self._tracked})
        self._records.append(record)

    def on_body(self, operation: Operation, event: str) -> None:
        """Keep what happens in the body of an operation for its own record."""
        if event == hooks.BEGIN:
            self._outside.append(self._records)
            self._records = []
            return
        body, self._records = self._records, self._outside.pop()
        if event == hooks.FAIL:
            return
        if body and body[-1].operation is operation:
            record = body.pop()
            record._body = tuple(body)
            self._records.append(record)
        else:  # it was given nothing that is tracked, but its body read a Variable
            self._records += body

    def _follow(self, inputs: tuple[Tensor, ...], output: object) -> None:
        """Keep a trail from what no gradient comes back from, for `why` alone."""
        if any(id(t) in self._beyond for t in inputs):
            for y in output if type(output) is tuple else (output,):
                self._beyond[id(y)] = (y, inputs)

    def _check_rules(self, record: Record) -> None:
        rules = record.operation.rule_at
        for position, tensor in enumerate(record.inputs):
            if rules[position % len(rules)] is None and id(tensor) in self._tracked:
                raise missing_rule(record, position)

    def on_read(self, variable: Variable, tensor: Tensor, asked: bool = False) -> None:
        """Watch a Variable that is read if it is trainable, was watched before, or `asked` for."""
        reads, key = self._reads, id(variable)
        if key in reads:
            values = reads[key][1]
            if values[-1] is tensor:
                return
            # A Variable may be assigned in between: its gradient is the sum over all values that were read.
            values.append(tensor)
        elif asked or (self._watch_variables and variable.trainable):
            if tensor._array.dtype.kind in "iub":
                return
            reads[key] = (variable, [tensor])
        else:
            return
        key = id(tensor)
        self._tracked[key] = self._given[key] = tensor

    def on_assign(self, variable: Variable, value: Tensor, before: Tensor, method: str) -> None:
        """Remember where a value on the tape went into a Variable: the gradient's path ends there."""
        if id(value) in self._tracked:
            frame = caller(_getframe())
            where = source_text(frame.f_code, frame.f_lasti)
            self._assignments.append(Assignment(variable, value, variable._tensor, where))
            self._beyond[id(variable._tensor)] = (variable._tensor, (value,))

    # What is watched and recorded.

    def watch(self, tensor: object) -> None:
        """Watch a Tensor or Variable, or a nested structure of them."""
        for leaf in leaves(tensor):
            if isinstance(leaf, Variable):
                self.on_read(leaf, leaf._tensor, asked=True)
            elif isinstance(leaf, Tensor):
                if is_floating(leaf.dtype):
                    self._tracked[id(leaf)] = self._given[id(leaf)] = leaf
            else:
                raise ArgumentTypeError(
                    f"watch: needs a Tensor or Variable, got {show(leaf)}; make one with as_tensor first"
                )

    def watches(self, value: ArrayLike) -> bool:
        """Tell whether this tape follows what is computed with a Tensor, or would with a Variable.

        Args:
            value: the Tensor or Variable.
        """
        if isinstance(value, Variable):
            would = self._watch_variables and value.trainable and is_floating(value.dtype)
            return would or id(value) in self._reads
        return id(value) in self._tracked

    def watched_variables(self) -> tuple[Variable, ...]:
        """Return the Variables watched so far, in the order of their first reading."""
        return self._watched or tuple([variable for variable, _ in self._reads.values()])

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Record nothing inside the block."""
        if not hooks.is_active(self):
            raise TapeError("stop_recording: this tape is not recording")
        hooks.remove(self)
        try:
            yield
        finally:
            hooks.add(self)

    def reset(self) -> None:
        """Forget all that was recorded and watched so far, and go on recording."""
        if not hooks.is_active(self):
            raise TapeError("reset: this tape is not recording")
        self._clear()

    @property
    def records(self) -> list[Record]:
        """What was recorded, in order: a list to read."""
        return list(self._records)

    def __str__(self) -> str:
        if self._used and not self._persistent:
            return (
                "GradientTape: its records were freed by gradient(); GradientTape(persistent=True) keeps them"
            )
        return table(self._records) if self._records else "GradientTape: nothing recorded"
