"""A model as a program: layer by layer, Sequential and functional."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtape.base.trees import leaves
from gradtape.errors import RunError, show
from gradtape.export.python_source import (
    PythonSource,
    joined,
    named_after,
    quoted,
)
from gradtape.layers import InputLayer
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.layer import LAYERS, Layer
from gradtape.layers.base.operation_layer import Operator
from gradtape.layers.base.placeholders import SymbolicTensor

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "**"}
_OWN = ("train_step", "compute_loss", "train_function", "record")


class ModelSource:
    """Lines of a program that make models.

    Args:
        written: gathers what they import.
        used: names that are taken.

    Attributes:
        lines: the program.
    """

    def __init__(self, written: PythonSource, used: set[str]) -> None:
        self.written, self.used = written, used
        self.lines: list[str] = []

    def make(self, model: Any, name: str) -> None:
        """Add the lines that make a model, with `name` for it; RunError if there are none."""
        # a train_step of the user's own is code, which no configuration describes
        for method in _OWN:
            if getattr(type(model), method) is not getattr(_class("Model"), method):
                raise RunError(
                    f"eject: {type(model).__name__} has a {method} of its own: what it does is no plain loop"
                )
        # a subclass is made by its own constructor, which makes the graph again
        if type(model) is _class("Model") and model.call_graph is not None:
            self._graph(model, name)
        else:
            self.lines.append(f"{name} = {self._expression(model)}")

    def _expression(self, layer: Any) -> str:
        """Return the expression that makes a layer or model."""
        if type(layer) is _class("Sequential"):
            return self._stack(layer)
        if type(layer) is _class("Model"):
            name = named_after(layer.name, self.used)
            self.make(layer, name)
            return name
        return self.written.call(layer)

    def _stack(self, model: Any) -> str:
        """Return the expression for a Sequential."""
        parts = [] if model.call_graph is None else [self._input(model.call_graph.inputs)]
        parts += [self._expression(layer) for layer in model.layers]
        head = f"{self.written.need('gradtape', 'Sequential')}(["
        return joined(head, parts, "])" if model.trainable else "], trainable=False)")

    def _input(self, placeholder: Any) -> str:
        """Return the expression for what comes in."""
        size, *shape = placeholder.shape
        given = [self.written.value(tuple(shape))]
        given += [] if size is None else [f"batch_size={size!r}"]
        given += [] if placeholder.dtype.name == "float32" else [f"dtype={quoted(placeholder.dtype.name)}"]
        name = placeholder.name
        given += [] if name.startswith("input_layer") else [f"name={quoted(name)}"]
        return f"{self.written.need('gradtape', 'Input')}({', '.join(given)})"

    # Functional models

    def _graph(self, model: Any, name: str) -> None:
        """Add one line for each call of a layer, and one for the model."""
        graph = model.call_graph
        calls = [id(node.layer) for node in graph.nodes]
        shared: dict[int, str] = {}
        values: dict[int, str] = {}
        for node in graph.nodes:
            layer = node.layer
            result = named_after(layer.name, self.used)
            if isinstance(layer, InputLayer):
                text = self._input(layer.output)
            elif isinstance(layer, Operator):
                text = self._operation(node, values)
            else:
                # a layer that is called twice has one set of weights, so its program needs a name for it
                if calls.count(id(layer)) > 1 and id(layer) not in shared:
                    shared[id(layer)] = named_after(f"{layer.name}_layer", self.used)
                    self.lines.append(f"{shared[id(layer)]} = {self._expression(layer)}")
                made = shared.get(id(layer)) or self._expression(layer)
                text = f"{made}({', '.join(self._given(node, values))})"
            self.lines.append(f"{result} = {text}")
            self._note(node.outputs, result, values)
        ends = [self._tree(end, values) for end in (graph.inputs, graph.outputs)]
        more = [] if model.trainable else ["trainable=False"]
        made = joined(f"{self.written.need('gradtape', 'Model')}(", [*ends, *more], ")")
        self.lines.append(f"{name} = {made}")

    def _given(self, node: Any, values: Mapping[int, str]) -> list[str]:
        """Return the arguments of a call."""
        named = [f"{k}={self._tree(v, values)}" for k, v in (node.keywords or {}).items()]
        return [*[self._tree(v, values) for v in node.arguments], *named]

    def _operation(self, node: Any, values: Mapping[int, str]) -> str:
        """Return the expression for an operation between placeholders."""
        name, given = node.layer.operation, self._given(node, values)
        if name in _SIGNS and len(given) == 2 and not node.keywords:
            return f"{given[0]} {_SIGNS[name]} {given[1]}"
        if name == "getitem" and len(given) == 2 and not node.keywords:
            return f"{given[0]}[{_subscript(node.arguments[1], self.written)}]"
        self.written.need("gradtape", "ops")
        return joined(f"ops.{name}(", given, ")")

    def _note(self, outputs: Any, result: str, values: dict[int, str]) -> None:
        """Remember how the results of a call are called."""
        if isinstance(outputs, SymbolicTensor):
            values[id(outputs)] = result
            return
        pairs = outputs.items() if isinstance(outputs, dict) else enumerate(outputs)
        for key, output in pairs:
            if not isinstance(output, SymbolicTensor):
                raise RunError(f"eject: {result} returns a nested structure, which no program is written for")
            values[id(output)] = f"{result}[{self.written.value(key)}]"

    def _tree(self, tree: Any, values: Mapping[int, str]) -> str:
        """Return the expression for a structure with placeholders."""
        if isinstance(tree, SymbolicTensor):
            if id(tree) not in values:
                raise RunError(f"eject: {show(tree)} comes from no layer of the model")
            return values[id(tree)]
        if any(isinstance(leaf, SymbolicTensor) for leaf in leaves(tree)):
            if isinstance(tree, dict):
                parts = [f"{self.written.value(k)}: {self._tree(v, values)}" for k, v in tree.items()]
                return joined("{", parts, "}")
            parts = [self._tree(v, values) for v in tree]
            if isinstance(tree, list):
                return joined("[", parts, "]")
            return joined("(", parts, ",)" if len(parts) == 1 else ")")
        return self.written.value(tree)


def _class(name: str) -> Any:
    """Return a class of models, whose room lies above this one: it is known, for there is a model."""
    return LAYERS.members[name]


def _subscript(key: object, written: PythonSource) -> str:
    """Return the key of an indexing as it is written between brackets."""
    if isinstance(key, tuple) and key:
        return ", ".join([_subscript(part, written) for part in key]) + ("," if len(key) == 1 else "")
    if not isinstance(key, slice):
        return written.value(key)
    ends = ["" if end is None else written.value(end) for end in (key.start, key.stop, key.step)]
    return ":".join(ends if ends[2] else ends[:2])


def adds_losses(model: Any) -> bool:
    """Tell whether a model's layers or regularizers may add to the loss."""
    found = [model, *(f.value for f in walk(model) if isinstance(f.value, Layer))]
    # a class from outside the library may call add_loss, which nothing says beforehand
    return any(
        layer.weight_regularizers
        or layer.activity_regularizer is not None
        or type(layer).__name__ == "ActivityRegularization"
        or type(layer).__module__.partition(".")[0] != __name__.partition(".")[0]
        for layer in found
    )
