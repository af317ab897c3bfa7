"""Adam: momentum and RMSprop's scaling, both corrected for starting at zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from gradtape.base.checks import flag
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.ops.numpy.arithmetic import power, square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.ops.numpy.selection import maximum
from gradtape.ops.numpy.shapes import cast
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.optimizer import OPTIMIZERS, Optimizer
from gradtape.optimizers.base.options import Options
from gradtape.optimizers.base.update_terms import UpdateTerms


@OPTIMIZERS.member("adam")
class Adam(Optimizer):
    """Gradient descent by running means of the gradient and of its square; t counts updates from 1.

        m <- m + (1 - beta_1) * (g - m)
        v <- v + (1 - beta_2) * (g**2 - v)
        u <- max(u, v)                                                  (amsgrad; otherwise u = v)
        alpha = learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w <- w - alpha * m / (sqrt(u) + epsilon)

    Epsilon is added to the uncorrected root (the paper's "epsilon hat"), as in Keras; PyTorch adds it to
    the corrected one.

    Args:
        learning_rate: the size of a step.
        beta_1: the decay rate of the mean of the gradient, in [0, 1).
        beta_2: the decay rate of the mean of its square, in [0, 1).
        epsilon: avoids a division by 0; above 0.
        amsgrad: whether the largest v so far is used.
        *common, **options: options of all optimizers, from weight_decay to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = Adam(learning_rate=0.1).apply_gradients([([1.0], w)])
    >>> f"{w.item():.4f}"
    '0.9000'

    Source: Kingma and Ba 2014, "Adam: a method for stochastic optimization"; Reddi et al. 2018 for amsgrad.
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *common: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, *common, **options)
        self.beta_1 = self.number("beta_1", beta_1, "[0, 1)")
        self.beta_2 = self.number("beta_2", beta_2, "[0, 1)")
        # With epsilon 0 a gradient of 0 gives 0 / 0, and NaN weights behind a finite loss.
        self.epsilon = self.number("epsilon", epsilon, "(0, inf)")
        self.amsgrad = flag(amsgrad, type(self).__name__, "amsgrad")
        names = ("momentum", "velocity", "velocity_hat") if amsgrad else ("momentum", "velocity")
        self.slots = dict.fromkeys(names, 0.0)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        m, v = self.slot(variable, "momentum"), self.slot(variable, "velocity")
        # beta_1 * m + (1 - beta_1) * g in Keras' form: one product less, and the same rounding as Keras'
        m.assign_add((gradient - m) * (1 - self.beta_1))
        v.assign_add((square(gradient) - v) * (1 - self.beta_2))
        size = v.value
        if self.amsgrad:
            largest = self.slot(variable, "velocity_hat")
            size = largest.assign(maximum(largest, v)).value
        alpha = self.once(self._alpha, learning_rate)
        variable.assign_sub(self._step(alpha, m, size))

    def _step(self, alpha: Tensor, m: Tensor | Variable | float, size: Tensor | Variable) -> Tensor:
        return alpha * m / (sqrt(size) + self.epsilon)

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms:
        """Return the parts of the mean, the gradient's and that of the gradients before, each as a step."""
        alpha = self.once(self._alpha, learning_rate)
        size = self.slot(variable, "velocity_hat" if self.amsgrad else "velocity")
        name = "u" if self.amsgrad else "v"
        return UpdateTerms(
            -self._step(alpha, 1 - self.beta_1, size),
            f"-alpha * (beta_1 * m + (1 - beta_1) * g) / (sqrt({name}) + epsilon)",
            {"momentum": -self._step(alpha, before["momentum"] * self.beta_1, size)},
        )

    def _alpha(self, learning_rate: Tensor) -> Tensor:
        """Return the learning rate, corrected for means that start at zero."""
        # both corrections in one number for all weights (end of section 2 of the paper)
        t = cast(self.iterations + 1, learning_rate.dtype)
        return learning_rate * sqrt(1 - power(self.beta_2, t)) / (1 - power(self.beta_1, t))
