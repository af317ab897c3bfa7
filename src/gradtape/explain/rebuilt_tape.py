"""RebuiltTape: the tape of an opened step, rebuilt so that gradients can be computed from any tensor.

The forward records of a step are a tape: operations, inputs, outputs.  Nothing is computed forward again; the
backward pass starts at the loss, or at the losses of single samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradtape.core import hooks
from gradtape.core.dtypes import is_floating
from gradtape.core.hooks import BACKWARD, METRICS
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.rerun.op_record import OpRecord
from gradtape.tape.backward import walk
from gradtape.tape.output_gradients import ones_like, sum_of
from gradtape.tape.record import Record

TRIES = 8  # scalars before the backward records that may have been differentiated


class RebuiltRecord(Record):
    """A tape's record, made from an operation record of a step.

    Args:
        kept: the operation record of the step.
    """

    __slots__ = ("kept",)

    _body: tuple[RebuiltRecord, ...]

    def __init__(self, kept: OpRecord) -> None:
        self.kept = kept
        self.operation = kept.operation  # type: ignore[assignment]
        self.inputs, self.attributes = kept.inputs, kept.attributes
        self.output = kept.outputs if len(kept.outputs) > 1 or self.operation.has_several else kept.output
        self.passes = self.operation.differentiable and any(is_floating(y.dtype) for y in kept.outputs)
        # an assignment in a body has no operation, and no gradient passes through it
        self._body = tuple([RebuiltRecord(r) for r in kept.body if r.operation is not None])

    @property
    def source(self) -> str:
        """The file and line that asked for the operation."""
        return self.kept.source


def flat(records: Iterable[RebuiltRecord]) -> list[RebuiltRecord]:
    """Return the records in the order of computation, those of a body in the place of their owner."""
    return [one for r in records for one in (flat(r._body) if r.operation.has_body else [r])]


class RebuiltTape:
    """The tape of one gradient: from a weight to the tensor that was differentiated.

    Args:
        records: the forward records, in order.
        target: the tensor that was differentiated.
        sources: the values of the weight that were read.

    Attributes:
        records: those on which the target depends.
        total: the gradient of the weight, a NumPy array; None if the target does not depend on it.
    """

    def __init__(self, records: Sequence[RebuiltRecord], target: Tensor, sources: Sequence[Tensor]) -> None:
        needed = ancestors(records, [target])
        self.records = [r for r in records if any(id(y) in needed for y in r.outputs)]
        self.target, self.sources = target, list(sources)
        self.total = self.gradient({id(target): ones_like(target)})

    def gradient(self, start: Mapping[int, Tensor]) -> Any:
        """Return the weight's gradient, a NumPy array, for upstream gradients by tensor id; None if none."""
        ids = {id(t) for t in self.sources}
        with hooks.silence():
            return self.summed(walk(self.records, dict(start), ids))

    def summed(self, found: Mapping[int, Tensor]) -> Any:
        """Return the sum of the gradients of all tensors that were read from the weight."""
        whole = sum_of([found[id(t)] for t in self.sources if id(t) in found])
        return None if whole is None else np.asarray(whole)

    def apart(self, losses: Sequence[Tensor]) -> tuple[dict[int, Tensor], Any]:
        """Return the gradients of the losses per sample, and the gradient that does not come from them."""
        cut = {id(loss) for loss in losses}
        # without the records that make them, the losses per sample are leaves, where the walk stops
        others = [r for r in self.records if not any(id(y) in cut for y in r.outputs)]
        wanted = cut | {id(t) for t in self.sources}
        with hooks.silence():
            found = walk(others, {id(self.target): ones_like(self.target)}, wanted)
        return {key: found[key] for key in cut if key in found}, self.summed(found)

    def sample_losses(self, size: int, batch: Iterable[Tensor]) -> list[Tensor]:
        """Return the tensors of one loss per sample, (batch, ...), of which the target is made.

        They come from the batch and are reduced to one number that nothing reduces again.

        Args:
            size: how many samples there are.
            batch: the tensors of the batch.
        """
        if self.target.shape[:1] == (size,):
            return [self.target]
        # a weight may have as many rows as the batch has samples: its penalty is no loss of samples
        fed = descendants(self.records, batch)
        found: list[Tensor] = []
        inside: set[int] = set()
        # from the end: a reduction inside a loss, such as that of softmax, is then among its ancestors
        for r in reversed(self.records):
            if (
                r.operation.facts.kind == "reduction"
                and not r.kept.output_shape
                and id(r.output) not in inside
            ):
                one = r.inputs[0]
                if one.shape[:1] == (size,) and id(one) in fed:
                    found.append(one)
                    inside |= ancestors(self.records, [one])
        return found


