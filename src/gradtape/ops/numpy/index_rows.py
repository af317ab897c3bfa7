"""Where the rows of a batch lie after ``t[...]``, and after its reverse, which adds at an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtape.core.op_facts import Attributes, Axes, Shape, keep_rows

Template = tuple[Any, ...]


def rows_of_getitem(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie in ``x[template]``: along an axis that is taken whole, or along the indices.

    >>> rows_of_getitem([0], [(32, 10)], {"template": (slice(None), None, 3)})
    0
    """
    whole, first = output_axes(attributes["template"], shapes[0], shapes[1:])
    if axes[0] is None:
        place = keep_rows(axes[1:], shapes[1:], attributes)
        return None if place is None else first + place
    return whole.get(axes[0]) if all(a is None for a in axes[1:]) else None


def rows_of_index_add(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie in zeros of `shape` to which they were added at an index."""
    if any(a is not None for a in axes[1:]):
        return None
    whole, _ = output_axes(attributes["template"], attributes["shape"], shapes[1:])
    return next((axis for axis, place in whole.items() if place == axes[0]), None)


def output_axes(template: Template, shape: Shape, arrays: Sequence[Shape]) -> tuple[dict[int, int], int]:
    """Return where the axes of `shape` that an index takes whole come out, and where the arrays' axes begin.

    By NumPy's rule the axes of arrays of indices come out where the first of them stands; numbers beside
    arrays count as arrays; if something stands between them, their axes come first.

    >>> output_axes((slice(None), "array", ...), (4, 5, 6), [(2, 3)])
    ({0: 0, 2: 3}, 1)
    """
    hidden = len(shape) - sum(part is not None and part is not Ellipsis for part in template)
    outputs: dict[int, int] = {}
    chosen: list[tuple[int, int]] = []  # of each number or array: its place in the template, and the axis out
    axis = out = 0
    for place, part in enumerate(template if Ellipsis in template else (*template, Ellipsis)):
        if part is Ellipsis:
            outputs |= {axis + i: out + i for i in range(hidden)}
            axis, out = axis + hidden, out + hidden
        elif part is None:
            out += 1
        elif isinstance(part, slice):
            # Only an axis that is taken whole and in order still has all rows of the batch.
            if part.indices(shape[axis]) == (0, shape[axis], 1):
                outputs[axis] = out
            axis, out = axis + 1, out + 1
        else:
            chosen.append((place, out))
            axis += 1
    if not arrays:
        return outputs, 0
    together = all(b[0] - a[0] == 1 for a, b in zip(chosen, chosen[1:], strict=False))
    first, rank = chosen[0][1] if together else 0, max(map(len, arrays))
    return {axis: place + rank if place >= first else place for axis, place in outputs.items()}, first
