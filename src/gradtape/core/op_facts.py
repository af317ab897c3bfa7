"""Facts of an operation: its kind, its formula, what it costs, where it has kinks, what it does with rows.

They stand in the decorator of the operation, so that a view, a gradient check or a cut of a batch into shards
asks the operation itself, one of the library's or one of yours:

    @operation(kind="product", symbol="x1 @ x2", cost=two_per_product, rows=rows_of_product)
    def matmul(x1: Array, x2: Array) -> Array: ...

**Costs** are floating-point operations (FLOPs), counted from shapes, not measured.  One addition,
multiplication, comparison, root or exponential of one element counts one, so a product of matrices has
2 * n * k * m.  An elementwise function counts one for each element that it gives, however it is computed; a
reduction one for each element that it is given, times its passes: softmax subtracts the largest, which it
finds by comparing, takes exp, adds and divides, which makes 5.  What is done once for each result of a
reduction is left out.  Moving, choosing, repeating and converting elements counts nothing.

**Rows** are what a batch is cut along.  `rows` is asked: if the rows of the batch lie along these axes of the
inputs (None: this input is the same for every row), along which axis of the output do they lie?  An axis is a
promise: to compute two parts of the batch apart and put them together gives the whole, and another order of
the rows gives the same results in that order.  None says that rows meet each other, or cannot be told apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from gradtape.core import kinks as kinks_of
from gradtape.core.kinks import Kinks
from gradtape.errors import ArgumentError, show

Shape = tuple[int, ...]
Attributes = Mapping[str, Any]
Cost = Callable[[Sequence[Shape], Any, Attributes], int]
Axes = Sequence[int | None]
Rows = Callable[[Axes, Sequence[Shape], Attributes], int | None]

Kind = Literal[
    "elementwise",  # each element is made of those at its place, after broadcasting
    "reduction",  # elements along axes become one
    "along_axis",  # the shape stays, but elements depend on others along an axis: softmax, sort, cumsum
    "product",  # sums of products: matmul, einsum
    "move",  # every element stands somewhere in the output, converted or repeated perhaps
    "selection",  # elements are chosen by their place, with zeros beside them perhaps: indexing, tril
    "lookup",  # rows of the first tensor are chosen by the numbers in the second
    "scatter",  # elements are added or put at places
    "random",  # numbers are drawn
]
KINDS: tuple[str, ...] = get_args(Kind)


def size(shape: Shape) -> int:
    """Return how many elements an array of this shape has."""
    return math.prod(shape)


def per_output(count: int = 1) -> Cost:
    """Return the cost of `count` operations for each element of the output.

    >>> per_output(2)([(3, 4)], (3, 4), {})
    24
    """

    def cost(shapes: Sequence[Shape], output_shape: Any, attributes: Attributes) -> int:
        return count * size(output_shape)

    return cost


def per_input(count: int = 1) -> Cost:
    """Return the cost of `count` operations for each element of the largest input.

    >>> per_input(5)([(128, 10)], (128, 10), {})
    6400
    """

    def cost(shapes: Sequence[Shape], output_shape: object, attributes: Attributes) -> int:
        return count * max(map(size, shapes))

    return cost


def free(shapes: Sequence[Shape], output_shape: object, attributes: Attributes) -> int:
    """Return 0, the cost of what computes nothing."""
    return 0


def keep_rows(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return where the rows lie after broadcasting: the `rows` of elementwise operations.

    An input that is the same for every row must not have an axis of its own at that place.

    >>> keep_rows((0, None), [(32, 10), (10,)], {}), keep_rows((0, None), [(32, 10), (32, 10)], {})
    (0, None)
    """
    rank = max(map(len, shapes))
    # Shapes are aligned at their last axes: axis a of a shorter one is axis a + rank - len(s) of the output.
    carried = [(a + rank - len(s), s[a]) for a, s in zip(axes, shapes, strict=True) if a is not None]
    if len(set(carried)) != 1:
        return None
    place = carried[0][0]
    own = [(s, place - rank + len(s)) for a, s in zip(axes, shapes, strict=True) if a is None]
    return place if all(i < 0 or s[i] == 1 for s, i in own) else None


def mix_rows(axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
    """Return None: no result belongs to one row alone."""
    return None


_COSTS: dict[str, Cost] = {
    "elementwise": per_output(),
    "reduction": per_input(),
    "move": free,
    "selection": free,
    "lookup": free,
    "random": per_output(),
}


@dataclass(frozen=True)
class OpFacts:
    """What views, checks and a cut into shards want to know of an operation; see the module's text.

    Attributes:
        kind: one of `KINDS`, or "" if it was not declared.
        symbol: how it is written in a formula, such as ``x1 @ x2``; "" if its docstring has to do.
        cost: gives its FLOPs for the shapes of its inputs, the shape of its output and its attributes; None
            if they are not known.
        kinks: gives on which side of each kink its inputs lie; None if it has none.
        rows: what it does with the rows of a batch; None if that was not declared.
    """

    kind: Kind | Literal[""] = ""
    symbol: str = ""
    cost: Cost | None = None
    kinks: Kinks | None = None
    rows: Rows | None = None

    def flops(self, shapes: Sequence[Shape], output_shape: object, attributes: Attributes) -> int | None:
        """Return how many floating-point operations it does, or None if it does not say.

        Args:
            shapes: of its inputs.
            output_shape: of its output; a tuple of shapes if it has several.
            attributes: its other arguments, by name.
        """
        return None if self.cost is None else self.cost(shapes, output_shape, attributes)

    def output_axis(self, axes: Axes, shapes: Sequence[Shape], attributes: Attributes) -> int | None:
        """Return along which axis of the output, or of each of its outputs, the rows of the batch lie.

        Args:
            axes: for each input, the axis along which the rows lie, from 0; None if every row gets the same.
            shapes: of the inputs.
            attributes: the other arguments, by name.

        Returns:
            The axis; None if rows meet each other, or if nothing was declared.
        """
        if self.rows is None or all(a is None for a in axes):
            return None
        return self.rows(axes, shapes, attributes)


def facts(
    name: str,
    kind: Kind | Literal[""],
    symbol: str,
    cost: Cost | None,
    kinks: Kinks | Sequence[float] | None,
    rows: Rows | None,
) -> OpFacts:
    """Return the facts with what goes without saying for their kind, or raise ArgumentError."""
    if kind and kind not in KINDS:
        raise ArgumentError(f"{name}: kind must be one of {', '.join(KINDS)}, got {show(kind)}")
    return OpFacts(
        kind,
        symbol,
        cost or _COSTS.get(kind),
        kinks if kinks is None or callable(kinks) else kinks_of.at(*kinks),
        rows or (keep_rows if kind == "elementwise" else None),
    )
