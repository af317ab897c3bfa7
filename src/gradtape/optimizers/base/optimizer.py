"""What all optimizers share: from the gradients that a tape gives to the weights of the next step."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from gradtape import engine
from gradtape.base.checks import number, refuse_unknown, text_or_none
from gradtape.base.config import Family, arguments
from gradtape.base.config import custom_objects as objects_by_name
from gradtape.base.names import snake_case
from gradtape.core.hooks import UPDATE, local, phase, put_in_phase, tell
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show
from gradtape.optimizers.base.learning_rate import Rate
from gradtape.optimizers.base.options import Options, checked_options
from gradtape.optimizers.base.phases import Phases
from gradtape.optimizers.schedules.schedule import SCHEDULES

_PLAIN = (int, float, bool, str, type(None))

Made = TypeVar("Made", bound="Optimizer")


class Optimizer(Phases):
    """The base of all optimizers.

    A gradient goes through these phases; those that are not asked for cost nothing:

        g <- g / loss_scale_factor
        g <- the mean of the last gradient_accumulation_steps gradients; in the steps between, nothing moves
        g <- clip(g)                                        by clipnorm, clipvalue or global_clipnorm
        w <- w - learning_rate * weight_decay * w           unless excluded
        w <- the optimizer's own update, `update_step`
        a <- ema_momentum * a + (1 - ema_momentum) * w      (use_ema; a = w after the first update)
        w <- a                                              every ema_overwrite_frequency updates
        w <- constraint(w)                                  where the weight has one

    Args:
        learning_rate: the size of a step: a number, 0 or more; a schedule; or a function without arguments.
        weight_decay: how much of each weight is taken away besides.
        clipnorm: the largest norm a weight's gradient may have; larger ones are scaled down.
        clipvalue: the largest value an element of a gradient may have.
        global_clipnorm: the largest norm that all gradients together may have.
        use_ema: whether the moving average of the weights is kept.
        ema_momentum: how much of the average is kept in a step, in [0, 1].
        ema_overwrite_frequency: after how many updates the weights become their average; None: only when
            `finalize_variable_values` is called.
        loss_scale_factor: what the loss was multiplied by, see `scale_loss`.
        gradient_accumulation_steps: how many gradients make one update, at least 2; None: one.
        name: its name; None takes the class's name.
        **unknown: refused, with the nearest name that is known.

    A subclass names its slots in `slots`, or makes them in `build`, and spells its update out in
    `update_step`.

    >>> class Halving(Optimizer):
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         variable.assign_sub(learning_rate * gradient / 2)
    >>> w = Variable([1.0])
    >>> _ = Halving(learning_rate=1.0).apply_gradients([([0.5], w)])
    >>> w.tolist()
    [0.75]
    """

    def __init__(
        self,
        learning_rate: Rate,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **unknown: object,
    ) -> None:
        who = type(self).__name__
        if unknown:
            refuse_unknown(unknown, who, inspect.signature(type(self)).parameters)
        given = locals()
        self._set_options(checked_options(who, {o: given[o] for o in Options.__annotations__ if o != "name"}))
        super().__init__(learning_rate, text_or_none(name, who) or snake_case(who))

    def __init_subclass__(cls, **options: object) -> None:
        """Let the signature of a subclass show the shared arguments for ``*common, **options``."""
        super().__init_subclass__(**options)
        put_in_phase(cls, UPDATE, ("apply", "apply_gradients"))
        own = list(inspect.signature(cls.__init__).parameters.values())[1:]
        named = [p for p in own if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        if len(named) < len(own):
            known = {p.name for p in named}
            shared = inspect.signature(Optimizer.__init__).parameters.values()
            named += [p for p in shared if p.name not in known | {"self", "unknown"}]
        # `arguments` and the messages about unknown names read it, as `help` does
        cls.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]

    def number(self, argument: str, value: object, interval: str) -> float:
        """Return `value` as a float if it is a number in `interval`, or raise naming the argument."""
        return number(value, type(self).__name__, argument, interval)

    def fixed_options(self) -> dict[str, Any]:
        """Return the options that a compiled step cannot see changing, by name."""
        options = {name: vars(self).get(name) for name in _option_names(type(self))}  # type: ignore[arg-type]
        # a Variable is an input of the program; of a schedule, which is Python, it keeps what was traced
        rate = None if isinstance(self._rate, Variable) else id(self._rate)
        return {name: o for name, o in options.items() if type(o) in _PLAIN} | {"learning_rate": rate}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments it was made with, and its learning rate of now, as JSON values."""
        return arguments(self) | {"learning_rate": self._rate_config()}

    @classmethod
    def from_config(
        cls: type[Made], config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Made:
        """Return a new optimizer made with the arguments in `config`; `custom_objects` are found by name."""
        given = dict(config)
        if isinstance(given.get("learning_rate"), Mapping | str):
            with objects_by_name(custom_objects or {}):
                given["learning_rate"] = SCHEDULES.deserialize(given["learning_rate"])
        return cls(**given)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """Update each Variable by its gradient.

        Args:
            grads_and_vars: pairs of a gradient, of the Variable's shape, and the Variable.

        Returns:
            How often gradients have been applied.

        Raises:
            ArgumentError: if there is no pair, a gradient is None, or the optimizer was built for other
                Variables; nothing has been changed then.
        """
        pairs = list(grads_and_vars)
        if not pairs:
            raise ArgumentError(
                f"{type(self).__name__}.apply_gradients: got no pair (gradient, Variable); "
                "a zip can be gone through only once"
            )
        self._apply([g for g, _ in pairs], [v for _, v in pairs], "apply_gradients")
        return self._iterations

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Update the Variables by their gradients, given as two lists of equal length.

        Args:
            grads: the gradients; none at all changes nothing.
            trainable_variables: the Variables; None: all that the optimizer was built for.
        """
        gradients = list(grads)
        if trainable_variables is None and not self.built:
            raise ArgumentError(
                f"{type(self).__name__}.apply: call build(variables) first, or pass the Variables too"
            )
        variables = self._weights.values() if trainable_variables is None else trainable_variables
        if len(gradients) != len(variables):
            raise ArgumentError(
                f"{type(self).__name__}.apply: needs one gradient per Variable, "
                f"got {len(gradients)} for {len(variables)}"
            )
        if gradients:
            self._apply(gradients, list(variables), "apply")

    def _apply(self, gradients: list[Any], variables: list[Variable], who: str) -> None:
        if local.gradients:
            tell("gradients", self, gradients, variables)
        # without a hook, `phase` would be entered and left in every update for nobody
        if local.phase:
            with phase(UPDATE, self):
                self._apply_checked(gradients, variables, who)
        else:
            self._apply_checked(gradients, variables, who)

    def _apply_checked(self, gradients: list[Any], variables: list[Variable], who: str) -> None:
        # all before the first weight changes: after an error weights and slots are as they were
        checked = [self._checked(g, v, who) for g, v in zip(gradients, variables, strict=True)]
        if self.built:
            self._check_known(variables)
        else:
            self.build(variables)
        with engine.active.quiet():
            self._change(checked, variables)

    def _checked(self, gradient: object, variable: Variable, verb: str) -> Tensor:
        if type(gradient) is Tensor and type(variable) is Variable:  # what a tape gives needs no more
            given, wanted = gradient._array, variable._array
            # `is` is quick; an equal dtype that is another object is compared below
            if given.shape == wanted.shape and given.dtype is wanted.dtype:
                return gradient
        who = f"{type(self).__name__}.{verb}"
        if not isinstance(variable, Variable):
            raise ArgumentTypeError(f"{who}: needs pairs (gradient, Variable), got {show(variable)}")
        if gradient is None:
            raise ArgumentError(
                f"{who}: the gradient of Variable {variable.name!r} is None: the loss does not "
                "depend on it, as far as gradtape's operations go; tape.why(variable) says why"
            )
        tensor = as_tensor(gradient)
        if tensor.shape != variable.shape:
            raise ShapeError(
                f"{who}: the gradient of Variable {variable.name!r} must have shape {variable.shape}, "
                f"got {tensor.shape}"
            )
        return tensor if tensor.dtype == variable.dtype else as_tensor(tensor, variable.dtype)


@functools.cache
def _option_names(made: type) -> tuple[str, ...]:
    return tuple(inspect.signature(made).parameters)


OPTIMIZERS = Family("optimizer", Optimizer)
