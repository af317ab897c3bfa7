"""The order of a functional model's layers, which is that of its weights: the one Keras has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradtape.layers.base.placeholders import Node, SymbolicTensor


def layers_by_depth(inputs: list[SymbolicTensor], outputs: list[SymbolicTensor]) -> list[Any]:
    """Return the layers from the furthest to the nearest of the outputs, and of one depth as they are met.

    The depth of a call is the largest number of calls between it and an output, that of a layer the depth of
    its deepest call.  Layers are met on the way back from the outputs, first output and first argument first.

    Args:
        inputs: where the graph begins.
        outputs: where it ends.

    Source: the numbering of keras.src.ops.function, so that `set_weights(keras_model.get_weights())` fits.
    """
    calls, met = _met(inputs, outputs)
    depths: dict[int, int] = {}
    of_layer: dict[int, int] = {}
    layers = {id(node.layer): node.layer for node in calls}
    known = {id(node) for node in calls}
    # From the outputs back, so that a call's depth is final before it is passed on to its inputs.
    for node in reversed(calls):
        depth = max(depths.get(id(node), 0), of_layer.get(id(node.layer), 0))
        depths[id(node)] = of_layer[id(node.layer)] = depth
        for before in _sources(node):
            if id(before) in known:
                depths[id(before)] = max(depth + 1, depths.get(id(before), 0))
    for entry in inputs:  # those that no output depends on
        if entry.node is not None and id(entry.node.layer) not in layers:
            layers[id(entry.node.layer)] = entry.node.layer
            of_layer[id(entry.node.layer)], met[id(entry.node.layer)] = 0, -1
    return sorted(layers.values(), key=lambda layer: (-of_layer[id(layer)], met[id(layer)]))


def _met(inputs: list[SymbolicTensor], outputs: list[SymbolicTensor]) -> tuple[list[Node], dict[int, int]]:
    """Return the calls, each after those it depends on, and for each layer as which one it is met."""
    ends = {id(entry) for entry in inputs}
    finished: list[Node] = []
    begun: set[int] = set()
    met: dict[int, int] = {}
    for output in outputs:
        waiting: list[tuple[Node, Iterator[SymbolicTensor]]] = []

        def enter(tensor: SymbolicTensor, waiting: Any = waiting) -> None:
            node = tensor.node
            if node is not None and id(node) not in begun:
                begun.add(id(node))
                met.setdefault(id(node.layer), len(met))
                # What lies before an input of this model is no part of it.
                waiting.append((node, iter([] if id(tensor) in ends else node.inputs)))

        enter(output)
        while waiting:  # no recursion: a chain of many layers must have an order too
            node, rest = waiting[-1]
            tensor = next(rest, None)
            if tensor is not None:
                enter(tensor)
            else:
                finished.append(waiting.pop()[0])
    return finished, met


def _sources(node: Node) -> list[Node]:
    return [tensor.node for tensor in node.inputs if tensor.node is not None]
