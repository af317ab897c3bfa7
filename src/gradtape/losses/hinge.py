"""Hinge losses: predictions on the right side, beyond the margin, cost nothing."""

from __future__ import annotations

from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import PlainLoss
from gradtape.losses.base.inputs import matched
from gradtape.losses.base.loss import LOSSES
from gradtape.ops.nn.activations import relu
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.comparison import equal, logical_or
from gradtape.ops.numpy.reductions import all, max, sum
from gradtape.ops.numpy.selection import where
from gradtape.ops.numpy.statistics import mean


@LOSSES.member()
def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of max(1 - y_true * y_pred, 0), for each sample.

    Args:
        y_true: (..., n) the classes, -1 or 1; if all of them are 0 or 1, 0 means -1.
        y_pred: (..., n) the predictions.

    Returns:
        (...) of y_pred's dtype.

    >>> hinge([[-1.0, 1.0]], [[0.5, 0.5]])
    Tensor([1.], shape=(1,), dtype=float32)
    """
    return mean(_short_of_margin("hinge", y_true, y_pred), axis=-1)


@LOSSES.member()
def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of max(1 - y_true * y_pred, 0)**2, for each sample.

    Arguments as for `hinge`.

    >>> squared_hinge([[-1.0, 1.0]], [[0.5, 0.5]])
    Tensor([1.25], shape=(1,), dtype=float32)
    """
    return mean(square(_short_of_margin("squared_hinge", y_true, y_pred)), axis=-1)


def _short_of_margin(who: str, y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    true, predicted = matched(who, y_true, y_pred)
    # As in Keras, one label other than 0 and 1 makes the whole batch -1 and 1.  A batch of only 1 is the
    # same both ways, as 2 * 1 - 1 = 1.  `where`, not `if`: a compiled step cannot branch on values.
    is_binary = all(logical_or(equal(true, 0.0), equal(true, 1.0)))
    return relu(1.0 - where(is_binary, 2.0 * true - 1.0, true) * predicted)


@LOSSES.member()
def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return max(1 + wrong - right, 0): the best prediction for a wrong class against that for the right one.

    ``right = sum(y_true * y_pred)`` and ``wrong = max((1 - y_true) * y_pred)`` over the last axis.

    Args:
        y_true: (..., classes) one-hot.
        y_pred: (..., classes) the predictions.

    Returns:
        (...) of y_pred's dtype.

    >>> categorical_hinge([[0.0, 1.0]], [[0.5, 0.75]])
    Tensor([0.75], shape=(1,), dtype=float32)
    """
    true, predicted = matched("categorical_hinge", y_true, y_pred)
    right = sum(true * predicted, axis=-1)
    # The true class takes part with 0, as in Keras: wrong is never below 0.
    wrong = max((1.0 - true) * predicted, axis=-1)
    return relu(wrong - right + 1.0)


@LOSSES.member()
class Hinge(PlainLoss):
    """The mean of max(1 - y_true * y_pred, 0); y_true are -1 or 1, or all of them 0 or 1.

    >>> Hinge()([[-1.0], [1.0]], [[0.5], [0.5]])
    Tensor(1., shape=(), dtype=float32)
    """

    function = staticmethod(hinge)


@LOSSES.member()
class SquaredHinge(PlainLoss):
    """The mean of max(1 - y_true * y_pred, 0)**2; y_true are -1 or 1, or all of them 0 or 1.

    >>> SquaredHinge()([[-1.0], [1.0]], [[0.5], [0.5]])
    Tensor(1.25, shape=(), dtype=float32)
    """

    function = staticmethod(squared_hinge)


@LOSSES.member()
class CategoricalHinge(PlainLoss):
    """The mean of max(1 + wrong - right, 0), see `categorical_hinge`; y_true is one-hot.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.75]])
    Tensor(0.75, shape=(), dtype=float32)
    """

    function = staticmethod(categorical_hinge)
