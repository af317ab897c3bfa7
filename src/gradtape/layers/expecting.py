"""What layers expect of their inputs, said before anything is computed."""

from __future__ import annotations

from typing import Any

from gradtape.checks import one_of
from gradtape.errors import ShapeError


def expect_rank(name: str, shape: tuple[Any, ...], rank: int) -> None:
    """Raise ShapeError unless `shape` has `rank` lengths, that of the samples included."""
    if len(shape) != rank:
        raise ShapeError(f"{name}: inputs must have {rank} axes, got shape {shape}")


def known_length(name: str, shape: tuple[Any, ...], axis: int) -> int:
    """Return the length of `shape` along `axis`, or raise ShapeError if there is none or it is unknown."""
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"{name}: axis {axis} must be an axis of the inputs, got shape {shape}")
    if shape[axis] is None:
        raise ShapeError(f"{name}: axis {axis} of the inputs must have a known length, got shape {shape}")
    return int(shape[axis])


def is_channels_first(data_format: str | None, who: str) -> bool:
    """Tell whether channels come before places; None means that they come last."""
    names = ("channels_last", "channels_first")
    return one_of(data_format or names[0], who, "data_format", names) == names[1]
