"""MonitorCallback: the base class of callbacks that watch one metric."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradtape.base.checks import number, one_of
from gradtape.callbacks.callback import Callback
from gradtape.callbacks.metric_names import unknown_metric
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.metrics.base.metric import more_is_better


class MonitorCallback(Callback):
    """The base of callbacks that watch one metric for improvement.

    Args:
        monitor: the name of the metric.
        mode: "min" if smaller values are better, "max" if larger, "auto" asks the metric.
        baseline: the best value before the first epoch.
        min_delta: the smallest change that counts as an improvement.

    Attributes:
        best: the best value so far.

    Source: keras.callbacks.MonitorCallback.
    """

    _set_by_init = "min_delta"

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        who = type(self).__name__
        if not isinstance(monitor, str):
            raise ArgumentTypeError(f"{who}: monitor must be the name of a metric, got {show(monitor)}")
        self.monitor = monitor
        self.mode = one_of(mode, who, "mode", ("auto", "min", "max"))
        self.best = None if baseline is None else number(baseline, who, "baseline")
        self.min_delta = abs(number(min_delta, who, "min_delta"))
        self._is_more_better: bool | None = None if mode == "auto" else mode == "max"
        self._was_seen = False

    @property
    def monitored(self) -> tuple[str, ...]:
        """The metric's name."""
        return (self.monitor,)

    def check_metrics(self, names: Iterable[str], validates: bool = False) -> None:
        """Raise ArgumentError if the metric is not among `names`, or does not say what is better.

        Args:
            names: the metrics that an epoch will have.
            validates: whether `fit` was given validation data.
        """
        super().check_metrics(names, validates)
        self._more_is_better()
        # A validation has no metrics of its own: val_loss is measured by that of the loss.
        metric = self._metrics().get(self.monitor.removeprefix("val_"))
        if metric is not None and hasattr(metric, "result"):
            result = metric.result()
            if not isinstance(result, Mapping):
                _as_number(result, f"{type(self).__name__}: {self.monitor!r}")

    def current(self, logs: Mapping[str, Any] | None) -> float | None:
        """Return the metric's value, or None in an epoch without validation; ArgumentError if there is none.

        Args:
            logs: the metrics of the epoch.
        """
        logs = logs or {}
        if self.monitor in logs:
            self._was_seen = True
            return _as_number(logs[self.monitor], f"{type(self).__name__}: {self.monitor!r}")
        if not self._was_seen and not self._comes_later(logs):
            raise ArgumentError(unknown_metric(type(self).__name__, self.monitor, logs))
        return None

    def _comes_later(self, logs: Mapping[str, Any]) -> bool:
        """Tell whether a validation that is not made in every epoch will give the metric."""
        validated = any(name.startswith("val_") for name in logs)
        return self.validates and not validated and self.monitor.startswith("val_")

    def is_better(self, value: float, reference: float | None) -> bool:
        """Tell whether `value` is better than `reference` by more than `min_delta`; NaN never is.

        Args:
            value: the metric's value.
            reference: what it is compared with; None is worse than anything.
        """
        # Every comparison with NaN is False, but with no reference yet NaN would become the best.
        if math.isnan(value):
            return False
        # Asked without a reference too, so that the first epoch tells if it is not known what is better.
        more = self._more_is_better()
        if reference is None:
            return True
        if more:
            return value - self.min_delta > reference
        return value + self.min_delta < reference

    def _more_is_better(self) -> bool:
        if self._is_more_better is None:
            self._is_more_better = self._direction()
        return self._is_more_better

    def _metrics(self) -> Mapping[str, Any]:
        """Return the model's metrics by the names that they have in logs."""
        named = getattr(self.model, "named_metrics", None)
        return named() if named else {m.name: m for m in getattr(self.model, "metrics", ())}

    def _direction(self) -> bool:
        """Return whether more of the metric is better, by its name or what the metric says of itself."""
        found = more_is_better(self.monitor, self._metrics())
        if found is not None:
            return found
        raise ArgumentError(
            f"{type(self).__name__}: {self.monitor!r} does not say whether more or less of it is better; "
            'pass mode="max" or mode="min"'
        )


def _as_number(value: Any, who: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        several = "; give the metric average='macro', or another that makes one number of several"
        hint = several if np.ndim(value) else ""
        raise ArgumentTypeError(f"{who} must be one number, got {show(value)}{hint}") from None
