"""Vectors scaled to length 1."""

from __future__ import annotations

from gradtape.core.dtypes import float_for, smallest
from gradtape.core.placeholder import takes_placeholders
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.errors import ArgumentError, show
from gradtape.ops.numpy.reductions import Axis
from gradtape.ops.numpy.selection import maximum
from gradtape.ops.numpy.shapes import cast
from gradtape.ops.numpy.statistics import norm


@takes_placeholders
def normalize(x: TensorLike, axis: Axis = -1, order: float = 2, epsilon: float | None = None) -> Tensor:
    """Return x / max(norm(x), epsilon) over `axis`: vectors of length 1; a vector of zeros stays as it is.

    Args:
        x: any shape; whole numbers become float32.
        axis: one axis; if `order` is 2 also several, or None for all, taken as one long vector.
        order: which norm: 1, 2 or inf.
        epsilon: the length below which a vector is not made longer than x / epsilon; None means 1e-7.

    >>> normalize([[3.0, 4.0], [0.0, 0.0]])
    Tensor([[0.6, 0.8],
            [0. , 0. ]], shape=(2, 2), dtype=float32)
    """
    if isinstance(order, bool) or not isinstance(order, int | float) or order < 1:
        raise ArgumentError(f"normalize: order must be 1, 2 or inf, got {show(order)}")
    if order != 2 and not isinstance(axis, int):
        raise ArgumentError(f"normalize: axis must be one axis with order={order}, got {show(axis)}")
    tensor = as_tensor(x, None, "normalize")
    tensor = cast(tensor, float_for(tensor.dtype)) if tensor.dtype.kind in "iub" else tensor
    lengths = norm(tensor, None if order == 2 else order, axis, keepdims=True)
    # A length below the smallest normal number would be taken for 0 by engines that flush such numbers.
    tiny = smallest(tensor.dtype)
    # 1e-7 is the epsilon of Keras' backend, which its normalize uses.
    return tensor / maximum(lengths, max(1e-7 if epsilon is None else epsilon, tiny))


@takes_placeholders
def l2_normalize(x: TensorLike, axis: Axis = None, epsilon: float = 1e-12) -> Tensor:
    """Return x / sqrt(max(sum(x**2), epsilon)) over `axis` (None: all): TensorFlow's spelling of normalize.

    >>> l2_normalize([3.0, 4.0])
    Tensor([0.6, 0.8], shape=(2,), dtype=float32)
    """
    if not epsilon >= 0:
        raise ArgumentError(f"l2_normalize: epsilon must be >= 0, got {show(epsilon)}")
    # sqrt(max(s, epsilon)) = max(sqrt(s), sqrt(epsilon)), and norm computes sqrt(s) without overflow.
    return normalize(x, axis, 2, float(epsilon) ** 0.5)
