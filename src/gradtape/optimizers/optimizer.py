"""What all optimizers share: their Variables, and applying gradients to the weights one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show
from gradtape.tensor import Tensor, as_tensor
from gradtape.variable import Variable

_ONE = Tensor(np.int64(1))


class Optimizer:
    """The base of all optimizers.

    Args:
        learning_rate: how far a step goes; a positive number, or 0.
        name: how its Variables are called in listings and files.

    A subclass names its slots in `slots` and spells its update out in `update_step`.
    """

    slots: tuple[str, ...] = ()

    def __init__(self, learning_rate: float, name: str) -> None:
        self.name = name
        rate = self.number("learning_rate", learning_rate, 0.0, np.inf)
        self._learning_rate = Variable(rate, trainable=False, name="learning_rate", dtype="float32")
        self.iterations = Variable(0, trainable=False, name="iterations", dtype="int64")
        self._slots: dict[int, tuple[Variable, dict[str, Variable]]] = {}

    @property
    def learning_rate(self) -> Variable:
        """The learning rate; assigning a number changes it for the next step."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate.assign(self.number("learning_rate", value, 0.0, np.inf))

    @property
    def variables(self) -> list[Variable]:
        """All its state: the iterations, the learning rate, and the slots of each weight."""
        slots = [slot for _, named in self._slots.values() for slot in named.values()]
        return [self.iterations, self._learning_rate, *slots]

    def number(self, argument: str, value: float, low: float, high: float) -> float:
        """Return `value` if it is a number in [low, high), or raise naming the argument."""
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ArgumentTypeError(f"{type(self).__name__}: {argument} must be a number, got {show(value)}")
        if not low <= value < high:
            limits = f"[{low:g}, {high:g})"
            raise ArgumentError(f"{type(self).__name__}: {argument} must be in {limits}, got {value}")
        return float(value)

    def build(self, variables: Iterable[Variable]) -> None:
        """Make the slots, filled with zeros, of each of `variables` that has none yet."""
        for variable in variables:
            if id(variable) not in self._slots:
                self._slots[id(variable)] = (
                    variable,
                    {slot: self._zeros_like(variable, slot) for slot in self.slots},
                )

    def _zeros_like(self, variable: Variable, slot: str) -> Variable:
        zeros = np.zeros(variable.shape, variable.dtype)
        return Variable(zeros, trainable=False, name=f"{self.name}/{variable.name}/{slot}")

    def slot(self, variable: Variable, name: str) -> Variable:
        """Return the slot `name` that belongs to `variable`."""
        return self._slots[id(variable)][1][name]

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """Update each Variable by its gradient.

        Args:
            grads_and_vars: pairs of a gradient, of the Variable's shape, and the Variable.

        Returns:
            The number of updates so far.

        Raises:
            ArgumentError: if a gradient is None; nothing has been changed then.
        """
        pairs = [(self._checked(g, v), v) for g, v in grads_and_vars]
        if self.slots:
            self.build([v for _, v in pairs])
        with engine.active.quiet():
            rate = self._learning_rate.value
            for gradient, variable in pairs:
                # In the Variable's dtype, so that a float64 weight stays one.
                fits = variable._array.dtype is rate._array.dtype
                self.update_step(gradient, variable, rate if fits else as_tensor(rate, variable.dtype))
            self.iterations.assign_add(_ONE)
        return self.iterations

    def _checked(self, gradient: Any, variable: Variable) -> Tensor:
        if type(gradient) is Tensor and type(variable) is Variable:  # what a tape gives needs no more
            given, wanted = gradient._array, variable._array
            if given.shape == wanted.shape and given.dtype is wanted.dtype:
                return gradient
        who = f"{type(self).__name__}.apply_gradients"
        if not isinstance(variable, Variable):
            raise ArgumentTypeError(f"{who}: needs pairs (gradient, Variable), got {show(variable)}")
        if gradient is None:
            raise ArgumentError(
                f"{who}: the gradient of Variable {variable.name!r} is None; tape.why(variable) says why"
            )
        tensor = as_tensor(gradient)
        if tensor.shape != variable.shape:
            raise ShapeError(
                f"{who}: the gradient of Variable {variable.name!r} must have shape {variable.shape}, "
                f"got {tensor.shape}"
            )
        return tensor if tensor.dtype == variable.dtype else as_tensor(tensor, variable.dtype)

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable]) -> Variable:
        """Update the Variables by their gradients, given as two lists of equal length."""
        if len(grads) != len(trainable_variables):
            raise ArgumentError(
                f"{type(self).__name__}.apply: needs one gradient per Variable, "
                f"got {len(grads)} for {len(trainable_variables)}"
            )
        return self.apply_gradients(zip(grads, trainable_variables, strict=True))

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Change one Variable and its slots by its gradient: what makes one optimizer differ from another."""
        raise ArgumentTypeError(f"{type(self).__name__}: an optimizer must define update_step")
