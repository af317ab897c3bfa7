"""The metrics of a compiled model: which belongs to which output, and what each is called."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from gradtape import metrics
from gradtape.base.names import snake_case
from gradtape.base.trees import leaves
from gradtape.errors import ArgumentError
from gradtape.metrics import MeanMetricWrapper, Metric
from gradtape.training.checks.per_output import per_output

_BY_SHAPE = ("accuracy", "acc", "crossentropy", "ce")
_OF_THE_LOOP = "learning_rate"  # which callbacks put into the logs


@dataclass
class _Slot:
    """A metric of one output, and whether it is given the sample weights."""

    output: int
    is_weighted: bool
    identifier: Any
    metric: Metric | None
    name: str


class CompiledMetrics:
    """The metrics of each output, some with sample weights and some without.

    Args:
        plain: metrics without sample weights: a list for the only output, or one for each output.
        weighted: metrics with sample weights.
        names: the names of the outputs.
        reserved: names that no metric may have: those of the losses.

    Attributes:
        built: whether all metrics are made.

    Those that `compile` was told as "accuracy" or "crossentropy" are made by `build`, once the shapes of
    labels and predictions are known: what the names mean depends on them.

    Each has a name of its own in logs: the second of a name is called ``precision_1``, one with sample
    weights beside one without ``weighted_accuracy``; with several outputs the output's name stands in front.
    """

    def __init__(
        self, plain: object, weighted: object, names: list[str], reserved: Collection[str] = ("loss",)
    ) -> None:
        self.names, self.built = names, False
        self._slots: list[_Slot] = []
        taken: set[str] = set()
        for is_weighted, given in enumerate([(plain, "metrics"), (weighted, "weighted_metrics")]):
            for output, identifiers in enumerate(_lists(given[0], names, given[1])):
                for one in identifiers:
                    made = None if one in _BY_SHAPE else _made(one)
                    self._check_new(made)
                    name = self._name(one, made, output, bool(is_weighted), taken)
                    _check_free(name, reserved)
                    taken.add(name)
                    self._slots.append(_Slot(output, bool(is_weighted), one, made, name))

    def _check_new(self, made: Metric | None) -> None:
        if made is not None and any(slot.metric is made for slot in self._slots):
            raise ArgumentError(f"compile: the metric {made.name!r} is given twice; make a second one")

    def _name(
        self, identifier: Any, made: Metric | None, output: int, is_weighted: bool, taken: set[str]
    ) -> str:
        """Return a name that is not taken; ArgumentError if somebody chose a name that is."""
        own = identifier if isinstance(identifier, str) or made is None else made.name
        start = f"{self.names[output]}_" if len(self.names) > 1 else ""
        name = own if own.startswith(start) else f"{start}{own}"
        if name not in taken:
            return str(name)
        # A second Precision() is numbered; a name that somebody chose is not changed behind their back.
        if made is identifier and is_chosen(made):
            raise ArgumentError(f"compile: two metrics are called {name!r}; give one another name")
        if is_weighted:
            name = f"{start}weighted_{own.removeprefix(start)}"
        return free_name(name, taken)

    @property
    def metrics(self) -> list[Metric]:
        """All that are made, in order."""
        return [slot.metric for slot in self._slots if slot.metric is not None] if self.built else []

    @property
    def names_by_id(self) -> dict[int, str]:
        """What each metric is called in logs, by the metric's id."""
        return {id(slot.metric): slot.name for slot in self._slots}

    def build(self, true: list[tuple[int, ...]], predicted: list[tuple[int, ...]]) -> None:
        """Make the metrics for labels and predictions of these shapes, one for each output."""
        for slot in self._slots:
            shapes = true[slot.output], predicted[slot.output]
            if slot.metric is None:
                slot.metric = _made(metrics.resolve(slot.identifier, *shapes))
            if slot.metric is not slot.identifier:  # it is ours: nobody else has named it
                slot.metric.name = slot.name
            slot.metric.build(*shapes)
        self.built = True

    def per_output(self, y: object) -> list[Any]:
        """Return the targets of each output; where there is no metric, nobody asks for them."""
        return per_output(y, self.names, "y") if self._slots else []

    def update(self, y_true: object, y_pred: object, sample_weight: object = None) -> None:
        """Take one batch into account."""
        if self.built and not self._slots:
            return
        true, predicted = self.per_output(y_true), leaves(y_pred)
        weights = per_output(sample_weight, self.names, "sample_weight", spread=True)
        if not self.built:
            self.build([getattr(t, "shape", ()) for t in true], [p.shape for p in predicted])
        for slot in self._slots:
            i, metric = slot.output, slot.metric
            assert metric is not None  # build has made it
            if slot.is_weighted and weights[i] is not None:
                # Only weighted_metrics see sample weights; `metrics` count every sample alike, as in Keras.
                metric.update_state(true[i], predicted[i], weights[i])
            else:
                metric.update_state(true[i], predicted[i])


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return `name`, or the first of name_1, name_2 ... that is not taken.

    >>> free_name("precision", ["loss", "precision", "precision_1"])
    'precision_2'
    """
    known, found, number = set(taken), name, 0
    while found in known:
        number += 1
        found = f"{name}_{number}"
    return found


def is_chosen(metric: Metric) -> bool:
    """Tell whether somebody chose the metric's name: it is not the one that it has by default."""
    # Keras gives metrics their default name in the signature, or the class's in snake_case.
    default = inspect.signature(type(metric).__init__).parameters.get("name")
    usual = {snake_case(type(metric).__name__), None if default is None else default.default}
    return metric.name not in usual


def _check_free(name: str, reserved: Collection[str]) -> None:
    if name in reserved or name == _OF_THE_LOOP or name.startswith("val_"):
        whose = "validation begin with it" if name.startswith("val_") else "it is taken"
        what = "the values of the " if name.startswith("val_") else ""
        raise ArgumentError(f"compile: no metric can be called {name!r}: {what}{whose}; give it another name")


def _lists(given: object, names: list[str], who: str) -> list[list[Any]]:
    """Return the list of metrics of each output."""
    if isinstance(given, list | tuple) and len(names) == 1:
        # A list of lists, one for each output, is right for a single output as well.
        nested = len(given) == 1 and isinstance(given[0], list | tuple)
        return [list(given[0] if nested else given)]
    found = per_output(given, names, who)
    return [[] if one is None else list(one) if isinstance(one, list | tuple) else [one] for one in found]


def _made(identifier: object) -> Metric:
    """Return the metric; a function becomes its mean."""
    found: Any = metrics.get(identifier)
    if not isinstance(found, Metric):
        found = MeanMetricWrapper(found, name=getattr(found, "__name__", "metric"))
    return found  # type: ignore[no-any-return]
