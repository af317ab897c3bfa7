"""Hinge errors: predictions on the right side, beyond the margin, cost nothing."""

from __future__ import annotations

from gradtape import losses
from gradtape.core.dtypes import DTypeLike
from gradtape.metrics.base.metric import member
from gradtape.metrics.means import MeanOfLoss


@member()
class Hinge(MeanOfLoss):
    """mean(max(1 - y_true * y_pred, 0)); labels are -1 or 1, or all of them 0 or 1.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> Hinge()([[-1.0], [1.0]], [[0.5], [0.5]])
    Tensor(1., shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "hinge", dtype: DTypeLike = None) -> None:
        super().__init__(losses.hinge, name, dtype)


@member()
class SquaredHinge(MeanOfLoss):
    """mean(max(1 - y_true * y_pred, 0)**2); labels are -1 or 1, or all of them 0 or 1.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> SquaredHinge()([[-1.0], [1.0]], [[0.5], [0.5]])
    Tensor(1.25, shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "squared_hinge", dtype: DTypeLike = None) -> None:
        super().__init__(losses.squared_hinge, name, dtype)


@member()
class CategoricalHinge(MeanOfLoss):
    """mean(max(1 + wrong - right, 0)): the best wrong class against the right one; labels are one-hot.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.75]])
    Tensor(0.75, shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "categorical_hinge", dtype: DTypeLike = None) -> None:
        super().__init__(losses.categorical_hinge, name, dtype)
