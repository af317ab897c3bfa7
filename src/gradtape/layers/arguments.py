"""Checks of the numbers that layers are made with."""

from __future__ import annotations

from gradtape.errors import ArgumentError, show
from gradtape.ops.base.axes import whole


def positive_whole(value: int, who: str, argument: str) -> int:
    """Return `value` if it is a whole number above 0, or raise naming the layer and the argument."""
    number = whole(value, who, argument)
    if number < 1:
        raise ArgumentError(f"{who}: {argument} must be a whole number > 0, got {show(value)}")
    return number
