"""Compiled: how a model is to be trained: optimizer, losses, metrics, and the steps made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtape import engine, optimizers
from gradtape.base.trees import leaves
from gradtape.callbacks import CallbackList, History
from gradtape.core.hooks import LOSS, in_phase, put_in_phase
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, show
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.layer import Layer
from gradtape.metrics import Mean, Metric
from gradtape.ops.base.axes import whole
from gradtape.training import step as steps
from gradtape.training.compiled_metrics import CompiledMetrics
from gradtape.training.objective import Objective
from gradtape.training.observe import normed, watched
from gradtape.training.stepper import Stepper
from gradtape.utils import pack_x_y_sample_weight, unpack_x_y_sample_weight


class CompiledModel:
    """The part of a model that `compile` settles; see `gradtape.models.model.Model`."""

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
            "_trainable_then",
            "_tried",
            "_options_then",
            "_reads_logs",
        }
    )

    name: str
    losses: list[Tensor]
    optimizer: Any = None
    history: History | None = None
    stop_training: bool = False
    run_eagerly: bool = False
    _reads_logs: bool = True  # whether a step computes the metrics; see gradtape.training.epoch_logs
    _graph: Any = None
    _objective: Objective | None = None
    _scores: CompiledMetrics | None = None
    _loss_tracker: Mean
    _compiled_with: dict[str, Any]
    _trainable_then: list[tuple[Any, bool]]

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
        if whole(steps_per_execution, "compile", "steps_per_execution") < 1:
            raise ArgumentError(f"compile: steps_per_execution must be 1 or more, got {steps_per_execution}")
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
        self._scores: CompiledMetrics | None = None
        if self._graph is not None or "_output_names" in self.__dict__:
            self._resolve()
        self._steppers: dict[str, Stepper] = {}
        self._tried: dict[Any, Any] = {}
        self._trainable_then = [(part, part.trainable) for part in self._parts()]

    def _parts(self) -> list[Any]:
        """Return all that can be frozen: the model, the layers inside, and their weights."""
        return [self, *(f.value for f in walk(self) if f.is_weight or isinstance(f.value, Layer))]

    def _check_trainable(self, who: str) -> None:
        """Raise if `trainable` has been changed since `compile`: a compiled step would not hear of it."""
        for part, then in self._trainable_then:
            if part.trainable != then:
                raise ArgumentError(
                    f"{self.name}: {who}: trainable of {part.name!r} was {then} when compile was called and "
                    f"is {part.trainable} now, which takes effect with the next compile: "
                    "call compile again, or set it back"
                )

    def _resolve(self) -> None:
        """Find losses and metrics for the outputs, whose names are known now."""
        given, names = self._compiled_with, self.output_names
        if given["loss"] is not None:
            self._objective = Objective(given["loss"], given["loss_weights"], names)
        self._scores = CompiledMetrics(given["metrics"], given["weighted_metrics"], names)

    @property
    def unconnected(self) -> str:
        """What the tape gives for weights that only serve outputs without a loss: "zero"; else "none"."""
        return "zero" if self._objective is not None and None in self._objective.losses else "none"

    def _name_outputs(self, outputs: Any) -> None:
        """Give names to the outputs of a model without a graph: its dict's keys, or output_0, output_1 ..."""
        if self._graph is None and "_output_names" not in self.__dict__:
            found = leaves(outputs)
            plain = ["output"] if len(found) == 1 else [f"output_{i}" for i in range(len(found))]
            self._output_names = list(outputs) if isinstance(outputs, dict) else plain
        if self._scores is None:
            self._resolve()

    def __init_subclass__(cls, **options: Any) -> None:
        """Let a `compute_loss` of the subclass's own be the loss phase too."""
        super().__init_subclass__(**options)
        put_in_phase(cls, LOSS, ("compute_loss",))

    @in_phase(LOSS)
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
        return self.get_metrics_result() if self._reads_logs else {}

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
            if isinstance(value, dict):
                results |= value
            else:
                results[metric.name] = value
        return results

    @property
    def metrics(self) -> list[Metric]:
        """All metrics: the loss, those of `compile`, and those among the model's attributes."""
        found: list[Metric] = []
        if self.optimizer is not None:
            found = [self._loss_tracker, *(self._objective.trackers if self._objective else [])]
            found += self._scores.metrics if self._scores else []
        for part in walk(self):
            if isinstance(part.owner, Metric) and all(part.owner is not metric for metric in found):
                found.append(part.owner)
        return found

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
        return steps.training_step(self, *unpack_x_y_sample_weight(data))  # type: ignore[no-any-return]

    def test_step(self, data: Any) -> dict[str, Any]:
        """Return the metrics with one more batch taken into account."""
        return steps.test_step(self, *unpack_x_y_sample_weight(data))  # type: ignore[no-any-return]

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for a batch (x,) or (x, y)."""
        return self(unpack_x_y_sample_weight(data)[0], training=False)

    def train_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `fit`, compiled where the engine compiles."""
        self._forget_other_options()
        if callbacks is not None and callbacks.sees:
            return self._watched(callbacks)
        if callbacks is not None and callbacks.norms:
            return self._stepper("train", self._with_norm, callbacks, "train, with norms")
        return self._stepper("train", lambda data: self._logged(self.train_step, data), callbacks)

    def _forget_other_options(self) -> None:
        """Forget the steps that were compiled while the optimizer had other options."""
        options = self.optimizer.fixed_options()
        if self.__dict__.get("_options_then", options) != options:
            self._steppers.clear()
        self.__dict__["_options_then"] = options

    def _with_norm(self, data: Any) -> dict[str, Any]:
        """Run a step; return the norm of its gradients too."""
        with normed(self.optimizer) as found:
            results = self._logged(self.train_step, data)
        return results | found

    def _watched(self, callbacks: CallbackList) -> Stepper:
        """Return the step of `fit` for callbacks that want to see into it: one step a call."""
        sees, norms = callbacks.sees, callbacks.norms

        def step(data: Any) -> dict[str, Any]:
            with watched(self, sees) as seen:
                results = self._with_norm(data) if norms else self._logged(self.train_step, data)
            x, y, _ = data
            if "batch" in sees:
                seen |= {"x": x} | ({} if y is None else {"y": y})
            return {**results, "seen": seen}

        steppers: dict[str, Stepper] = self.__dict__.setdefault("_steppers", {})
        kind = f"train, seeing {', '.join(sorted(sees))}{', with norms' * norms}"
        if kind not in steppers:
            steppers[kind] = Stepper(step, self.run_eagerly)
            steppers[kind].most = 1
        return steppers[kind]

    def test_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `evaluate`, compiled where the engine compiles."""
        return self._stepper("test", lambda data: self._logged(self.test_step, data), callbacks)

    def predict_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `predict`, compiled where the engine compiles."""
        return self._stepper(
            "predict", lambda data: {"outputs": self.predict_step(pack_x_y_sample_weight(*data))}, callbacks
        )

    def _stepper(
        self, kind: str, step: Any, callbacks: CallbackList | None, key: str | None = None
    ) -> Stepper:
        """Return the step; kept under `key` or `kind`.

        One runs at a call if a callback must be told of each, and, where none is compiled, if it may return
        other names or shapes than the one before.
        """
        steppers: dict[str, Stepper] = self.__dict__.setdefault("_steppers", {})
        stepper = steppers.setdefault(key or kind, Stepper(step, self.run_eagerly))
        is_steady = engine.active.compiles or (kind != "predict" and self.has_plain_steps())
        is_asked = callbacks is not None and callbacks.needs_every(kind)
        stepper.most = 1 if is_asked or not is_steady else None
        return stepper

    def has_plain_steps(self) -> bool:
        """Tell whether its steps return the metrics and nothing else: nobody has changed them."""
        steps = ("train_step", "test_step", "record", "compute_metrics", "get_metrics_result")
        found = [getattr(getattr(self, step), "__func__", None) for step in steps]  # of the model's own too
        return found == [getattr(CompiledModel, step) for step in steps]

    def _log_names(self) -> list[str]:
        """Return what the metrics of an epoch will be called; nothing if only the first step can tell."""
        if not self.has_plain_steps() or self._scores is None or not self._scores.built:
            return []
        return list(self.get_metrics_result())

    def _logged(self, step: Any, data: Any) -> dict[str, Any]:
        """Run a step; return the metrics under "logs"."""
        rate = as_tensor(self.optimizer.learning_rate)  # a schedule's moves on with the step
        logs = step(pack_x_y_sample_weight(*data))
        if not isinstance(logs, dict):
            raise ArgumentTypeError(
                f"{self.name}: train_step must return a dict of metrics, got {show(logs)}"
            )
        loss = self.__dict__.pop("_step_loss", None)
        results: dict[str, Any] = {"logs": {name: as_tensor(value) for name, value in logs.items()}}
        if "loss" in logs or loss is not None:
            results["loss"] = as_tensor(logs["loss"] if loss is None else loss)
        results["learning_rate"] = rate
        return results
