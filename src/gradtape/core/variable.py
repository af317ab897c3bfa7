"""Variable: a named place that holds a tensor, the only thing in gradtape that changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.core.dtypes import FLOAT, DTypeLike, as_dtype
from gradtape.core.phases import local
from gradtape.core.tensor import (
    ArrayLike,
    Tensor,
    TensorLike,
    as_tensor,
    as_text,
)
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError, show

_AGGREGATIONS = ("none", "mean", "sum", "only_first_replica", None)
_SMALL = 4096  # below so many elements a new array costs less than asking who sees the old one


class Variable(ArrayLike):
    """A named value that can be assigned; tapes watch it when it is read and `trainable`.

    Args:
        initial_value: its initial value: anything `as_tensor` takes, or a function without arguments
            that returns it; with `shape`, also an initializer, by name or as a function of (shape, dtype).
        trainable: whether tapes watch it by themselves.  In its place Keras has the shape: a tuple here
            is taken as that.
        name: how it is called in listings and files.
        dtype: the dtype it keeps; None takes that of the initial value, float32 of an initializer.
        shape: the shape, for an initializer; of another initial value, what its shape must be.
        initializer: Keras' name for `initial_value`.
        constraint: applied to the value after each update of an optimizer.
        autocast: ignored; kept for compatibility with Keras: layers cast their weights.
        aggregation: ignored, as there is one copy of each Variable: "none", "mean", "sum" or
            "only_first_replica".
        synchronization: ignored, for the same reason.

    Raises:
        ArgumentError: if there is no initial value, or an initializer without a shape.
        ShapeError: if the initial value does not have the shape.

    Assigning makes a new tensor, so what a tape or anybody else read before stays as it was.

    >>> w = Variable([1.0, 2.0], name="w")
    >>> w.assign_sub([0.5, 0.5])
    Variable('w', [0.5, 1.5], shape=(2,), dtype=float32)
    >>> Variable(initializer="ones", shape=(2,), name="scale")
    Variable('scale', [1., 1.], shape=(2,), dtype=float32)
    """

    __slots__ = ("__weakref__", "_tensor", "constraint", "name", "trainable")

    def __init__(
        self,
        initial_value: TensorLike = None,
        trainable: bool | tuple[int, ...] | list[int] = True,
        name: str | None = None,
        dtype: DTypeLike = None,
        shape: Any = None,
        initializer: Any = None,
        constraint: Any = None,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str | None = "auto",
    ) -> None:
        if isinstance(trainable, tuple | list):  # Keras' second argument
            trainable, shape = True, trainable
        if not isinstance(trainable, bool | np.bool_):
            raise ArgumentTypeError(f"Variable: trainable must be True or False, got {trainable!r}")
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(f"Variable: name must be a string, got {name!r}")
        if aggregation not in _AGGREGATIONS:
            raise ArgumentError(f"Variable: aggregation must be one of {_AGGREGATIONS}, got {aggregation!r}")
        wanted = None if dtype is None else as_dtype(dtype, "Variable")
        with engine.active.concretely():
            given = _first_value(initial_value, initializer, shape, wanted)
            # A tensor of its own: tapes know tensors by identity, and watching this one must not watch yours.
            self._tensor = Tensor(as_tensor(given, wanted, "Variable")._array)
        if shape is not None and self.shape != (asked := _as_lengths(shape)):
            raise ShapeError(f"Variable: initial_value must have shape {asked}, got {self.shape}")
        self.trainable = bool(trainable)
        self.name = name or "variable"
        self.constraint = constraint  # called with the value after an update; see gradtape.constraints
        engine.variables[id(self)] = self

    @property
    def _array(self) -> Any:
        return self._tensor._array

    @property
    def value(self) -> Tensor:
        """The tensor it holds now; tapes see the reading."""
        return self._read()

    def _read(self) -> Tensor:
        tensor = self._tensor
        for hook in local.read:
            hook.on_read(self, tensor)
        return tensor

    def assign(self, value: TensorLike) -> Variable:
        """Hold `value`, of the same shape, from now on; returns the variable itself."""
        tensor, array = self._fitting(value, "assign")
        return self._hold(tensor, array, "assign")

    def assign_add(self, delta: TensorLike) -> Variable:
        """Hold the value plus `delta` from now on; returns the variable itself."""
        return self._change(delta, "assign_add", engine.active.add_into)

    def assign_sub(self, delta: TensorLike) -> Variable:
        """Hold the value minus `delta` from now on; returns the variable itself."""
        return self._change(delta, "assign_sub", engine.active.subtract_into)

    def _change(self, delta: TensorLike, verb: str, change: Callable[[Any, Any, bool], Any]) -> Variable:
        if type(delta) is Tensor and not local.assign:
            array, mine = delta._array, self._tensor._array
            if array.shape == mine.shape and array.dtype is mine.dtype:  # a step of training, nothing to ask
                is_small = mine.size < _SMALL
                del mine  # so that nobody else may hold it
                private = not is_small and self._is_sole_owner()
                self._tensor = Tensor(change(self._tensor._array, array, private))
                return self
            del mine
        tensor, array = self._fitting(delta, verb)
        private = self._is_sole_owner()  # asked first, while nothing here holds the array
        return self._hold(tensor, change(self._tensor._array, array, private), verb)

    def _is_sole_owner(self) -> bool:
        """Tell whether nobody else sees the value, so that its memory can be used again."""
        # A hook may keep what was read: the record of a tape needs the old value.
        if self._tensor._array.size < _SMALL or local.operation or local.assign:
            return False
        references = sys.getrefcount(self._tensor)
        private: bool = engine.active.is_sole_owner(self._tensor, references)
        return private

    def _fitting(self, value: TensorLike, verb: str) -> tuple[Tensor, Any]:
        """Return `value` as a tensor, and its array in this variable's shape and dtype, or raise."""
        if type(value) is Tensor:
            array, mine = value._array, self._tensor._array
            if array.shape == mine.shape and array.dtype is mine.dtype:
                return value, array
        who = f"{verb} to {self.name!r}"
        plain = isinstance(value, bool | int | float | list | tuple) and not isinstance(value, np.generic)
        tensor = as_tensor(value, self.dtype if plain else None, who)
        if tensor.shape != self.shape:
            raise ShapeError(f"{who}: value must have shape {self.shape}, got {tensor.shape}")
        if tensor.dtype == self.dtype:
            return tensor, tensor._array
        if not np.can_cast(tensor.dtype, self.dtype, "same_kind"):
            raise DtypeError(f"{who}: {tensor.dtype} cannot become {self.dtype}; cast it first")
        return tensor, engine.active.astype(tensor._array, self.dtype)

    def _hold(self, value: Tensor, array: Any, verb: str) -> Variable:
        before, self._tensor = self._tensor, Tensor(array)
        for hook in local.assign:
            hook.on_assign(self, value, before, verb)
        return self

    def _refuse_in_place(self, other: Any) -> Any:
        raise ArgumentTypeError(
            f"{self.name!r} += ... would make a tensor of the Variable; write variable.assign_add(...) or "
            "assign_sub(...) to change it, or y = variable + ... for a new tensor"
        )

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __imatmul__ = _refuse_in_place
    __ifloordiv__ = __imod__ = __ipow__ = _refuse_in_place

    def __reduce__(self) -> Any:
        return Variable, (self.numpy(), self.trainable, self.name, self.dtype)

    def __repr__(self) -> str:
        start = f"Variable({self.name!r}, "
        text = as_text(self._array, len(start))
        return f"{start}{text}, shape={self.shape}, dtype={self.dtype})"


def _first_value(value: TensorLike, initializer: Any, shape: Any, dtype: np.dtype[Any] | None) -> Any:
    """Return the initial value of a Variable; see `Variable`."""
    if value is not None and initializer is not None:
        raise ArgumentError("Variable: give initial_value or initializer, which are the same, not both")
    value, is_initializer = (initializer, True) if value is None else (value, hasattr(value, "get_config"))
    if value is None:
        raise ArgumentError("Variable: needs an initial_value, or an initializer and a shape")
    if is_initializer and shape is None:
        raise ArgumentError(f"Variable: an initializer needs a shape, shape=(...), got {show(value)} alone")
    if isinstance(value, str | dict) and shape is not None:
        # The initializers stand in a higher room, which only the package's top brings when it is asked.
        value = sys.modules["gradtape"].initializers.get(value)
    if not callable(value):
        return value
    return value() if shape is None else value(_as_lengths(shape), dtype=dtype or FLOAT)


def _as_lengths(shape: Any) -> tuple[int, ...]:
    try:
        return tuple([int(n) for n in (shape if isinstance(shape, tuple | list) else (shape,))])
    except (TypeError, ValueError):
        raise ArgumentTypeError(f"Variable: shape must be whole lengths, got {show(shape)}") from None
