"""summary: a model's layers as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_HEAD = ("Layer (type)", "Output shape", "Params")


def print_summary(model: Any, line_length: int | None, print_fn: Callable[[str], Any] | None) -> None:
    """Print name, type, output shape and number of parameters of each layer, and the sums.

    Args:
        model: the model.
        line_length: the width of the table; None takes what it needs.
        print_fn: called with the text instead of print.
    """
    rows = [_HEAD, *[_row(layer) for layer in model.layers]]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    if line_length is not None:
        widths[0] += max(line_length - sum(widths) - 10, 0)
    rule = "─" * (sum(widths) + 8)
    lines = [f'Model: "{model.name}"', rule]
    for row in rows:
        lines.append(f" {row[0]:<{widths[0]}}   {row[1]:<{widths[1]}}   {row[2]:>{widths[2]}} ")
        lines += [rule] if row is _HEAD else []
    lines += [rule, *_sums(model)]
    (print_fn or print)("\n".join(lines))


def _row(layer: Any) -> tuple[str, str, str]:
    shape = _shape(layer) if layer._nodes else "?"
    count = f"{layer.count_params():,}" if layer.built else "not built"
    return f"{layer.name} ({type(layer).__name__})", shape, count


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
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"
