"""The chain rule: one walk back over a list of records."""

from __future__ import annotations

import functools
from collections.abc import Container, Sequence
from typing import Any

from gradtape import engine
from gradtape.core.dtypes import is_floating
from gradtape.core.hooks import FIT, RULE, SUM, local, tell_rule
from gradtape.core.operation import Operation, Rule
from gradtape.core.tensor import Tensor
from gradtape.errors import MissingRuleError, ShapeError
from gradtape.ops.numpy.arithmetic import add
from gradtape.ops.numpy.shapes import cast, sum_of_rows, sum_to_shape
from gradtape.tape.output_gradients import zeros_like
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
            operation = record.operation
            if operation.is_joint:
                _joint_back(record, cotangents, sources, needed)
                continue
            output = record.output
            key = id(output)
            if key not in cotangents or key not in needed or not record.passes:
                continue
            g = cotangents[key] if key in sources else cotangents.pop(key)
            inputs, attributes = record.inputs, record.attributes
            skipped = None if operation.shortcut is None else _other_way(record, needed, sources)
            if operation.variadic:
                rules, arguments = _rules_by_position(record), (g, output, inputs)
            else:
                rules, arguments = operation.rule_at, (g, output, *inputs)
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
                # `is` is quicker; where NumPy has two objects for a dtype, _fitted compares them by value.
                if given.shape != wanted.shape or given.dtype is not wanted.dtype:
                    if is_told:
                        tell_rule(record, position, FIT)
                    back = _fitted(record, position, back)
                if key in cotangents:
                    if is_told:
                        tell_rule(record, position, SUM)
                    # Not in place: a rule may give g itself, which then is the cotangent of two tensors.
                    back = add(cotangents[key], back)
                cotangents[key] = back
    if is_told:  # back to the place around: a joint rule may walk through its body by `through_body`
        tell_rule(*outer)
    return cotangents


def _reachable(records: Sequence[Record], sources: set[int]) -> set[int]:
    """Return the ids of all tensors through which a gradient can come to a source."""
    needed = set(sources)
    for record in records:
        if record.operation.has_body:
            needed = _reachable(record.body, needed)
        if record.passes:
            for tensor in record.inputs:
                if id(tensor) in needed:
                    needed.update(map(id, record.outputs))
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
    """Return the rule of each input; the one rule for any number of tensors is bound to each position."""
    if not record.operation.variadic:
        return record.operation.rule_at
    rule = record.operation.rule_at[0]
    return [rule and functools.partial(rule, position) for position in range(len(record.inputs))]


def _cotangents_of(record: Record, cotangents: Cotangents, sources: set[int], needed: Container[int]) -> Any:
    """Take the cotangents of a record's outputs out of those by id, as its rules get them.

    Args:
        record: the record.
        cotangents: by id; those of sources stay there.
        sources: the ids of the tensors whose cotangents are wanted.
        needed: the ids of all tensors through which a gradient can come to a source.

    Returns:
        None if nothing came back.  One output: its cotangent.  Several: a tuple, with zeros for an output to
        which nothing came back, and None for one that is not floating.
    """
    keys = [id(y) for y in record.outputs]
    if not any(key in cotangents and key in needed for key in keys):
        return None
    found: list[Tensor | None] = []
    for y, key in zip(record.outputs, keys, strict=True):
        if key in cotangents:
            found.append(cotangents[key] if key in sources else cotangents.pop(key))
        else:
            found.append(zeros_like(y) if is_floating(y.dtype) else None)
    return tuple(found) if type(record.output) is tuple else found[0]


