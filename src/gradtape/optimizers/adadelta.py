"""Adadelta: steps in the size of the steps before, so that the learning rate has no unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.optimizer import OPTIMIZERS, Optimizer
from gradtape.optimizers.base.options import Options
from gradtape.optimizers.base.update_terms import UpdateTerms


@OPTIMIZERS.member("adadelta")
class Adadelta(Optimizer):
    """Gradient descent scaled by the size of past steps over the size of past gradients.

        s <- s + (1 - rho) * (g**2 - s)
        d  = g * sqrt(e + epsilon) / sqrt(s + epsilon)
        e <- e + (1 - rho) * (d**2 - e)
        w <- w - learning_rate * d

    The paper has no learning rate: 1 is its method.

    Args:
        learning_rate: the size of a step.
        rho: the decay rate of the running means, in [0, 1).
        epsilon: makes the first step larger than 0 and avoids a division by 0; above 0.
        *common, **options: options of all optimizers, from weight_decay to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = Adadelta(learning_rate=1.0, rho=0.0, epsilon=0.01).apply_gradients([([1.0], w)])
    >>> f"{w.item():.4f}"
    '0.9005'

    Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method".
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        *common: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, *common, **options)
        self.rho = self.number("rho", rho, "[0, 1)")
        self.epsilon = self.number("epsilon", epsilon, "(0, inf)")
        self.slots = {"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        s, e = self.slot(variable, "accumulated_grad"), self.slot(variable, "accumulated_delta_var")
        s.assign_add((square(gradient) - s) * (1 - self.rho))
        step = self._step(gradient, e, s)
        # after the step: it is scaled by the steps before it (algorithm 1 of the paper)
        e.assign_add((square(step) - e) * (1 - self.rho))
        variable.assign_sub(learning_rate * step)

    def _step(self, gradient: Tensor | float, e: Tensor | Variable, s: Variable) -> Tensor:
        # epsilon in both roots: e is 0 at first, and without it no weight would ever move
        return gradient * sqrt(e + self.epsilon) / sqrt(s + self.epsilon)

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms:
        """Return the scaled gradient: the whole step."""
        scale = self._step(1.0, before["accumulated_delta_var"], self.slot(variable, "accumulated_grad"))
        return UpdateTerms(
            -learning_rate * scale, "-learning_rate * g * sqrt(e + epsilon) / sqrt(s + epsilon)"
        )
