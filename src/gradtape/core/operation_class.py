"""Operation: what is known of one operation, and how it computes, tells the hooks and explains an error.

`operation.py` has the decorator that makes one of a function, and says how rules are written.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, get_origin

from gradtape import engine
from gradtape.core.op_facts import OpFacts
from gradtape.core.phases import BEGIN, END, FAIL, local
from gradtape.core.signature import Signature
from gradtape.core.tensor import Array, ArrayLike, Tensor, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, GradtapeError, ShapeError, show

Rule = Callable[..., Any]

_array_of = operator.attrgetter("_array")  # with map, faster than a comprehension
_new = object.__new__  # with an assignment, faster than a class that is called


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
        # After the operation itself, which a tape takes from the end of the body as the record to keep it in.
        _tell_body(self, END)
        return output  # type: ignore[no-any-return]

    def _outputs(self, given: object) -> Any:
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
    def compute(*arrays: Array, **attributes: object) -> Array:
        with engine.active.quiet():
            return forward(*arrays, **attributes)

    return compute
