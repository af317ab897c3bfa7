"""Reading the metrics: after a step where somebody looks at them, and at the end of an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradtape import engine
from gradtape.callbacks import CallbackList
from gradtape.data.array_source import ArraySource
from gradtape.data.source import Source
from gradtape.training.stepper import StepResults

Logs = dict[str, float]


class EpochLogs:
    """The metrics of one epoch of training or testing.

    A compiled step computes them each time.  Where each step is a call of its own, what it returns of them
    is left out unless a callback looks at it.  But they are computed each time, too, where others have their
    turn before the end, who may test the model or train it: a generator of batches, a callback that is told
    of steps.

    Args:
        model: the model.
        callbacks: who may look.
        source: where the batches come from.
        what: "train" or "test".
    """

    def __init__(self, model: Any, callbacks: CallbackList, source: Source, what: str) -> None:
        self.model, self.callbacks, self.what = model, callbacks, what
        is_alone = isinstance(source, ArraySource) and not callbacks.sees
        self.skips = is_alone and not engine.active.compiles and model.has_plain_steps()

    def of(self, calls: Iterator[StepResults]) -> Iterator[StepResults]:
        """Give what `calls` gives, and let each step know whether its metrics are wanted."""
        own = self.model.__dict__
        while True:
            own["_reads_logs"] = not self.skips or self.callbacks.reads_logs(self.what)
            try:
                done = next(calls, None)
            finally:
                own["_reads_logs"] = True
            if done is None:
                return
            yield done

    def whole(self, logs: Logs) -> Logs:
        """Return the metrics after the last step that was done, whose own `logs` may be empty."""
        if logs or not self.skips:
            return logs
        return {name: float(value) for name, value in self.model.get_metrics_result().items()}


def last_logs(results: dict[str, Any]) -> Logs:
    """Return the metrics as they stood after the last of the steps done, as floats by name."""
    return {name: float(engine.active.to_numpy(t._array)[-1]) for name, t in results["logs"].items()}
