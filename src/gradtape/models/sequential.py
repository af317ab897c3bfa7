"""Sequential: a model that calls its layers in turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradtape.base.config import as_json
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.layers.base.layer import LAYERS, Layer
from gradtape.layers.base.placeholders import SymbolicTensor
from gradtape.layers.input import Input, InputLayer
from gradtape.models.model import Model


@LAYERS.member()
class Sequential(Model):
    """A stack of layers, each called with what the one before returned.

    Args:
        layers: the layers, first to last; an `Input` or an `input_shape=` in front says what comes in.
            Without one the weights are made when the first data comes.
        trainable: whether training changes the weights.
        name: how the model is called.

    >>> from gradtape.layers import Dense
    >>> model = Sequential([Input((3,)), Dense(2)])
    >>> model.output_shape
    (None, 2)
    """

    def __init__(
        self, layers: Iterable[Any] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(trainable=trainable, name=name)
        self._layers: list[Layer] = []
        self._entry: SymbolicTensor | None = None
        for layer in layers or []:
            self._append(layer)
        self._connect()

    @property
    def layers(self) -> list[Layer]:
        """The layers, first to last."""
        return list(self._layers)

    def add(self, layer: object) -> None:
        """Put `layer` at the end."""
        self._append(layer)
        self._connect()

    def _append(self, layer: object) -> None:
        if isinstance(layer, SymbolicTensor | InputLayer):
            if self._layers or self._entry is not None:
                raise ArgumentError(f"{self.name}: an Input can only stand first")
            self._entry = layer.output if isinstance(layer, InputLayer) else layer
            return
        if not isinstance(layer, Layer):
            hint = "; write Activation(...) or Lambda(...)" if callable(layer) else ""
            raise ArgumentTypeError(f"{self.name}: layers must be layers, got {show(layer)}{hint}")
        if any(layer.name == other.name for other in self._layers):
            raise ArgumentError(
                f"{self.name}: two layers are called {layer.name!r}; give one another name"
                if layer not in self._layers
                else f"{self.name}: the layer {layer.name!r} is in it twice; make a second one"
            )
        if not self._layers and self._entry is None and layer.declared_input_shape is not None:
            self._entry = Input(layer.declared_input_shape, dtype=layer.dtype)
        self._layers.append(layer)

    def pop(self) -> Layer:
        """Take the last layer away and return it."""
        if not self._layers:
            raise ArgumentError(f"{self.name}: pop: there is no layer to take away")
        layer = self._layers.pop()
        # The old graph ends in the layer that is gone; the weights of the others stay.
        self._graph = None
        self.built = False
        self._connect()
        return layer

    def _connect(self) -> None:
        """Call the layers on the placeholder, if it is known what comes in."""
        if self._entry is None or not self._layers:
            return
        x: Any = self._entry
        for layer in self._layers:
            x = layer(x)
        self._set_graph(self._entry, x)

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of `input_shape`, the batch size in front (None: any)."""
        if self._entry is None and input_shape is not None:
            dtype = self._layers[0].dtype if self._layers else None
            self._entry = Input(tuple(input_shape)[1:], dtype=dtype)
            self._connect()

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return what the last layer returns."""
        if self._graph is not None:
            inputs = self._graph.matched(inputs)[0]
        # `training` need not be passed on: layers take it from the call around them.
        x: Tensor = inputs
        for layer in self._layers:
            x = layer(x)
        return x

    def get_config(self) -> dict[str, Any]:
        """Return name, layers and the shape of the input, as JSON."""
        entry = None if self._entry is None else {"shape": self._entry.shape, "dtype": self._entry.dtype}
        config = {"name": self.name, "trainable": self.trainable, "input": entry, "layers": self._layers}
        return as_json(config, self.name)  # type: ignore[no-any-return]

    @classmethod
    def _from_config(cls, config: Any) -> Any:
        given = dict(config)
        entry = given.pop("input", None)
        layers = [LAYERS.deserialize(layer["is"]) for layer in given.pop("layers")]
        first = [Input(batch_shape=entry["shape"], dtype=entry["dtype"])] if entry else []
        trainable = given.pop("trainable", True)
        made = cls([*first, *layers], **given)
        # Not through the property, which would unfreeze layers that were frozen one by one.
        made._trainable = trainable
        return made
