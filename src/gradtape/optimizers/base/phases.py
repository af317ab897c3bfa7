"""One update of an optimizer, part by part; `Optimizer` says what each part does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from gradtape.core.hooks import UPDATE, in_phase, local, tell_part
from gradtape.core.tensor import Tensor, TensorLike, as_tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.ops.numpy.comparison import equal, not_equal
from gradtape.ops.numpy.creation import zeros_like
from gradtape.ops.numpy.integer_parts import floor_divide
from gradtape.ops.numpy.selection import where
from gradtape.ops.numpy.shapes import cast
from gradtape.optimizers.base.clip import clip_by_global_norm, clip_by_norm, clip_by_value
from gradtape.optimizers.base.learning_rate import HasLearningRate
from gradtape.optimizers.base.options import CLIPS
from gradtape.optimizers.base.update_terms import (
    ACCUMULATION,
    AVERAGING,
    BEGIN_STEP,
    CLIPPING,
    CONSTRAINT,
    COUNTING,
    LEARNING_RATE,
    SCALING,
    WEIGHT_DECAY,
    UpdateTerms,
    told_update,
)

T = TypeVar("T")

AVERAGE, ACCUMULATOR = "average", "gradient_accumulator"
_ONE = Tensor(np.int64(1))


def _teller() -> Callable[[str], None]:
    """Return the function that tells hooks which part of the update begins; it does nothing if none asks."""
    return tell_part if local.phase else _tell_nobody


def _tell_nobody(part: str) -> None:
    pass


class Phases(HasLearningRate):
    """An optimizer's way from gradients to weights.  Its options are attributes, called as in `Optimizer`."""

    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None

    def __init__(self, learning_rate: Any, name: str) -> None:
        super().__init__(learning_rate, name)
        self._undecayed: dict[int, Variable] = {}
        self._undecayed_names: tuple[str, ...] = ()
        self._kept: dict[int, Any] | None = None

    def __getstate__(self) -> dict[str, Any]:
        # as a list: a copy has other weights, with other ids
        return {**super().__getstate__(), "_undecayed": list(self._undecayed.values()), "_kept": None}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        super().__setstate__(state)
        self._undecayed = {id(weight): weight for weight in state["_undecayed"]}

    def _set_options(self, options: Mapping[str, Any]) -> None:
        for option, value in options.items():
            setattr(self, option, value)

    def _all_slots(self) -> Mapping[str, float]:
        shared = {AVERAGE: self.use_ema, ACCUMULATOR: self.gradient_accumulation_steps}
        return {slot: 0.0 for slot, is_wanted in shared.items() if is_wanted} | dict(self.slots)

    @property
    def iterations(self) -> Any:
        """How many updates there have been: a Variable, or a tensor where gradients are accumulated."""
        steps = self.gradient_accumulation_steps
        return floor_divide(self._iterations, steps) if steps else self._iterations

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Change one Variable and its slots by its gradient: what makes one optimizer differ from another.

        Args:
            gradient: of the Variable's shape and dtype.
            variable: the weight.
            learning_rate: () in the Variable's dtype; in one step, the same tensor for all of that dtype.
        """
        raise ArgumentTypeError(f"{type(self).__name__}: an optimizer must define update_step")

    def update_terms(
        self, gradient: Tensor, variable: Variable, learning_rate: Tensor, before: Mapping[str, Tensor]
    ) -> UpdateTerms | None:
        """Return the terms of the change that `update_step` has just made, so that `step.why` can show them.

        It is asked only where somebody wants to know, after `update_step` with the same arguments; the slots
        hold their new values.  An optimizer of your own need not define it: its change is one term then.

        Args:
            gradient: of the Variable's shape and dtype.
            variable: the weight.
            learning_rate: () in the Variable's dtype.
            before: what each slot of the weight held before the update, by the slot's name.

        Returns:
            The terms, whose sum is the change but for rounding.

        >>> from gradtape.optimizers import SGD
        >>> weight, optimizer = Variable([1.0]), SGD(momentum=0.5)
        >>> optimizer.build([weight])
        >>> before = {"momentum": as_tensor([0.25])}
        >>> terms = optimizer.update_terms(as_tensor([2.0]), weight, as_tensor(0.1), before)
        >>> terms.formula
        'momentum * m - learning_rate * g'
        >>> terms.coefficient.item(), terms.others["momentum"].item()
        (-0.10000000149011612, 0.125)
        """
        return None

    @property
    def gradient_scale(self) -> float:
        """What gradients are multiplied by before clipping: loss scaling is undone, sums become means."""
        return 1 / ((self.loss_scale_factor or 1.0) * (self.gradient_accumulation_steps or 1))

    @property
    def clipping(self) -> str:
        """Which clipping was asked for, such as ``"clipnorm=1"``; "" if none was."""
        return ", ".join(f"{n}={getattr(self, n):g}" for n in CLIPS if getattr(self, n))

    def begin_step(self) -> None:
        """Change what belongs to no weight, before the weights are changed.  Here: nothing."""

    def once(self, compute: Callable[[Tensor], T], learning_rate: Tensor) -> T:
        """Return ``compute(learning_rate)``, computed once in a step for all Variables of one dtype."""
        if self._kept is None:
            return compute(learning_rate)
        # `_update` holds the rates while the step lasts, so no id can become that of another tensor
        if id(learning_rate) not in self._kept:
            self._kept[id(learning_rate)] = compute(learning_rate)
        found: T = self._kept[id(learning_rate)]
        return found

    def _change(self, gradients: Sequence[Tensor], variables: Sequence[Variable]) -> None:
        """Go through all phases, with gradients that have been checked."""
        tell = _teller()
        if self.loss_scale_factor is not None:
            tell(SCALING)
            # first: sums and limits of clipping are meant for the gradient of the loss itself
            gradients = [g / self.loss_scale_factor for g in gradients]
        if self.gradient_accumulation_steps is None:
            self._update(gradients, variables)
        else:
            self._accumulate(gradients, variables, self.gradient_accumulation_steps)
        if self.use_ema:
            tell(AVERAGING)
            self._average()
        tell(CONSTRAINT)
        for variable in variables:
            if variable.constraint is not None:
                # after the averages too, so that neither they nor the update can leave a weight outside
                variable.assign(variable.constraint(variable.value))
        tell(COUNTING)
        # last: a schedule is asked for step 0 in the first update
        self._iterations.assign_add(_ONE)

    def _accumulate(self, gradients: Sequence[Tensor], variables: Sequence[Variable], steps: int) -> None:
        """Update by the mean gradient every `steps` steps; else put everything back and keep the sum."""
        tell = _teller()
        tell(ACCUMULATION)
        # computed in every step, and kept by `where` in one: a compiled step cannot decide by a count that it
        # only has when it runs
        is_due = equal((self._iterations + 1) % steps, 0)
        sums = [g + self.slot(v, ACCUMULATOR) for g, v in zip(gradients, variables, strict=True)]
        held = [*variables, *self._own_state(variables)]
        before = [v.value for v in held]
        self._update([s / steps for s in sums], variables)
        tell(ACCUMULATION)
        for variable, value in zip(held, before, strict=True):
            variable.assign(where(is_due, variable, value))
        for variable, total in zip(variables, sums, strict=True):
            self.slot(variable, ACCUMULATOR).assign(where(is_due, zeros_like(total), total))

    def _own_state(self, variables: Sequence[Variable]) -> list[Variable]:
        """Return what an update of `variables` may change besides them."""
        keys = set(map(id, variables))
        # what is left out is not changed by `_update`: count, averages and sums have lines of their own
        single = [v for name, v in self._single.items() if name not in ("iterations", "learning_rate")]
        shared = (AVERAGE, ACCUMULATOR)
        return single + [v for (slot, k), v in self._slots.items() if k in keys and slot not in shared]

    def _update(self, gradients: Sequence[Tensor], variables: Sequence[Variable]) -> None:
        """Clip, decay, and change each Variable by `update_step`."""
        tell, is_told = _teller(), local.phase or local.update
        tell(LEARNING_RATE)
        rate = self._rate_now()
        rates = {rate.dtype: rate}
        self._kept = {}
        try:
            tell(BEGIN_STEP)
            self.begin_step()
            tell(CLIPPING)
            for g, variable, incoming in zip(self._clipped(gradients), variables, gradients, strict=True):
                dtype = variable.dtype
                if dtype not in rates:  # in the Variable's dtype, so that a float64 weight stays one
                    rates[dtype] = as_tensor(rate, dtype)
                if self.weight_decay and self._decays(variable):
                    tell(WEIGHT_DECAY)
                    # decoupled, after Loshchilov and Hutter 2019: in no gradient, unlike an L2 loss,
                    # so that no slot sees it
                    variable.assign_sub(variable * (rates[dtype] * self.weight_decay))
                if is_told:
                    told_update(self, g, variable, rates[dtype], incoming)
                else:
                    self.update_step(g, variable, rates[dtype])
        finally:
            self._kept = None

    def _clipped(self, gradients: Sequence[Tensor]) -> Sequence[Tensor]:
        if self.clipnorm is not None:
            return clip_by_norm(gradients, self.clipnorm)
        if self.global_clipnorm is not None:
            return clip_by_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue is not None:
            return clip_by_value(gradients, self.clipvalue)
        return gradients

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Keep some weights from decaying; to be called before the optimizer is built.

        Args:
            var_list: these Variables.
            var_names: and those whose name contains one of these strings.

        Raises:
            ArgumentError: if the optimizer is built already.
        """
        if self.built:
            raise ArgumentError(
                f"{type(self).__name__}.exclude_from_weight_decay: call it before the optimizer is built"
            )
        self._undecayed = {id(v): v for v in var_list or ()}
        self._undecayed_names = tuple(var_names or ())

    def _decays(self, variable: Variable) -> bool:
        named = any(part in variable.name for part in self._undecayed_names)
        return not named and id(variable) not in self._undecayed

    def _average(self) -> None:
        """Take the weights into their averages, and put these in the weights' place when it is time."""
        updates, every = self.iterations, self.ema_overwrite_frequency
        for weight in self._weights.values():
            average = self.slot(weight, AVERAGE)
            # 0 in the first update: the average begins with the weights, and needs no bias correction
            kept = cast(not_equal(updates, 0), weight.dtype) * self.ema_momentum
            average.assign(average * kept + weight * (1 - kept))
            if every:
                weight.assign(where(equal((updates + 1) % every, 0), average, weight))

    @in_phase(UPDATE)
    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """Set the weights in `var_list` to their moving averages, if there are such (`use_ema`)."""
        if self.use_ema:
            weights = list(var_list)
            self._check_known(weights)
            for weight in weights:
                weight.assign(self.slot(weight, AVERAGE))

    @in_phase(UPDATE)
    def scale_loss(self, loss: TensorLike) -> Tensor:
        """Return the loss times `loss_scale_factor`; the gradients of that are what `apply` divides again."""
        tensor = as_tensor(loss)
        return tensor if self.loss_scale_factor is None else tensor * self.loss_scale_factor
