"""Nadam: Adam that looks one step ahead, as Nesterov's momentum does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Unpack

from gradtape.core.tensor import Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.ops.numpy.arithmetic import power, square
from gradtape.ops.numpy.exponential import sqrt
from gradtape.ops.numpy.shapes import cast
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.optimizer import OPTIMIZERS, Optimizer
from gradtape.optimizers.base.options import Options
from gradtape.optimizers.base.update_terms import UpdateTerms

# the momentum is warmed up: mu(t) grows from about beta_1 / 2 towards beta_1, as 0.96**t fades
_FADING = 0.96


class _Factors(NamedTuple):
    """What Nadam multiplies mean, gradient, mean of squares and new square with in one step."""

    of_m: Tensor
    of_g: Tensor
    of_v: Tensor
    of_square: Tensor


@OPTIMIZERS.member("nadam")
class Nadam(Optimizer):
    """Adam with Nesterov momentum, which is warmed up; t counts updates from 1.

        mu(t) = beta_1 * (1 - 0.96**t / 2),   p <- p * mu(t)            (p starts at 1)
        m <- m + (1 - beta_1) * (g - m)
        v <- v + (1 - beta_2) * (g**2 - v)
        n = mu(t+1) * m / (1 - p * mu(t+1)) + (1 - mu(t)) * g / (1 - p)
        w <- w - learning_rate * n / (sqrt(v / (1 - beta_2**t)) + epsilon)

    Args:
        learning_rate: the size of a step.
        beta_1: the decay rate of the mean of the gradient, in [0, 1).
        beta_2: the decay rate of the mean of its square, in [0, 1).
        epsilon: avoids a division by 0; above 0.
        *common, **options: options of all optimizers, from weight_decay to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = Nadam(learning_rate=0.1).apply_gradients([([1.0], w)])
    >>> f"{w.item():.4f}"
    '0.8937'

    Source: Dozat 2016, "Incorporating Nesterov momentum into Adam".
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
        self.slots = {"momentum": 0.0, "velocity": 0.0}

    def build(self, variables: Iterable[Variable]) -> None:
        """Make the slots, and p in the dtype of the first weight."""
        weights = list(variables)
        if not self.built and weights:
            super().build(weights)
            self._product = self.add_variable((), "ones", weights[0].dtype, "u_product")
        else:
            super().build(weights)

    def begin_step(self) -> None:
        """Multiply p by mu(t)."""
        t = cast(self.iterations + 1, self._product.dtype)
        # once per step, not per weight: it is the product over all steps so far
        self._product.assign(self._product * self._mu(t))

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        m, v = self.slot(variable, "momentum"), self.slot(variable, "velocity")
        m.assign_add((gradient - m) * (1 - self.beta_1))
        by = self.once(self._factors, learning_rate)
        v.assign_add((square(gradient) - v) * by.of_square)
        ahead = by.of_m * m + by.of_g * gradient
        variable.assign_sub(self._step(learning_rate, ahead, v * by.of_v))

    def _step(self, learning_rate: Tensor, ahead: Tensor, size: Tensor) -> Tensor:
        return learning_rate * ahead / (sqrt(size) + self.epsilon)

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms:
        """Return the gradient's part in the step, alone and in the mean, and that of the gradients before."""
        by = self.once(self._factors, learning_rate)
        size = self.slot(variable, "velocity") * by.of_v
        past = by.of_m * (before["momentum"] * self.beta_1)
        return UpdateTerms(
            -self._step(learning_rate, by.of_m * (1 - self.beta_1) + by.of_g, size),
            "-learning_rate * (of_m * (beta_1 * m + (1 - beta_1) * g) + of_g * g)"
            " / (sqrt(v * of_v) + epsilon)",
            {"momentum": -self._step(learning_rate, past, size)},
        )

    def _mu(self, t: Tensor) -> Tensor:
        return self.beta_1 * (1 - 0.5 * power(_FADING, t))

    def _factors(self, learning_rate: Tensor) -> _Factors:
        t = cast(self.iterations + 1, learning_rate.dtype)
        p = as_tensor(self._product, learning_rate.dtype)
        now, ahead = self._mu(t), self._mu(t + 1)
        # 1 - beta_2 is rounded as 1 - beta_2**t is, so that the first v / (1 - beta_2**t) is g**2 exactly.
        beta_2 = as_tensor(self.beta_2, learning_rate.dtype)
        return _Factors(
            of_m=ahead / (1 - p * ahead),
            of_g=(1 - now) / (1 - p),
            of_v=1 / (1 - power(beta_2, t)),
            of_square=1 - beta_2,
        )
