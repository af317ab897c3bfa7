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
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NoReturn, ParamSpec, Protocol, cast

from gradtape import engine
from gradtape.core.calls import caller_of
from gradtape.core.dtypes import FLOAT, FLOAT64, result_type
from gradtape.core.hooks import local
from gradtape.core.kinks import Kinks
from gradtape.core.op_facts import Cost, Kind, OpFacts, Rows, facts
from gradtape.core.tensor import (
    Array,
    Tensor,
    as_tensor,
    holds_tensor,
    weak_number,
)
from gradtape.errors import ArgumentError, ArgumentTypeError, GradtapeError, ShapeError, show

P = ParamSpec("P")
Rule = Callable[..., Any]

_NUMBERS = (bool, int, float)
_array_of = operator.attrgetter("_array")  # with map, faster than a comprehension
_new = object.__new__  # with an assignment, faster than a class that is called

registry: dict[str, Operation] = {}


class Operation:
    """What is known of one operation: its name, forward function, tensors, attributes and rules.

    Attributes:
        name: as the tape shows it.
        forward: the function on the engine's arrays.
        compute: the same, without NumPy's warnings if it is risky.
        tensors: the names of its tensor parameters; one name with a star if it takes any number.
        defaults: the attributes and their default values.
        rules: one gradient rule per tensor parameter that has one.
        rule_at: the same by position; one entry if it takes any number of tensors.
        lacks_rules: whether a tensor has none.
        differentiable: whether a gradient can pass at all.
        promotes: the names of the tensors that meet in one dtype before it is computed.
        output: makes the output of the computed array, the inputs and the attributes; None: a Tensor.
        facts: its kind, formula, cost, kinks and what it does with rows; see `gradtape.core.op_facts`.
        function: what users call.
        shortcut: (a, b) if the gradient for the input at a stands for that at b, which was computed from a:
            the walk takes one of the two ways, see `gradtape.tape.backward`.
    """

    function: Callable[..., Any]
    ENGINE_ERRORS = (ValueError, TypeError, IndexError, OverflowError)

    def __init__(
        self,
        forward: Callable[..., Array],
        differentiable: bool,
        promotes: bool | tuple[str, ...],
        risky: bool,
        output: Callable[[Array, tuple[Tensor, ...], dict[str, Any]], Tensor] | None = None,
        facts: OpFacts | None = None,
    ) -> None:
        self.name = forward.__name__.rstrip("_")
        self.forward = forward
        self.differentiable = differentiable
        self.compute = _without_warnings(forward) if risky else forward
        self.output = output
        self.facts = facts or OpFacts()
        self.rules: dict[str, Rule] = {}
        self.shortcut: tuple[int, int] | None = None
        code = forward.__code__
        count = code.co_argcount + code.co_kwonlyargcount
        names = code.co_varnames[: count + bool(code.co_flags & 0x04)]
        marked = [n for n in names if forward.__annotations__.get(n) in ("Array", Array)]
        self.variadic = len(names) > count
        self.tensors = tuple(marked)
        self.rule_at: list[Rule | None] = [None] * len(marked)
        self.lacks_rules = bool(marked)
        self.promotes = self.tensors if promotes is True else tuple(promotes or ())
        self.attributes = tuple(n for n in names[:count] if n not in marked)
        defaults = forward.__defaults__ or ()
        tail = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
        self.defaults = dict(zip(tail, defaults, strict=True)) | (forward.__kwdefaults__ or {})

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

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Sort the arguments of a call into tensors and attributes, or raise ArgumentTypeError."""
        if self.variadic:
            self._refuse_unknown(kwargs, self.attributes)
            return args, {**self.defaults, **kwargs}
        count = len(self.tensors)
        if not kwargs and len(args) == count + len(self.attributes):
            return args[:count], dict(zip(self.attributes, args[count:], strict=True))
        names = (*self.tensors, *self.attributes)
        if len(args) > len(names):
            raise ArgumentTypeError(f"{self.name}: takes {', '.join(names)}; got {len(args)} arguments")
        self._refuse_unknown(kwargs, names[len(args) :])
        given = {**self.defaults, **dict(zip(names, args, strict=False)), **kwargs}
        missing = [n for n in names if n not in given]
        if missing:
            raise ArgumentTypeError(f"{self.name}: the argument {missing[0]} is missing")
        return tuple(given.pop(n) for n in self.tensors), given

    def _refuse_unknown(self, kwargs: dict[str, Any], possible: tuple[str, ...]) -> None:
        for name in kwargs:
            if name not in possible:
                raise ArgumentTypeError(
                    f"{self.name}: unknown or repeated argument {name!r}; "
                    f"it takes {', '.join((*self.tensors, *self.attributes))}"
                )

    def inputs(self, args: tuple[Any, ...]) -> tuple[Tensor, ...]:
        """Return the arguments as Tensors; Python numbers follow the dtype of those they meet."""
        if len(args) == 2 and isinstance(args[0], Tensor):  # the most frequent case, without questions
            first, second = args
            if type(second) is float and len(self.promotes) == 2:
                return first, weak_number(second, first._array.dtype, self.name)
        for arg in args:
            if not isinstance(arg, Tensor):
                break
        else:
            return args
        weak = [type(arg) in _NUMBERS and self.meets(i) for i, arg in enumerate(args)]
        found = [a if w else as_tensor(a, None, self.name) for a, w in zip(args, weak, strict=True)]
        if self.promotes:
            self._keep_digits(args, found)
        if not any(weak):
            return tuple(found)
        strong = [t.dtype for i, t in enumerate(found) if not weak[i] and self.meets(i)]
        if not strong:
            return tuple([as_tensor(a, None, self.name) for a in found])
        met = functools.reduce(result_type, strong)
        return tuple([weak_number(a, met, self.name) if w else a for a, w in zip(found, weak, strict=True)])

    def _keep_digits(self, args: tuple[Any, ...], found: list[Any]) -> None:
        """Take lists of Python floats as float64 where they are to meet a float64 tensor."""
        if any(isinstance(t, Tensor) and t.dtype == FLOAT64 and self.meets(i) for i, t in enumerate(found)):
            for i, arg in enumerate(args):
                is_list = isinstance(arg, list | tuple) and found[i].dtype == FLOAT and self.meets(i)
                if is_list and not holds_tensor(arg):
                    found[i] = as_tensor(arg, FLOAT64, self.name)

    def meets(self, position: int) -> bool:
        """Tell whether the tensor at `position` is brought to one dtype with others."""
        return bool(self.promotes) and (self.variadic or self.tensors[position] in self.promotes)

    def arrays(self, inputs: tuple[Tensor, ...]) -> list[Array]:
        """Return the inputs' arrays, brought to one dtype where the operation wants that."""
        arrays = [t._array for t in inputs]
        if len(arrays) == 2 and arrays[0].dtype is arrays[1].dtype:
            return arrays
        meeting = [a.dtype for i, a in enumerate(arrays) if self.meets(i)]
        if meeting:
            met = functools.reduce(result_type, meeting)
            arrays = [
                engine.active.astype(a, met) if self.meets(i) and a.dtype != met else a
                for i, a in enumerate(arrays)
            ]
        return arrays

    def apply(self, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Tensor:
        """Compute the operation on Tensors and tell the hooks of this thread."""
        arrays: Iterable[Array] = self.arrays(inputs) if self.promotes else map(_array_of, inputs)
        try:
            array = self.compute(*arrays, **attributes)
        except self.ENGINE_ERRORS as error:
            self.fail(error, inputs, attributes)
        if self.output is None:
            output = _new(Tensor)
            output._array = array
        else:
            output = self.output(array, inputs, attributes)
        for hook in local.operation:
            hook.on_operation(self, inputs, attributes, output)
        return output

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
) -> Callable[[Callable[P, Array]], Function[P]]:
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

    >>> from gradtape.core.op_facts import per_output
    >>> @operation(kind="elementwise", symbol="max(x, 0) * 2", cost=per_output(2), kinks=[0.0])
    ... def steep(x: Array) -> Array:
    ...     return engine.xp.maximum(x, 0) * 2
    >>> steep.operation.facts.flops([(3,)], (3,), {}), steep.operation.facts.output_axis([0], [(3,)], {})
    (6, 0)
    """

    def decorate(forward: Callable[P, Array]) -> Function[P]:
        called = name or forward.__name__.rstrip("_")
        known = facts(called, kind, symbol, cost, kinks, rows)
        made = Operation(forward, differentiable, promotes, risky, output, known)
        made.name = called
        registry[made.name] = made
        call = functools.wraps(forward)(caller_of(made))
        function = cast(Any, call)
        function.operation = made
        made.function = function
        function.gradient = functools.partial(_add_rule, made)
        return cast(Function[P], function)

    return decorate


def _add_rule(made: Operation, argument: str) -> Callable[[Rule], Rule]:
    if argument not in made.tensors:
        raise ArgumentError(f"{made.name}: gradient must be for one of {made.tensors}, got {argument!r}")

    def keep(rule: Rule) -> Rule:
        made.add_rule(argument, rule)
        return rule

    return keep


def rules_table() -> list[tuple[str, str, str]]:
    """Return (operation, argument, formula) for every gradient rule, in order of definition."""
    return [
        (made.name, argument, (rule.__doc__ or "").strip())
        for made in registry.values()
        for argument, rule in made.rules.items()
    ]
