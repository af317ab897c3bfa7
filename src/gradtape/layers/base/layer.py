"""Layer: a function of tensors that has weights."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import numpy as np

from gradtape import engine, regularizers
from gradtape.base.checks import text_or_none
from gradtape.base.config import Family
from gradtape.base.trees import leaves
from gradtape.core.dtypes import DTypeLike, as_dtype
from gradtape.core.hooks import FORWARD, local, phase, tell
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, MissingAttributeError
from gradtape.layers.base.attributes import note_change
from gradtape.layers.base.call_arguments import build, tensor_arguments
from gradtape.layers.base.call_context import context
from gradtape.layers.base.layer_config import LayerConfig
from gradtape.layers.base.layer_names import unique_name
from gradtape.layers.base.placeholders import SymbolicTensor, call_symbolically, shape_of_output
from gradtape.layers.base.weights import LayerWeights, truth
from gradtape.ops.numpy.reductions import sum
from gradtape.program.compiled import Compiled

# What can be assigned to an attribute without a change to what a walk finds.
_PLAIN = (int, float, bool, str, type(None), Tensor, np.ndarray, np.float32, np.float64)

# The shape of a tensor as layers are told it: None where a length is not known, such as the batch's.
Shape = tuple[int | None, ...]


class CommonOptions(TypedDict, total=False):
    """The keyword arguments of every layer's constructor; see `Layer`."""

    trainable: bool
    dtype: DTypeLike
    autocast: bool
    name: str | None
    input_shape: Sequence[int | None] | None
    input_dim: int | None


class LayerOptions(CommonOptions, total=False):
    """The same with `activity_regularizer`, for a layer that does not list it among its own arguments."""

    activity_regularizer: regularizers.RegularizerLike


