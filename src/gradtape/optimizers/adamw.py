"""AdamW: Adam with weight decay beside it instead of in the gradient."""

from __future__ import annotations

from typing import Any

from gradtape.errors import ArgumentError
from gradtape.optimizers.adam import Adam
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.optimizer import OPTIMIZERS


@OPTIMIZERS.member("adamw")
class AdamW(Adam):
    """Adam with decoupled weight decay.

        w <- w - learning_rate * weight_decay * w,   then Adam's update

    Args:
        learning_rate: the size of a step.
        weight_decay: how much of each weight is taken away in a step, times the learning rate.
        beta_1: the decay rate of the mean of the gradient, in [0, 1).
        beta_2: the decay rate of the mean of its square, in [0, 1).
        epsilon: avoids a division by 0; above 0.
        amsgrad: whether the largest v so far is used.
        *common, **options: what all optimizers share, from clipnorm to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = AdamW(learning_rate=0.1, weight_decay=0.5).apply_gradients([([1.0], w)])
    >>> f"{w.item():.4f}"
    '0.8500'

    Source: Loshchilov and Hutter 2017, "Decoupled weight decay regularization".
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *common: Any,
        **options: Any,
    ) -> None:
        # for Adam None means no decay: AdamW would silently be Adam
        if weight_decay is None:
            raise ArgumentError(f"{type(self).__name__}: weight_decay must be a number, got None")
        # weight_decay comes second here, as in Keras; for Adam it is one of the common options
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, *common, **options)
