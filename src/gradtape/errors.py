"""Every error that gradtape raises on purpose.

A bad argument is a ValueError, and a TypeError too where its type is wrong, so code that catches those works;
the subclass tells gradtape's errors from others.  A message names who complains, which argument, what was
required and what came, in that order, and stays short however large the argument was.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

MESSAGE_LIMIT = 2000


class GradtapeError(Exception):
    """The root of all errors that gradtape raises on purpose."""

    def __init__(self, message: str = "") -> None:
        super().__init__(shorten(message, MESSAGE_LIMIT))


class ArgumentError(GradtapeError, ValueError):
    """An argument has the right type but an impossible value."""


class ArgumentTypeError(GradtapeError, TypeError, ValueError):
    """An argument has a type that cannot be used: a TypeError, and a ValueError, which Keras raises there."""


class ForgottenInitError(ArgumentTypeError, AttributeError):
    """A class of the user's own has not called ``super().__init__()``."""


class ShapeError(ArgumentError):
    """The shapes of the tensors taking part do not fit together."""


class DtypeError(ArgumentTypeError):
    """A data type cannot be used here, or cannot be converted as asked."""


class AxisError(ArgumentError, IndexError):
    """An axis or an index lies outside the shape."""


class MissingAttributeError(ArgumentError, AttributeError):
    """An attribute that an object lacks, or gets later, when it is built or part of a functional model.

    It is an AttributeError, so `hasattr` is False, and a ValueError, which Keras raises there.
    """


class DatasetError(ArgumentError):
    """A data set is unknown, missing or damaged."""


class WeightsError(ArgumentError):
    """A file of weights is missing, damaged or made for another model."""


class CheckpointError(ArgumentError):
    """A checkpoint is damaged, missing, or cannot be written."""


class RunError(ArgumentError):
    """A run cannot be opened, continued or written."""


class NotFiniteError(GradtapeError, RuntimeError):
    """The loss is NaN or infinite.

    Attributes:
        report: where that came from, a `gradtape.replay.NonFinite`; None if it was not looked for.
    """

    report: Any = None


class EngineError(GradtapeError, RuntimeError):
    """An array engine cannot be used, or cannot be changed now."""


class CompileError(GradtapeError, RuntimeError):
    """A compiled step needs something that only exists while it runs."""


class TapeError(GradtapeError, RuntimeError):
    """A gradient tape is asked for something it no longer, or not yet, has."""


class MissingRuleError(GradtapeError, LookupError):
    """An operation was recorded for an argument that has no gradient rule."""


def shorten(text: str, limit: int = 200) -> str:
    """Return `text`, cut in its middle to at most `limit` characters."""
    if len(text) <= limit:
        return text
    head = (limit - 5) * 2 // 3
    return f"{text[:head]} ... {text[len(text) - (limit - 5 - head) :]}"


def show(value: object, limit: int = 80) -> str:
    """Return a short text for `value` in an error message; of a tensor without a value, its shape."""
    shape = getattr(value, "shape", None)
    if not (isinstance(shape, tuple) and shape):
        try:
            return shorten(repr(value), limit)
        except GradtapeError:  # while a step is compiled there are no values to show
            pass
    if isinstance(shape, tuple):
        return f"{type(value).__name__} of shape {shape} and dtype {getattr(value, 'dtype', '?')}"
    return f"a {type(value).__name__} of tensors"


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that `name` was most likely meant to be, or None if none is near.

    >>> closest("adma", ["adamax", "adamw", "adam"])
    'adam'
    """
    near = difflib.get_close_matches(name, list(known), n=5, cutoff=0.5)
    return next((one for one in near if _slips(name, one) == 1), near[0] if near else None)


def _slips(a: str, b: str) -> int:
    """Return how many letters must be put in, left out, changed or swapped with the next to make b of a."""
    above, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, letter in enumerate(a):
        further, above, row = above, row, [i + 1]
        for j, other in enumerate(b):
            row.append(min(above[j + 1] + 1, row[j] + 1, above[j] + (letter != other)))
            if i and j and letter == b[j - 1] and a[i - 1] == other:
                row[j + 1] = min(row[j + 1], further[j - 1] + 1)
    return row[-1]


def _that_hold(part: str, known: Iterable[str]) -> list[str]:
    """Return the names, five at most, that hold one of at least four letters: crossentropy has five kinds."""
    sought = part.replace("_", "")
    if len(sought) < 4:
        return []
    found: dict[str, str] = {}
    for one in known:
        plain = one.replace("_", "")
        if sought in plain and (plain not in found or "_" in one):  # of two spellings that of functions
            found[plain] = one
    return sorted(found.values(), key=lambda one: (len(one), one))[:5]


def nearest(name: str, known: Iterable[str], listed: Iterable[str] | None = None) -> str:
    """Return what to add to a message about an unknown name: the nearest known one, or all there are.

    Args:
        name: the name that is not known.
        known: those that are.
        listed: those to list where none is near; None lists all.

    >>> nearest("val_acc", ["loss", "val_accuracy"]), nearest("x", ["loss", "mae"])
    ("; did you mean 'val_accuracy'?", '; there are loss, mae')
    >>> nearest("entropy", ["mse", "sparse_crossentropy", "binary_crossentropy"])
    "; did you mean 'binary_crossentropy' or 'sparse_crossentropy'?"
    """
    by_lower: dict[str, str] = {}
    for one in known:
        if one.lower() not in by_lower or one.islower():  # of MSE and mse, the one that one would type
            by_lower[one.lower()] = one
    near = closest(name.lower(), by_lower)
    whole = _that_hold(name.lower(), by_lower)
    if len(whole) > 1 and (near is None or _slips(name.lower(), near) > 2):
        *others, last = [repr(by_lower[one]) for one in whole]
        return f"; did you mean {', '.join(others)} or {last}?"
    if near is not None:
        return f"; did you mean {by_lower[near]!r}?"
    return f"; there are {', '.join(by_lower.values() if listed is None else listed)}"
