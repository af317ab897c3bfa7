"""summary: a model's layers as a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtape.errors import ArgumentError, show

_HEAD = ("Layer (type)", "Output shape", "Params")


def print_summary(
    model: Any,
    line_length: int | None,
    print_fn: Callable[[str], Any] | None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Print name, type, output shape and number of parameters of each layer, and the sums.

    Args:
        model: the model.
        line_length: the width of the table; None takes what it needs.
        print_fn: called with the text instead of print.
        expand_nested: whether the layers of models inside are shown too.
        show_trainable: whether a column says which layers are trained.
        layer_range: the names, or patterns of them, of the first and the last layer to show.
    """
    head = (*_HEAD, "Trainable") if show_trainable else _HEAD
    layers = _in_range(model.layers, layer_range)
    rows = [head, *[row[: len(head)] for layer in layers for row in _rows(layer, "", expand_nested)]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    rule_length = sum(widths) + 3 * len(widths) - 1
    if line_length is not None:
        widths[0] += max(line_length - rule_length - 2, 0)
        rule_length = sum(widths) + 3 * len(widths) - 1
    rule = "─" * rule_length
    lines = [f'Model: "{model.name}"', rule]
    for row in rows:
        cells = [
            f"{c:>{w}}" if i == 2 else f"{c:<{w}}" for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f" {'   '.join(cells)} ")
        lines += [rule] if row is head else []
    lines += [rule, *_sums(model)]
    (print_fn or print)("\n".join(lines))


def _in_range(layers: list[Any], names: Any) -> list[Any]:
    """Return the layers from the first that `names[0]` fits to the last that `names[1]` fits."""
    if names is None:
        return layers
    if len(names) != 2:
        raise ArgumentError(f"summary: layer_range must be two names, got {show(names)}")
    places = []
    for name in names:
        # The names are patterns, as in Keras, but each has to fit the whole of a layer's name.
        found = [i for i, layer in enumerate(layers) if re.fullmatch(name, layer.name)]
        if not found:
            known = ", ".join(layer.name for layer in layers)
            raise ArgumentError(f"summary: layer_range: no layer is called {name!r}; there are {known}")
        places.append(found)
    return layers[places[0][0] : places[1][-1] + 1]


def _rows(layer: Any, indent: str, expand_nested: bool) -> list[tuple[str, ...]]:
    shape = _shape(layer) if layer.call_nodes else "?"
    count = f"{layer.count_params():,}" if layer.built else "not built"
    trained = "Y" if layer.trainable_weights else "N" if layer.weights else "-"
    rows: list[tuple[str, ...]] = [(f"{indent}{layer.name} ({type(layer).__name__})", shape, count, trained)]
    if expand_nested:
        for inner in getattr(layer, "layers", ()):
            rows += _rows(inner, f"{indent}└ ", True)
    return rows


def _shape(layer: Any) -> str:
    output = layer.output
    if isinstance(output, dict):
        return str({k: v.shape for k, v in output.items()})
    return str([v.shape for v in output] if isinstance(output, list | tuple) else output.shape)


def _sums(model: Any) -> list[str]:
    if not model.built:
        return [" Not built: call the model on data, or build(input_shape), to make its weights"]
    both = [("Total params", model.weights), ("Trainable params", model.trainable_weights)]
    both.append(("Non-trainable params", model.non_trainable_weights))
    return [f" {text}: {_count(weights):,} ({_size(weights)})" for text, weights in both]


def _count(weights: list[Any]) -> int:
    return sum(int(np.prod(w.shape, dtype=np.int64)) for w in weights)


def _size(weights: list[Any]) -> str:
    size = float(sum(int(np.prod(w.shape, dtype=np.int64)) * w.dtype.itemsize for w in weights))
    # By 1024, as in the summary of Keras, not by 1000 as elsewhere in these views.
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"
