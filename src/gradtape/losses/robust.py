"""Losses that are quadratic for small errors and linear for large ones: outliers have less influence."""

from __future__ import annotations

import math

from gradtape.base.checks import number
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import FunctionLoss, PlainLoss
from gradtape.losses.base.inputs import matched
from gradtape.losses.base.loss import LOSSES
from gradtape.ops.nn.activations import softplus
from gradtape.ops.numpy.arithmetic import absolute, square
from gradtape.ops.numpy.exponential import log1p
from gradtape.ops.numpy.selection import minimum, where
from gradtape.ops.numpy.statistics import mean
from gradtape.ops.numpy.trigonometry import tanh


@LOSSES.member()
def huber(y_true: TensorLike, y_pred: TensorLike, delta: float = 1.0) -> Tensor:
    """Return the mean over the last axis of the Huber loss of e = abs(y_pred - y_true), for each sample.

    It is e**2 / 2 where e <= delta, and delta * (e - delta / 2) beyond, where its slope stays delta.

    Args:
        y_true: (..., n) the targets.
        y_pred: (..., n) the predictions.
        delta: the error, above 0, beyond which the loss grows linearly.

    Returns:
        (...) of y_pred's dtype.

    Source: Huber 1964, Robust Estimation of a Location Parameter

    >>> huber([[0.0, 0.0]], [[1.0, 3.0]])
    Tensor([1.5], shape=(1,), dtype=float32)
    """
    delta = number(delta, "huber", "delta", "(0, inf)")
    true, predicted = matched("huber", y_true, y_pred)
    error = absolute(predicted - true)
    # Both branches in one product: near = e gives e**2 / 2, near = delta gives delta * (e - delta / 2).
    near = minimum(error, delta)
    return mean(near * (error - 0.5 * near), axis=-1)


@LOSSES.member("logcosh")
def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of log(cosh(y_pred - y_true)), for each sample.

    Arguments and shapes as for `mean_squared_error`.  Near x = 0 it is x**2 / 2, far away abs(x) - log(2).

    >>> f"{log_cosh([[0.0]], [[1.0]]).item():.4f}"
    '0.4338'
    """
    true, predicted = matched("log_cosh", y_true, y_pred)
    error = predicted - true
    size = absolute(error)
    # Each form loses precision where the other one is used.
    # 1 / cosh(e)**2 = 1 - tanh(e)**2, and cosh(e) = e**|e| * (1 + e**(-2 |e|)) / 2.
    near = -0.5 * log1p(-square(tanh(error)))
    far = size + softplus(-2.0 * size) - math.log(2.0)
    return mean(where(size < 1.0, near, far), axis=-1)


@LOSSES.member()
class Huber(FunctionLoss):
    """The mean of e**2 / 2 where e = abs(y_pred - y_true) <= delta, of delta * (e - delta / 2) beyond.

    Args:
        delta: the error, above 0, beyond which the loss grows linearly.
        reduction: as for `Loss`.
        name: as for `Loss`.
        dtype: as for `Loss`.

    >>> Huber()([[0.0], [0.0]], [[1.0], [3.0]])
    Tensor(1.5, shape=(), dtype=float32)
    """

    function = staticmethod(huber)

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(name, reduction, dtype, delta=delta)


@LOSSES.member()
class LogCosh(PlainLoss):
    """The mean of log(cosh(y_pred - y_true)).

    >>> f"{LogCosh()([[0.0]], [[1.0]]).item():.4f}"
    '0.4338'
    """

    function = staticmethod(log_cosh)
