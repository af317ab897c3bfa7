"""The metrics of a compiled model: which belongs to which output, and what each is called."""

from __future__ import annotations

from typing import Any

from gradtape import metrics
from gradtape.base.trees import leaves
from gradtape.metrics import MeanMetricWrapper, Metric
from gradtape.training.checks.per_output import per_output

_BY_SHAPE = ("accuracy", "acc", "crossentropy", "ce")


class CompiledMetrics:
    """The metrics of each output, some with sample weights and some without.

    Args:
        plain: metrics without sample weights: a list for the only output, or one for each output.
        weighted: metrics with sample weights.
        names: the names of the outputs.

    They are made by `build`, once the shapes of labels and predictions are known: what "accuracy" means
    depends on them.
    """

    def __init__(self, plain: Any, weighted: Any, names: list[str]) -> None:
        self.names = names
        self._given = (_lists(plain, names, "metrics"), _lists(weighted, names, "weighted_metrics"))
        self._made: list[tuple[int, bool, Metric]] = []
        self.built = False
        for given in self._given:
            for identifiers in given:
                for one in identifiers:
                    if one not in _BY_SHAPE:
                        _named(one, one)

    @property
    def metrics(self) -> list[Metric]:
        """All of them, in order."""
        return [metric for _, _, metric in self._made]

    def build(self, true: list[tuple[int, ...]], predicted: list[tuple[int, ...]]) -> None:
        """Make the metrics for labels and predictions of these shapes, one for each output."""
        for is_weighted, given in enumerate(self._given):
            for i, identifiers in enumerate(given):
                for one in identifiers:
                    metric = _named(one, _of_shape(one, true[i], predicted[i]))
                    if len(self.names) > 1 and not metric.name.startswith(f"{self.names[i]}_"):
                        metric.name = f"{self.names[i]}_{metric.name}"
                    metric.build(true[i], predicted[i])
                    self._made.append((i, bool(is_weighted), metric))
        self.built = True

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take one batch into account."""
        true, predicted = per_output(y_true, self.names, "y"), leaves(y_pred)
        weights = per_output(sample_weight, self.names, "sample_weight", spread=True)
        if not self.built:
            self.build([getattr(t, "shape", ()) for t in true], [p.shape for p in predicted])
        for i, is_weighted, metric in self._made:
            if is_weighted and weights[i] is not None:
                metric.update_state(true[i], predicted[i], weights[i])
            else:
                metric.update_state(true[i], predicted[i])


def _lists(given: Any, names: list[str], who: str) -> list[list[Any]]:
    """Return the list of metrics of each output."""
    if isinstance(given, list | tuple) and len(names) == 1:
        nested = len(given) == 1 and isinstance(given[0], list | tuple)
        return [list(given[0] if nested else given)]
    found = per_output(given, names, who)
    return [[] if one is None else list(one) if isinstance(one, list | tuple) else [one] for one in found]


def _of_shape(identifier: Any, true: tuple[int, ...], predicted: tuple[int, ...]) -> Any:
    return metrics.resolve(identifier, true, predicted) if identifier in _BY_SHAPE else identifier


def _named(given: Any, identifier: Any) -> Metric:
    """Return the metric; a function becomes its mean; one asked for by name is called that."""
    found: Any = metrics.get(identifier)
    if not isinstance(found, Metric):
        found = MeanMetricWrapper(found, name=getattr(found, "__name__", "metric"))
    if isinstance(given, str):
        found.name = given
    return found  # type: ignore[no-any-return]
