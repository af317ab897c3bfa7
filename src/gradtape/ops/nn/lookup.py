"""Lookup of the rows of a table by row number, as in an embedding."""

from __future__ import annotations

from gradtape import engine
from gradtape.core.dtypes import is_floating
from gradtape.core.operation import operation
from gradtape.core.tensor import Array, Tensor
from gradtape.ops.base.rows import keep_taken
from gradtape.ops.numpy.gather import _add_at


@operation(kind="lookup", rows=keep_taken)
def lookup(table: Array, numbers: Array, who: str = "lookup") -> Array:
    """Return the rows of `table` at `numbers`; -1 is not the last row, as it is for `take`.

    Args:
        table: (rows, ...) floating.
        numbers: whole numbers in [0, rows), of any shape.
        who: the caller's name, for error messages.

    Returns:
        The shape of `numbers`, then that of a row.

    Raises:
        AxisError: if a number is outside; a compiled step cannot tell, and has a row of NaN there.

    >>> lookup([[1.0, 2.0], [3.0, 4.0]], [1, 1])
    Tensor([[3., 4.],
            [3., 4.]], shape=(2, 2), dtype=float32)
    """
    # Keras casts floats to int32 and drops their fractions; here a fraction is an error.
    if is_floating(numbers.dtype):
        numbers = engine.active.whole_numbers(numbers, who, "inputs must be whole numbers")
    numbers = engine.active.check_labels(numbers, table.shape[0], who, "inputs must be whole numbers")
    return engine.active.lookup(table, numbers)


@lookup.gradient("table")
def lookup_table(g: Tensor, y: Tensor, table: Tensor, numbers: Tensor, who: str) -> Tensor:
    """zeros with g added at the rows"""
    return _add_at(g, numbers, shape=table.shape, axis=0)
