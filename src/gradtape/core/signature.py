"""Signature: what an operation takes, and how the arguments of a call become tensors and attributes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from gradtape import engine
from gradtape.core.dtypes import FLOAT, FLOAT64, result_type
from gradtape.core.tensor import Array, Tensor, as_tensor, holds_tensor, weak_number
from gradtape.errors import ArgumentTypeError

_NUMBERS = (bool, int, float)


class Signature:
    """The parameters of an operation, read off its forward function.

    Args:
        forward: the function; its parameters annotated `Array` are the tensors.
        name: what messages call it.
        promotes: True, or the names of the tensors that meet in one dtype.

    Attributes:
        name: as the tape shows it.
        forward: the function on the engine's arrays.
        tensors: the names of its tensor parameters; one name with a star if it takes any number.
        variadic: whether it takes any number.
        attributes: the names of its other parameters.
        defaults: the attributes and their default values.
        promotes: the names of the tensors that meet in one dtype before it is computed.
    """

    def __init__(self, forward: Callable[..., Any], name: str, promotes: bool | tuple[str, ...]) -> None:
        self.name, self.forward = name, forward
        code = forward.__code__
        count = code.co_argcount + code.co_kwonlyargcount
        # 0x04 is CO_VARARGS: the name after * stands behind the others.
        names = code.co_varnames[: count + bool(code.co_flags & 0x04)]
        # The annotation is text under `from __future__ import annotations`, and the object itself without.
        marked = [n for n in names if forward.__annotations__.get(n) in ("Array", Array)]
        self.variadic = len(names) > count
        self.tensors = tuple(marked)
        self.promotes = self.tensors if promotes is True else tuple(promotes or ())
        self.attributes = tuple(n for n in names[:count] if n not in marked)
        defaults = forward.__defaults__ or ()
        tail = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
        self.defaults = dict(zip(tail, defaults, strict=True)) | (forward.__kwdefaults__ or {})

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
