"""CompiledModel: what `compile` settles: optimizer, losses, metrics, and the steps made of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gradtape import engine, optimizers
from gradtape.base.checks import refuse_unknown, whole
from gradtape.base.trees import leaves
from gradtape.callbacks import CallbackList, History
from gradtape.core.hooks import LOSS, local, needs_phase, phase, put_in_phase
from gradtape.core.tensor import Tensor
from gradtape.errors import ArgumentError
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.layer import Layer
from gradtape.metrics import Metric
from gradtape.training import step as steps
from gradtape.training.compiled_metrics import free_name
from gradtape.training.step_context import context
from gradtape.training.step_function import ObservedTrainStep, PredictStep, StepFunction, TestStep, TrainStep
from gradtape.training.stepper import Stepper
from gradtape.training.training_state import TrainingState
from gradtape.utils import unpack_x_y_sample_weight

COMPILE_ARGUMENTS = (
    "optimizer loss loss_weights metrics weighted_metrics run_eagerly steps_per_execution jit_compile "
    "auto_scale_loss"
).split()


class CompiledModel(Layer):
    """The part of a model that `compile` settles; see `gradtape.models.model.Model`."""

    __slots__ = ("training_state",)
    training_state: TrainingState
    steps_per_execution: int = 1  # what compile was told; it changes nothing

    def __new__(cls, *args: object, **kwargs: object) -> Any:
        made = super().__new__(cls, *args, **kwargs)
        # In __new__, as a subclass may set its optimizer before it calls super().__init__.
        object.__setattr__(made, "training_state", TrainingState())
        return made

    @property
    def call_graph(self) -> Any:
        """The layers' calls that lead from inputs to outputs; None if only `call` knows."""

    @property
    def outputs(self) -> list[Any]:
        """The placeholders of the outputs of a model with a graph."""
        raise NotImplementedError

    @property
    def output_names(self) -> list[str]:
        """What the outputs are called in dicts of losses and in the history."""
        raise NotImplementedError

    # What Keras keeps as attributes stands in the training state.

    @property
    def optimizer(self) -> Any:
        """What changes the weights; None before `compile`."""
        return self.training_state.optimizer

    @optimizer.setter
    def optimizer(self, value: object) -> None:
        self.training_state.optimizer = value

    @property
    def loss(self) -> Any:
        """What `compile` was told as `loss`."""
        return self.training_state.loss

    @loss.setter
    def loss(self, value: object) -> None:
        self.training_state.loss = value

    @property
    def history(self) -> History | None:
        """The history of the last `fit`; None before it."""
        return self.training_state.history

    @history.setter
    def history(self, value: Any) -> None:
        self.training_state.history = value

    @property
    def stop_training(self) -> bool:
        """Whether the training is to end after this step; callbacks set it."""
        return self.training_state.stop_training

    @stop_training.setter
    def stop_training(self, value: bool) -> None:
        self.training_state.stop_training = value

    @property
    def run_eagerly(self) -> bool:
        """Whether steps run operation by operation on every engine."""
        return self.training_state.run_eagerly

    @run_eagerly.setter
    def run_eagerly(self, value: bool) -> None:
        self.training_state.run_eagerly = bool(value)

    def compile(
        self,
        optimizer: object = "rmsprop",
        loss: object = None,
        loss_weights: object = None,
        metrics: object = None,
        weighted_metrics: object = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: object = "auto",
        auto_scale_loss: bool = True,
        **unknown: object,
    ) -> None:
        """Say how the model is to be trained.

        Args:
            optimizer: changes the weights; a name or an optimizer.
            loss: what is minimised: a name, a loss or a function; a list or dict of them for several outputs.
            loss_weights: how much each output's loss counts.
            metrics: what is measured besides: names, metrics or functions; per output for several.
            weighted_metrics: the same, with sample weights.
            run_eagerly: whether steps run operation by operation on every engine.
            steps_per_execution: ignored; kept for compatibility with Keras: the engine decides.
            jit_compile: ignored; kept for compatibility with Keras: `run_eagerly` says it.
            auto_scale_loss: ignored; kept for compatibility with Keras.
            **unknown: refused, with the nearest name that is known.

        Raises ArgumentError if two metrics have one name that somebody chose, or one has a loss's name.
        """
        refuse_unknown(unknown, "compile", COMPILE_ARGUMENTS)
        whole(steps_per_execution, "compile", "steps_per_execution", 1)
        given = {"loss": loss, "loss_weights": loss_weights}
        given |= {"metrics": metrics, "weighted_metrics": weighted_metrics}
        state = self.training_state
        state.compile(optimizers.get(optimizer), given, bool(run_eagerly))
        self.steps_per_execution = steps_per_execution
        state.resolve(self.output_names if self.call_graph is not None else None)
        # A compiled step has the trainable weights built in; `fit` compares and asks for a new compile.
        parts = [self, *(f.value for f in walk(self) if f.is_weight or isinstance(f.value, Layer))]
        state.frozen = [(part, part.trainable) for part in parts]

    @property
    def unconnected(self) -> str:
        """What the tape gives for weights that only serve outputs without a loss: "zero"; else "none"."""
        objective = self.training_state.objective
        return "zero" if objective is not None and None in objective.losses else "none"

    def name_outputs(self, outputs: object) -> None:
        """Give names to the outputs of a model without a graph: its dict's keys, or output_0, output_1 ...

        Args:
            outputs: what the model returned, or the Specs of it.
        """
        state = self.training_state
        if state.compiled_metrics is not None:
            return
        if self.call_graph is not None:
            state.resolve(self.output_names)
        elif state.output_names is None:
            found = leaves(outputs)
            plain = ["output"] if len(found) == 1 else [f"output_{i}" for i in range(len(found))]
            state.resolve(list(outputs) if isinstance(outputs, dict) else plain)
        else:
            state.resolve()

    def __init_subclass__(cls, **options: object) -> None:
        """Let a `compute_loss` of the subclass's own be the loss phase too."""
        super().__init_subclass__(**options)
        put_in_phase(cls, LOSS, ("compute_loss",))

    def compute_loss(
        self,
        x: object = None,
        y: object = None,
        y_pred: object = None,
        sample_weight: object = None,
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
        # A train_step of the user's calls this directly; the hooks are told of the phase all the same.
        if local.phase and needs_phase(LOSS, self):
            with phase(LOSS, self):
                return CompiledModel.compute_loss(self, x, y, y_pred, sample_weight, training)
        self.name_outputs(y_pred)
        objective = self.training_state.objective
        total: Any = None if objective is None else objective(y, y_pred, sample_weight)
        for loss in self.losses:
            total = loss if total is None else total + loss
        if total is None:
            raise ArgumentError(
                f"{self.name}: there is nothing to minimise: compile(loss=...), or add_loss in a layer's call"
            )
        return total  # type: ignore[no-any-return]

    def compute_metrics(
        self, x: object, y: object, y_pred: object, sample_weight: object = None
    ) -> dict[str, Any]:
        """Take a batch into account in all metrics, and return them by name.

        Args:
            x: the inputs; here for subclasses.
            y: the targets.
            y_pred: what the model returned.
            sample_weight: how much each sample counts.
        """
        found = self.training_state.compiled_metrics
        if found is not None and y is not None:
            found.update(y, y_pred, sample_weight)
        return self.get_metrics_result() if context.reads_metrics else {}

    def record(
        self, loss: Tensor, x: object, y: object, y_pred: object, sample_weight: object = None
    ) -> dict[str, Any]:
        """Take loss and metrics of a batch into account; return all metrics of the epoch so far, by name."""
        context.loss, tracker = loss, self.training_state.loss_tracker
        if tracker is not None:
            # By samples: the last batch may be smaller, and the mean of batch means would count it too much.
            tracker.update_state(loss, float(leaves(y_pred)[0].shape[0]))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the metrics by name, as they stand."""
        results: dict[str, Any] = {}
        for name, metric in self.named_metrics().items():
            value = metric.result()
            for key, one in value.items() if isinstance(value, dict) else [(name, value)]:
                if key in results:
                    raise ArgumentError(
                        f"{self.name}: the metric {name!r} returns {key!r}, a name that is taken"
                    )
                results[key] = one
        return results

    @property
    def metrics(self) -> list[Metric]:
        """All metrics: the loss, those of `compile`, and those among the model's attributes."""
        found = list(self.training_state.metrics)
        for part in walk(self):
            if isinstance(part.owner, Metric) and all(part.owner is not metric for metric in found):
                found.append(part.owner)
        return found

    def named_metrics(self) -> dict[str, Metric]:
        """Return the metrics by the names that they have in logs, each a name of its own."""
        known, found = self.training_state.metric_names, dict[str, Metric]()
        for metric in self.metrics:
            found[free_name(known.get(id(metric), metric.name), found)] = metric
        return found

    @property
    def metrics_names(self) -> list[str]:
        """The names of the metrics, in the order in which `evaluate` returns them."""
        return list(self.named_metrics())

    def reset_metrics(self) -> None:
        """Let all metrics start anew."""
        for metric in self.metrics:
            metric.reset_state()

    def train_step(self, data: object) -> dict[str, Any]:
        """Do one step on (x, y) or (x, y, sample_weight); a subclass may define its own."""
        return steps.training_step(self, *unpack_x_y_sample_weight(data))  # type: ignore[no-any-return]

    def test_step(self, data: object) -> dict[str, Any]:
        """Return the metrics with one more batch taken into account."""
        return steps.test_step(self, *unpack_x_y_sample_weight(data))  # type: ignore[no-any-return]

    def predict_step(self, data: object) -> Any:
        """Return the outputs for a batch (x,) or (x, y)."""
        return self(unpack_x_y_sample_weight(data)[0], training=False)

    # The same steps over many batches

    def train_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `fit`, compiled where the engine compiles."""
        if callbacks is None or not (callbacks.sees or callbacks.norms):
            return self._stepper("train", TrainStep, callbacks)
        sees, norms = callbacks.sees, callbacks.norms
        step = partial(ObservedTrainStep, sees=frozenset(sees), norms=norms)
        # A key of its own: with more results the step is another program.
        stepper = self._stepper("train", step, callbacks, f"train, {sorted(sees)}, {norms}")
        # on_train_step is told of each single step.
        if sees:
            stepper.max_steps_per_call = 1
        return stepper

    def test_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `evaluate`, compiled where the engine compiles."""
        return self._stepper("test", TestStep, callbacks)

    def predict_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `predict`, compiled where the engine compiles."""
        return self._stepper("predict", PredictStep, callbacks)

    def _stepper(
        self, kind: str, step: Callable[..., StepFunction], callbacks: CallbackList | None, key: str = ""
    ) -> Stepper:
        """Return the step; kept under `key` or `kind`.

        One runs at a call if a callback must be told of each, and, where none is compiled, if it may return
        other names or shapes than the one before.
        """
        make = partial(step, self)
        stepper = self.training_state.stepper(key or kind, partial(Stepper, make, self.run_eagerly))
        # Results of several steps are stacked along a new axis, which needs equal names and shapes.
        is_steady = engine.active.compiles or (kind != "predict" and self.has_plain_steps())
        is_asked = callbacks is not None and callbacks.needs_every(kind)
        stepper.max_steps_per_call = 1 if is_asked or not is_steady else None
        stepper.reads_metrics = None
        return stepper

    def has_own(self, *methods: str) -> bool:
        """Tell whether a subclass, or this model itself, has put another method in the place of one of these.

        Args:
            *methods: names of methods, such as "train_step".
        """
        found = [getattr(getattr(self, name), "__func__", None) for name in methods]
        return found != [getattr(CompiledModel, name) for name in methods]

    def has_plain_steps(self) -> bool:
        """Tell whether its steps return the metrics and nothing else: nobody has changed them."""
        return not self.has_own("train_step", "test_step", "record", "compute_metrics", "get_metrics_result")

    def log_names(self) -> list[str]:
        """Return what the metrics of an epoch will be called; nothing if only the first step can tell."""
        if not self.has_plain_steps() or not self.training_state.knows_metrics:
            return []
        return list(self.get_metrics_result())
