"""TrainableModel: what training, runs and replays ask of a model, written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.layers.base.layer import Layer
from gradtape.metrics import Metric
from gradtape.training.step_model import StepModel

if TYPE_CHECKING:
    from gradtape.callbacks import CallbackList
    from gradtape.training.stepper import Stepper
    from gradtape.training.training_state import TrainingState


class TrainableModel(StepModel, Protocol):
    """A model as the rooms below `models` see it: a layer with weights, and with steps.

    Attributes:
        name: how it is called.
        built: whether its weights are made.
        built_for: the shapes and dtypes that it was built for; None if it was not.
        stop_training: a request, by a callback or a step, to end after this step.
        run_eagerly: whether steps run operation by operation on every engine.
    """

    name: str
    built: bool
    built_for: Any
    stop_training: bool
    run_eagerly: bool

    @property
    def training_state(self) -> TrainingState:
        """All that belongs to its training: optimizer, losses, metrics, compiled steps."""

    @property
    def losses(self) -> list[Tensor]:
        """What layers and regularizers add to the loss, each ()."""

    @property
    def unconnected(self) -> str:
        """What the tape gives for weights that the loss does not depend on: "zero" or "none"."""

    def named_metrics(self) -> dict[str, Metric]:
        """Return the metrics by the names that they have in logs."""

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the metrics' values by name."""

    def reset_metrics(self) -> None:
        """Let all metrics start anew."""

    def need_built(self, who: str) -> None:
        """Raise if it has no weights yet."""

    def flatten_layers(self) -> list[Layer]:
        """Return the layers inside, at any depth."""

    def named_variables(self) -> dict[str, Variable]:
        """Return all Variables by their path."""

    def log_names(self) -> list[str]:
        """Return what the metrics of an epoch will be called; nothing if only the first step can tell."""

    def name_outputs(self, outputs: Any) -> None:
        """Give names to the outputs of a model without a graph."""

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool = True) -> Any:
        """Return what is minimised, ()."""

    def record(self, loss: Tensor, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Take loss and metrics of a batch into account."""

    def train_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `fit`."""

    def test_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `evaluate`."""

    def predict_function(self, callbacks: CallbackList | None = None) -> Stepper:
        """Return the step of `predict`."""

    def compile(self, optimizer: Any, loss: Any, loss_weights: Any, metrics: Any, **more: Any) -> None:
        """Say how it is to be trained."""
