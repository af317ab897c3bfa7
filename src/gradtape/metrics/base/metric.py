"""Metric: the base class of all metrics, and the table of their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from gradtape import engine
from gradtape.base.checks import text_or_none
from gradtape.base.config import Configurable, Family
from gradtape.base.names import snake_case
from gradtape.base.trees import leaves
from gradtape.core.dtypes import FLOAT, DTypeLike, as_dtype
from gradtape.core.hooks import METRICS as METRICS_PHASE
from gradtape.core.hooks import in_phase, put_in_phase
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.core.variable import Variable
from gradtape.errors import ArgumentTypeError
from gradtape.initializers import Zeros
from gradtape.initializers import get as get_initializer
from gradtape.ops.numpy.creation import zeros
from gradtape.ops.numpy.shapes import as_shape

T = TypeVar("T")


class Metric(Configurable):
    """A value accumulated over many batches: `update_state` for each batch, then `result`.

    Args:
        dtype: the dtype of the result; None means float32.
        name: the metric's name in a history; None takes the name of the class, in small letters.

    Attributes:
        direction: "up" if more of it is better, "down" if less is, None if it does not say; of the class.

    A subclass makes its accumulators in `__init__` with `add_variable`, changes them in `update_state` and
    computes the value from them in `result`.  They are Variables, so the same code runs operation by
    operation and in a compiled step.

    >>> from gradtape import ops
    >>> class Largest(Metric):
    ...     def __init__(self, name="largest"):
    ...         super().__init__(name=name)
    ...         self.largest = self.add_variable((), "zeros", name="largest")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.largest.assign(ops.maximum(self.largest, ops.max(y_pred)))
    ...     def result(self):
    ...         return ops.cast(self.largest, self.dtype)
    >>> metric = Largest()
    >>> metric.update_state([1, 1], [0.5, 2.0])
    >>> metric([1, 1], [1.0, 1.5])
    Tensor(2., shape=(), dtype=float32)
    """

    direction: str | None = None

    def __init__(self, dtype: DTypeLike = None, name: str | None = None) -> None:
        self.name = text_or_none(name, type(self).__name__) or snake_case(type(self).__name__)
        self._dtype = FLOAT if dtype is None else as_dtype(dtype, type(self).__name__)
        self._made: list[tuple[Variable, Tensor]] = []  # each accumulator, and its initial values

    def __init_subclass__(cls, **options: object) -> None:
        """Make the methods that a step calls the metrics phase."""
        super().__init_subclass__(**options)
        put_in_phase(cls, METRICS_PHASE, ("update_state", "result", "reset_state", "__call__"))

    @property
    def dtype(self) -> str:
        """The name of the dtype of the result."""
        return self._dtype.name

    @property
    def variables(self) -> list[Variable]:
        """All its accumulators, and then those of the metrics it holds."""
        own, inner = self._parts()
        return own + [variable for metric in inner for variable in metric.variables]

    def _parts(self) -> tuple[list[Variable], list[Metric]]:
        """Return the Variables and the metrics among the attributes, each once."""
        self._check_made()
        # By identity: an accumulator is in `_made`, and as a rule an attribute too.
        parts = {id(value): value for value in leaves([self._made, *vars(self).values()])}.values()
        own = [value for value in parts if isinstance(value, Variable)]
        return own, [value for value in parts if isinstance(value, Metric)]

    def _check_made(self) -> None:
        if "_made" not in vars(self):
            raise ArgumentTypeError(
                f"{type(self).__name__}: its __init__ must call super().__init__() before anything else"
            )

    def add_variable(
        self,
        shape: object = (),
        initializer: Any = "zeros",
        dtype: DTypeLike = None,
        name: str | None = None,
    ) -> Variable:
        """Make an accumulator.

        Args:
            shape: its shape.
            initializer: its initial values: an initializer, its name, or a function of shape and dtype.
                `reset_state` restores them.
            dtype: its dtype.  None means float64, in which counts are exact up to 2**53; float32 would stop
                counting at 2**24.
            name: its name, appended to the metric's name.

        Returns:
            A Variable that is not trainable.

        >>> Metric(name="mine").add_variable((2,), "ones", name="count")
        Variable('mine/count', [1., 1.], shape=(2,), dtype=float64)
        """
        self._check_made()
        who = f"{type(self).__name__}.add_variable"
        first = get_initializer(initializer) or Zeros()
        # float64 unless another is asked for: float32 stops counting at 2**24.
        wanted = as_dtype("float64" if dtype is None else dtype, who)
        # An accumulator may be made inside a trace; it begins with values, not with a part of the program.
        with engine.active.concretely():
            start = as_tensor(first(as_shape(shape, who), wanted.name), wanted, who)
        variable = Variable(start, trainable=False, name=f"{self.name}/{name or self._unused_name()}")
        self._made.append((variable, start))
        return variable

    add_weight = add_variable

    def _unused_name(self) -> str:
        return f"variable_{len(self._made)}" if self._made else "variable"

    def build(self, y_true_shape: tuple[int | None, ...], y_pred_shape: tuple[int | None, ...]) -> None:
        """Make the accumulators whose shapes depend on those of a batch, so that they are there to be saved.

        Args:
            y_true_shape: the shape of a batch of labels; None for what may change.
            y_pred_shape: the shape of a batch of predictions.

        Most metrics make all of theirs in `__init__`; the others do so in the first `update_state` as well.
        """

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Update the metric with one batch; usually ``update_state(y_true, y_pred, sample_weight=None)``."""
        raise ArgumentTypeError(f"{type(self).__name__}: a metric must define update_state")

    def result(self) -> Any:
        """Return the value for all batches so far: a tensor, or a dict of them."""
        raise ArgumentTypeError(f"{type(self).__name__}: a metric must define result")

    @in_phase(METRICS_PHASE)
    def reset_state(self) -> None:
        """Forget all batches: every accumulator gets its initial values again."""
        own, inner = self._parts()
        starts = {id(variable): start for variable, start in self._made}
        for variable in own:
            start = starts.get(id(variable))
            # A Variable that a subclass made without add_variable has no initial values here: zeros.
            variable.assign(zeros(variable.shape, variable.dtype) if start is None else start)
        for metric in inner:
            metric.reset_state()

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Update the metric with one batch, and return its value so far."""
        self._check_made()
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor, as JSON values."""
        return {"name": self.name, "dtype": self.dtype}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


METRICS = Family("metric", Metric)


def member(*names: str) -> Callable[[T], T]:
    """Return the decorator that adds a metric's class to METRICS: under its names and `names`."""

    def keep(made: T) -> T:
        return METRICS.member(snake_case(getattr(made, "__name__", "")), *names)(made)

    return keep


def more_is_better(name: str, metrics: Mapping[str, Metric] | None = None) -> bool | None:
    """Tell whether more of what logs call `name` is better; None if nothing says so.

    Args:
        name: as in the logs of an epoch, perhaps of its validation.
        metrics: those of the model by their names in logs, which are asked first; then those known by name.

    >>> more_is_better("val_loss"), more_is_better("val_accuracy"), more_is_better("mean")
    (False, True, None)
    """
    plain = name.removeprefix("val_")
    # Models of several outputs call their losses output_loss.
    if plain == "loss" or plain.endswith("_loss"):
        return False
    direction = getattr((metrics or {}).get(plain, METRICS.members.get(plain)), "direction", None)
    return None if direction is None else bool(direction == "up")
