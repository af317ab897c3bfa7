"""The chain rule: one walk back over a list of records."""

from __future__ import annotations

import functools
from collections.abc import Container, Sequence
from typing import Any

from gradtape import engine
from gradtape.core.hooks import FIT, RULE, SUM, local, tell_rule
from gradtape.core.operation import Operation, Rule
from gradtape.core.tensor import Tensor
from gradtape.errors import MissingRuleError, ShapeError
from gradtape.ops.numpy.arithmetic import add
from gradtape.ops.numpy.shapes import cast, sum_of_rows, sum_to_shape
from gradtape.tape.record import Record

Cotangents = dict[int, Tensor]


def walk(
    records: Sequence[Record],
    cotangents: Cotangents,
    sources: set[int],
    tracked: Container[int] | None = None,
) -> Cotangents:
    """Return cotangents by id, with those of all `sources` to which the targets are connected.

    Args:
        records: what was computed, in order.
        cotangents: of the targets, by id; used up.
        sources: the ids of the tensors whose cotangents are wanted.
        tracked: the ids of all tensors that come from a source, if the caller knows them.
    """
    needed = _reachable(records, sources) if tracked is None else tracked
    is_told, outer = bool(local.rule), local.rule_place
    with engine.active.quiet():
        for record in reversed(records):
            output = record.output
            key = id(output)
            if key not in cotangents or key not in needed or not record.passes:
                continue
            g = cotangents[key] if key in sources else cotangents.pop(key)
            # Take g, the cotangent of the record's output, to those of its inputs that are needed.
            operation, inputs, attributes = record.operation, record.inputs, record.attributes
            skipped = None if operation.shortcut is None else _other_way(record, needed, sources)
            rules = _rules_by_position(record) if operation.variadic else operation.rule_at
            arguments = (g, output, inputs) if operation.variadic else (g, output, *inputs)
            for position, x in enumerate(inputs):
                key = id(x)
                if key not in needed or key == skipped:
                    continue
                rule = rules[position]
                if rule is None:
                    raise missing_rule(record, position)
                if is_told:
                    tell_rule(record, position, RULE)
                back = rule(*arguments, **attributes) if attributes else rule(*arguments)
                if type(back) is not Tensor:
                    back = _as_cotangent(record, position, back)
                given, wanted = back._array, x._array
                if given.shape != wanted.shape or given.dtype is not wanted.dtype:
                    if is_told:
                        tell_rule(record, position, FIT)
                    back = _fitted(record, position, back)
                if key in cotangents:
                    if is_told:
                        tell_rule(record, position, SUM)
                    back = add(cotangents[key], back)
                cotangents[key] = back
    if is_told:
        tell_rule(*outer)
    return cotangents


def _reachable(records: Sequence[Record], sources: set[int]) -> set[int]:
    """Return the ids of all tensors through which a gradient can come to a source."""
    needed = set(sources)
    for record in records:
        if record.passes:
            for tensor in record.inputs:
                if id(tensor) in needed:
                    needed.add(id(record.output))
                    break
    return needed


def _other_way(record: Record, needed: Container[int], sources: set[int]) -> int:
    """Return the id of the input through which not to go at an operation with a shortcut.

    softmax_crossentropy has the logits and, computed from them, the probabilities among its inputs.  Straight
    to the logits the gradient is exact where a probability rounds to 0.  It goes through the probabilities if
    they are asked for themselves, or if the tape does not know the logits; nowhere if it saw no softmax.
    """
    first, second = record.operation.shortcut or (0, 0)
    short, long = id(record.inputs[first]), id(record.inputs[second])
    if long not in needed:
        return short
    return short if long in sources or short not in needed else long


def _rules_by_position(record: Record) -> list[Rule | None]:
    """Return the one rule of an operation that takes any number of tensors, bound to each position."""
    rule = record.operation.rule_at[0]
    return [rule and functools.partial(rule, position) for position in range(len(record.inputs))]


def _as_cotangent(record: Record, position: int, back: Any) -> Tensor:
    """Return what a rule gave if it is a Tensor of some kind, or raise ShapeError."""
    if not isinstance(back, Tensor):
        raise _useless(record, position, f"a {type(back).__name__}, not a Tensor")
    return back


def _fitted(record: Record, position: int, back: Tensor) -> Tensor:
    """Return the cotangent in the input's dtype, summed over the axes along which the input was repeated."""
    given, wanted = back._array, record.inputs[position]._array
    shape = wanted.shape
    extra = len(given.shape) - len(shape)
    if extra == 1 and given.shape[1:] == shape:  # a bias
        back = sum_of_rows(back)
    elif extra < 0 or any(n != 1 and n != given.shape[extra + i] for i, n in enumerate(shape)):
        raise _useless(record, position, f"shape {back.shape}")
    elif given.shape != shape:
        back = sum_to_shape(back, shape)
    return back if given.dtype == wanted.dtype else cast(back, wanted.dtype)


def _useless(record: Record, position: int, given: str) -> ShapeError:
    """Return the error for a rule that gave something no cotangent can be made of."""
    operation = record.operation
    return ShapeError(
        f"{operation.name}: the gradient rule for {_argument(operation, position)} must give the argument's "
        f"shape {record.inputs[position].shape} or the output's {record.output.shape}, got {given}"
    )


def _argument(operation: Operation, position: int) -> str:
    return operation.tensors[0 if operation.variadic else position]


def missing_rule(record: Record, position: int) -> MissingRuleError:
    """Return the error for an operation without a rule for the input at `position`."""
    operation = record.operation
    name = _argument(operation, position)
    shapes = ", ".join(str(t.shape) for t in record.inputs)
    return MissingRuleError(
        f"{operation.name}: no gradient rule for {name}; shapes {shapes}, at {record.source}. "
        f"Define one with @{operation.name}.gradient({name!r}), or make the operation differentiable=False"
    )
