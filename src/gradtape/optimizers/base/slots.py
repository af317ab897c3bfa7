"""The Variables of an optimizer: one for each slot of each weight, and a few that belong to no weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gradtape import engine, initializers
from gradtape.base.config import Configurable
from gradtape.core.dtypes import is_floating
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.core.variable import Variable
from gradtape.core.variable_values import assign_in_order
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, show


class State(Configurable):
    """What an optimizer remembers from one step to the next.

    Args:
        name: how the optimizer is called.

    Attributes:
        slots: what a subclass keeps for each weight: the slot's name, and the number it is filled with first.
        built: whether the weights are known and their slots made.
    """

    _set_by_init = "_single"
    slots: Mapping[str, float] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.built = False
        self._single: dict[str, Variable] = {}
        self._weights: dict[int, Variable] = {}
        self._slots: dict[tuple[str, int], Variable] = {}
        self._iterations = self.add_variable((), dtype="int64", name="iterations")

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy keeps, without the weights' ids: a copy has other weights."""
        weights = self._weights
        slots = [(slot, weights[key], made) for (slot, key), made in self._slots.items() if key in weights]
        return {**vars(self), "_weights": list(weights.values()), "_slots": slots}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)
        self._weights = {id(weight): weight for weight in state["_weights"]}
        self._slots = {(slot, id(weight)): made for slot, weight, made in state["_slots"]}

    @property
    def variables(self) -> list[Variable]:
        """All its state: the iterations, the learning rate, and the slots of each weight."""
        return [*self._single.values(), *self._slots.values()]

    def named_state(self, path_of: Callable[[Variable], str]) -> dict[str, Variable]:
        """Return its state by names that stay the same from run to run: what a checkpoint keeps.

        Args:
            path_of: gives the path of a weight in its model.

        >>> from gradtape.optimizers import SGD
        >>> w, optimizer = Variable([1.0]), SGD(momentum=0.9)
        >>> optimizer.build([w])
        >>> list(optimizer.named_state(lambda weight: "layers.0.kernel"))
        ['iterations', 'learning_rate', 'momentum.layers.0.kernel']
        """
        paths = {key: path_of(weight) for key, weight in self._weights.items()}
        return self._single | {f"{slot}.{paths[key]}": made for (slot, key), made in self._slots.items()}

    def build(self, variables: Iterable[Variable]) -> None:
        """Make the slots of the weights that will be trained; applying gradients does it too.

        Raises:
            ArgumentError: if it has been built for other weights.
        """
        weights = list(variables)
        # all of them before the first slot is made, so that an error leaves nothing half built
        for weight in weights:
            self._check_weight(weight)
        if self.built:
            self._check_known(weights)
            return
        for weight in weights:
            self._weights[id(weight)] = weight
            for slot, value in self._all_slots().items():
                self.add_variable_from_reference(weight, slot, initializers.Constant(value))
        self.built = True

    def _all_slots(self) -> Mapping[str, float]:
        return self.slots

    def _check_weight(self, weight: object) -> None:
        if not isinstance(weight, Variable):
            raise ArgumentTypeError(f"{type(self).__name__}: can only change Variables, got {show(weight)}")
        if not is_floating(weight.dtype):
            raise DtypeError(
                f"{type(self).__name__}: Variable {weight.name!r} is {weight.dtype}; "
                "only floating ones can be trained"
            )

    def _check_known(self, weights: Iterable[Variable]) -> None:
        for weight in weights:
            if id(weight) not in self._weights:
                raise ArgumentError(
                    f"{type(self).__name__}: Variable {weight.name!r} is not one of those it was built for; "
                    "make a new optimizer for other weights"
                )

    def slot(self, variable: Variable, name: str) -> Variable:
        """Return the slot `name` that belongs to `variable`."""
        try:
            return self._slots[name, id(variable)]
        except KeyError:
            raise ArgumentError(
                f"{type(self).__name__}: there is no {name} for Variable {variable.name!r}: the option that "
                "needs it was changed after the optimizer was built; make another optimizer"
            ) from None

    def slot_values(self, variable: Variable) -> dict[str, Tensor]:
        """Return what the slots of a weight hold now, by their names.

        Args:
            variable: the weight.
        """
        # not `value`: hooks would be told of a read that is no part of the step
        return {slot: made._tensor for (slot, key), made in self._slots.items() if key == id(variable)}

    def add_variable(
        self, shape: object, initializer: object = "zeros", dtype: object = None, name: str | None = None
    ) -> Variable:
        """Return a new Variable of its state that belongs to no weight.

        Args:
            shape: its shape.
            initializer: initial values: a name, or an initializer.
            dtype: float32 unless it is given.
            name: how it is called; it must not be in use.
        """
        name = name or f"variable_{len(self._single)}"
        if name in self._single:
            raise ArgumentError(f"{type(self).__name__}: it has a Variable {name!r} already")
        self._single[name] = _variable(initializer, shape, dtype, name)
        return self._single[name]

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: object = "zeros"
    ) -> Variable:
        """Return a new slot of a weight, of its shape and dtype.

        Args:
            reference_variable: the weight.
            name: how the slot is called.
            initializer: initial values: a name, or an initializer.
        """
        weight, slot = reference_variable, name or "var"
        made = _variable(initializer, weight.shape, weight.dtype, f"{slot}.{weight.name}")
        self._slots[slot, id(weight)] = made
        return made

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: str, initializer: object = "zeros"
    ) -> list[Variable]:
        """Return new slots called `name`, one for each of the weights."""
        return [self.add_variable_from_reference(v, name, initializer) for v in trainable_variables]

    def set_weights(self, weights: Sequence[TensorLike]) -> None:
        """Give its `variables` these values; nothing changes unless number and shapes are right."""
        assign_in_order(self.variables, weights, f"{type(self).__name__}: set_weights")


def _variable(initializer: Any, shape: object, dtype: object, name: str) -> Variable:
    make = initializers.get(initializer)
    if make is None:
        raise ArgumentTypeError(f"optimizer: the Variable {name!r} needs an initializer, got None")
    with engine.active.concretely():  # also where a step that is being compiled builds the optimizer
        value = make(shape, dtype)
    return Variable(value, trainable=False, name=name, dtype=dtype)
