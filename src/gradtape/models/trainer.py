"""Trainer: what every model can do once it is compiled: fit, evaluate, predict."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from gradtape.base.checks import refuse_unknown
from gradtape.base.config import as_json
from gradtape.callbacks import CallbackList, History
from gradtape.errors import ArgumentError, NotFiniteError
from gradtape.runs.fit_recorded import recorded
from gradtape.training import loop, prepare
from gradtape.training.compiled_model import CompiledModel
from gradtape.training.fit_arguments import FitArguments
from gradtape.training.predict import concatenated
from gradtape.training.signals import stop_on_signals
from gradtape.training.stepper import as_log


class Trainer(CompiledModel):
    """The part of a model that users call to train it; see `gradtape.models.model.Model`."""

    def fit(
        self,
        x: object = None,
        y: object = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: object = "auto",
        callbacks: Iterable[Any] | None = None,
        validation_split: float = 0.0,
        validation_data: object = None,
        shuffle: bool = True,
        class_weight: object = None,
        sample_weight: object = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: object = 1,
        check_finite: bool = True,
        run: object = None,
        resume: bool = False,
        **unknown: object,
    ) -> History:
        """Train the model on all samples, `epochs` times, batch by batch; return its history.

        Args:
            x: the inputs: an array, a list or dict of arrays, a data frame, or an iterable of batches.
            y: the targets, as `x`; None where `x` gives batches (x, y).
            batch_size: samples per step, 32 if None; the last batch of an epoch may be smaller.
            epochs: the epoch at which to stop, counted from 0.
            verbose: 0 shows nothing, 1 a progress bar, 2 a line per epoch; "auto" chooses.
            callbacks: told of what happens; see `gradtape.callbacks`.
            validation_split: the share of the samples, taken from the end, that is kept for validation.
            validation_data: (x, y) or (x, y, sample_weight), tested after each epoch.
            shuffle: whether each epoch has an order of its own.
            class_weight: how much the samples of each class count, by class number.
            sample_weight: how much each sample counts.
            initial_epoch: the epoch to start with.
            steps_per_epoch: how many batches make an epoch, where `x` is an iterable.
            validation_steps: how many batches are tested; None tests all.
            validation_batch_size: samples per batch there; None takes `batch_size`.
            validation_freq: test after each n-th epoch, or after those in a list, counted from 1.
            check_finite: whether x and y are searched for NaN and infinity first.
            run: the folder, or a `runs.Recording`, in which the training is recorded.
            resume: whether a run that is there already goes on from its last checkpoint.
            **unknown: refused, with the nearest name that is known.
        Raises ArgumentError if the data does not fit the model or the loss; nothing has changed then.
        """
        given = FitArguments(  # in the order of its fields
            x, y, batch_size, epochs, validation_split, validation_data, shuffle, class_weight, sample_weight,
            initial_epoch, steps_per_epoch, validation_steps, validation_batch_size, validation_freq,
            self._within(check_finite), run, resume, unknown,
        )  # fmt: skip
        with self._training(given, callbacks, verbose) as (plan, told, start):
            try:
                loop.fit(self, plan, told, start)
            except KeyboardInterrupt as asked:  # where it was noticed says nothing to whoever pressed Ctrl-C
                raise asked.with_traceback(None if plan.stop else asked.__traceback__) from None
        return self.history  # type: ignore[return-value]

    @contextmanager
    def _training(
        self, given: FitArguments, callbacks: Iterable[Any] | None, verbose: object
    ) -> Iterator[tuple[loop.Plan, CallbackList, loop.Start]]:
        """Check what `fit` was given, and have everything ready for the block, which trains.

        A context, not a call around the loop: it is no frame between `fit` and a mistake in a user's layer.
        """
        refuse_unknown(given.unknown, "fit", _arguments(Trainer.fit))
        with self.training_state.activity.of(self, "fit"):
            self._need_compiled("fit")
            plan = prepare.planned(self, given)
            told = CallbackList.of(callbacks, self, verbose, epochs=plan.epochs, steps=plan.source.steps)
            told.check_metrics(self.log_names(), validates=plan.validation is not None)
            # Without a run there is nothing to save, and SIGTERM ends the process as ever.
            with closing(told), stop_on_signals(with_term=given.run is not None) as plan.stop:
                with self._recorded(plan, told, given) as start:
                    yield plan, told, start

    @contextmanager
    def _recorded(self, plan: loop.Plan, told: CallbackList, given: FitArguments) -> Iterator[loop.Start]:
        """Record what the block trains, if `fit` was given a run; explain a loss that is not finite."""
        if given.run is None:
            yield loop.Start()
            return
        about = {"epochs": plan.epochs, "shuffle": given.shuffle, "class_weight": given.class_weight}
        about["validation_split"] = given.validation_split if given.validation_data is None else 0.0
        try:
            about = as_json(about, "fit")
            with recorded(self, plan, told, given.run, given.resume, about) as start:
                yield start
        except NotFiniteError as error:
            from gradtape.replay.fit_error import explained

            raise explained(error, self, plan) from error

    def evaluate(
        self,
        x: object = None,
        y: object = None,
        batch_size: int | None = None,
        verbose: object = "auto",
        sample_weight: object = None,
        steps: int | None = None,
        callbacks: Iterable[Any] | None = None,
        return_dict: bool = False,
        check_finite: bool = True,
        **unknown: object,
    ) -> Any:
        """Return the loss and the metrics over all samples; the weights stay as they are.

        Args:
            x: the inputs, as for `fit`.
            y: the targets.
            batch_size: samples per batch, 32 if None.
            verbose: 0 shows nothing, 1 a progress bar.
            sample_weight: how much each sample counts.
            steps: how many batches are tested; None tests all.
            callbacks: told of what happens.
            return_dict: whether to return a dict by name instead of a list.
            check_finite: whether x and y are searched for NaN and infinity first.
            **unknown: refused, with the nearest name that is known.

        Returns:
            The loss, a list of the loss and the metrics, or a dict.
        """
        refuse_unknown(unknown, "evaluate", _arguments(Trainer.evaluate))
        with self.training_state.activity.of(self, "evaluate"):
            self._need_compiled("evaluate")
            source = prepare.once(
                (x, y, sample_weight), batch_size, steps, "evaluate", self._within(check_finite)
            )
            prepare.prepare(self, source, None, "evaluate")
            told = CallbackList.of(callbacks, self, verbose, False, epochs=1, steps=source.steps)
            with closing(told):
                logs = loop.evaluate(self, source, told, steps)
        return self._listed(logs, return_dict)

    def predict(
        self,
        x: object,
        batch_size: int | None = None,
        verbose: object = "auto",
        steps: int | None = None,
        callbacks: Iterable[Any] | None = None,
        check_finite: bool = True,
        **unknown: object,
    ) -> Any:
        """Return the outputs for all samples as NumPy arrays.

        Args:
            x: the inputs, as for `fit`.
            batch_size: samples per batch, 32 if None.
            verbose: 0 shows nothing, 1 a progress bar.
            steps: how many batches are asked for; None asks for all.
            callbacks: told of what happens.
            check_finite: whether x is searched for NaN and infinity first.
            **unknown: refused, with the nearest name that is known.
        """
        refuse_unknown(unknown, "predict", _arguments(Trainer.predict))
        # Not part of `activity`: it changes no weights and no metrics.
        source = prepare.once((x, None, None), batch_size, steps, "predict", self._within(check_finite))
        prepare.check_inputs(self, source, "predict")
        told = CallbackList.of(callbacks, self, verbose, False, epochs=1, steps=source.steps)
        with closing(told):
            return concatenated(self, source, told, steps)

    def train_on_batch(
        self,
        x: object,
        y: object = None,
        sample_weight: object = None,
        class_weight: object = None,
        return_dict: bool = False,
        check_finite: bool = True,
        **unknown: object,
    ) -> Any:
        """Do one step; return the loss and the metrics of this batch.

        Args:
            x: the inputs of one batch.
            y: their targets.
            sample_weight: how much each sample counts.
            class_weight: how much the samples of each class count.
            return_dict: whether to return a dict by name instead of a list.
            check_finite: whether x and y are searched for NaN and infinity first.
            **unknown: refused, with the nearest name that is known.
        """
        refuse_unknown(unknown, "train_on_batch", _arguments(Trainer.train_on_batch))
        with self.training_state.activity.of(self, "train_on_batch"):
            self._need_compiled("train_on_batch")
            source = prepare.one_batch(
                x, y, sample_weight, class_weight, "train_on_batch", self._within(check_finite)
            )
            prepare.prepare(self, source, None, "train_on_batch")
            # Each batch for itself, where Keras goes on with the metrics of the batches before.
            self.reset_metrics()
            results = self.train_function().on(source.peek())
        return self._listed({name: as_log(value) for name, value in results["logs"].items()}, return_dict)

    def test_on_batch(
        self,
        x: object,
        y: object = None,
        sample_weight: object = None,
        return_dict: bool = False,
        check_finite: bool = True,
        **unknown: object,
    ) -> Any:
        """Return the loss and the metrics of this batch.

        Args:
            x: the inputs of one batch.
            y: their targets.
            sample_weight: how much each sample counts.
            return_dict: whether to return a dict by name instead of a list.
            check_finite: whether x and y are searched for NaN and infinity first.
            **unknown: refused, with the nearest name that is known.
        """
        refuse_unknown(unknown, "test_on_batch", _arguments(Trainer.test_on_batch))
        with self.training_state.activity.of(self, "test_on_batch"):
            self._need_compiled("test_on_batch")
            source = prepare.one_batch(x, y, sample_weight, None, "test_on_batch", self._within(check_finite))
            prepare.prepare(self, source, None, "test_on_batch")
            self.reset_metrics()
            results = self.test_function().on(source.peek())
        return self._listed({name: as_log(value) for name, value in results["logs"].items()}, return_dict)

    def predict_on_batch(self, x: object, check_finite: bool = True) -> Any:
        """Return the outputs for one batch as NumPy arrays.

        Args:
            x: the inputs of one batch.
            check_finite: whether x is searched for NaN and infinity first.
        """
        source = prepare.one_batch(x, None, None, None, "predict_on_batch", self._within(check_finite))
        prepare.check_inputs(self, source, "predict_on_batch")
        outputs = self.predict_function().on(source.peek())["outputs"]
        return prepare.as_numpy(outputs)

    def _listed(self, logs: dict[str, Any], return_dict: bool) -> Any:
        """Return logs as they are, or as a list: the metrics in their order, then the rest by name."""
        if return_dict:
            return logs
        known = [name for name in self.metrics_names if name in logs]
        values = [logs[name] for name in (*known, *sorted(set(logs) - set(known)))]
        return values[0] if len(values) == 1 else values

    def _within(self, check_finite: bool) -> bool | str:
        """Return the dtype into which data must fit that are searched for NaN and infinity, or False."""
        return bool(check_finite) and str(self.dtype.name)

    def _need_compiled(self, who: str) -> None:
        if self.optimizer is None:
            raise ArgumentError(f"{self.name}: {who}: call compile(optimizer, loss) first")
        if who in ("fit", "train_on_batch"):
            self._check_trainable(who)
            self.optimizer.check_rate()

    def _check_trainable(self, who: str) -> None:
        """Raise if `trainable` has been changed since `compile`: a compiled step would not hear of it."""
        for part, then in self.training_state.frozen:
            if part.trainable != then:
                raise ArgumentError(
                    f"{self.name}: {who}: trainable of {part.name!r} was {then} when compile was called and "
                    f"is {part.trainable} now, which takes effect with the next compile: "
                    "call compile again, or set it back"
                )


@functools.cache
def _arguments(method: Callable[..., Any]) -> list[str]:
    """Return the names of a method's arguments."""
    return [
        p.name for p in inspect.signature(method).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
