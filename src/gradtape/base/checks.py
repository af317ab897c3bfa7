"""Checks of arguments that classes share: numbers, flags, names, paths, and which arguments there are."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradtape.errors import ArgumentError, ArgumentTypeError, nearest, show

_INSTEAD = {
    "lr": "write learning_rate",
    "input_shape": "write shape=, the shape of one sample",
    "batch_input_shape": "write batch_shape=",
    "decay": "give a schedule as the learning_rate (gradtape.optimizers.schedules), or write weight_decay",
}


def number(value: object, who: str, argument: str, interval: str = "(-inf, inf)") -> float:
    """Return `value` as a float if it is a number in `interval`, or raise.

    Args:
        value: what was given; a bool is no number here.
        who: the caller's name, for error messages.
        argument: what it is called there.
        interval: two limits; a square bracket beside the one that still belongs to it.

    Raises:
        ArgumentTypeError: if it is no number.
        ArgumentError: if it lies outside, or is NaN.

    >>> number(0, "Dropout", "rate", "[0, 1)")
    0.0
    """
    # In Python True is an int, but a learning rate of True is a mistake.
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise ArgumentTypeError(f"{who}: {argument} must be a number, got {show(value)}")
    low, high = [float(limit) for limit in interval[1:-1].split(",")]
    # Comparisons with NaN are false, so NaN lies in no interval and needs no check of its own.
    is_above = value >= low if interval[0] == "[" else value > low
    is_below = value <= high if interval[-1] == "]" else value < high
    if not (is_above and is_below):
        raise ArgumentError(f"{who}: {argument} must be {_wanted(interval)}, got {value}")
    return float(value)


def _wanted(interval: str) -> str:
    if interval == "(-inf, inf)":
        return "finite"
    return f"in {interval}"


def whole(value: Any, who: str, argument: str, least: int | None = None, also: int | None = None) -> int:
    """Return `value` as an int if it is a whole number, `least` or more, or raise.

    Args:
        value: what was given; a bool is no number here.
        who: the caller's name, for error messages.
        argument: what it is called there.
        least: the smallest number that will do; None: any will.
        also: a smaller one that will do too, such as -1 for "as many as there are".

    Raises:
        ArgumentTypeError: if it is no whole number.
        ArgumentError: if it is too small.

    >>> whole(3, "Dense", "units", 1)
    3
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        # index, not int: it takes NumPy's whole numbers too, and refuses 2.0 and "2".
        integer = operator.index(value)
    except TypeError:
        raise ArgumentTypeError(f"{who}: {argument} must be a whole number, got {show(value)}") from None
    if least is not None and integer < least and integer != also:
        other = "" if also is None else f", or {also}"
        raise ArgumentError(f"{who}: {argument} must be a whole number >= {least}{other}, got {integer}")
    return integer


def whole_or_none(value: object, who: str, argument: str, least: int | None = None) -> int | None:
    """Return `value` as `whole` does, or None if it is None.

    >>> whole_or_none(None, "Recall", "top_k", 1)
    """
    return None if value is None else whole(value, who, argument, least)


def whole_array(value: object, who: str, argument: str, least: int) -> np.ndarray[Any, Any]:
    """Return `value`, a whole number or an array of them, as an array, or raise ArgumentError.

    >>> whole_array([1, 0], "repeat", "repeats", 0)
    array([1, 0])
    """
    try:
        numbers = np.asarray(value)
        fits = numbers.dtype.kind in "iu" and bool((numbers >= least).all())
    except ValueError:  # rows of different lengths
        fits = False
    if not fits:
        raise ArgumentError(f"{who}: {argument} must be whole numbers >= {least}, got {show(value)}")
    return numbers


def whole_or_one_of(value: object, who: str, argument: str, words: Iterable[str], least: int) -> int | str:
    """Return `value` if it is one of the strings `words` or a whole number, `least` or more, or raise.

    >>> whole_or_one_of("epoch", "ModelCheckpoint", "save_freq", ("epoch",), 1)
    'epoch'
    """
    listed = [f'"{word}"' for word in words]
    if isinstance(value, str) and f'"{value}"' in listed:
        return value
    try:
        return whole(value, who, argument, least)
    except (ArgumentError, ArgumentTypeError) as error:
        wanted = f"must be {', '.join(listed)} or a whole number >= {least}, got {show(value)}"
        raise type(error)(f"{who}: {argument} {wanted}") from None


def one_of(value: object, who: str, argument: str, known: Iterable[str]) -> str:
    """Return `value` if it is one of the strings `known`, or raise ArgumentError.

    >>> one_of("fan_in", "VarianceScaling", "mode", ("fan_in", "fan_out"))
    'fan_in'
    """
    names = tuple(known)
    if not isinstance(value, str) or value not in names:
        raise ArgumentError(f"{who}: {argument} must be one of {', '.join(names)}, got {show(value)}")
    return value


def flag(value: object, who: str, argument: str) -> bool:
    """Return `value` if it is True or False, or raise naming the argument.

    >>> flag(True, "SGD", "nesterov")
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise ArgumentTypeError(f"{who}: {argument} must be True or False, got {show(value)}")
    return bool(value)


def text_or_none(value: object, who: str, argument: str = "name") -> str | None:
    """Return `value` if it is a string or None, or raise naming the argument.

    >>> text_or_none("loss", "Huber")
    'loss'
    """
    if value is not None and not isinstance(value, str):
        raise ArgumentTypeError(f"{who}: {argument} must be a string, got {show(value)}")
    return value


def path_text(value: object, who: str, argument: str) -> str:
    """Return a path, a string or a pathlib.Path, as a string, or raise naming the argument.

    >>> path_text("runs/first", "CSVLogger", "filename")
    'runs/first'
    """
    if not isinstance(value, str | os.PathLike):
        raise ArgumentTypeError(f"{who}: {argument} must be a path, got {show(value)}")
    return os.fspath(value)


def refuse_unknown(arguments: Mapping[str, Any], who: str, known: Iterable[str]) -> None:
    """Raise ArgumentTypeError for the first argument in `arguments`, naming the nearest one that is known."""
    for name in arguments:
        advice = f"; {_INSTEAD[name]}" if name in _INSTEAD else nearest(name, known)
        raise ArgumentTypeError(f"{who}: unknown argument {name!r}{advice}")
