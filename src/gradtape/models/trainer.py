"""Trainer: what every model can do once it is compiled: fit, evaluate, predict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gradtape import optimizers
from gradtape.callbacks import CallbackList, History
from gradtape.configs import as_json
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.layers.walking import walk
from gradtape.metrics import Mean, Metric
from gradtape.ops.seeds import next_number
from gradtape.runs.recording import fit_recorded
from gradtape.tensor import Tensor, as_tensor
from gradtape.training import fitting, planning
from gradtape.training import step as steps
from gradtape.training.objective import Objective
from gradtape.training.predicting import concatenated
from gradtape.training.running import Stepper, packed, unpacked
from gradtape.training.scores import Scores
from gradtape.training.stopping import stop_on_signals
from gradtape.trees import leaves


class Trainer:
    """The part of a model that trains it; see `gradtape.models.model.Model`."""

    _own = frozenset(
        {
            "optimizer",
            "history",
            "_objective",
            "_scores",
            "_loss_tracker",
            "_steppers",
            "_compiled_with",
            "_step_loss",
        }
    )

    name: str
    losses: list[Tensor]
    optimizer: Any = None
    history: History | None = None
    stop_training: bool = False
    run_eagerly: bool = False
    _graph: Any = None
    _objective: Objective | None = None
    _scores: Scores | None = None
    _loss_tracker: Mean
    _compiled_with: dict[str, Any]

    output_names: Any
    __call__: Callable[..., Any]

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say how the model is to be trained.

        Args:
            optimizer: changes the weights; a name or an optimizer.
            loss: what is minimised: a name, a loss or a function; a list or dict of them for several outputs.
            loss_weights: how much each output's loss counts.
            metrics: what is measured besides: names, metrics or functions; per output for several.
            weighted_metrics: the same, with sample weights.
            run_eagerly: whether steps run operation by operation on every engine.
            steps_per_execution: accepted for Keras' sake; the engine decides how many steps run in a call.
            jit_compile: accepted for Keras' sake; `run_eagerly` says it.
            auto_scale_loss: accepted for Keras' sake.
        """
        self.optimizer = optimizers.get(optimizer)
        self._compiled_with = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
        }
        self.run_eagerly = bool(run_eagerly)
        self.steps_per_execution = steps_per_execution
        self._loss_tracker = Mean(name="loss")
        self._objective: Objective | None = None
        self._scores: Scores | None = None
        if self._graph is not None or "_output_names" in self.__dict__:
            self._resolve()
        self._steppers: dict[str, Stepper] = {}

    def _resolve(self) -> None:
        """Find losses and metrics for the outputs, whose names are known now."""
        given, names = self._compiled_with, self.output_names
        if given["loss"] is not None:
            self._objective = Objective(given["loss"], given["loss_weights"], names)
        self._scores = Scores(given["metrics"], given["weighted_metrics"], names)

    def _name_outputs(self, outputs: Any) -> None:
        """Give names to the outputs of a model without a graph: its dict's keys, or output_0, output_1 ..."""
        if self._graph is None and "_output_names" not in self.__dict__:
            found = leaves(outputs)
            plain = ["output"] if len(found) == 1 else [f"output_{i}" for i in range(len(found))]
            self._output_names = list(outputs) if isinstance(outputs, dict) else plain
        if self._scores is None:
            self._resolve()

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """Return what is minimised, (): the losses of the outputs and those that layers and regularizers add.

        Args:
            x: the inputs; here for subclasses.
            y: the targets.
            y_pred: what the model returned.
            sample_weight: how much each sample counts; None counts all alike.
            training: whether this is training; here for subclasses.
        """
        self._name_outputs(y_pred)
        total: Any = None if self._objective is None else self._objective(y, y_pred, sample_weight)
        for loss in self.losses:
            total = loss if total is None else total + loss
        if total is None:
            raise ArgumentError(
                f"{self.name}: there is nothing to minimise: compile(loss=...), or add_loss in a layer's call"
            )
        return total  # type: ignore[no-any-return]

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Take a batch into account in all metrics, and return them by name.

        Args:
            x: the inputs; here for subclasses.
            y: the targets.
            y_pred: what the model returned.
            sample_weight: how much each sample counts.
        """
        if self._scores is not None and y is not None:
            self._scores.update(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def record(self, loss: Tensor, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Take loss and metrics of a batch into account; return all metrics of the epoch so far, by name."""
        self._step_loss = loss
        self._loss_tracker.update_state(loss, float(leaves(y_pred)[0].shape[0]))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the metrics by name, as they stand."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            value = metric.result()
            results |= value if isinstance(value, dict) else {metric.name: value}
        return results

    @property
    def metrics(self) -> list[Metric]:
        """All metrics: the loss, those of `compile`, and those among the model's attributes."""
        found: list[Metric] = []
        if self.optimizer is not None:
            found = [self._loss_tracker, *(self._objective.trackers if self._objective else [])]
            found += self._scores.metrics if self._scores else []
        own = {id(f.owner): f.owner for f in walk(self) if isinstance(f.owner, Metric)}
        return found + [metric for key, metric in own.items() if key not in map(id, found)]

    @property
    def metrics_names(self) -> list[str]:
        """The names of the metrics, in the order in which `evaluate` returns them."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Let all metrics start anew."""
        for metric in self.metrics:
            metric.reset_state()

    def train_step(self, data: Any) -> dict[str, Any]:
        """Do one step on (x, y) or (x, y, sample_weight); a subclass may define its own."""
        return steps.training_step(self, *unpacked(data))  # type: ignore[no-any-return]

    def test_step(self, data: Any) -> dict[str, Any]:
        """Return the metrics with one more batch taken into account."""
        return steps.test_step(self, *unpacked(data))  # type: ignore[no-any-return]

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for a batch (x,) or (x, y)."""
        return self(unpacked(data)[0], training=False)

    def train_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `fit`, compiled where the engine compiles."""
        stepper = self._stepper("train", lambda data: self._logged(self.train_step, data))
        stepper.most = 1 if callbacks is not None and callbacks.needs_batches else None
        return stepper

    def test_function(self) -> Stepper:
        """Return the step of `evaluate`, compiled where the engine compiles."""
        return self._stepper("test", lambda data: self._logged(self.test_step, data))

    def predict_function(self) -> Stepper:
        """Return the step of `predict`, compiled where the engine compiles."""
        return self._stepper("predict", lambda data: {"outputs": self.predict_step(packed(data))})

    def _stepper(self, kind: str, step: Any) -> Stepper:
        steppers: dict[str, Stepper] = self.__dict__.setdefault("_steppers", {})
        if kind not in steppers:
            steppers[kind] = Stepper(step, self.run_eagerly)
        return steppers[kind]

    def _logged(self, step: Any, data: Any) -> dict[str, Any]:
        """Run a step; return the metrics under "logs"."""
        logs = step(packed(data))
        if not isinstance(logs, dict):
            raise ArgumentTypeError(
                f"{self.name}: train_step must return a dict of metrics, got {show(logs)}"
            )
        loss = self.__dict__.pop("_step_loss", None)
        results: dict[str, Any] = {"logs": {name: as_tensor(value) for name, value in logs.items()}}
        if "loss" in logs or loss is not None:
            results["loss"] = as_tensor(logs["loss"] if loss is None else loss)
            results["learning_rate"] = as_tensor(self.optimizer.learning_rate)
        return results

    # What users call

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Iterable[Any] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        check_finite: bool = True,
        run: Any = None,
        resume: bool = False,
    ) -> History:
        """Train the model on all samples, `epochs` times, batch by batch.

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

        Returns:
            The history: `.history` has each metric's values, one per epoch.

        Raises:
            ArgumentError: if the data does not fit the model or the loss; nothing has been changed then.
        """
        self._need_compiled("fit")
        first, last = planning.span(initial_epoch, epochs)
        checks = (validation_split, validation_data, validation_batch_size or batch_size, validation_steps)
        how = (batch_size, shuffle, class_weight, steps_per_epoch, last - first)
        data, validation = planning.sources((x, y, sample_weight), how, checks, check_finite)
        planning.prepare(self, data, validation)
        with stop_on_signals(with_term=run is not None) as stop:
            plan = fitting.Plan(
                data, next_number(), last, first, validation, validation_steps, validation_freq, stop
            )
            told = self._callbacks(callbacks, verbose, epochs=last, steps=data.steps)
            if run is None:
                fitting.fit(self, plan, told)
            else:
                about = {"epochs": last, "shuffle": shuffle, "class_weight": class_weight}
                fit_recorded(self, plan, told, run, resume, as_json(about, "fit"))
        return self.history  # type: ignore[return-value]

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Iterable[Any] | None = None,
        return_dict: bool = False,
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

        Returns:
            The loss, a list of the loss and the metrics, or a dict.
        """
        self._need_compiled("evaluate")
        source = planning.once((x, y, sample_weight), batch_size, steps, "evaluate")
        planning.prepare(self, source, None, "evaluate")
        told = self._callbacks(callbacks, verbose, epochs=1, steps=source.steps, history=False)
        logs = fitting.evaluate(self, source, told, steps)
        if return_dict:
            return logs
        values = [logs[name] for name in self.metrics_names if name in logs]
        return values[0] if len(values) == 1 else values

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Iterable[Any] | None = None,
    ) -> Any:
        """Return the outputs for all samples as NumPy arrays.

        Args:
            x: the inputs, as for `fit`.
            batch_size: samples per batch, 32 if None.
            verbose: 0 shows nothing, 1 a progress bar.
            steps: how many batches are asked for; None asks for all.
            callbacks: told of what happens.
        """
        source = planning.once((x, None, None), batch_size, steps, "predict")
        told = self._callbacks(callbacks, verbose, epochs=1, steps=source.steps, history=False)
        return concatenated(self, source, told, steps)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Do one step; return the loss and the metrics, taken over all batches since `reset_metrics`.

        Args:
            x: the inputs of one batch.
            y: their targets.
            sample_weight: how much each sample counts.
            class_weight: how much the samples of each class count.
            return_dict: whether to return a dict by name instead of a list.
        """
        self._need_compiled("train_on_batch")
        source = planning.one_batch(x, y, sample_weight, class_weight, "train_on_batch")
        planning.prepare(self, source, None, "train_on_batch")
        return self._of_batch(self.train_function().on(source.peek()), return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return the loss and the metrics, taken over all batches since `reset_metrics`.

        Args:
            x: the inputs of one batch.
            y: their targets.
            sample_weight: how much each sample counts.
            return_dict: whether to return a dict by name instead of a list.
        """
        self._need_compiled("test_on_batch")
        source = planning.one_batch(x, y, sample_weight, None, "test_on_batch")
        planning.prepare(self, source, None, "test_on_batch")
        return self._of_batch(self.test_function().on(source.peek()), return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as NumPy arrays."""
        source = planning.one_batch(x, None, None, None, "predict_on_batch")
        outputs = self.predict_function().on(source.peek())["outputs"]
        return planning.as_numpy(outputs)

    def _of_batch(self, results: dict[str, Any], return_dict: bool) -> Any:
        logs = {name: float(value) for name, value in results["logs"].items()}
        values = list(logs.values())
        return logs if return_dict else values[0] if len(values) == 1 else values

    def _callbacks(self, given: Any, verbose: Any, history: bool = True, **params: Any) -> CallbackList:
        if isinstance(given, CallbackList):
            return given
        return CallbackList(given, add_history=history, verbose=verbose, model=self, **params)

    def _need_compiled(self, who: str) -> None:
        if self.optimizer is None:
            raise ArgumentError(f"{self.name}: {who}: call compile(optimizer, loss) first")
