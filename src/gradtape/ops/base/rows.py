"""Where the rows of a batch lie after an operation: the `rows` of operations that change axes.

Each is asked for the axes along which the rows lie in the inputs (None: the same for every row), the inputs'
shapes and the attributes; it returns an axis of the output, or None if rows meet each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradtape.core.op_facts import Attributes, Axes, Rows, Shape, keep_rows
from gradtape.ops.base.axes import many_axes


def keep_other_axes(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie unless they lie along `axis`, or it is None and flattens: softmax, cumsum.

    >>> keep_other_axes([0], [(32, 10)], {"axis": -1}), keep_other_axes([0], [(32, 10)], {"axis": 0})
    (0, None)
    """
    place, axis = keep_rows(axes, shapes, attributes), attributes["axis"]
    if place is None or axis is None:
        return None
    return None if place in many_axes(axis, max(map(len, shapes)), "rows") else place


def keep_unreduced_axes(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie after a reduction over `axis`, with or without `keepdims`.

    >>> keep_unreduced_axes([1], [(3, 32, 10)], {"axis": (0, 2)})
    0
    """
    place = axes[0]
    reduced = many_axes(attributes["axis"], len(shapes[0]), "rows")
    if place is None or place in reduced:
        return None
    # Every axis that goes in front of it moves it one place forward.
    return place if attributes.get("keepdims") else place - sum(i < place for i in reduced)


def keep_all_but_last(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie if all inputs have them at one axis, and none of them at its last one.

    The inputs are of one rank, or of one less where they say something of each row: labels beside logits.
    """
    last = max(map(len, shapes)) - 1
    return axes[0] if len(set(axes)) == 1 and axes[0] is not None and axes[0] < last else None


def keep_leading_axes(count: int) -> Rows:
    """Return the `rows` of an operation on the last `count` axes of its only input."""

    def rows(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
        return axes[0] if axes[0] is not None and axes[0] < len(shapes[0]) - count else None

    return rows


def keep_in_shape(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie after a broadcast to the attribute `shape`, or a sum down to it.

    >>> keep_in_shape([0], [(32, 1)], {"shape": (3, 32, 10)})
    1
    """
    if axes[0] is None:
        return None
    # Broadcasting aligns shapes at their last axes.
    place = axes[0] + len(attributes["shape"]) - len(shapes[0])
    return place if place >= 0 and attributes["shape"][place] == shapes[0][axes[0]] else None


def keep_in_new_shape(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie after a reshape: the axis of their number with as many elements before it.

    >>> keep_in_new_shape([0], [(32, 4, 4)], {"newshape": (32, -1)})
    0
    """
    if axes[0] is None:
        return None
    shape, newshape = shapes[0], attributes["newshape"]
    length, before = shape[axes[0]], math.prod(shape[: axes[0]])
    new = list(newshape) if isinstance(newshape, tuple | list) else [newshape]
    known = math.prod([n for n in new if n >= 0])
    new = [n if n >= 0 else math.prod(shape) // known for n in new]
    # In C order the rows are still apart if as many elements lie before their axis as did.
    return next((i for i, n in enumerate(new) if n == length and math.prod(new[:i]) == before), None)


def keep_taken(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie in what is taken along `axis` at the places in the second input.

    >>> keep_taken([None, 0], [(100, 8), (32,)], {"axis": 0})
    0
    """
    (x, places), axis = axes, attributes.get("axis", 0)
    if places is not None:
        return axis + places if x is None else None
    if x is None or x == axis:
        return None
    # The axes of the places stand where the one they count along stood.
    return x if x < axis else x - 1 + len(shapes[1])


def keep_taken_along(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie if each row has places of its own, or if the places themselves are rows."""
    x, places = axes
    if x is None and places == attributes["axis"]:
        return places
    return keep_other_axes(axes, shapes, attributes)


def keep_slices_put_back(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie in zeros to which slices are added along `axis`."""
    (x, places), axis = axes, attributes["axis"]
    if x is None or places is not None or axis <= x < axis + len(shapes[1]):
        return None
    return x if x < axis else x + 1 - len(shapes[1])
