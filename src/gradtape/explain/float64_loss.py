"""Float64Loss: the loss of a step computed again in float64, with one element of a weight slightly changed.

The recorded operations are the program.  Only those that a gradient of the weight passes through are computed
again; everything else keeps its recorded value: the batch, dropout masks, results of comparisons, what is
behind stop_gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.core import hooks
from gradtape.core.dtypes import FLOAT64, is_floating
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.explain.rebuilt_tape import RebuiltRecord, RebuiltTape, flat


class Float64Loss:
    """The loss of a step as a function of one weight.

    Args:
        tape: the tape of the weight's gradient.

    Attributes:
        records: what is computed again.
        recorded: on which sides of their kinks the recorded values were, by the index of the record.
    """

    def __init__(self, tape: RebuiltTape) -> None:
        self.target, self.sources = tape.target, tape.sources
        self.records = _moving(tape)
        # kept for all the losses to come: the conversion to float64 would cost more than the operation
        self._kept: dict[int, Tensor] = {}
        self.recorded = {
            i: _sides(r, r.inputs) for i, r in enumerate(self.records) if r.operation.facts.kinks is not None
        }

    def loss(self, index: tuple[int, ...] | None = None, by: float = 0.0) -> tuple[float, dict[int, Any]]:
        """Return the loss with an element of the weight changed, and the sides of all kinks.

        Args:
            index: which element; None changes nothing.
            by: by how much.
        """
        values, found = self._starting(index, by), {}
        with hooks.silence(), engine.active.quiet():
            for i, r in enumerate(self.records):
                inputs = self._inputs(r, values)
                if i in self.recorded:
                    found[i] = _sides(r, inputs)
                values |= _computed(r, inputs)
        # the gradient of a target of several numbers is that of their sum
        return float(np.sum(np.asarray(values[id(self.target)]))), found

    def tape(self) -> RebuiltTape:
        """Return the tape of the same program in float64: the step's own rules without its rounding."""
        values = self._starting()
        records = []
        with hooks.silence(), engine.active.quiet():
            for r in self.records:
                wide = RebuiltRecord(r.kept)
                wide.inputs = self._inputs(r, values)
                found = _computed(r, wide.inputs)
                values |= found
                outputs = tuple([found[id(y)] for y in r.outputs])
                wide.output = outputs if isinstance(r.output, tuple) else outputs[0]
                records.append(wide)
        return RebuiltTape(records, values[id(self.target)], [values[id(s)] for s in self.sources])

    def _starting(self, index: tuple[int, ...] | None = None, by: float = 0.0) -> dict[int, Tensor]:
        values: dict[int, Tensor] = {}
        for source in self.sources:
            array = np.array(source, "float64")
            if index is not None:
                array[index] += by
            values[id(source)] = as_tensor(array)
        return values

    def _inputs(self, record: RebuiltRecord, values: Mapping[int, Tensor]) -> tuple[Tensor, ...]:
        return tuple([values[id(t)] if id(t) in values else self._wide(t) for t in record.inputs])

    def crossed(self, one: Mapping[int, Any], other: Mapping[int, Any]) -> str:
        """Return the first operation with a kink between two computations, "" if there is none."""
        for i, record in enumerate(self.records):
            if i in one and not np.array_equal(one[i], other[i]):
                layer = record.kept.layer
                return f"{record.name} in {layer}" if layer else record.name
        return ""

    def _wide(self, tensor: Tensor) -> Tensor:
        """Return a recorded value, floats in float64."""
        if id(tensor) not in self._kept:
            self._kept[id(tensor)] = as_tensor(tensor, FLOAT64) if is_floating(tensor.dtype) else tensor
        return self._kept[id(tensor)]


def _sides(record: RebuiltRecord, inputs: tuple[Tensor, ...]) -> Any:
    """Return on which sides of the operation's kinks the inputs lie."""
    kinks = record.operation.facts.kinks
    return None if kinks is None else kinks([np.asarray(t) for t in inputs], record.attributes)


def _moving(tape: RebuiltTape) -> list[RebuiltRecord]:
    """Return the records through which a gradient passes from the weight, those of bodies one by one."""
    reached = {id(t) for t in tape.sources}
    found = []
    for r in flat(tape.records):
        if r.passes and any(id(t) in reached for t in r.inputs):
            reached.update(map(id, r.outputs))
            found.append(r)
    return found


def _computed(record: RebuiltRecord, inputs: tuple[Tensor, ...]) -> dict[int, Tensor]:
    """Compute a recorded operation on float64 inputs; return its outputs by the ids of the recorded ones."""
    operation, attributes = record.operation, dict(record.attributes)
    # its forward only hands on what was computed, which is the float32 value
    if operation.again is not None:
        return {id(record.output): operation.again(*inputs, **attributes)}
    if "dtype" in attributes:  # a cast to float32 would lose the precision again
        attributes["dtype"] = FLOAT64
    found = operation.compute(*operation.arrays(inputs), **attributes)
    arrays = found if operation.has_several else (found,)
    return {id(y): Tensor(array) for y, array in zip(record.outputs, arrays, strict=True)}
