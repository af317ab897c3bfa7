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
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NoReturn, ParamSpec, Protocol, cast, get_origin

from gradtape import engine
from gradtape.core.calls import caller_of
from gradtape.core.hooks import BEGIN, END, FAIL, local
from gradtape.core.kinks import Kinks
from gradtape.core.op_facts import Cost, Kind, OpFacts, Rows, facts
from gradtape.core.signature import Signature
from gradtape.core.tensor import Array, ArrayLike, Tensor, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, GradtapeError, ShapeError, show

P = ParamSpec("P")
Rule = Callable[..., Any]

_array_of = operator.attrgetter("_array")  # with map, faster than a comprehension
_new = object.__new__  # with an assignment, faster than a class that is called

registry: dict[str, Operation] = {}


class Operation(Signature):
    """What is known of one operation: what it takes, its forward function, its rules and its facts.

    Attributes:
        compute: the forward function, without NumPy's warnings if it is risky.
        rules: one gradient rule per tensor parameter that has one.
        rule_at: the same by position; one entry if it takes any number of tensors.
        lacks_rules: whether a tensor has none.
        differentiable: whether a gradient can pass at all.
        output: makes the output of the computed array, the inputs and the attributes; None: a Tensor.
        facts: its kind, formula, cost, kinks and what it does with rows; see `gradtape.core.op_facts`.
        has_several: whether it gives a tuple of outputs.
        joint: one gradient rule for all tensors at once, or None.
        is_joint: whether the walk treats all its tensors at once: several outputs, a joint rule, or a body.
        has_body: whether it is written with other operations, whose records are kept inside its own.
        again: computes the output from other inputs, where the forward only hands on what was computed.
        function: what users call.
        shortcut: (a, b) if the gradient for the input at a stands for that at b, which was computed from a:
            the walk takes one of the two ways, see `gradtape.tape.backward`.
    """

    function: Callable[..., Any]
    ENGINE_ERRORS = (ValueError, TypeError, IndexError, OverflowError)
    has_body = False

    def __init__(
        self,
        forward: Callable[..., Any],
        name: str,
        differentiable: bool = True,
        promotes: bool | tuple[str, ...] = False,
        risky: bool = False,
        output: Callable[[Array, tuple[Tensor, ...], dict[str, Any]], Tensor] | None = None,
        facts: OpFacts | None = None,
    ) -> None:
        super().__init__(forward, name, promotes)
        self.differentiable = differentiable
        self.compute = _without_warnings(forward) if risky else forward
        self.output = output
        self.facts = facts or OpFacts()
        self.rules: dict[str, Rule] = {}
        self.rule_at: list[Rule | None] = [None] * len(self.tensors)
        self.lacks_rules = bool(self.tensors)
        self.has_several = _gives_several(forward)
        self.joint: Rule | None = None
        self.is_joint = self.has_several
        self.again: Callable[..., Tensor] | None = None
        self.shortcut: tuple[int, int] | None = None

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def rule(self, position: int) -> Rule | None:
        """Return the gradient rule of the tensor at `position`, or None."""
        return self.rule_at[0 if self.variadic else position]

    def add_rule(self, argument: str, rule: Rule) -> None:
        """Keep the gradient rule of the tensor called `argument`."""
        self.rules[argument] = rule
        self.rule_at[self.tensors.index(argument)] = rule
        self.lacks_rules = None in self.rule_at

    def add_joint_rule(self, rule: Rule) -> None:
        """Keep the gradient rule for all tensors at once."""
        self.joint, self.is_joint, self.lacks_rules = rule, True, False

    def apply(self, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor:
        """Compute the operation on Tensors and tell the hooks; with several outputs return a tuple."""
        arrays: Iterable[Array] = self.arrays(inputs) if self.promotes else map(_array_of, inputs)
        try:
            array = self.compute(*arrays, **attributes)
        except self.ENGINE_ERRORS as error:
            self.fail(error, inputs, attributes)
        output: Any
        if self.has_several:
            output = tuple(map(Tensor, array))
        elif self.output is None:
            output = _new(Tensor)
            output._array = array
        else:
            output = self.output(array, inputs, attributes)
        for hook in local.operation:
            hook.on_operation(self, inputs, attributes, output)
        return output  # type: ignore[no-any-return]

    def fail(self, error: Exception, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> NoReturn:
        """Raise what the user is to see of an `error` met while computing."""
        explained = self.explained(error, inputs, attributes)
        if explained is error:
            raise error
        raise explained from error

    def explained(
        self, error: Exception, inputs: tuple[Tensor, ...], attributes: dict[str, Any]
    ) -> Exception:
        """Return the error to raise for an engine's `error`: the same text on every engine."""
        if isinstance(error, GradtapeError):
            return error
        if engine.active.is_trace_error(error):
            return engine.active.trace_error(error)
        names = self.tensors if not self.variadic else [self.tensors[0]] * len(inputs)
        parts = [f"{n} {t.shape} {t.dtype}" for n, t in zip(names, inputs, strict=True)]
        parts += [f"{n}={show(v)}" for n, v in attributes.items() if show(v) != show(self.defaults.get(n, v))]
        kind = ShapeError if engine.active.is_shape_error(error) else ArgumentError
        return kind(f"{self.name}: these arguments do not fit together: {', '.join(parts)}")


class BodyOperation(Operation):
    """An operation that is written with other operations: its forward takes and returns Tensors.

    Hooks are told of the operations of the body, and then of the operation itself.
    """

    has_body = True

    def __init__(self, forward: Callable[..., Any], name: str, facts: OpFacts) -> None:
        super().__init__(forward, name, facts=facts)
        self.is_joint, self.lacks_rules = True, False  # a gradient goes back through the body

    def apply(self, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor:
        """Run the body on Tensors and tell the hooks of this thread."""
        _tell_body(self, BEGIN)
        try:
            output = self._outputs(self.forward(*inputs, **attributes))
        except BaseException:
            _tell_body(self, FAIL)
            raise
        for hook in local.operation:
            hook.on_operation(self, inputs, attributes, output)
        _tell_body(self, END)
        return output  # type: ignore[no-any-return]

    def _outputs(self, given: Any) -> Any:
        """Return the Tensor that the body gave, or a tuple of those."""
        if isinstance(given, tuple | list) and given:
            return tuple([as_tensor(y, None, self.name) for y in given])
        if isinstance(given, ArrayLike):
            return as_tensor(given, None, self.name)
        raise ArgumentTypeError(f"{self.name}: the body must return a Tensor or several, got {show(given)}")


def _tell_body(made: Operation, event: str) -> None:
    for hook in local.body:
        hook.on_body(made, event)


def _gives_several(forward: Callable[..., Any]) -> bool:
    """Tell whether a function says that it returns a tuple."""
    said: Any = forward.__annotations__.get("return", "")
    return said.startswith("tuple[") if isinstance(said, str) else get_origin(said) is tuple


def _without_warnings(forward: Callable[..., Array]) -> Callable[..., Array]:
    def compute(*arrays: Array, **attributes: Any) -> Array:
        with engine.active.quiet():
            return forward(*arrays, **attributes)

    return compute


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
