"""Parser of einsum's subscripts: which letter each axis of each operand and of the output has."""

from __future__ import annotations

import functools
import string
from typing import NamedTuple

from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show

Shapes = tuple[tuple[int, ...], ...]


class Subscripts(NamedTuple):
    """Subscripts that fit the shapes, ``...`` replaced by letters of its own.

    Attributes:
        operands: one letter for each axis of each operand.
        output: one letter for each axis of the result.
        lengths: how long the axis of each letter is.
    """

    operands: tuple[str, ...]
    output: str
    lengths: dict[str, int]


def parse(subscripts: object, shapes: Shapes) -> Subscripts:
    """Return the subscripts of einsum, matched with the shapes of the operands, or raise.

    >>> parse("i...,ij", ((2, 3), (2, 4)))
    Subscripts(operands=('ia', 'ij'), output='aj', lengths={'i': 2, 'a': 3, 'j': 4})
    """
    if not isinstance(subscripts, str):
        raise ArgumentTypeError(f"einsum: subscripts must be a string, got {show(subscripts)}")
    return _parse(subscripts, shapes)


# A step contracts the same subscripts and shapes each time; the result depends on nothing else.
@functools.lru_cache(maxsize=1024)
def _parse(subscripts: str, shapes: Shapes) -> Subscripts:
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    parts = left.split(",")
    for part in (*parts, right):
        _check_letters(part, subscripts)
    if len(parts) != len(shapes):
        raise ArgumentError(
            f"einsum: subscripts {show(subscripts)} are for {len(parts)} operands, got {len(shapes)}"
        )
    dots = _letters_of_dots(parts, shapes, subscripts)
    operands = tuple([_filled(p, s, dots, subscripts) for p, s in zip(parts, shapes, strict=True)])
    lengths = _lengths(operands, shapes, dots, subscripts)
    output = right.replace("...", dots) if arrow else dots + _once("".join(parts))
    _check_output(output, lengths, dots, subscripts)
    return Subscripts(operands, output, lengths)


def _check_letters(part: str, subscripts: str) -> None:
    if part.count("...") > 1 or not set(part.replace("...", "", 1)) <= set(string.ascii_letters):
        raise ArgumentError(
            "einsum: subscripts must be letters, commas, at most one '...' in each part and one '->', "
            f"got {show(subscripts)}"
        )


def _letters_of_dots(parts: list[str], shapes: Shapes, subscripts: str) -> str:
    """Return the letters for the axes of ``...``: as many as the operand with the most has."""
    # + 3 for the dots themselves, which are no axes.
    ranks = [len(s) - len(p) + 3 for p, s in zip(parts, shapes, strict=True) if "..." in p]
    spare = [c for c in string.ascii_letters if c not in subscripts]
    return "".join(spare[: max([0, *ranks])])


def _filled(part: str, shape: tuple[int, ...], dots: str, subscripts: str) -> str:
    rank = len(shape) - len(part) + 3
    if "..." in part and rank >= 0:
        # Aligned at the last axis, as broadcasting is.
        return part.replace("...", dots[len(dots) - rank :])
    if len(part) != len(shape):
        raise ShapeError(
            f"einsum: the part {part!r} of {show(subscripts)} does not fit an operand of shape {shape}"
        )
    return part


def _lengths(operands: tuple[str, ...], shapes: Shapes, dots: str, subscripts: str) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for letters, shape in zip(operands, shapes, strict=True):
        for c, n in zip(letters, shape, strict=True):
            known = lengths.get(c, n)
            if n != known and not (c in dots and 1 in (n, known)):
                what = "..." if c in dots else c
                raise ShapeError(
                    f"einsum: the axes {what!r} of {show(subscripts)} must be equally long, got "
                    + ", ".join([str(s) for s in shapes])
                )
            # Two lengths remain only for an axis of `...`, where 1 is repeated to the other one.
            lengths[c] = n if known == 1 else known
    return lengths


def _once(letters: str) -> str:
    return "".join(sorted([c for c in set(letters) - {"."} if letters.count(c) == 1]))


def _check_output(output: str, lengths: dict[str, int], dots: str, subscripts: str) -> None:
    if len(set(output)) != len(output) or not set(output) <= set(lengths) or not set(dots) <= set(output):
        raise ArgumentError(
            "einsum: the output must name letters of the operands, each once, and '...' if they have it, "
            f"got {show(subscripts)}"
        )
