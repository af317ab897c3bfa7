"""A functional model's graph: which layers are called on what, from the inputs to the outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtape.base.config import as_json, from_json
from gradtape.base.sharing import one_configuration
from gradtape.base.trees import leaves, rebuild
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show
from gradtape.layers.base.layer import LAYERS
from gradtape.layers.base.placeholders import Node, SymbolicTensor
from gradtape.layers.graph_order import layers_by_depth
from gradtape.layers.input import InputLayer

DEPTH = "depth"  # the order of layers, in files; older ones have that of the first calls, and no word for it


class Graph:
    """The calls of layers that lead from some placeholders to others.

    Args:
        inputs: a placeholder that `Input` made, or a list, tuple or dict of them.
        outputs: what layers returned, a placeholder or a structure of them; of a list of one, that one.
        who: named in errors.

    Attributes:
        nodes: the calls, each after those it depends on.
        layers: the layers, in the order that Keras has: see `layers_by_depth`.
        by_first_call: the layers in the order of their first call, which numbered the paths of older files.
    """

    def __init__(self, inputs: object, outputs: Any, who: str) -> None:
        if type(outputs) in (list, tuple) and len(outputs) == 1:  # a model of one output returns just that
            outputs = outputs[0]
        self.inputs, self.outputs, self.who = inputs, outputs, who
        for name, tree in (("inputs", inputs), ("outputs", outputs)):
            for value in leaves(tree):
                if not isinstance(value, SymbolicTensor):
                    raise ArgumentTypeError(
                        f"{who}: {name} must be what Input(...) and layers called on it return, "
                        f"got {show(value)}"
                    )
        self.nodes = self._in_order()
        self.by_first_call = list({id(n.layer): n.layer for n in self.nodes}.values())
        self.layers = layers_by_depth(leaves(inputs), leaves(outputs))
        names = [layer.name for layer in self.layers]
        for name in names:
            if names.count(name) > 1:
                raise ArgumentError(f"{who}: two layers are called {name!r}; give one another name")

    def _in_order(self) -> list[Node]:
        """Return the calls between inputs and outputs; ArgumentError if an output needs another input."""
        entries = {id(v): v.node for v in leaves(self.inputs)}
        done: dict[int, Node] = {id(node): node for node in entries.values() if node is not None}
        # A depth-first search with a list of its own: a chain of 10,000 layers must not hit Python's
        # limit of recursion.  Reversed, so that the first output's calls come first.
        waiting = [node for v in reversed(leaves(self.outputs)) if (node := v.node) is not None]
        while waiting:
            node = waiting[-1]
            needed = [v.node for v in node.inputs if id(v) not in entries and id(v.node) not in done]
            if id(node) in done or not needed:
                waiting.pop()
                # A call without inputs is an Input; those of this graph are in `done` from the start.
                if id(node) not in done and not node.inputs:
                    raise ArgumentError(
                        f"{self.who}: the outputs depend on the input {node.layer.name!r}, "
                        "which is not among the inputs"
                    )
                done[id(node)] = node
            else:
                waiting += [n for n in reversed(needed) if n is not None]
        return list(done.values())

    def run(self, inputs: object, training: bool | None) -> Any:
        """Return the outputs for tensors in the places of the inputs."""
        values = dict(zip(map(id, leaves(self.inputs)), self.matched(inputs), strict=True))
        for node in self.nodes:
            # An Input is called on nothing; its value is there already.
            if node.inputs:
                self._call(node, values, training)
        return rebuild(self.outputs, [values[id(v)] for v in leaves(self.outputs)])

    def _call(self, node: Node, values: dict[int, Any], training: bool | None) -> None:
        args = _replaced(node.arguments, values)
        keywords = _replaced(node.keywords, values) if node.keywords else {}
        result = node.layer(*args, **keywords)
        places, tensors = leaves(node.outputs), leaves(result)
        if len(tensors) != len(places):
            raise ArgumentError(
                f"{self.who}: {node.layer.name} returned {len(tensors)} outputs, but {len(places)} when the "
                "model was made"
            )
        for placeholder, value in zip(places, tensors, strict=True):
            values[id(placeholder)] = value

    def matched(self, inputs: object) -> list[Any]:
        """Return the tensors given for the inputs, in their order; ShapeError if they do not fit."""
        places = leaves(self.inputs)
        tensors = self._by_name(inputs, places) if isinstance(inputs, Mapping) else leaves(inputs)
        if len(tensors) != len(places):
            names = ", ".join(v.name for v in places)
            raise ArgumentError(f"{self.who}: needs {len(places)} inputs ({names}), got {len(tensors)}")
        for place, value in zip(places, tensors, strict=True):
            # how many samples there are is no matter: a last batch is smaller, all data are larger
            if len(place.shape) != len(value.shape) or not fits(place.shape[1:], tuple(value.shape)[1:]):
                raise ShapeError(
                    f"{self.who}: input {place.name!r} must have shape {place.shape}, "
                    f"got {tuple(value.shape)}"
                )
        return tensors

    def _by_name(self, inputs: Mapping[str, Any], places: list[SymbolicTensor]) -> list[Any]:
        # Data in a dict fit inputs in a list as well, by their names.
        keys = list(self.inputs) if isinstance(self.inputs, Mapping) else [p.name for p in places]
        missing = [key for key in keys if key not in inputs]
        if missing:
            raise ArgumentError(
                f"{self.who}: the input {missing[0]!r} is missing; got {', '.join(map(str, inputs))}"
            )
        return [inputs[key] for key in keys]

    def to_config(self) -> dict[str, Any]:
        """Return layers, calls, inputs and outputs as JSON."""
        numbers = {id(layer): i for i, layer in enumerate(self.layers)}
        places = {
            id(v): {"call": i, "output": k}
            for i, n in enumerate(self.nodes)
            for k, v in enumerate(leaves(n.outputs))
        }
        calls = [
            {
                "layer": numbers[id(n.layer)],
                "arguments": _written(n.arguments, places, self.who),
                "keywords": _written(n.keywords, places, self.who),
            }
            for n in self.nodes
        ]
        ends = {name: _written(getattr(self, name), places, self.who) for name in ("inputs", "outputs")}
        # where both orders are one, nothing needs to be said, and older runs and files go on
        order = {} if self.layers == self.by_first_call else {"order": DEPTH}
        with one_configuration():
            layers = [LAYERS.serialize(layer) for layer in self.layers]
        return {"layers": layers, "calls": calls, **ends, **order}


def graph_from(config: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the inputs and outputs of the graph that `Graph.to_config` wrote down, with new layers."""
    # Each once, however often it is called: all its calls share its weights.
    layers = [LAYERS.deserialize(layer) for layer in config["layers"]]
    results: list[list[Any]] = []
    for call in config["calls"]:
        layer = layers[call["layer"]]
        if isinstance(layer, InputLayer):
            results.append([layer.output])
        else:
            arguments = _read(call["arguments"], results)  # a tuple, or a list in older files
            results.append(leaves(layer(*arguments, **_read(call["keywords"], results))))
    return _read(config["inputs"], results), _read(config["outputs"], results)


