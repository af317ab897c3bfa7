"""Adamax: Adam with the largest gradient so far in the place of the mean of squares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.ops.numpy.arithmetic import abs, power
from gradtape.ops.numpy.selection import maximum
from gradtape.ops.numpy.shapes import cast
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.optimizer import OPTIMIZERS, Optimizer
from gradtape.optimizers.base.options import Options
from gradtape.optimizers.base.update_terms import UpdateTerms


@OPTIMIZERS.member("adamax")
class Adamax(Optimizer):
    """Gradient descent by the running mean of the gradient over its fading maximum; t counts updates from 1.

        m <- m + (1 - beta_1) * (g - m)
        u <- max(beta_2 * u, |g|)
        w <- w - learning_rate / (1 - beta_1**t) * m / (u + epsilon)

    Args:
        learning_rate: the size of a step.
        beta_1: the decay rate of the mean, in [0, 1).
        beta_2: the decay rate of the maximum, in [0, 1).
        epsilon: avoids a division by 0; above 0.
        *common, **options: options of all optimizers, from weight_decay to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = Adamax(learning_rate=0.1).apply_gradients([([4.0], w)])
    >>> f"{w.item():.4f}"
    '0.9000'

    Source: Kingma and Ba 2014, "Adam: a method for stochastic optimization", section 7.1.
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        *common: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, *common, **options)
        self.beta_1 = self.number("beta_1", beta_1, "[0, 1)")
        self.beta_2 = self.number("beta_2", beta_2, "[0, 1)")
        self.epsilon = self.number("epsilon", epsilon, "(0, inf)")
        self.slots = {"momentum": 0.0, "norm": 0.0}

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        m, u = self.slot(variable, "momentum"), self.slot(variable, "norm")
        m.assign_add((gradient - m) * (1 - self.beta_1))
        # a maximum starts with no bias towards 0, so only m is corrected
        u.assign(maximum(u * self.beta_2, abs(gradient)))
        alpha = self.once(self._alpha, learning_rate)
        variable.assign_sub(self._step(alpha, m, u))

    def _step(self, alpha: Tensor, m: Tensor | Variable | float, u: Variable) -> Tensor:
        # the paper has no epsilon: a weight whose gradients were all 0 would become 0 / 0
        return alpha * m / (u + self.epsilon)

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms:
        """Return the parts of the mean, the gradient's and that of the gradients before, each as a step."""
        alpha, u = self.once(self._alpha, learning_rate), self.slot(variable, "norm")
        return UpdateTerms(
            -self._step(alpha, 1 - self.beta_1, u),
            "-alpha * (beta_1 * m + (1 - beta_1) * g) / (u + epsilon)",
            {"momentum": -self._step(alpha, before["momentum"] * self.beta_1, u)},
        )

    def _alpha(self, learning_rate: Tensor) -> Tensor:
        """Return the learning rate, corrected for a mean that starts at zero."""
        return learning_rate / (1 - power(self.beta_1, cast(self.iterations + 1, learning_rate.dtype)))
