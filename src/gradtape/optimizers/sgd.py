"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from gradtape.base.checks import flag
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.optimizer import OPTIMIZERS, Optimizer
from gradtape.optimizers.base.options import Options
from gradtape.optimizers.base.update_terms import UpdateTerms


@OPTIMIZERS.member("sgd")
class SGD(Optimizer):
    """Gradient descent with momentum.

        w <- w - learning_rate * g                                      (momentum 0)
        m <- momentum * m - learning_rate * g,   w <- w + m             (momentum)
        w <- w + momentum * m - learning_rate * g                       (Nesterov, with the new m)

    The velocity m carries the learning rate and points downhill, as in Keras; PyTorch's does neither.

    Args:
        learning_rate: the size of a step.
        momentum: how much of the velocity is kept, in [0, 1).
        nesterov: whether the step looks one velocity ahead.
        *common, **options: options of all optimizers, from weight_decay to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = SGD(learning_rate=0.5).apply_gradients([([1.0], w)])
    >>> w
    Variable('variable', [0.5], shape=(1,), dtype=float32)

    Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
    """

    def __init__(
        self,
        learning_rate: Rate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *common: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, *common, **options)
        self.momentum = self.number("momentum", momentum, "[0, 1)")
        self.nesterov = flag(nesterov, type(self).__name__, "nesterov")
        # without momentum no slot: it would double the memory of the weights for zeros
        self.slots = {"momentum": 0.0} if momentum else {}

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        downhill = learning_rate * gradient
        if not self.momentum:
            variable.assign_sub(downhill)
            return
        m = self.slot(variable, "momentum")
        m.assign(m * self.momentum - downhill)
        variable.assign_add(m * self.momentum - downhill if self.nesterov else m)

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms:
        """Return the step down the gradient, and what is left of the velocity."""
        if not self.momentum:
            return UpdateTerms(-learning_rate, "-learning_rate * g")
        past = before["momentum"] * self.momentum
        if not self.nesterov:
            return UpdateTerms(-learning_rate, "momentum * m - learning_rate * g", {"momentum": past})
        return UpdateTerms(
            -learning_rate * (1 + self.momentum),
            # the new m put into the second formula: momentum * (momentum * m - learning_rate * g) - ...
            "momentum**2 * m - (1 + momentum) * learning_rate * g",
            {"momentum": past * self.momentum},
        )
