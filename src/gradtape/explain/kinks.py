"""Kinks: operations whose slope jumps, and on which side of the jumps their inputs lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Sides = Callable[[Sequence[Any], Mapping[str, Any]], Any]


def sides(name: str, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """Return on which side of each kink every element lies, an integer array; None for a smooth operation.

    Args:
        name: the operation's name.
        inputs: its inputs as NumPy arrays.
        attributes: its other arguments.

    >>> sides("relu", [np.array([-1.0, 2.0])], {}).tolist()
    [0, 2]
    """
    found = _KINKS.get(name)
    return None if found is None else found(inputs, attributes)


def _at(*places: float) -> Sides:
    """Return the function for an operation with kinks where its input has these values."""

    def found(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
        return _beyond([inputs[0] - place for place in places])

    return found


def _at_argument(name: str, *signs: float) -> Sides:
    """Return the same for kinks at an argument, by each of the signs."""

    def found(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
        return _beyond([inputs[0] - sign * attributes[name] for sign in signs])

    return found


def _between(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    return _beyond([inputs[0] - other for other in inputs[1:]])


def _extreme(kind: Callable[..., Any]) -> Sides:
    """Return the function for a reduction to the largest or smallest: which elements are it."""

    def found(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
        axis = attributes.get("axis")
        axes = tuple(axis) if isinstance(axis, list) else axis
        return np.asarray(inputs[0] == kind(inputs[0], axis=axes, keepdims=True), "int8")

    return found


def _beyond(distances: Sequence[Any]) -> Any:
    """Return a number that tells below, at and above apart, for all distances together."""
    return sum((np.sign(d) + 1).astype("int8") * 3**i for i, d in enumerate(distances))


_KINKS: dict[str, Sides] = {
    **dict.fromkeys(("relu", "leaky_relu", "elu", "selu", "celu", "absolute", "abs"), _at(0.0)),
    "relu6": _at(0.0, 6.0),
    "hard_sigmoid": _at(-3.0, 3.0),
    **dict.fromkeys(("hard_tanh", "sparse_sigmoid", "sparse_plus"), _at(-1.0, 1.0)),
    **dict.fromkeys(("hard_shrink", "soft_shrink"), _at_argument("threshold", -1.0, 1.0)),
    "threshold": _at_argument("threshold", 1.0),
    **dict.fromkeys(("maximum", "minimum", "clip"), _between),
    "max": _extreme(np.max),
    "min": _extreme(np.min),
}
