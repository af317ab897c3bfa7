"""GradientTape: remembers the operations inside its block and differentiates them by the chain rule."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator
from sys import _getframe
from typing import Any

from gradtape.base.trees import leaves, rebuild
from gradtape.core import hooks
from gradtape.core.dtypes import FLOAT, is_floating
from gradtape.core.operation import Operation
from gradtape.core.source_line import caller, source_text
from gradtape.core.tensor import ArrayLike, Tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentTypeError, TapeError, show
from gradtape.tape.backward import missing_rule, walk
from gradtape.tape.jacobian import batch_jacobian, jacobian
from gradtape.tape.output_gradients import (
    of_itself,
    ones_like,
    seeds,
    sum_of,
    wants_zeros,
    wrong_target,
    zeros_like,
)
from gradtape.tape.record import Record, table, ways_back
from gradtape.tape.why_none import (
    Assignment,
    Evidence,
    connected,
    describe,
    reason,
)

_new = object.__new__


class GradientTape(hooks.Hook):
    """Records the operations on watched tensors, for `gradient` to differentiate them.

    Args:
        persistent: keep the records after `gradient`, so that it can be asked again.
        watch_accessed_variables: watch every trainable Variable that is read.

    >>> from gradtape import GradientTape, Variable
    >>> x = Variable(3.0)
    >>> with GradientTape() as tape:
    ...     y = x * x
    >>> tape.gradient(y, x)
    Tensor(6., shape=(), dtype=float32)

    Source: the public behaviour of TensorFlow's class of this name; `records`, `why` and the printed
    table are ours.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_variables = watch_accessed_variables
        self._entered = False
        self._clear()

    def _clear(self) -> None:
        self._records: list[Record] = []
        self._outside: list[list[Record]] = []  # while a body runs: the records around it
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

    def __enter__(self) -> GradientTape:
        if hooks.is_active(self):
            raise TapeError("GradientTape: this tape is already recording; make another one for nesting")
        if self._used and not self._persistent:
            self._clear()
        hooks.add(self)
        self._entered = True
        return self

    def __exit__(self, *exception: object) -> None:
        hooks.remove(self)

    # What it is told as a hook.

    def on_operation(
        self, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], output: Any
    ) -> None:
        """Remember the operation if one of its inputs is tracked."""
        tracked = self._tracked
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

    def _follow(self, inputs: tuple[Tensor, ...], output: Any) -> None:
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

    # What the user asks.

    def watch(self, tensor: Any) -> None:
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

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = "none",
    ) -> Any:
        """Return the gradient of the sum of `target` with respect to each of `sources`.

        Args:
            target: a Tensor or Variable, or a nested structure of them, whose elements are all summed.
            sources: a Tensor or Variable, or a nested structure of them.
            output_gradients: the cotangent of each target, of its shape; None means ones.
            unconnected_gradients: ``"none"`` gives None for a source that the target does not depend on,
                ``"zero"`` zeros.

        Returns:
            The structure of `sources`, with Tensors of the shape and dtype of each source, or None.

        Raises:
            TapeError: if a tape that is not persistent is asked for the second time.
        """
        zeros = unconnected_gradients != "none" and wants_zeros(unconnected_gradients)
        self.start_backward("gradient")
        targets, wanted = [target] if type(target) is Tensor else leaves(target), leaves(sources)
        given: list[Tensor | None] = [None] * len(targets)
        if output_gradients is not None:
            given = seeds(target, output_gradients)
        found = self.cotangents(targets, wanted, given)
        self.finish_backward(targets, wanted, found)
        if zeros:
            found = [zeros_like(s) if g is None else g for s, g in zip(wanted, found, strict=True)]
        return rebuild(sources, found)

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: str = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return d target / d source: shape of `target`, then shape of the source.

        One backward walk per element of `target`.  The last two arguments are TensorFlow's, without effect.
        """
        return jacobian(self, target, sources, wants_zeros(unconnected_gradients))

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: str = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """Return d target[i] / d source[i] for each i of the first axis: (batch, target's, source's axes).

        Right where a row of `target` depends on the same row of `source` only; one backward walk per
        element of a row.  The last two arguments are TensorFlow's and change nothing.
        """
        return batch_jacobian(self, target, source, wants_zeros(unconnected_gradients))

    def why(self, source: Any, target: Any = None) -> str:
        """Return in one sentence why the gradient for `source` is None.

        Args:
            source: the Tensor or Variable whose gradient is None.
            target: what was differentiated; None means the target of the last `gradient`, or, before
                any, what was recorded last.
        """
        if not isinstance(source, ArrayLike):
            raise ArgumentTypeError(f"why: source must be a Tensor or Variable, got {show(source)}")
        if target is None or _same(leaves(target), self._targets):
            for place, asked in enumerate(self._asked):
                if asked() is source:
                    return self._reasons.get(place) or connected(describe(source))
        if self._used and not self._persistent:
            return (
                f"gradient() was not asked for {describe(source)} and this target, and it freed the records: "
                "GradientTape(persistent=True) keeps them."
            )
        if target is None:
            last = [y for y in (asked() for asked in self._targets) if y is not None]
            target = last or (list(self._records[-1].outputs) if self._records else [])
        return self._reason(source, self._tensors(target))

    def _tensors(self, target: Any) -> list[Tensor]:
        return [t for y in leaves(target) for t in (self._values(y) if isinstance(y, Variable) else [y])]

    def _reason(self, source: ArrayLike, targets: list[Tensor]) -> str:
        values = self._values(source)
        return reason(
            Evidence(
                source,
                values,
                targets,
                list(ways_back(self._records)),
                self._assignments,
                list(self._beyond.values()),
                self._watch_variables,
            )
        )

    # How a gradient is computed.

    def start_backward(self, who: str) -> None:
        """Refuse if the records are gone; stop recording if they will not be kept."""
        if self._used and not self._persistent:
            raise TapeError(
                f"{who}: this tape was already used and its records are freed; "
                "make it with GradientTape(persistent=True) to ask it more than once"
            )
        if not self._entered:
            raise TapeError(f"{who}: this tape never recorded; compute the target inside its `with` block")
        if not self._persistent and hooks.is_active(self):
            hooks.remove(self)

    def cotangents(
        self, targets: list[Any], sources: list[Any], seeds: list[Tensor | None]
    ) -> list[Tensor | None]:
        """Return the cotangent of each source, or None, for the seeds given to the targets."""
        if not (hooks.local.phase or hooks.local.rule):
            return self._cotangents(targets, sources, seeds)
        with hooks.phase(hooks.BACKWARD, self):
            return self._cotangents(targets, sources, seeds)

    def _cotangents(
        self, targets: list[Any], sources: list[Any], seeds: list[Tensor | None]
    ) -> list[Tensor | None]:
        reads = self._reads
        values: list[list[Tensor]] = []
        ids: set[int] = set()
        for source in sources:  # a loop: of comprehensions each is a call
            read = reads.get(id(source))
            tensors = self._values(source) if read is None else read[1]
            values.append(tensors)
            ids.update(map(id, tensors))
        start: dict[int, Tensor] = {}
        for target, seed in zip(targets, seeds, strict=True):
            for y in self._target_values(target):
                one = ones_like(y) if seed is None else seed
                start[id(y)] = start[id(y)] + one if id(y) in start else one
        records = list(self._records) if self._persistent else self._records
        # If all that was watched is asked for, whatever is tracked comes from it: the usual case.
        found = walk(records, start, ids, self._tracked if self._given.keys() <= ids else None)
        result: list[Tensor | None] = []
        for source, tensors in zip(sources, values, strict=True):
            g = found.get(id(tensors[0])) if len(tensors) == 1 else None
            if g is None:
                parts = [found[id(t)] for t in tensors if id(t) in found]
                g = sum_of(parts or of_itself(source, targets, seeds))
            result.append(g)
        return result

    def finish_backward(self, targets: list[Any], sources: list[Any], found: list[Tensor | None]) -> None:
        """Remember why a gradient is None, then free the records if they are not to be kept."""
        self._reasons = {}
        for place, g in enumerate(found):
            if g is None:
                self._reasons[place] = self._reason(sources[place], self._tensors(targets))
        self._asked = list(map(weakref.ref, sources))
        self._targets = list(map(weakref.ref, targets))
        self._used = True
        if not self._persistent:
            self._watched = self.watched_variables()
            self._records, self._tracked, self._given, self._reads = [], {}, {}, {}
            self._assignments, self._beyond = [], {}

    def _values(self, source: Any) -> list[Tensor]:
        """Return the tensors of `source` that this tape tracks: for a Variable, every value read."""
        read = self._reads.get(id(source))
        if read is not None:
            return read[1]
        if isinstance(source, Variable):
            return []
        if isinstance(source, Tensor):
            return [source] if id(source) in self._tracked else []
        raise ArgumentTypeError(f"gradient: sources must be Tensors or Variables, got {show(source)}")

    def _target_values(self, target: Any) -> list[Tensor]:
        if isinstance(target, Variable):
            return self._values(target)[-1:]
        if isinstance(target, Tensor):
            dtype = target._array.dtype
            return [target] if dtype is FLOAT or is_floating(dtype) else []
        raise wrong_target(target)


def _same(targets: list[Any], asked: list[weakref.ref[Any]]) -> bool:
    return len(targets) == len(asked) and all(r() is t for t, r in zip(targets, asked, strict=True))
