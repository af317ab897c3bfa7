"""RMSprop: each weight's step is divided by the running size of its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from gradtape.base.checks import flag
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.ops.numpy.arithmetic import square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.optimizer import OPTIMIZERS, Optimizer
from gradtape.optimizers.base.options import Options
from gradtape.optimizers.base.update_terms import UpdateTerms


@OPTIMIZERS.member("rmsprop")
class RMSprop(Optimizer):
    """Gradient descent scaled by the root of a running mean of squared gradients.

        v <- v + (1 - rho) * (g**2 - v)
        a <- a + (1 - rho) * (g - a)                                    (centered)
        d  = learning_rate * g / sqrt(v + epsilon)                      (centered: v - a**2 + epsilon)
        m <- momentum * m + d,   w <- w - m                             (without momentum: w <- w - d)

    Epsilon stands inside the root, as in Keras; PyTorch adds it to the root.

    Args:
        learning_rate: the size of a step.
        rho: the decay rate of the running means, in [0, 1).
        momentum: how much of the velocity m is kept, in [0, 1).
        epsilon: avoids a division by 0; above 0.
        centered: whether the running mean of the gradient is taken away: a variance instead of a square.
        *common, **options: options of all optimizers, from weight_decay to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = RMSprop(learning_rate=0.1).apply_gradients([([1.0], w)])
    >>> f"{w.item():.4f}"
    '0.6838'

    Source: Tieleman and Hinton 2012, lecture 6.5 of "Neural networks for machine learning".
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        *common: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, *common, **options)
        self.rho = self.number("rho", rho, "[0, 1)")
        self.momentum = self.number("momentum", momentum, "[0, 1)")
        self.epsilon = self.number("epsilon", epsilon, "(0, inf)")
        self.centered = flag(centered, type(self).__name__, "centered")
        wanted = {"velocity": True, "momentum": momentum > 0, "average_gradient": centered}
        self.slots = {slot: 0.0 for slot, is_wanted in wanted.items() if is_wanted}

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        v = self.slot(variable, "velocity")
        v.assign_add((square(gradient) - v) * (1 - self.rho))
        if self.centered:
            a = self.slot(variable, "average_gradient")
            a.assign_add((gradient - a) * (1 - self.rho))
        step = self._step(learning_rate, gradient, variable)
        if self.momentum:
            m = self.slot(variable, "momentum")
            m.assign(m * self.momentum + step)
            step = m.value
        variable.assign_sub(step)

    def _step(self, learning_rate: Tensor, gradient: Tensor | float, variable: Variable) -> Tensor:
        spread = self.slot(variable, "velocity").value
        if self.centered:
            # v - a**2: the variance of the gradient instead of its mean square (Graves 2013)
            spread = spread - square(self.slot(variable, "average_gradient"))
        return learning_rate * gradient / sqrt(spread + self.epsilon)

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms:
        """Return the scaled gradient, and what is left of the velocity."""
        coefficient = -self._step(learning_rate, 1.0, variable)
        inside = "v - a**2" if self.centered else "v"
        scaled = f"learning_rate * g / sqrt({inside} + epsilon)"
        if not self.momentum:
            return UpdateTerms(coefficient, f"-{scaled}")
        past = before["momentum"] * self.momentum
        return UpdateTerms(coefficient, f"-momentum * m - {scaled}", {"momentum": -past})
