"""Operation: one differentiable function, its forward side by side with its gradient rules.

    @operation()
    def exp(x: Array) -> Array:
        \"\"\"Return e**x, elementwise.\"\"\"
        return engine.xp.exp(x)

    @exp.gradient("x")
    def exp_x(g, y, x):
        \"\"\"g * y\"\"\"
        return g * y

The parameters annotated `Array` are its tensors; the others are attributes.  The decorated function takes
tensors (and all that can become one) and returns a Tensor; the body sees the engine's arrays.  A rule takes
the cotangent `g` of the output, the output `y`, the tensors, and the attributes by name, and returns the
cotangent of one argument.  Rules are written with operations, so they can be differentiated again.  A rule
may return the shape the output had: the backward walk undoes broadcasting.  Its docstring is its formula.

A function annotated to return a tuple of arrays makes an operation with several outputs, which returns a
tuple of Tensors.  Its rules get a tuple of cotangents, with zeros for an output that nothing came back to
and None for one that is not floating.  `joint_gradient` decorates one rule for all tensors at once; it takes
what the others take, and returns a cotangent for each tensor, or None where the outputs do not depend on it:

    @operation()
    def halves(x: Array) -> tuple[Array, Array]:
        \"\"\"Return the first and the second half of a vector.\"\"\"
        middle = len(x) // 2
        return x[:middle], x[middle:]

    @halves.joint_gradient
    def halves_back(g, y, x):
        \"\"\"concatenate(g)\"\"\"
        return (concatenate(g),)

`operation(body=True)` makes an operation of a function that is written with other operations: it sees
Tensors, and a tape keeps the records of what it does inside its own record, as the `body`.  A gradient goes
back through the body, unless there is a joint rule, which then gets the records of the body as ``body``;
Variables that the body reads by itself get no gradient from a joint rule.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal, ParamSpec, Protocol, cast

from gradtape.core.calls import caller_of
from gradtape.core.kinks import Kinks
from gradtape.core.op_facts import Cost, Kind, Rows, facts
from gradtape.core.operation_class import BodyOperation, Operation, Rule
from gradtape.core.tensor import Array, Tensor
from gradtape.errors import ArgumentError

__all__ = ["BodyOperation", "Function", "Operation", "Rule", "operation", "registry", "rules_table"]

P = ParamSpec("P")

registry: dict[str, Operation] = {}


class Function(Protocol[P]):
    """The type of a decorated operation: called with tensors, it returns a Tensor."""

    operation: Operation
    __name__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Tensor: ...

    def gradient(self, argument: str) -> Callable[[Rule], Rule]: ...

    def joint_gradient(self, rule: Rule) -> Rule: ...


def operation(
    differentiable: bool = True,
    promotes: bool | tuple[str, ...] = False,
    risky: bool = False,
    name: str | None = None,
    output: Callable[[Array, tuple[Tensor, ...], dict[str, Any]], Tensor] | None = None,
    kind: Kind | Literal[""] = "",
    symbol: str = "",
    cost: Cost | None = None,
    kinks: Kinks | Sequence[float] | None = None,
    rows: Rows | None = None,
    body: bool = False,
) -> Callable[[Callable[P, Any]], Function[P]]:
    """Return the decorator that makes an operation of a function on arrays; see the module's text.

    Args:
        differentiable: False for an operation through which no gradient passes (argmax, equal).
        promotes: True, or the names of the tensors, if they are brought to one dtype first;
            a Python number among them follows the others.
        risky: True if NumPy would warn of a division by zero, an overflow or a NaN for ordinary input.
        name: how the tape calls it; None takes the function's name.
        output: makes the output tensor where it is to be more than a Tensor (softmax: Probabilities);
            called with the computed array, the inputs and the attributes.
        kind: one of `gradtape.core.op_facts.KINDS`, such as elementwise or reduction; "" leaves it open.
        symbol: how it is written in a formula, such as ``x1 @ x2``; "" leaves that to its docstring.
        cost: ``cost(shapes, output_shape, attributes)`` gives its floating-point operations.  None: what is
            usual for the kind (elementwise: one for each element), and unknown without a kind.
        kinks: where its slope jumps: values of its first input, or a function; see `gradtape.core.kinks`.
        rows: ``rows(axes, shapes, attributes)`` gives along which axis of the output the rows of a batch lie;
            see `gradtape.core.op_facts`.  None: an elementwise operation keeps them, others mix them.
        body: whether the function is written with other operations, and takes and returns Tensors; see the
            module's text.  Then `promotes`, `risky` and `output` are those of its operations.

    >>> from gradtape.core.op_facts import per_output
    >>> @operation(kind="elementwise", symbol="max(x, 0) * 2", cost=per_output(2), kinks=[0.0])
    ... def steep(x: Array) -> Array:
    ...     return engine.xp.maximum(x, 0) * 2
    >>> steep.operation.facts.flops([(3,)], (3,), {})
    6
    """

    def decorate(forward: Callable[P, Any]) -> Function[P]:
        called = name or forward.__name__.rstrip("_")
        known = facts(called, kind, symbol, cost, kinks, rows)
        if not body:
            return _registered(Operation(forward, called, differentiable, promotes, risky, output, known))
        if promotes or risky or output or not differentiable:
            raise ArgumentError(f"{called}: an operation with a body leaves dtypes, outputs and slopes to it")
        return _registered(BodyOperation(forward, called, known))

    return decorate


def _registered(made: Operation) -> Function[Any]:
    """Return the function that users call."""
    registry[made.name] = made
    made.function = function = cast(Any, functools.wraps(made.forward)(caller_of(made)))
    function.operation = made
    function.gradient = functools.partial(_add_rule, made)
    function.joint_gradient = functools.partial(_add_joint_rule, made)
    return cast(Function[Any], function)


def _add_rule(made: Operation, argument: str) -> Callable[[Rule], Rule]:
    if argument not in made.tensors:
        raise ArgumentError(f"{made.name}: gradient must be for one of {made.tensors}, got {argument!r}")

    if made.has_body:
        raise ArgumentError(f"{made.name}: a gradient goes back through its body; use joint_gradient instead")

    def keep(rule: Rule) -> Rule:
        made.add_rule(argument, rule)
        return rule

    return keep


def _add_joint_rule(made: Operation, rule: Rule) -> Rule:
    made.add_joint_rule(rule)
    return rule


def rules_table() -> list[tuple[str, str, str]]:
    """Return (operation, argument, formula) for every gradient rule, those for all tensors at once last."""
    rules = [
        (made.name, argument, rule) for made in registry.values() for argument, rule in made.rules.items()
    ]
    rules += [(made.name, ", ".join(made.tensors), made.joint) for made in registry.values() if made.joint]
    return [(name, argument, (rule.__doc__ or "").strip()) for name, argument, rule in rules]