class Layer(LayerWeights, LayerConfig):
    """The base of all layers: weights, and `call`, the function that uses them.

    A subclass defines `call(inputs)`, which may take ``training`` too, and `build(input_shape)`, which makes
    the weights once the shape of the input is known.  A weight is an ordinary attribute, and so is a layer
    inside a layer; the attribute path, such as ``layers.0.kernel``, is its name in files and tables.

    Args:
        activity_regularizer: penalty on the outputs, added to the loss; a name or a regularizer.
        trainable: whether training changes the weights.
        dtype: the dtype of the weights, to which floating inputs are cast; None means float32.
        autocast: whether floating inputs are cast.
        name: the layer's name in tables; None makes one from the class's name.
        input_shape: the shape of one sample, for the first layer of a Sequential.
        input_dim: the same where a sample has one axis.

    Attributes:
        declared_input_shape: what `input_shape` or `input_dim` declared, as a tuple; None without them.

    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
    ...
    ...     def call(self, inputs):
    ...         return inputs * self.scale
    >>> Scale()([1.0, 2.0])
    Tensor([1., 2.], shape=(2,), dtype=float32)
    """

    __slots__ = ("_arguments", "declared_input_shape", "call_nodes", "added_losses", "built_for")
    _set_by_init = "_trainable"
    _call_takes: frozenset[str]

    def __init__(
        self,
        *,
        activity_regularizer: regularizers.RegularizerLike = None,
        trainable: bool = True,
        dtype: DTypeLike = None,
        autocast: bool = True,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        input_dim: int | None = None,
    ) -> None:
        if input_dim is not None:
            input_shape = (input_dim,)
        if "/" in (text_or_none(name, type(self).__name__) or ""):
            raise ArgumentError(f"{type(self).__name__}: name must not have a '/' in it, got {name!r}")
        self.name = name or unique_name(type(self).__name__)
        if isinstance(dtype, str) and dtype.startswith("mixed_"):
            raise ArgumentError(
                f"{type(self).__name__}: dtype must be that of weights and results, such as 'float32': "
                f"mixed precision is not offered, got {dtype!r}"
            )
        self._dtype = np.dtype("float32") if dtype is None else as_dtype(dtype, type(self).__name__)
        self.autocast = autocast
        self.built = False
        self._trainable = truth(self, trainable)
        self.activity_regularizer: Any = regularizers.get(activity_regularizer)
        self.weight_regularizers = []
        self.declared_input_shape: Shape | None = None if input_shape is None else tuple(input_shape)
        self.added_losses: list[Tensor] = []  # by `add_loss` in the last call from outside
        self.call_nodes: list[Any] = []
        self.built_for: Any = None  # the shapes and dtypes of the inputs that it was built for

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        taken = inspect.signature(cls.call).parameters
        # Once per class: inspecting the signature in every call would slow down small layers.
        cls._call_takes = frozenset(n for n in ("training", "mask") if n in taken)
        if "build" in cls.__dict__:
            cls.build = _marking(cls.build)  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: object) -> None:
        if type(value) not in _PLAIN and not hasattr(getattr(type(self), name, None), "__set__"):
            note_change()  # slots and properties are no attributes that a walk would find
        object.__setattr__(self, name, value)

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what a copy or a pickle keeps: all but walks that were done, and losses of the last call."""
        kept = {name: value for name, value in vars(self).items() if not _is_made_anew(self, name, value)}
        slots = [name for made in type(self).__mro__ for name in made.__dict__.get("__slots__", ())]
        slots = [name for name in slots if not name.startswith("__") and name != "_walked"]
        notes = {name: getattr(self, name) for name in slots if hasattr(self, name)}
        return kept, notes | {"added_losses": []}

    def __delattr__(self, name: str) -> None:
        note_change()
        object.__delattr__(self, name)

    # Calling

    def call(self, inputs: Any) -> Any:
        """Return the outputs for `inputs`; each subclass defines it."""
        raise ArgumentTypeError(f"{type(self).__name__}: a layer must define call(self, inputs)")

    def build(self, input_shape: Any) -> None:
        """Make the weights; called once, with the shape of the first input, before the first `call`."""

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Return `call` of the inputs as tensors, after building the layer if need be."""
        if not args and kwargs:
            args, kwargs = _first_by_position(self, kwargs)
        # One placeholder anywhere makes this a call in a functional model.
        for value in leaves((args, kwargs)) if kwargs else leaves(args):
            if isinstance(value, SymbolicTensor):
                if not self.built:  # with None where a length is unknown, not with a trial's
                    build(self, args, kwargs)
                return call_symbolically(self, args, kwargs)
        args = tensor_arguments(self, args)
        if not self.built:
            build(self, args, kwargs)
        if local.phase or local.layer or local.outputs:
            return self._run_told(args, kwargs)
        return self._run(args, kwargs)

    def _run_told(self, args: object, kwargs: dict[str, Any]) -> Any:
        """Run `call`, and tell the hooks; it is the forward phase unless it is part of another one."""
        outer = context.layer
        tell("layer", self)
        try:
            if local.place[0]:
                outputs = self._run(args, kwargs)
            else:
                with phase(FORWARD, self):
                    outputs = self._run(args, kwargs)
        finally:
            tell("layer", outer)
        tell("outputs", self, outputs)
        return outputs

    def _run(self, args: Any, kwargs: dict[str, Any]) -> Any:
        """Run `call` in the context of this layer; the outermost layer gathers the losses that come up."""
        outer, training = context.layer, context.training
        if "training" in self._call_takes:
            # An argument wins; without one, the flag of the layer that calls this one.
            if kwargs.get("training") is None:
                kwargs = {**kwargs, "training": training} if training is not None else kwargs
            context.training = kwargs.get("training")
        elif "training" in kwargs:
            # `call` takes no such argument, but layers inside may: they get it by the context.
            kwargs = dict(kwargs)
            context.training = kwargs.pop("training")
        if outer is None:
            context.losses = []
        context.layer = self
        try:
            outputs = self.call(*args, **kwargs)
            if outputs is None:
                raise ArgumentTypeError(f"{self.name}: call returned None; it must return its outputs")
            if self.activity_regularizer is not None:
                self._add_activity_loss(outputs)
        finally:
            context.layer, context.training = outer, training
        if outer is None:
            self.added_losses = context.losses
        return outputs

    def _add_activity_loss(self, outputs: object) -> None:
        for output in leaves(outputs):
            samples = output.shape[0] if output.shape else 1
            # Per sample, as in Keras: the penalty does not grow with the batch.
            self.add_loss(self.activity_regularizer(output) / float(max(samples, 1)))

    # Losses

    def add_loss(self, loss: object) -> None:
        """Add `loss` to the objective; to be called inside `call`."""
        for value in leaves(loss):
            context.losses.append(value if value.ndim == 0 else sum(value))

    @property
    def losses(self) -> list[Tensor]:
        """The losses added in the last call, and those of the weights' regularizers, each ()."""
        found = list(self.added_losses)
        for layer in (self, *self.flatten_layers()):
            for weight, regularizer in layer.weight_regularizers:
                found.append(regularizer(weight))
        return found

    # Dtypes, shapes

    @property
    def dtype(self) -> Any:
        """The dtype of the weights."""
        return self._dtype

    compute_dtype = variable_dtype = dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of what the layer returns for an input of `input_shape`; None for any length."""
        return shape_of_output(self, input_shape)

    @property
    def input(self) -> Any:
        """The placeholder the layer was called on in a functional model."""
        arguments = self._node("input").arguments
        if not arguments:
            raise MissingAttributeError(f"{self.name}: input: the layer takes none")
        return arguments[0]

    @property
    def output(self) -> Any:
        """The placeholder it returned there."""
        return self._node("output").outputs

    def _node(self, who: str) -> Any:
        if not self.call_nodes:
            raise MissingAttributeError(f"{self.name}: {who}: the layer is not part of a functional model")
        return self.call_nodes[0]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


LAYERS = Family("layer", Layer, keeps_identity=True)
get, serialize, deserialize = LAYERS.get, LAYERS.serialize, LAYERS.deserialize
# `__init_subclass__` is not run for Layer itself.
Layer._call_takes = frozenset()


def _marking(build: Callable[..., None]) -> Callable[..., None]:
    """Return `build` so that the layer knows of it, whoever calls it."""

    @functools.wraps(build)
    def marked(self: Layer, *args: object, **kwargs: object) -> None:
        with engine.active.concretely():  # inside a trace too: weights are values
            build(self, *args, **kwargs)
        self.built = True

    return marked


def _is_made_anew(layer: Layer, name: str, value: object) -> bool:
    """Tell whether an attribute is a method that was compiled for this layer alone."""
    made = (vars(kind).get(name) for kind in type(layer).__mro__)
    return isinstance(value, Compiled) and any(isinstance(method, Compiled) for method in made)


def _first_by_position(layer: Layer, kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of ``layer(inputs=x)`` as those of ``layer(x)``."""
    first = next(iter(inspect.signature(layer.call).parameters), "inputs")
    rest = {name: value for name, value in kwargs.items() if name != first}
    return ((kwargs[first],), rest) if first in kwargs else ((), kwargs)
