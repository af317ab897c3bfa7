"""Adam: momentum and RMSprop's scaling, both corrected for starting at zero."""

from __future__ import annotations

from gradtape.ops.arithmetic import power, square
from gradtape.ops.exponential import sqrt
from gradtape.ops.selecting import maximum
from gradtape.ops.shapes import cast
from gradtape.optimizers.optimizer import Optimizer
from gradtape.tensor import Tensor
from gradtape.variable import Variable


class Adam(Optimizer):
    """Gradient descent by running means of the gradient and of its square; t counts updates from 1.

        m <- m + (1 - beta_1) * (g - m)
        v <- v + (1 - beta_2) * (g**2 - v)
        alpha = learning_rate * sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w <- w - alpha * m / (sqrt(v) + epsilon)                        (amsgrad: the largest v so far)

    Epsilon is added to the uncorrected root (the paper's "epsilon hat"), as in Keras; PyTorch adds it to
    the corrected one.

    Args:
        learning_rate: how far a step goes.
        beta_1: how much of the mean of the gradient is kept, in [0, 1).
        beta_2: how much of the mean of its square is kept, in [0, 1).
        epsilon: keeps the division finite; must not be 0.
        amsgrad: whether the largest v so far is used.
        name: how its Variables are called.

    >>> from gradtape import Variable
    >>> w = Variable([1.0])
    >>> _ = Adam(learning_rate=0.1).apply_gradients([([1.0], w)])
    >>> f"{w.item():.4f}"
    '0.9000'

    Source: Kingma and Ba 2014, "Adam: a method for stochastic optimization"; Reddi et al. 2018 for amsgrad.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        name: str = "adam",
    ) -> None:
        super().__init__(learning_rate, name)
        self.beta_1 = self.number("beta_1", beta_1, 0.0, 1.0)
        self.beta_2 = self.number("beta_2", beta_2, 0.0, 1.0)
        # With epsilon 0 a gradient of 0 gives 0 / 0, and NaN weights behind a finite loss.
        self.epsilon = self.number("epsilon", epsilon, 1e-38, 1.0)
        self.amsgrad = amsgrad
        self.slots = ("momentum", "velocity", "velocity_hat") if amsgrad else ("momentum", "velocity")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Apply the formula of the class to one Variable."""
        t = cast(self.iterations, variable.dtype) + 1.0
        m, v = self.slot(variable, "momentum"), self.slot(variable, "velocity")
        m.assign_add((gradient - m) * (1 - self.beta_1))
        v.assign_add((square(gradient) - v) * (1 - self.beta_2))
        alpha = learning_rate * sqrt(1 - power(self.beta_2, t)) / (1 - power(self.beta_1, t))
        size = v.value
        if self.amsgrad:
            largest = self.slot(variable, "velocity_hat")
            largest.assign(maximum(largest, v))
            size = largest.value
        variable.assign_sub(alpha * m / (sqrt(size) + self.epsilon))
