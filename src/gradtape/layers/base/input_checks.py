"""Checks of input shapes, before anything is computed."""

from __future__ import annotations

from typing import Any

from gradtape.base.checks import one_of, whole
from gradtape.errors import ArgumentTypeError, ShapeError, show


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


def axes_of(axis: object, who: str, argument: str) -> tuple[int, ...]:
    """Return one axis or several as a tuple of whole numbers, or raise ArgumentTypeError."""
    several = axis if isinstance(axis, list | tuple) else [axis]
    return tuple([whole(one, who, argument) for one in several])


def one_or_more_axes(axis: object, who: str) -> Any:
    """Return `axis` as a whole number, or a tuple of them if it is a list, or raise ArgumentTypeError."""
    axes = axes_of(axis, who, "axis")
    return axes if isinstance(axis, list | tuple) else axes[0]


def lengths_of(shape: object, who: str, argument: str) -> tuple[int | None, ...] | None:
    """Return lengths, some perhaps None, as a tuple, or raise ArgumentTypeError; None stays None."""
    if shape is None:
        return None
    if not isinstance(shape, list | tuple):
        raise ArgumentTypeError(f"{who}: {argument} must be a list or tuple of lengths, got {show(shape)}")
    return tuple([None if n is None else whole(n, who, argument) for n in shape])


def is_channels_first(data_format: str | None, who: str) -> bool:
    """Tell whether channels come before positions; None means that they come last."""
    names = ("channels_last", "channels_first")
    return one_of(data_format or names[0], who, "data_format", names) == names[1]
