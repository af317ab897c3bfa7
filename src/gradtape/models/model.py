"""Model: a layer that can be trained, tested and asked."""

from __future__ import annotations

from typing import Any

from gradtape.base.config import custom_objects as objects_by_name
from gradtape.base.sharing import one_configuration
from gradtape.base.trees import leaves
from gradtape.display.html import bundle
from gradtape.errors import ArgumentError, ArgumentTypeError, MissingAttributeError
from gradtape.formats import model_file
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.call_arguments import dtypes, shapes
from gradtape.layers.base.layer import LAYERS, Layer
from gradtape.layers.base.layer_names import unique_name
from gradtape.layers.base.placeholders import SymbolicTensor, placeholders, trial
from gradtape.layers.graph import DEPTH, Graph, graph_from
from gradtape.models.trainer import Trainer
from gradtape.views.model import as_html
from gradtape.views.model_summary import print_summary


@LAYERS.member("Functional")
class Model(Trainer):
    """A layer with `compile`, `fit`, `evaluate` and `predict`.

    Either a graph from `inputs` to `outputs` (the functional way), or a subclass with its own `call`.

    Args:
        inputs: what `Input` made, or a list or dict of such.
        outputs: what layers called on them returned, or a list or dict of such.
        trainable: whether training changes the weights.
        dtype: the dtype of weights and inputs; None means float32.
        name: how the model is called.

    >>> from gradtape.layers import Dense, Input
    >>> x = Input((3,))
    >>> model = Model(x, Dense(2)(x))
    >>> model.output_shape, model.count_params()
    ((None, 2), 8)
    """

    def __init__(
        self,
        inputs: object = None,
        outputs: object = None,
        trainable: bool = True,
        dtype: object = None,
        name: str | None = None,
    ) -> None:
        if name is None and inputs is not None and type(self) is Model:
            name = unique_name("Functional")  # as Keras calls the class of these
        super().__init__(trainable=trainable, dtype=dtype, name=name)
        self._graph: Graph | None = None
        if (inputs is None) != (outputs is None):
            raise ArgumentError(f"{self.name}: a functional model needs both inputs and outputs")
        if inputs is not None:
            self._layers: list[Layer] = self._set_graph(inputs, outputs).layers

    def _set_graph(self, inputs: object, outputs: object) -> Graph:
        self._graph = Graph(inputs, outputs, self.name)
        self.built = True
        return self._graph

    def build(self, input_shape: Any = None) -> None:
        """Make the weights, by trying `call` on an input of `input_shape`; a subclass may define its own.

        Args:
            input_shape: with the batch size in front (None: any); a list or dict of shapes for several.
        """
        if self._graph is None and input_shape is not None:
            given, was_built = placeholders(input_shape, self.dtype), self.built
            self.built = True  # or the call, in a subclass that extends build, would come back here
            try:
                trial(self, (given,), {})  # the layers inside are built on the way
            # After Ctrl-C, too, the model can be built again.
            except BaseException:
                self.built = was_built
                raise
            self.built_for = {"shape": shapes(given), "dtype": dtypes(given)}

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return the outputs for `inputs`; a subclass may define its own."""
        if self._graph is None:
            raise ArgumentTypeError(
                f"{type(self).__name__}: a model must define call(self, inputs), or be given "
                "inputs and outputs"
            )
        return self._graph.run(inputs, training)

    # Its parts

    @property
    def is_numbered_by_graph(self) -> bool:
        """Whether the paths of its weights follow the graph's order; a Sequential has an order of its own."""
        return self._graph is not None and self._layers is self._graph.layers

    def set_layer_order(self, layers: list[Layer]) -> None:
        """Number the layers of the graph, and with them the paths of the weights, in another order.

        Args:
            layers: all layers of `call_graph`.
        """
        self._of_graph("set_layer_order").layers = self._layers = layers

    def number_by_first_call(self) -> None:
        """Let the layers, and with them the paths of the weights, have the order of older files."""
        if self._graph is not None:
            self.set_layer_order(self._graph.by_first_call)

    @property
    def call_graph(self) -> Graph | None:
        """The layers' calls that lead from inputs to outputs; None if only `call` knows."""
        return self._graph

    @property
    def layers(self) -> list[Layer]:
        """The layers right inside the model."""
        # Found among the attributes, so that a layer assigned after __init__ is there too.
        found = [f.value for f in walk(self) if f.owner is self and isinstance(f.value, Layer)]
        return found

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer called `name`, or the one at `index`.

        Args:
            name: its name.
            index: its place among `layers`; give one of the two.
        """
        if (name is None) == (index is None):
            raise ArgumentError("get_layer: give a name or an index")
        if index is not None:
            count = len(self.layers)
            if not -count <= index < count:
                raise ArgumentError(f"get_layer: index must be in [{-count}, {count}), got {index}")
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in self.layers)
        raise ArgumentError(f"get_layer: there is no layer {name!r}; there are {names}")

    def _of_graph(self, who: str) -> Graph:
        if self._graph is None:
            raise MissingAttributeError(f"{self.name}: {who} is known of a model with Input only")
        return self._graph

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The placeholders of a functional model's inputs."""
        return leaves(self._of_graph("inputs").inputs)

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The placeholders of its outputs."""
        return leaves(self._of_graph("outputs").outputs)

    @property
    def input(self) -> Any:
        """What the model was made with as `inputs`."""
        return self._of_graph("input").inputs

    @property
    def output(self) -> Any:
        """What the model was made with as `outputs`."""
        return self._of_graph("output").outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or a list of them."""
        return _shape_of(self.inputs)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or a list of them."""
        return _shape_of(self.outputs)

    @property
    def output_names(self) -> list[str]:
        """What the outputs are called in dicts of losses and in the history."""
        if self._graph is None:
            return list(self.training_state.output_names or ["output"])
        if isinstance(self._graph.outputs, dict):
            return [str(key) for key in self._graph.outputs]
        return [v.node.layer.name for v in self.outputs if v.node is not None]

    def save(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the model to one file, which `load_model` reads.

        Args:
            filepath: the file.
            overwrite: whether a file that is there already is replaced.
        """
        model_file.save_model(self, filepath, overwrite)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the weights to one file.

        Args:
            filepath: the file.
            overwrite: whether a file that is there already is replaced.
        """
        model_file.save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False) -> None:
        """Take the weights from a file that `save_weights` or `save` wrote; all fit, or nothing changes.

        Args:
            filepath: the file.
            skip_mismatch: whether weights that do not fit, or are not there, are left as they are instead.
        """
        model_file.load_weights(self, filepath, skip_mismatch)

    def to_json(self) -> str:
        """Return the configuration as text, without the weights; `model_from_json` makes a model of it."""
        return model_file.model_to_json(self)

    def get_config(self) -> dict[str, Any]:
        """Return the graph, or the arguments the model was made with, as JSON."""
        # A subclass may have built its graph from other arguments: then those are its configuration.
        given = leaves([list(self._arguments[0]), self._arguments[1]])
        if self._graph is None or not any(isinstance(v, SymbolicTensor) for v in given):
            return super().get_config()
        return {"name": self.name, "trainable": self.trainable, "graph": self._graph.to_config()}

    @classmethod
    def from_config(cls, config: object, custom_objects: Any = None) -> Any:
        """Return a new model made as `config` says; `custom_objects` are found by their names."""
        with objects_by_name(custom_objects or {}), one_configuration():
            return cls._from_config(config)

    @classmethod
    def _from_config(cls, config: Any) -> Any:
        if "graph" not in config:
            return super().from_config(config)
        inputs, outputs = graph_from(config["graph"])
        model = cls(inputs, outputs, name=config["name"])
        if config["graph"].get("order") != DEPTH:  # an older file, whose weights are numbered so
            model.number_by_first_call()
        model._trainable = config["trainable"]  # the layers inside have their own
        return model

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return the model for a notebook: as text, and as HTML without scripts."""
        return bundle(repr(self), lambda: as_html(self))

    def summary(
        self,
        line_length: int | None = None,
        positions: object = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print the layers in a table: shapes of what they return, and how many numbers they hold.

        Args:
            line_length: the width; None takes what it needs.
            positions: ignored; kept for compatibility with Keras.
            print_fn: called with the text instead of print.
            expand_nested: whether the layers of a model inside are shown below it.
            show_trainable: whether a column says which layers are trained.
            layer_range: a pair of names or patterns of names: the first and the last layer to show.
        """
        print_summary(self, line_length, print_fn, expand_nested, show_trainable, layer_range)


Model.call.is_missing = True  # type: ignore[attr-defined]  # a subclass without a graph must define its own
Model.build.by_trial = True  # type: ignore[attr-defined]  # so that a call does not try itself first


def _shape_of(placeholders: list[SymbolicTensor]) -> Any:
    shapes = [p.shape for p in placeholders]
    return shapes[0] if len(shapes) == 1 else shapes
