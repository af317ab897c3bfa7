"""Rows of a large NumPy array that XLA on the CPU reads in place, whatever its address.

XLA copies an array unless its address is a multiple of 64, which NumPy's large arrays never have: 188 MB of
images took 0.25 to 0.5 s, as long as 200 steps of training.  But any array has an address that is such a
multiple within its first 64 bytes.  From there on it is read in place, as one long row; the few rows at
either end that are not whole in it are copied.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

ALIGNMENT = 64  # bytes


class Rows:
    """Stands for an array (samples, ...) of which only rows are asked for.

    Attributes:
        flat: its elements from the first aligned address on, but for the last few.
        skipped: how many elements lie before that address.
        edges: the first and the last rows, as many as may not lie in `flat` whole.
        shape: of the array.
    """

    def __init__(self, flat: Any, skipped: Any, edges: Any, shape: tuple[int, ...]) -> None:
        self.flat, self.skipped, self.edges, self.shape = flat, skipped, edges, shape

    @classmethod
    def of(cls, array: Any) -> Rows | None:
        """Return the rows of a NumPy array, or None where it cannot be read in place."""
        size, width = array.itemsize, math.prod(array.shape[1:])
        before = -array.ctypes.data % ALIGNMENT
        if not array.flags.c_contiguous or before % size or ALIGNMENT % size or not width:
            return None
        # The length of `flat` and the number of edge rows are those of the worst address: programs are made
        # for shapes, so they must not depend on where the array happens to lie.
        max_skipped = ALIGNMENT // size
        edge_rows = -(-max_skipped // width)
        if len(array) < 2 * edge_rows:
            return None
        skipped = before // size
        flat = array.reshape(-1)[skipped : skipped + array.size - max_skipped]
        edges = np.concatenate([array[:edge_rows], array[-edge_rows:]]).reshape(2 * edge_rows, width)
        aligned = jax.device_put(flat, may_alias=True)
        return cls(aligned, jax.device_put(np.int64(skipped)), jax.device_put(edges), array.shape)

    def tree_flatten(self) -> tuple[Any, Any]:
        """Return the arrays, which are traced, and the shape, which is fixed; JAX asks for a pytree so."""
        return (self.flat, self.skipped, self.edges), self.shape

    @classmethod
    def tree_unflatten(cls, shape: Any, traced: Any) -> Rows:
        """Return the rows from the arrays, which are traced, and the shape, which is fixed."""
        flat, skipped, edges = traced
        return cls(flat, skipped, edges, shape)

    @property
    def dtype(self) -> Any:
        """The data type of the elements."""
        return self.flat.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __getitem__(self, rows: Any) -> Any:
        """Return the rows of these numbers, which lie in [0, samples), or of a slice."""
        numbers = np.arange(*rows.indices(self.shape[0])) if isinstance(rows, slice) else rows
        return self.take(jnp.asarray(numbers)).reshape(*numbers.shape, *self.shape[1:])

    def take(self, numbers: Any) -> Any:
        """Return the rows of these numbers, (numbers, ...)."""
        edge_rows, width = self.edges.shape[0] // 2, self.edges.shape[1]
        last = self.shape[0] - edge_rows
        starts = numbers * width - self.skipped
        inner = _slices(self.flat, starts, width)
        at_edge = (numbers < edge_rows) | (numbers >= last)
        # A program has no branches for single rows: both are read, and where the row is not at an edge, or
        # not whole in `flat`, a wrong but existing one is read and thrown away.
        places = jnp.where(at_edge, jnp.where(numbers < edge_rows, numbers, numbers - last + edge_rows), 0)
        edge = self.edges.at[places].get(mode="promise_in_bounds")
        return jnp.where(at_edge[:, None], edge, inner).reshape(-1, *self.shape[1:])


jax.tree_util.register_pytree_node_class(Rows)


def _slices(flat: Any, starts: Any, width: int) -> Any:
    """Return the `width` elements from each start on; a start outside is moved inside."""
    numbers = jax.lax.GatherDimensionNumbers(offset_dims=(1,), collapsed_slice_dims=(), start_index_map=(0,))
    return jax.lax.gather(flat, starts[:, None], numbers, (width,), mode="clip")