def _written(tree: object, places: Mapping[int, Any], who: str) -> Any:
    """Return a structure with placeholders as JSON: each as the call and output it comes from."""
    if isinstance(tree, SymbolicTensor):
        return places[id(tree)]
    if isinstance(tree, list):
        return [_written(v, places, who) for v in tree]
    # JSON has only lists, but a layer may tell a tuple from a list, and x[1, 2] from x[[1, 2]].
    if isinstance(tree, tuple):
        return {"kind": "tuple", "is": [_written(v, places, who) for v in tree]}
    if isinstance(tree, dict):
        return {k: _written(v, places, who) for k, v in tree.items()}
    if isinstance(tree, slice):
        return {"kind": "slice", "is": as_json([tree.start, tree.stop, tree.step], who)}
    if tree is Ellipsis:
        return {"kind": "ellipsis", "is": None}
    if isinstance(tree, np.ndarray):
        return {"kind": "array", "is": [tree.tolist(), tree.dtype.name]}
    return as_json(tree, who)


def _read(tree: object, results: list[list[Any]]) -> Any:
    if not isinstance(tree, dict):
        return [_read(v, results) for v in tree] if isinstance(tree, list) else tree
    if tree.keys() == {"call", "output"}:
        return results[tree["call"]][tree["output"]]
    if tree.keys() != {"kind", "is"}:
        return {k: _read(v, results) for k, v in tree.items()}
    kind, inner = tree["kind"], tree["is"]
    if kind == "tuple":
        return tuple(_read(inner, results))
    if kind == "slice":
        return slice(*inner)
    if kind == "ellipsis":
        return Ellipsis
    return np.array(inner[0], inner[1]) if kind == "array" else from_json(tree)


def _replaced(tree: object, values: dict[int, Any]) -> Any:
    if isinstance(tree, SymbolicTensor):
        return values[id(tree)]
    if isinstance(tree, list | tuple | dict):
        return rebuild(tree, [values[id(v)] if isinstance(v, SymbolicTensor) else v for v in leaves(tree)])
    return tree


def fits(required: tuple[int | None, ...], shape: tuple[int | None, ...]) -> bool:
    """Tell whether a tensor of `shape` can be used where `required` is.

    >>> fits((None, 3), (5, 3)), fits((None, 3), (5, 4)), fits((None, 3), (3,))
    (True, False, False)
    """
    same = [w is None or n is None or w == n for w, n in zip(required, shape, strict=False)]
    return len(required) == len(shape) and all(same)
