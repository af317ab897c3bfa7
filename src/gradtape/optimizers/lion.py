"""Lion: steps of one size, in the direction of the sign of the momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.ops.numpy.comparison import equal
from gradtape.ops.numpy.integer_parts import sign
from gradtape.ops.numpy.selection import where
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.optimizer import OPTIMIZERS, Optimizer
from gradtape.optimizers.base.options import Options
from gradtape.optimizers.base.update_terms import UpdateTerms


@OPTIMIZERS.member("lion")
class Lion(Optimizer):
    """Gradient descent by the sign of a mean of gradients.

        w <- w - learning_rate * sign(beta_1 * m + (1 - beta_1) * g)
        m <- beta_2 * m + (1 - beta_2) * g

    Args:
        learning_rate: how far a step goes; about a tenth of Adam's.
        beta_1: the weight of the mean in the step, in (0, 1].
        beta_2: the decay rate of the mean, in [0, 1).
        *common, **options: options of all optimizers, from weight_decay to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = Lion(learning_rate=0.1).apply_gradients([([7.0], w)])
    >>> f"{w.item():.4f}"
    '0.9000'

    Source: Chen et al. 2023, "Symbolic discovery of optimization algorithms".
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        *common: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, *common, **options)
        self.beta_1 = self.number("beta_1", beta_1, "(0, 1]")
        self.beta_2 = self.number("beta_2", beta_2, "[0, 1)")
        self.slots = {"momentum": 0.0}

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        m = self.slot(variable, "momentum")
        # before m: the step weighs the new gradient more (1 - beta_1) than the mean keeps of it (1 - beta_2)
        variable.assign_sub(learning_rate * sign(self._direction(m, gradient)))
        m.assign(m * self.beta_2 + gradient * (1 - self.beta_2))

    def _direction(self, m: Tensor | Variable, gradient: Tensor) -> Tensor:
        return m * self.beta_1 + gradient * (1 - self.beta_1)

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms:
        """Return the parts of the direction d, the mean's and the gradient's: sign(d) is d / |d|."""
        d = self._direction(before["momentum"], gradient)
        scale = -learning_rate * sign(d) / where(equal(d, 0.0), 1.0, d)  # 0 where d is 0
        return UpdateTerms(
            scale * (1 - self.beta_1),
            "-learning_rate * d / |d|, d = beta_1 * m + (1 - beta_1) * g",
            {"momentum": scale * (before["momentum"] * self.beta_1)},
        )
