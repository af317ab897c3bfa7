"""The function that a call of an operation runs, short for those of one or two tensors and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtape.core.operation_class import Operation
from gradtape.core.phases import local
from gradtape.core.placeholder import Placeholder, placeholder_among
from gradtape.core.tensor import Tensor, weak_number
from gradtape.core.variable import Variable

_new = object.__new__  # with an assignment, faster than a class that is called


def caller_of(made: Operation) -> Callable[..., Tensor]:
    """Return the function that a call of the operation runs.

    An operation of one or two tensors and nothing else takes a short way, which does what
    `Operation.bind`, `inputs` and `apply` do, without their questions, in half the time.
    """
    apply, defaults, count = made.apply, made.defaults, len(made.tensors)
    complete = not made.variadic and len(defaults) == len(made.attributes)
    is_plain = made.output is None and not made.has_several and not made.has_body
    if complete and not defaults and is_plain and count in (1, 2):
        return _caller_of_one(made) if count == 1 else _caller_of_two(made)

    def call(*args: Any, **kwargs: Any) -> Tensor:
        attributes = defaults
        if kwargs or len(args) != count or not complete:
            args, attributes = made.bind(args, kwargs)
        for arg in args:
            if not isinstance(arg, Tensor):
                if (placeholder := placeholder_among(args)) is not None:
                    return placeholder._defer(made.function, args, attributes)  # type: ignore[no-any-return]
                args = made.inputs(args)
                break
        return apply(args, attributes)

    return call


def _caller_of_one(made: Operation) -> Callable[..., Tensor]:
    compute, nothing = made.compute, made.defaults

    def call(*args: Any, **kwargs: Any) -> Tensor:
        if kwargs or len(args) != 1:
            args, _ = made.bind(args, kwargs)
        # A subclass, such as Probabilities, takes this longer way too, with the same result.
        if type(args[0]) is not Tensor:
            if isinstance(args[0], Placeholder):
                return args[0]._defer(made.function, args, {})  # type: ignore[no-any-return]
            args = made.inputs(args)
        output = _new(Tensor)
        try:
            output._array = compute(args[0]._array)
        except made.ENGINE_ERRORS as error:
            made.fail(error, args, nothing)
        for hook in local.operation:
            hook.on_operation(made, args, nothing, output)
        return output

    return call


def _caller_of_two(made: Operation) -> Callable[..., Tensor]:
    compute, nothing, meeting = made.compute, made.defaults, bool(made.promotes)
    both_meet = len(made.promotes) == 2

    def call(*args: Any, **kwargs: Any) -> Tensor:
        if kwargs or len(args) != 2:
            args, _ = made.bind(args, kwargs)
        first, second = args
        if type(second) is Tensor and type(first) is Tensor:
            pass
        elif type(second) is Variable and type(first) is Tensor:  # a layer and its weight
            second = second._read()
            args = first, second
        elif type(second) is float and type(first) is Tensor and both_meet:  # a gradient and its rate
            second = weak_number(second, first._array.dtype, made.name)
            args = first, second
        else:
            if (placeholder := placeholder_among(args)) is not None:
                return placeholder._defer(made.function, args, {})  # type: ignore[no-any-return]
            args = first, second = made.inputs(args)
        x1, x2 = first._array, second._array
        # NumPy has one object for each dtype, as a rule; where it has two, apply compares them by value.
        if meeting and x1.dtype is not x2.dtype:
            return made.apply(args, nothing)
        output = _new(Tensor)
        try:
            output._array = compute(x1, x2)
        except made.ENGINE_ERRORS as error:
            made.fail(error, args, nothing)
        for hook in local.operation:
            hook.on_operation(made, args, nothing, output)
        return output

    return call
