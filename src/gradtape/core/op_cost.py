"""What an operation costs: floating-point operations, and bytes that it reads and writes.

Counted from shapes, not measured: a product of matrices does 2 * n * k * m, an operation that only moves or
renames elements none, every other one for each element of the largest array that takes part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

# Operations that compute nothing: elements are moved, chosen, repeated or converted.
MOVES = frozenset(
    {
        *("reshape", "transpose", "broadcast_to", "cast", "stop_gradient", "positive", "getitem", "take"),
        *("take_along_axis", "gather", "concatenate", "stack", "pad", "flip", "roll", "reorder", "diag"),
        *("tril", "triu", "scatter", "scatter_update", "slice_update", "one_hot", "assign"),
    }
)
PRODUCTS = frozenset({"matmul", "matmul_transpose_a", "matmul_transpose_b"})


def flops(name: str, shapes: Sequence[tuple[int, ...]], output: tuple[int, ...], attributes: Any) -> int:
    """Return how many floating-point operations an operation does.

    Args:
        name: the operation's name.
        shapes: of its inputs.
        output: the shape of what it gave.
        attributes: its other arguments.

    >>> flops("matmul", [(128, 784), (784, 512)], (128, 512), {})
    102760448
    """
    if name in MOVES:
        return 0
    if name in PRODUCTS:
        inner = shapes[0][0 if name == "matmul_transpose_a" else -1]
        return 2 * math.prod(output) * inner
    if name == "einsum":
        return 2 * _all_letters(attributes.get("subscripts", ""), shapes)
    return max([math.prod(shape) for shape in (*shapes, output)])


def _all_letters(subscripts: str, shapes: Sequence[tuple[int, ...]]) -> int:
    """Return the product of the lengths of all letters of an einsum."""
    lengths: dict[str, int] = {}
    for letters, shape in zip(subscripts.partition("->")[0].split(","), shapes, strict=False):
        lengths |= dict(zip(letters.strip(), shape, strict=False))
    return math.prod(lengths.values())
