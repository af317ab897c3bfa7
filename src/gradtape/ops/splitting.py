"""One tensor cut into several."""

from __future__ import annotations

from typing import Any

from gradtape.deferring import takes_placeholders
from gradtape.errors import ArgumentError
from gradtape.ops.axes import one_axis, whole
from gradtape.ops.indexing import getitem
from gradtape.tensor import Tensor, TensorLike, as_tensor


@takes_placeholders
def split(x: TensorLike, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """Return `x` cut along `axis`: into so many equal parts, or before each of the places named.

    Raises:
        ArgumentError: if the parts would not be equal.

    >>> [part.tolist() for part in split([1.0, 2.0, 3.0, 4.0], 2)]
    [[1.0, 2.0], [3.0, 4.0]]
    >>> [part.tolist() for part in split([1.0, 2.0, 3.0, 4.0], [1])]
    [[1.0], [2.0, 3.0, 4.0]]
    """
    tensor = as_tensor(x, None, "split")
    where = one_axis(axis, tensor.ndim, "split")
    length = tensor.shape[where]
    if isinstance(indices_or_sections, tuple | list):
        places = [whole(n, "split", "indices_or_sections") for n in indices_or_sections]
    else:
        parts = whole(indices_or_sections, "split", "indices_or_sections")
        if parts < 1 or length % parts:
            raise ArgumentError(f"split: an axis of length {length} cannot be cut into {parts} equal parts")
        places = list(range(length // parts, length, length // parts)) if length else [0] * (parts - 1)
    before = (slice(None),) * where
    ends = [*places, length]
    return [
        getitem(tensor, (*before, slice(start, end))) for start, end in zip([0, *places], ends, strict=True)
    ]


@takes_placeholders
def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """Return the slices of `x` along `axis`, each without that axis; `num`, if given, must be how many.

    >>> [part.tolist() for part in unstack([[1.0, 2.0], [3.0, 4.0]], axis=1)]
    [[1.0, 3.0], [2.0, 4.0]]
    """
    tensor = as_tensor(x, None, "unstack")
    where = one_axis(axis, tensor.ndim, "unstack")
    length = tensor.shape[where]
    if num is not None and num != length:
        raise ArgumentError(f"unstack: num must be the length of the axis, {length}, got {num!r}")
    return [getitem(tensor, (*(slice(None),) * where, i)) for i in range(length)]
