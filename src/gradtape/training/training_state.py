"""TrainingState: everything that a model keeps for its training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradtape.callbacks import History
from gradtape.metrics import Mean, Metric
from gradtape.training.activity import Activity
from gradtape.training.checks.shapes import TrialResult
from gradtape.training.compiled_metrics import CompiledMetrics
from gradtape.training.objective import Objective
from gradtape.training.stepper import Stepper

NOT_COMPILED: dict[str, Any] = {"loss": None, "loss_weights": None, "metrics": None, "weighted_metrics": None}


class TrainingState:
    """What `compile` was told, and what was made of it.

    A model keeps one from its beginning to its end, as `model.training_state`; the rooms above read it.

    Attributes:
        optimizer: changes the weights; None before `compile`.
        history: of the last `fit`; None before it.
        stop_training: whether the training is to end after this step.
        run_eagerly: whether steps run operation by operation on every engine.
        loss: what `compile` was told as `loss`; a subclass may keep its own there.
        arguments: what `compile` was told as "loss", "loss_weights", "metrics" and "weighted_metrics".
        frozen: each layer and weight, and whether it was to be trained when `compile` was called.
        output_names: what the outputs are called; None as long as nobody knows.
        objective: the losses; None as long as the outputs have no names, and if there is none.
        compiled_metrics: the metrics of `compile`; None as long as the outputs have no names.
        loss_tracker: the mean of the loss over an epoch.
        trials: what trials of the model showed, by the inputs' shapes.
        activity: which training or test of the model runs.

    A copy or a pickle keeps optimizer, history, names and what `compile` was told.  Steps, programs and
    trials are made anew, and the metrics of `compile` begin anew.
    """

    def __init__(self) -> None:
        self.optimizer: Any = None
        self.history: History | None = None
        self.stop_training = self.run_eagerly = False
        self.loss: Any = None
        self.arguments = dict(NOT_COMPILED)
        self.output_names: list[str] | None = None
        self.frozen: list[tuple[Any, bool]] = []
        self._make_anew()

    def _make_anew(self) -> None:
        """Forget all that is made of what `compile` was told."""
        self.objective: Objective | None = None
        self.compiled_metrics: CompiledMetrics | None = None
        self.loss_tracker = Mean(name="loss") if self.optimizer is not None else None
        self.trials: dict[Any, TrialResult] = {}
        self.activity = Activity()
        self._steppers: dict[str, Stepper] = {}
        self._options: Any = None
        self._is_copy = False

    def compile(self, optimizer: object, arguments: Mapping[str, Any], run_eagerly: bool) -> None:
        """Take what `Model.compile` was told.

        Args:
            optimizer: the optimizer.
            arguments: "loss", "loss_weights", "metrics" and "weighted_metrics".
            run_eagerly: whether steps run operation by operation.
        """
        activity = self.activity
        self.optimizer, self.arguments = optimizer, dict(arguments)
        self.run_eagerly, self.loss = run_eagerly, self.arguments["loss"]
        self._make_anew()
        self.activity = activity  # a callback may compile while a training runs

    def resolve(self, names: list[str] | None = None) -> None:
        """Make losses and metrics, if they are not made yet and the outputs have names.

        Args:
            names: the names of the outputs; None: those that are known.
        """
        if names is not None:
            self.output_names = names
        if self.compiled_metrics is not None or self.output_names is None or self.optimizer is None:
            return
        given = self.arguments
        if given["loss"] is not None:
            self.objective = Objective(given["loss"], given["loss_weights"], self.output_names)
        self.compiled_metrics = CompiledMetrics(
            given["metrics"], given["weighted_metrics"], self.output_names, self._reserved()
        )
        # The copied arguments may hold metric objects with values in them.
        if self._is_copy:
            for metric in self.metrics:
                metric.reset_state()

    def _reserved(self) -> list[str]:
        trackers = [] if self.objective is None else self.objective.trackers
        return ["loss", *(tracker.name for tracker in trackers)]

    @property
    def metrics(self) -> list[Metric]:
        """The mean of the loss, those of the outputs' losses, and the metrics of `compile`."""
        self.resolve()
        found: list[Metric] = [] if self.loss_tracker is None else [self.loss_tracker]
        found += [] if self.objective is None else self.objective.trackers
        return found + ([] if self.compiled_metrics is None else self.compiled_metrics.metrics)

    @property
    def metric_names(self) -> dict[int, str]:
        """The names of the metrics of `compile` in logs, by the metric's id."""
        return {} if self.compiled_metrics is None else self.compiled_metrics.names_by_id

    @property
    def knows_metrics(self) -> bool:
        """Whether all metrics of `compile` are made."""
        return self.compiled_metrics is not None and self.compiled_metrics.built

    def stepper(self, key: str, make: Callable[[], Stepper]) -> Stepper:
        """Return the stepper that is kept under `key`, made first if need be.

        Steps that were compiled while the optimizer had other options are forgotten.
        """
        options = None if self.optimizer is None else self.optimizer.fixed_options()
        # Options such as momentum are constants in a compiled step; the learning rate is not.
        if self._options != options:
            self._steppers.clear()
            self._options = options
        if key not in self._steppers:
            self._steppers[key] = make()
        return self._steppers[key]

    def __getstate__(self) -> dict[str, Any]:
        kept = ("optimizer", "history", "loss", "arguments", "run_eagerly", "output_names", "frozen")
        return {name: getattr(self, name) for name in kept}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.stop_training = False
        vars(self).update(state)
        self._make_anew()
        self._is_copy = True
