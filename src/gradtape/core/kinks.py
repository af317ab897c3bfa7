"""Kinks: where the slope of an operation jumps, said as the side of each kink on which its inputs lie.

A difference of two values of a function says something of its slope only where both lie on the same sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Kinks = Callable[[Sequence[Any], Mapping[str, Any]], Any]


def at(*places: float) -> Kinks:
    """Return the kinks of an operation whose slope jumps where its first input has these values.

    >>> at(0.0)([np.array([-1.0, 0.0, 2.0])], {}).tolist()
    [0, 1, 2]
    """

    def sides(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
        return _sides([inputs[0] - place for place in places])

    return sides


def at_argument(name: str, *signs: float) -> Kinks:
    """Return the kinks at the attribute called `name`, times each of the signs."""

    def sides(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
        return _sides([inputs[0] - sign * attributes[name] for sign in signs])

    return sides


def between_inputs(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """Return on which side of each of the other inputs the first one lies: maximum, clip."""
    return _sides([inputs[0] - other for other in inputs[1:]])


def at_multiples(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """Return between which multiples of the second input the first one lies: mod."""
    return np.floor(inputs[0] / inputs[1])


def order_along_axis(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """Return the order of the elements along `axis`: sort."""
    return np.argsort(inputs[0], axis=attributes["axis"], kind="stable")


def at_largest(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """Return which elements along `axis` are the largest: max."""
    return _which(np.max, inputs[0], attributes.get("axis"))


def at_smallest(inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """Return which elements along `axis` are the smallest: min."""
    return _which(np.min, inputs[0], attributes.get("axis"))


def _which(extreme: Callable[..., Any], x: object, axis: object) -> Any:
    axes = tuple(axis) if isinstance(axis, list) else axis
    return np.asarray(x == extreme(x, axis=axes, keepdims=True), "int8")


def _sides(distances: Sequence[Any]) -> Any:
    """Return a number that tells below, at and above apart, for all distances together."""
    # One digit in base 3 for each distance, so that one comparison answers for all of them.
    return sum((np.sign(d) + 1).astype("int8") * 3**i for i, d in enumerate(distances))
