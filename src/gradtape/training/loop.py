"""The loops of fit and evaluate: epochs, batches, callbacks, and the end of a training."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from gradtape import engine
from gradtape.base.checks import whole
from gradtape.callbacks import CallbackList
from gradtape.data.array_source import ArraySource
from gradtape.data.source import Source
from gradtape.errors import ArgumentError
from gradtape.training.observe import record_of
from gradtape.training.signals import Stop
from gradtape.training.stepper import Stepper, StepResults, as_log, draws_of
from gradtape.training.trainable import TrainableModel

Logs = dict[str, Any]


class EpochRecorder(Protocol):
    """What `fit` asks of whoever records it; see `gradtape.runs.writer.Recorder`."""

    callbacks: Any

    def steps(self, epoch: int, results: Any, seconds: float) -> None: ...

    def pause(self) -> tuple[int, int] | None: ...

    def is_due(self) -> bool: ...

    def save(self) -> None: ...

    def check_finite(self) -> None: ...

    def end_epoch(self, epoch: int, logs: Logs, seconds: float) -> None: ...


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
        initial_batch: how many batches of the first epoch have been done already.
        recorder: writes the run; None: nobody does.
    """

    source: Source
    seed: int
    epochs: int
    initial_epoch: int
    validation: Source | None
    validation_steps: int | None
    validation_freq: Any
    stop: Stop = field(default_factory=Stop)
    initial_batch: int = 0
    recorder: EpochRecorder | None = None

    def __post_init__(self) -> None:
        self.validation_freq = frequency(self.validation_freq)


def frequency(given: Any) -> int | frozenset[int]:
    """Return after which epochs to validate, each n-th or those in a set, or raise ArgumentError."""
    if isinstance(given, Iterable) and not isinstance(given, str | Mapping):
        return frozenset(_epochs(epoch) for epoch in given)
    return _epochs(given)


def _epochs(given: Any) -> int:
    return whole(given, "fit", "validation_freq", 1)


@dataclass
class Start:
    """Where a training goes on: what its callbacks remember.

    Attributes:
        state: what their `get_state` gave where the training stopped; None: it begins.
        arrays: what their `get_arrays` gave.
    """

    state: Any = None
    arrays: Mapping[str, Any] = field(default_factory=dict)


def fit(model: TrainableModel, plan: Plan, callbacks: CallbackList, start: Start | None = None) -> None:
    """Train the model as planned; KeyboardInterrupt after the step in which Ctrl-C came.

    Args:
        model: built and compiled.
        plan: what to do.
        callbacks: told of everything.
        start: where a recorded training goes on; None: it begins.
    """
    model.stop_training = False
    callbacks.on_train_begin()
    # After on_train_begin, in which callbacks begin anew.
    if start is not None and start.state is not None:
        callbacks.set_state(start.state)
        callbacks.set_arrays(start.arrays)
    logs: Logs = {}
    for epoch in range(plan.initial_epoch, plan.epochs):
        # Asked before the epoch: the state of an EarlyStopping may have stopped a resumed training already.
        if model.stop_training:
            break
        started = time.perf_counter()
        callbacks.on_epoch_begin(epoch)
        logs = _epoch(model, plan, epoch, callbacks)
        if plan.validation is not None and _is_due(plan.validation_freq, epoch):
            draws = draws_of(plan.seed, epoch, validation=True)
            values = evaluate(model, plan.validation, callbacks, plan.validation_steps, plan.stop, draws)
            logs = _with_validation(logs, values)
        callbacks.on_epoch_end(epoch, logs)
        if plan.recorder is not None:
            plan.recorder.end_epoch(epoch, logs, time.perf_counter() - started)
    # With use_ema the weights become their averages, once, at the very end; never before a first update.
    if plan.epochs > 0 and int(model.optimizer.iterations) > 0:
        model.optimizer.finalize_variable_values(model.trainable_weights)
    callbacks.on_train_end(logs)


def _with_validation(logs: Logs, values: Logs) -> Logs:
    """Return the metrics of an epoch with those of its validation."""
    found = {f"val_{name}": value for name, value in values.items()}
    for name in found:
        if name in logs:
            raise ArgumentError(f"fit: train_step returned {name!r}, which is what the validation gives")
    return logs | found