def taped(step: Any, path: str) -> RebuiltTape | None:
    """Return the tape of the gradient of the Variable called `path`; None if no gradient reached it.

    Which tensor was differentiated is not recorded: it is the last scalar before the backward records whose
    gradient is the one that the optimizer got, or else the last one that depends on the weight.

    Args:
        step: an opened step.
        path: the path of a Variable.
    """
    given, first = step.gradients.get(path), None
    # a step of the user's own may differentiate more than once
    for start in _starts(step.records):
        before = step.records[:start]
        records = [RebuiltRecord(r) for r in before if r.operation is not None]
        sources = values_of(before, path)
        for target in _targets(before):
            found = RebuiltTape(records, target, sources)
            if found.total is None:
                continue
            if given is None or _same(found.total, given):
                return found
            first = first or found
    return first


def values_of(records: Sequence[OpRecord], path: str) -> list[Tensor]:
    """Return the tensors that reads of a Variable gave."""
    found = {
        id(t): t
        for r in records
        if r.operation is not None
        for t, label in zip(r.inputs, r.labels, strict=True)
        if label == path
    }
    return list(found.values())


def batch_of(step: Any) -> list[Tensor]:
    """Return the tensors of the step's batch that operations were given."""
    found = {}
    for r in step.records:
        for tensor, label in zip(r.inputs, r.labels, strict=True):
            if label.partition(".")[0] in ("x", "y", "sample_weight") and label not in step.variables_before:
                found[id(tensor)] = tensor
    return list(found.values())


def ancestors(records: Sequence[Record], ends: Iterable[Tensor]) -> set[int]:
    """Return the ids of all tensors from which one of `ends` was computed, those among them."""
    needed = {id(t) for t in ends}
    for r in reversed(records):
        if any(id(y) in needed for y in r.outputs):
            needed.update(map(id, r.inputs))
        needed |= ancestors(r.body, [y for y in r.outputs if id(y) in needed])
    return needed


def descendants(records: Sequence[Record], starts: Iterable[Tensor]) -> set[int]:
    """Return the ids of all tensors that were computed from one of `starts`, those among them."""
    found = {id(t) for t in starts}
    for r in records:
        if any(id(t) in found for t in r.inputs):
            found.update(map(id, r.outputs))
    return found


def masked(cotangent: Tensor, row: int) -> Tensor:
    """Return the upstream gradient with zeros for all samples but one."""
    array = np.zeros(cotangent.shape, cotangent.dtype)
    array[row] = np.asarray(cotangent)[row]
    return as_tensor(array)


def _starts(records: Sequence[OpRecord]) -> Iterator[int]:
    """Give the places where backward records begin, the first ones first."""
    was_backward = False
    for i, r in enumerate(records):
        if r.phase == BACKWARD and not was_backward:
            yield i
        was_backward = r.phase == BACKWARD


def _targets(before: Sequence[OpRecord]) -> Iterator[Tensor]:
    """Give the numbers that may have been differentiated, the last ones first, then one per sample."""
    made = [r for r in reversed(before) if r.operation is not None and r.phase != METRICS]
    made = [r for r in made if r.operation.differentiable and is_floating(r.output_dtype)]  # type: ignore[union-attr]
    yield from [r.output for r in made if not r.output_shape][:TRIES]
    yield from [r.output for r in made if len(r.output_shape) == 1][:1]


def _same(ours: Any, given: Any) -> bool:
    """Tell whether two gradients are equal except for rounding."""
    size = float(np.max(np.abs(given), initial=0.0))
    apart = float(np.max(np.abs(ours - given), initial=0.0))
    # NaN is within no tolerance, so a gradient with NaN has to be the same one
    return apart <= 1e3 * float(np.finfo(given.dtype).eps) * size or np.array_equal(
        ours, given, equal_nan=True
    )
