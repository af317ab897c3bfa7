"""Losses between distributions: Kullback-Leibler divergence and Poisson."""

from __future__ import annotations

from gradtape.core.tensor import Tensor, TensorLike
from gradtape.losses.base.function_loss import PlainLoss
from gradtape.losses.base.inputs import EPSILON, above_zero, matched
from gradtape.losses.base.loss import LOSSES
from gradtape.ops.nn.crossentropy import soft_crossentropy_of
from gradtape.ops.nn.softmax import Probabilities
from gradtape.ops.numpy.exponential import log
from gradtape.ops.numpy.reductions import sum
from gradtape.ops.numpy.statistics import mean


@LOSSES.member("kld", "KLD", "kullback_leibler_divergence")
def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the sum over the last axis of y_true * log(y_true / y_pred), for each sample.

    Args:
        y_true: (..., n) the true probabilities; where one is 0, its term is 0.
        y_pred: (..., n) the predicted ones.  If they come directly from `softmax`, its logits are used; in
            others, 0 is replaced by the smallest normal number.

    Returns:
        (...) of y_pred's dtype.

    >>> f"{kl_divergence([[0.0, 1.0]], [[0.5, 0.5]]).item():.4f}"
    '0.6931'
    """
    true, predicted = matched("kl_divergence", y_true, y_pred)
    # 0 * log(0) is to be 0, its limit; log(0) itself is -inf, and 0 * -inf NaN.
    logs = log(above_zero(true))
    if isinstance(predicted, Probabilities) and predicted.logits is not None:
        return sum(true * logs, axis=-1) + soft_crossentropy_of(predicted.logits, true, predicted)
    return sum(true * (logs - log(above_zero(predicted))), axis=-1)


@LOSSES.member()
def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Return the mean over the last axis of y_pred - y_true * log(y_pred + 1e-7), for each sample.

    Args:
        y_true: (..., n) the counts that were observed.
        y_pred: (..., n) the expected counts, at least 0.

    Returns:
        (...) of y_pred's dtype.

    >>> f"{poisson([[1.0]], [[2.0]]).item():.4f}"
    '1.3069'
    """
    true, predicted = matched("poisson", y_true, y_pred)
    # As in Keras: an expected count of 0 has a finite logarithm, and the term log(y_true!), which no
    # prediction changes, is left out.
    return mean(predicted - true * log(predicted + EPSILON), axis=-1)


@LOSSES.member()
class KLDivergence(PlainLoss):
    """The mean of sum(y_true * log(y_true / y_pred)) over the last axis.

    >>> f"{KLDivergence()([[0.0, 1.0]], [[0.5, 0.5]]).item():.4f}"
    '0.6931'
    """

    function = staticmethod(kl_divergence)


@LOSSES.member()
class Poisson(PlainLoss):
    """The mean of y_pred - y_true * log(y_pred + 1e-7).

    >>> f"{Poisson()([[1.0]], [[2.0]]).item():.4f}"
    '1.3069'
    """

    function = staticmethod(poisson)