def _joint_back(record: Record, cotangents: Cotangents, sources: set[int], needed: Container[int]) -> None:
    """Take the cotangents of a record's outputs to all of its inputs at once, and through its body.

    Without a joint rule the walk goes through the body as if it stood in the record's place.  With one, only
    what came back to the tensors inside the body goes through it: rules that were computed with them, and are
    differentiated in their turn, send it.
    """
    outputs: Cotangents = {}
    if record.passes and (record.operation.joint is not None or not record.operation.has_body):
        g = _cotangents_of(record, cotangents, sources, needed)
        # Sources keep theirs; out of the way meanwhile, or the body would take them back a second time.
        outputs = {id(y): cotangents.pop(id(y)) for y in record.outputs if id(y) in cotangents}
        if g is not None:
            _deliver(record, _backs(record, g, needed), cotangents, needed)
    if record.body:
        walk(record.body, cotangents, sources, needed)
    for key, g in outputs.items():
        cotangents[key] = add(cotangents[key], g) if key in cotangents else g


def through_body(
    body: tuple[Record, ...], g: Any, y: Any, inputs: tuple[Tensor, ...]
) -> tuple[Tensor | None, ...]:
    """Return the cotangents of `inputs`, through the records of a body: what a joint rule may be made of.

    Args:
        body: the records, as the rule gets them.
        g: the cotangent of the output, or of each of several.
        y: the output or the outputs.
        inputs: the tensors for which cotangents are wanted.

    Returns:
        One for each input, or None where the outputs do not depend on it.
    """
    start: Cotangents = {}
    for output, given in zip(y, g, strict=True) if type(y) is tuple else [(y, g)]:
        if given is not None:
            start[id(output)] = add(start[id(output)], given) if id(output) in start else given
    found = walk(body, start, {id(x) for x in inputs})
    return tuple([found.get(id(x)) for x in inputs])


def _backs(record: Record, g: object, needed: Container[int]) -> list[Any]:
    """Return a cotangent for each input: of the joint rule, or of the rule of each that is needed."""
    operation, inputs = record.operation, record.inputs
    if operation.joint is None:
        rules = _rules_by_position(record)
        arguments = (g, record.output, inputs) if operation.variadic else (g, record.output, *inputs)
        return [
            _by_rule(record, i, rules[i], arguments) if id(x) in needed else None
            for i, x in enumerate(inputs)
        ]
    if local.rule:
        tell_rule(record, 0 if len(inputs) == 1 else None, RULE)
    tensors = (inputs,) if operation.variadic else inputs
    more = {"body": record.body} if operation.has_body else {}
    found = operation.joint(g, record.output, *tensors, **more, **record.attributes)
    backs = [found] if isinstance(found, Tensor) else found
    if not isinstance(backs, tuple | list) or len(backs) != len(inputs):
        given = len(backs) if isinstance(backs, tuple | list) else f"a {type(backs).__name__}"
        raise ShapeError(
            f"{operation.name}: the joint gradient rule must give {len(inputs)} cotangents, one per tensor, "
            f"got {given}"
        )
    return list(backs)


def _by_rule(record: Record, position: int, rule: Rule | None, arguments: tuple[Any, ...]) -> Any:
    if rule is None:
        raise missing_rule(record, position)
    if local.rule:
        tell_rule(record, position, RULE)
    return rule(*arguments, **record.attributes)


def _deliver(record: Record, backs: list[Any], cotangents: Cotangents, needed: Container[int]) -> None:
    """Add what came back to the cotangents of the inputs that are needed."""
    is_told = bool(local.rule)
    for position, (x, back) in enumerate(zip(record.inputs, backs, strict=True)):
        key = id(x)
        if back is None or key not in needed:
            continue
        back = _as_cotangent(record, position, back)
        if back.shape != x.shape or back.dtype != x.dtype:
            if is_told:
                tell_rule(record, position, FIT)
            back = _fitted(record, position, back)
        if key in cotangents:
            if is_told:
                tell_rule(record, position, SUM)
            back = add(cotangents[key], back)
        cotangents[key] = back


def _as_cotangent(record: Record, position: int, back: object) -> Tensor:
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
        f"shape {record.inputs[position].shape} or the output's {record.outputs[0].shape}, got {given}"
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
