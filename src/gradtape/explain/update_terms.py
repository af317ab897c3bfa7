"""How the change of one weight follows from its gradient, optimizer by optimizer.

Each of them moves a weight by  momentum + coefficient * gradient,  once the state after the step is known:
what it divides by belongs to the coefficient.  Lion's sign(d) is d / |d|.  Numbers that a whole step shares,
such as Adam's alpha, are computed by the optimizer's own code, so that they have its rounding.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

from gradtape.core.tensor import Tensor
from gradtape.optimizers import SGD, Adadelta, Adagrad, Adam, Adamax, Lion, Nadam, RMSprop


class UpdateTerms(NamedTuple):
    """The parts of an update.

    Attributes:
        momentum: what comes from the gradients of earlier steps.
        coefficient: what the gradient is multiplied with; the learning rate and all scaling are in it.
        formula: what was computed.
    """

    momentum: float
    coefficient: float
    formula: str


@dataclass
class OptimizerSlots:
    """What an optimizer held for one element of one weight.

    Attributes:
        optimizer: its options.
        rate: the learning rate, () in the weight's dtype.
        gradient: the gradient's element, as the update got it.
        updates: how many updates came before, a tensor.
        old: gives the element of a slot before the update.
        new: gives it after the update.
        single: gives the value that a Variable of no weight had in the update, a tensor.
    """

    optimizer: Any
    rate: Tensor
    gradient: float
    updates: Tensor
    old: Callable[[str], float]
    new: Callable[[str], float]
    single: Callable[[str], Tensor]

    @property
    def step_size(self) -> float:
        """The learning rate as a float."""
        return float(self.rate)

    def own(self, kind: Any, *methods: str) -> Any:
        """Return a stand-in for the optimizer as it was, whose `methods` are those of `kind`."""
        stand_in = SimpleNamespace(**vars(self.optimizer), iterations=self.updates)
        for name in methods:
            setattr(stand_in, name, functools.partial(getattr(kind, name), stand_in))
        return stand_in


def split(held: OptimizerSlots) -> UpdateTerms | None:
    """Return the parts of an update; None for an optimizer with an `update_step` of its own.

    Args:
        held: the optimizer's state for one element of one weight.
    """
    known = _SPLITS.get(type(held.optimizer).update_step)
    return None if known is None else known(held)


def _sgd(held: OptimizerSlots) -> UpdateTerms:
    rate, kept = held.step_size, held.optimizer.momentum
    if not kept:
        return UpdateTerms(0.0, -rate, "-learning_rate * g")
    past = kept * held.old("momentum")
    if held.optimizer.nesterov:
        return UpdateTerms(
            kept * past, -rate * (1 + kept), "momentum**2 * m - (1 + momentum) * learning_rate * g"
        )
    return UpdateTerms(past, -rate, "momentum * m - learning_rate * g")


def _rmsprop(held: OptimizerSlots) -> UpdateTerms:
    opt, spread = held.optimizer, held.new("velocity")
    if opt.centered:
        spread -= held.new("average_gradient") ** 2
    by = -held.step_size / _root(spread + opt.epsilon)
    inside = "v - a**2" if opt.centered else "v"
    formula = f"-learning_rate * g / sqrt({inside} + epsilon)"
    if not opt.momentum:
        return UpdateTerms(0.0, by, formula)
    return UpdateTerms(-opt.momentum * held.old("momentum"), by, f"-momentum * m {formula[0]} {formula[1:]}")


def _adam(held: OptimizerSlots) -> UpdateTerms:
    opt, own = held.optimizer, held.own(Adam, "_alpha")
    size = held.new("velocity_hat" if opt.amsgrad else "velocity")
    by = -float(own._alpha(held.rate)) / (_root(size) + opt.epsilon)
    name = "u" if opt.amsgrad else "v"
    return _mean(held, by, f"(sqrt({name}) + epsilon)")


def _adamax(held: OptimizerSlots) -> UpdateTerms:
    own = held.own(Adamax, "_alpha")
    by = -float(own._alpha(held.rate)) / (held.new("norm") + held.optimizer.epsilon)
    return _mean(held, by, "(u + epsilon)")


def _mean(held: OptimizerSlots, by: float, divisor: str) -> UpdateTerms:
    """Return the parts of a step along the running mean of the gradient."""
    kept = held.optimizer.beta_1
    formula = f"-alpha * (beta_1 * m + (1 - beta_1) * g) / {divisor}"
    return UpdateTerms(by * kept * held.old("momentum"), by * (1 - kept), formula)


def _nadam(held: OptimizerSlots) -> UpdateTerms:
    opt, own = held.optimizer, held.own(Nadam, "_mu", "_factors")
    own._product = held.single("u_product")
    factors = own._factors(held.rate)
    of_m, of_g, of_v = float(factors.of_m), float(factors.of_g), float(factors.of_v)
    by = -held.step_size / (_root(held.new("velocity") * of_v) + opt.epsilon)
    return UpdateTerms(
        by * of_m * opt.beta_1 * held.old("momentum"),
        by * (of_m * (1 - opt.beta_1) + of_g),
        "-learning_rate * (of_m * (beta_1 * m + (1 - beta_1) * g) + of_g * g) / (sqrt(v * of_v) + epsilon)",
    )


def _adagrad(held: OptimizerSlots) -> UpdateTerms:
    by = -held.step_size / _root(held.new("accumulator") + held.optimizer.epsilon)
    return UpdateTerms(0.0, by, "-learning_rate * g / sqrt(s + epsilon)")


def _adadelta(held: OptimizerSlots) -> UpdateTerms:
    epsilon = held.optimizer.epsilon
    past, size = held.old("accumulated_delta_var"), held.new("accumulated_grad")
    by = -held.step_size * _root(past + epsilon) / _root(size + epsilon)
    return UpdateTerms(0.0, by, "-learning_rate * g * sqrt(e + epsilon) / sqrt(s + epsilon)")


def _lion(held: OptimizerSlots) -> UpdateTerms:
    opt = held.optimizer
    past, fresh = opt.beta_1 * held.old("momentum"), 1 - opt.beta_1
    length = abs(past + fresh * held.gradient)
    by = -held.step_size / length if length else 0.0
    return UpdateTerms(by * past, by * fresh, "-learning_rate * d / |d|, d = beta_1 * m + (1 - beta_1) * g")


def _root(x: float) -> float:
    return math.sqrt(x) if x >= 0 else math.nan  # a variance may be rounded to less than 0


_SPLITS: dict[Any, Callable[[OptimizerSlots], UpdateTerms]] = {
    SGD.update_step: _sgd,
    RMSprop.update_step: _rmsprop,
    Adam.update_step: _adam,
    Adamax.update_step: _adamax,
    Nadam.update_step: _nadam,
    Adagrad.update_step: _adagrad,
    Adadelta.update_step: _adadelta,
    Lion.update_step: _lion,
}