def _epoch(model: TrainableModel, plan: Plan, epoch: int, callbacks: CallbackList) -> Logs:
    """Run one epoch's steps; return the metrics over all its batches."""
    # In every epoch, as a callback may have set another rate in on_epoch_begin.
    model.optimizer.check_rate(plan.source.steps or 1)
    batch = plan.initial_batch if epoch == plan.initial_epoch else 0
    # Resumed inside an epoch, the metrics already count its first batches: the checkpoint has them.
    if batch == 0:
        model.reset_metrics()
    logs = metrics_of(model) if batch else {}
    callbacks.on_train_batch_begin(batch)
    pause = None if plan.recorder is None else plan.recorder.pause()
    train = model.train_function(callbacks)
    skips = _leaves_metrics_out(train, plan.source, callbacks, "train", model)
    started = time.perf_counter()

    def is_over() -> bool:
        return bool(model.stop_training or plan.stop)

    draws = draws_of(plan.seed, epoch)
    for done in train.over(plan.source, plan.seed, epoch, batch, pause, until=is_over, draws=draws):
        now = time.perf_counter()
        done.seconds, started = now - started, now
        batch += len(done)
        logs = done.logs
        callbacks.on_train_batch_end(batch - 1, logs)
        if callbacks.sees:
            step = int(model.optimizer.iterations.item()) - len(done)
            callbacks.on_train_step(record_of(done, step, epoch, batch - 1, callbacks.sees))
        # Before Ctrl-C is obeyed: the step is done, so it belongs into the journal.
        _record(plan, epoch, done, is_over=batch == plan.source.steps)
        if plan.stop:
            raise KeyboardInterrupt
        if model.stop_training:
            break
        # After callbacks and journal, so that the step that failed can be opened afterwards.
        if plan.recorder is not None:
            plan.recorder.check_finite()
        # Here, as the loop does the next step before its body begins again.
        if batch != plan.source.steps:
            callbacks.on_train_batch_begin(batch)
    # If nobody looked after the last batch, the step has not computed the metrics.
    return metrics_of(model) if skips and not logs else logs


def _leaves_metrics_out(
    step: Stepper, source: Source, callbacks: CallbackList, what: str, model: TrainableModel
) -> bool:
    """Let the step compute metrics only where a callback looks at them, and tell whether it may do so.

    A compiled step computes them each time.  Where each step is a call of its own, they are left out unless
    a callback looks at them.  But they are computed each time, too, where others have their turn before the
    end, who may test the model or train it: a generator of batches, a callback that is told of steps.
    """
    is_alone = isinstance(source, ArraySource) and not callbacks.sees
    may = is_alone and not engine.active.compiles and not model.has_own(*_OF_METRICS)
    step.reads_metrics = partial(callbacks.reads_logs, what) if may else None
    return may


_OF_METRICS = ("train_step", "test_step", "record", "compute_metrics", "get_metrics_result")


def metrics_of(model: TrainableModel) -> Logs:
    """Return the model's metrics, as they stand, for logs."""
    return {name: as_log(value) for name, value in model.get_metrics_result().items()}


def _record(plan: Plan, epoch: int, done: StepResults, is_over: bool) -> None:
    """Write the steps down, and save if that is due; where the epoch is over, it is saved soon anyway."""
    if plan.recorder is not None:
        plan.recorder.steps(epoch, done.results, done.seconds)
        if plan.recorder.is_due() and not is_over:
            plan.recorder.save()


def evaluate(
    model: TrainableModel,
    source: Source,
    callbacks: CallbackList,
    steps: int | None = None,
    stop: Stop | None = None,
    draws: tuple[int, ...] | None = None,
) -> Logs:
    """Return the metrics over all batches of `source`, the weights left alone.

    Args:
        model: built and compiled.
        source: where the batches come from.
        callbacks: told of everything.
        steps: how many batches; None: all.
        stop: whether Ctrl-C came: KeyboardInterrupt after the batch that was being looked at, with the
            metrics as the training left them.
        draws: what numbers drawn without a seed depend on; None leaves them to the process.
    """
    # The metrics of an interrupted epoch go into its checkpoint; a validation cut off must not be in them.
    gathered = [(v, v.value) for metric in model.metrics for v in metric.variables]
    model.reset_metrics()
    callbacks.on_test_begin()
    callbacks.on_test_batch_begin(0)
    batch, logs = 0, dict[str, Any]()
    test = model.test_function(callbacks)
    skips = _leaves_metrics_out(test, source, callbacks, "test", model)
    for done in test.over(source, 0, 0, draws=draws):
        batch += len(done)
        logs = done.logs
        callbacks.on_test_batch_end(batch - 1, logs)
        if stop:
            for variable, value in gathered:
                variable.assign(value)
            raise KeyboardInterrupt
        if steps is not None and batch >= steps:
            break
        if batch != source.steps:
            callbacks.on_test_batch_begin(batch)
    logs = metrics_of(model) if skips and not logs else logs
    callbacks.on_test_end(logs)
    return logs


def _is_due(frequency: Any, epoch: int) -> bool:
    return (epoch + 1) % frequency == 0 if isinstance(frequency, int) else epoch + 1 in frequency
