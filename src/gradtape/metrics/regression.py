"""Errors of predicted numbers, averaged over all samples."""

from __future__ import annotations

from gradtape import losses
from gradtape.core.dtypes import DTypeLike
from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.inputs import matched
from gradtape.metrics.base.metric import member
from gradtape.metrics.means import Mean, MeanOfLoss
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.exponential import sqrt


@member("mse", "MSE")
class MeanSquaredError(MeanOfLoss):
    """mean((y_true - y_pred)**2).

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
    Tensor(0.25, shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "mean_squared_error", dtype: DTypeLike = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


@member("mae", "MAE")
class MeanAbsoluteError(MeanOfLoss):
    """mean(abs(y_true - y_pred)).

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> MeanAbsoluteError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, -2.0]])
    Tensor(0.75, shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "mean_absolute_error", dtype: DTypeLike = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


@member("mape", "MAPE")
class MeanAbsolutePercentageError(MeanOfLoss):
    """100 * mean(abs((y_true - y_pred) / y_true)).

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 5.0]])
    Tensor(37.5, shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: DTypeLike = None) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


@member("msle", "MSLE")
class MeanSquaredLogarithmicError(MeanOfLoss):
    """mean((log(y_true + 1) - log(y_pred + 1))**2).

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> f"{MeanSquaredLogarithmicError()([[0.0, 1.0]], [[1.0, 1.0]]).item():.4f}"
    '0.2402'
    """

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: DTypeLike = None) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


@member()
class LogCoshError(MeanOfLoss):
    """mean(log(cosh(y_pred - y_true))): squares of small errors, sizes of large ones.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> f"{LogCoshError()([[0.0, 1.0]], [[1.0, 1.0]]).item():.4f}"
    '0.2169'
    """

    def __init__(self, name: str | None = "logcosh", dtype: DTypeLike = None) -> None:
        super().__init__(losses.log_cosh, name, dtype)


@member()
class RootMeanSquaredError(Mean):
    """sqrt(mean((y_true - y_pred)**2)), the mean being over all batches.

    Args:
        name: its name in a history.
        dtype: the dtype of the result; None means float32.

    >>> RootMeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
    Tensor(0.5, shape=(), dtype=float32)
    """

    direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: DTypeLike = None) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]  # Keras' classes inherit alike
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Update the metric with one batch of labels and predictions.

        Args:
            y_true: any shape.
            y_pred: the same shape.
            sample_weight: the weight of each sample; None means 1.
        """
        true, predicted = matched(self.name, y_true, y_pred)
        super().update_state(square(predicted - true), sample_weight)

    def result(self) -> Tensor:
        """Return the root of the mean so far."""
        # The root only here: a mean of roots of batches would depend on how the data is cut into batches.
        return sqrt(super().result())
