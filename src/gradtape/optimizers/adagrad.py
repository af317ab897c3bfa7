"""Adagrad: each weight's step shrinks with the sum of all its squared gradients."""

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


@OPTIMIZERS.member("adagrad")
class Adagrad(Optimizer):
    """Gradient descent scaled by the root of the sum of squared gradients.

        s <- s + g**2                                        (s starts at initial_accumulator_value)
        w <- w - learning_rate * g / sqrt(s + epsilon)

    Args:
        learning_rate: the size of a step.
        initial_accumulator_value: the initial value of the sums, 0 or more.
        epsilon: avoids a division by 0; above 0.
        *common, **options: options of all optimizers, from weight_decay to name, see `Optimizer`.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = Adagrad(learning_rate=0.1, initial_accumulator_value=0.44).apply_gradients([([1.0], w)])
    >>> f"{w.item():.4f}"
    '0.9167'

    Source: Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic optimization".
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        *common: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, *common, **options)
        start = self.number("initial_accumulator_value", initial_accumulator_value, "[0, inf)")
        self.initial_accumulator_value = start
        self.epsilon = self.number("epsilon", epsilon, "(0, inf)")
        # Keras starts at 0.1 by default, PyTorch at 0: there the first step is the learning rate itself
        self.slots = {"accumulator": start}

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        s = self.slot(variable, "accumulator")
        s.assign_add(square(gradient))
        variable.assign_sub(self._step(learning_rate, gradient, s))

    def _step(self, learning_rate: Tensor, gradient: Tensor | float, s: Variable) -> Tensor:
        # inside the root, as in Keras; PyTorch adds epsilon to the root
        return learning_rate * gradient / sqrt(s + self.epsilon)

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms:
        """Return the scaled gradient: the whole step."""
        coefficient = -self._step(learning_rate, 1.0, self.slot(variable, "accumulator"))
        return UpdateTerms(coefficient, "-learning_rate * g / sqrt(s + epsilon)")
