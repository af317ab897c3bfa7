"""The weights of a layer: made, found with those of the layers inside, counted, and given new values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtape import constraints, engine, initializers, regularizers
from gradtape.core.dtypes import DTypeLike, as_dtype
from gradtape.core.hooks import local
from gradtape.core.variable import Variable
from gradtape.core.variable_values import assign_in_order
from gradtape.errors import ArgumentError, ArgumentTypeError, MissingAttributeError, ShapeError, show
from gradtape.initializers.initializer import InitializerLike
from gradtape.layers.base.attributes import AttributeOwner, is_layer, note_change, walk


class LayerWeights(AttributeOwner):
    """The part of `Layer` that has to do with its weights and those of the layers inside.

    Attributes:
        name: the layer's name, for error messages.
        built: whether the weights have been made.
        weight_regularizers: the weights that have a penalty, each with its regularizer.
    """

    __slots__ = ("weight_regularizers",)
    name: str
    built: bool
    _dtype: Any
    _trainable: bool
    weight_regularizers: list[tuple[Variable, Callable[..., Any]]]

    def add_weight(
        self,
        shape: Sequence[int | None] | int | None = None,
        initializer: InitializerLike = None,
        dtype: DTypeLike = None,
        trainable: bool = True,
        regularizer: regularizers.RegularizerLike = None,
        constraint: constraints.ConstraintLike = None,
        name: str | None = None,
    ) -> Variable:
        """Return a new Variable for a weight of this layer; assign it to an attribute.

        Args:
            shape: its shape; None means ().
            initializer: initial values, a name or an initializer; None means glorot_uniform for floats
                with axes, zeros otherwise.
            dtype: its dtype; None takes the layer's.
            trainable: whether gradients change it.
            regularizer: penalty on it, added to the loss.
            constraint: applied to it after each update.
            name: its name.
        """
        size = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        if any(n is None for n in size):
            raise ShapeError(f"{self.name}: add_weight: shape must be whole numbers, got {size}")
        kind = self._dtype if dtype is None else as_dtype(dtype, self.name)
        usual = "glorot_uniform" if size and kind.kind not in "biu" else "zeros"
        make: Any = initializers.get(usual if initializer is None else initializer)
        try:
            # A layer may be built inside a trace; its weights must be values there, not part of the program.
            with engine.active.concretely():
                start = make(size, dtype=kind)
        except MemoryError:
            raise ShapeError(
                f"{self.name}: add_weight: there is not enough memory for a weight of shape {size}"
            ) from None
        weight = Variable(start, trainable, name or "weight", kind)
        if trainable:
            _check_start(weight, f"{self.name}: add_weight: initializer {_name_of(make)}")
        if constraint is not None:
            weight.constraint = constraints.get(constraint)
        if regularizer is not None:
            self.weight_regularizers.append((weight, regularizers.get(regularizer)))
        return weight

    add_variable = add_weight

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; setting it sets it for all layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = truth(self, value)
        for layer in self.flatten_layers():
            # Past the setter, which would go through the layers inside each of them again.
            layer._trainable = self._trainable
        note_change()

    @property
    def metrics(self) -> list[Any]:
        """The metrics among the attributes, at any depth."""
        holders = {id(f.owner): f.owner for f in walk(self)}
        return [holder for holder in holders.values() if hasattr(holder, "update_state")]

    @property
    def metrics_variables(self) -> list[Variable]:
        """The accumulators of the metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    @property
    def weights(self) -> list[Variable]:
        """All weights, those of the layer itself first."""
        return [f.value for f in walk(self) if f.is_weight]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        found = [f.value for f in walk(self) if f.is_trainable]
        # A compiled step notes who was asked: its program holds as long as the answers are the same.
        if local.asked is not None:
            local.asked.append((self, found))
        return found

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training does not change by gradients, such as moving averages."""
        return [f.value for f in walk(self) if f.is_weight and not f.is_trainable]

    @property
    def variables(self) -> list[Variable]:
        """All Variables: weights, and the state of metrics and seed generators inside."""
        return list(self.named_variables().values())

    trainable_variables = trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """All Variables that are not trained."""
        return [f.value for f in walk(self) if isinstance(f.value, Variable) and not f.is_trainable]

    def named_variables(self) -> dict[str, Variable]:
        """Return all Variables by their path from this layer, such as ``layers.0.kernel``."""
        return {f.path: f.value for f in walk(self) if isinstance(f.value, Variable)}

    def flatten_layers(self) -> list[Any]:
        """Return the layers inside this one, at any depth."""
        # Layers, though not typed so: Layer stands in the file that imports this one.
        return [f.value for f in walk(self) if is_layer(f.value)]

    def count_params(self) -> int:
        """Return how many numbers the weights hold."""
        self.need_built("count_params")
        return int(np.sum([np.prod(w.shape, dtype=np.int64) for w in self.weights], dtype=np.int64))

    def get_weights(self) -> list[Any]:
        """Return the weights as NumPy arrays."""
        return [w.numpy() for w in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Give the weights new values; all or, if one does not fit, none.

        Args:
            weights: arrays of the weights' shapes, in the order of `get_weights`.
        """
        assign_in_order(self.weights, weights, f"{self.name}: set_weights")

    def need_built(self, who: str) -> None:
        inside = self.flatten_layers()
        if not self.built and not (inside and all(layer.built for layer in inside)):
            raise MissingAttributeError(
                f"{self.name}: {who}: the layer has no weights yet; call it on data first, "
                "or build(input_shape)"
            )


def _name_of(initializer: object) -> str:
    return str(getattr(initializer, "__name__", type(initializer).__name__))


def _check_start(weight: Variable, who: str) -> None:
    """Raise ArgumentError if a weight that is to be trained begins with NaN or infinity."""
    # A finite sum has only finite terms: one pass, without an array of booleans.
    values = weight.numpy()
    if values.dtype.kind not in "biu" and not np.isfinite(values.sum(dtype="float64")):
        bad = np.argwhere(~np.isfinite(values.astype("float64")))
        if len(bad):
            raise ArgumentError(f"{who} gave {values[tuple(bad[0])]} at {bad[0].tolist()} of {weight.name!r}")


def truth(layer: LayerWeights, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise ArgumentTypeError(f"{layer.name}: trainable must be True or False, got {show(value)}")
    return bool(value)
