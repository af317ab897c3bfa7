"""Mean errors: squared, absolute, relative, and squared on a logarithmic scale."""

from __future__ import annotations

import math

from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import PlainLoss
from gradtape.losses.base.inputs import EPSILON, matched
from gradtape.losses.base.loss import LOSSES
from gradtape.ops.numpy.arithmetic import absolute, square
from gradtape.ops.numpy.exponential import log1p
from gradtape.ops.numpy.selection import clip, maximum
from gradtape.ops.numpy.statistics import mean


@LOSSES.member("mse", "MSE")
def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of (y_pred - y_true)**2, for each sample.

    Args:
        y_true: (..., n) the targets.
        y_pred: (..., n) the predictions; (n,) against (n, 1), either way round, is taken for (n, 1).

    Returns:
        (...) of y_pred's dtype.

    Raises:
        ShapeError: if the shapes differ otherwise; nothing is broadcast.

    >>> mean_squared_error([[0.0, 0.0]], [[1.0, 2.0]])
    Tensor([2.5], shape=(1,), dtype=float32)
    """
    true, predicted = matched("mean_squared_error", y_true, y_pred)
    return mean(square(predicted - true), axis=-1)


@LOSSES.member("mae", "MAE")
def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of abs(y_pred - y_true), for each sample.

    Arguments and shapes as for `mean_squared_error`.

    >>> mean_absolute_error([[0.0, 0.0]], [[1.0, -2.0]])
    Tensor([1.5], shape=(1,), dtype=float32)
    """
    true, predicted = matched("mean_absolute_error", y_true, y_pred)
    return mean(absolute(predicted - true), axis=-1)


@LOSSES.member("mape", "MAPE")
def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return 100 times the mean over the last axis of abs(y_pred - y_true) / max(abs(y_true), 1e-7).

    Arguments and shapes as for `mean_squared_error`.

    >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]])
    Tensor([25.], shape=(1,), dtype=float32)
    """
    true, predicted = matched("mean_absolute_percentage_error", y_true, y_pred)
    # Keras' floor under the targets: one of 0 is not divided by.
    return 100.0 * mean(absolute((true - predicted) / maximum(absolute(true), EPSILON)), axis=-1)


@LOSSES.member("msle", "MSLE")
def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of (log(1 + y_pred) - log(1 + y_true))**2.

    Arguments and shapes as for `mean_squared_error`; negative values count as 0, with the gradient 0.

    >>> f"{mean_squared_logarithmic_error([[0.0]], [[1.0]]).item():.4f}"
    '0.4805'
    """
    true, predicted = matched("mean_squared_logarithmic_error", y_true, y_pred)
    return mean(square(_log_of_one_more(predicted) - _log_of_one_more(true)), axis=-1)


def _log_of_one_more(x: Tensor) -> Tensor:
    return log1p(clip(x, 0.0, math.inf))  # unlike maximum, it passes the whole gradient at 0


@LOSSES.member()
class MeanSquaredError(PlainLoss):
    """The mean of (y_pred - y_true)**2.

    >>> MeanSquaredError()([[0.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], [2.0, 2.0]])
    Tensor(2.5, shape=(), dtype=float32)
    """

    function = staticmethod(mean_squared_error)


@LOSSES.member()
class MeanAbsoluteError(PlainLoss):
    """The mean of abs(y_pred - y_true).

    >>> MeanAbsoluteError()([[0.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], [-2.0, 2.0]])
    Tensor(1.5, shape=(), dtype=float32)
    """

    function = staticmethod(mean_absolute_error)


@LOSSES.member()
class MeanAbsolutePercentageError(PlainLoss):
    """100 times the mean of abs(y_pred - y_true) / max(abs(y_true), 1e-7).

    >>> MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [4.0]])
    Tensor(25., shape=(), dtype=float32)
    """

    function = staticmethod(mean_absolute_percentage_error)


@LOSSES.member()
class MeanSquaredLogarithmicError(PlainLoss):
    """The mean of (log(1 + y_pred) - log(1 + y_true))**2; negative values count as 0.

    >>> f"{MeanSquaredLogarithmicError()([[0.0]], [[1.0]]).item():.4f}"
    '0.4805'
    """

    function = staticmethod(mean_squared_logarithmic_error)
