"""fit and evaluate: epochs of batches, what is told to the callbacks, and how it all ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradtape.callbacks import CallbackList
from gradtape.data.source import Source
from gradtape.training.stopping import Stop

Logs = dict[str, float]


@dataclass
class Plan:
    """What is decided before `fit` starts.

    Attributes:
        source: where the batches come from.
        seed: decides, with the epoch, the order of the samples.
        epochs: the epoch at which to stop, from 0.
        initial_epoch: the one to start with.
        validation: where the batches for validation come from; None: no validation.
        validation_steps: how many of them; None: all.
        validation_freq: after which epochs: each n-th, or those in a list, counted from 1.
        stop: set by Ctrl-C.
    """

    source: Source
    seed: int
    epochs: int
    initial_epoch: int
    validation: Source | None
    validation_steps: int | None
    validation_freq: Any
    stop: Stop


def fit(model: Any, plan: Plan, callbacks: CallbackList) -> None:
    """Train the model as planned; KeyboardInterrupt after the step in which Ctrl-C came."""
    model.stop_training = False
    callbacks.on_train_begin()
    logs: Logs = {}
    for epoch in range(plan.initial_epoch, plan.epochs):
        callbacks.on_epoch_begin(epoch)
        logs = _epoch(model, plan, epoch, callbacks)
        if plan.validation is not None and _is_due(plan.validation_freq, epoch):
            values = evaluate(model, plan.validation, callbacks, plan.validation_steps)
            logs |= {f"val_{name}": value for name, value in values.items()}
        callbacks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    callbacks.on_train_end(logs)


def _epoch(model: Any, plan: Plan, epoch: int, callbacks: CallbackList) -> Logs:
    """Run one epoch's steps; return the metrics over all its batches."""
    model.reset_metrics()
    step, batch, logs = model.train_function(callbacks), 0, {}
    callbacks.on_train_batch_begin(0)
    for done in step.over(plan.source, plan.seed, epoch):
        batch += len(done)
        logs = last_logs(done.results)
        callbacks.on_train_batch_end(batch - 1, logs)
        if plan.stop:
            raise KeyboardInterrupt
        if model.stop_training:
            break
        callbacks.on_train_batch_begin(batch)
    return logs


def evaluate(model: Any, source: Source, callbacks: CallbackList, steps: int | None = None) -> Logs:
    """Return the metrics over all batches of `source`, the weights left alone."""
    model.reset_metrics()
    callbacks.on_test_begin()
    batch, logs = 0, {}
    for done in model.test_function().over(source, 0, 0):
        callbacks.on_test_batch_begin(batch)
        batch += len(done)
        logs = last_logs(done.results)
        callbacks.on_test_batch_end(batch - 1, logs)
        if steps is not None and batch >= steps:
            break
    callbacks.on_test_end(logs)
    return logs


def last_logs(results: dict[str, Any]) -> Logs:
    """Return the metrics as they stood after the last of the steps done, as floats by name."""
    return {name: float(values._array[-1]) for name, values in results["logs"].items()}


def _is_due(frequency: Any, epoch: int) -> bool:
    return (epoch + 1) % frequency == 0 if isinstance(frequency, int) else epoch + 1 in frequency
