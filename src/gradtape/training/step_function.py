"""The steps of a model as functions of the arrays of one batch, which is what an engine can compile."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from gradtape import engine
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.data.array_source import Structure
from gradtape.errors import ArgumentTypeError
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.layer import Layer
from gradtape.ops.random.seeds import StepSeeds
from gradtape.training.observe import normed, watched
from gradtape.training.step_context import context
from gradtape.training.step_model import StepModel
from gradtape.utils import pack_x_y_sample_weight


class StepFunction:
    """A step of a model, for batches of one structure.

    Args:
        model: whose step.
        structure: how x, y and sample_weight are put together from arrays.

    Attributes:
        reads_metrics: whether somebody will look at the metrics after the next call.
        seeds: those of the draws without a seed in the next calls; None leaves them to the process.

    Called with the arrays of a batch, as tensors, it returns a dict of tensors: "logs" (the metrics of the
    epoch so far, by name), "loss" (of this batch alone) and "learning_rate".
    """

    method = ""

    def __init__(self, model: StepModel, structure: Structure) -> None:
        self.model, self.structure = model, structure
        self.reads_metrics = True
        self.seeds: StepSeeds | None = None

    def __call__(self, *arrays: object) -> dict[str, Any]:
        """Do the step, and return its results."""
        rate = as_tensor(self.model.optimizer.learning_rate)  # a schedule's moves on with the step
        # A train_step may call another model's: each has its own loss and puts the outer one back.
        outer, seeds = (context.loss, context.reads_metrics), self.seeds
        forget_losses(self.model)
        context.loss, context.reads_metrics = None, self.reads_metrics
        if seeds is not None:
            seeds.begin()
        try:
            logs = getattr(self.model, self.method)(pack_x_y_sample_weight(*self.structure.rebuild(arrays)))
            return self.results(logs, context.loss, rate) | losses_of(self.model)
        finally:
            context.loss, context.reads_metrics = outer
            if seeds is not None:
                seeds.end()

    def results(self, logs: object, loss: object, rate: object) -> dict[str, Any]:
        """Return what the step gave as a dict of tensors.

        Args:
            logs: what `train_step` or `test_step` returned.
            loss: of this batch; None if the step told nobody, and its logs must do.
            rate: the learning rate before the step.
        """
        if not isinstance(logs, Mapping):
            raise ArgumentTypeError(
                f"{self.model.name}: {self.method} must return a dict of metrics, got {_kind(logs)}"
            )
        found: dict[str, Any] = {"logs": {name: as_tensor(value) for name, value in logs.items()}}
        if loss is not None or "loss" in logs:
            found["loss"] = as_tensor(logs["loss"] if loss is None else loss)
        found["learning_rate"] = rate
        return found


def _kind(value: object) -> str:
    """Return what a value is, not its numbers: there are none while a step is compiled."""
    return "None" if value is None else f"a {type(value).__name__}"


class TrainStep(StepFunction):
    """A step of `fit`: the weights change."""

    method = "train_step"


class ObservedTrainStep(TrainStep):
    """A step of `fit` that returns more of what happens in it.

    Args:
        model: whose step.
        structure: how x, y and sample_weight are put together from arrays.
        sees: what of the step to return under "seen"; see `gradtape.callbacks.Callback.sees`.
        norms: whether to return the norm of the gradients as "gradient_norm".
    """

    def __init__(self, model: StepModel, structure: Structure, sees: frozenset[str], norms: bool) -> None:
        super().__init__(model, structure)
        self.sees, self.norms = sees, norms

    def __call__(self, *arrays: object) -> dict[str, Any]:
        """Do the step, and return its results and what is to be seen."""
        with ExitStack() as around:
            seen = around.enter_context(watched(self.model, self.sees)) if self.sees else None
            norm = around.enter_context(normed(self.model.optimizer)) if self.norms else {}
            results = super().__call__(*arrays)
        if seen is not None:
            x, y, _ = self.structure.rebuild(arrays)
            if "batch" in self.sees:
                seen |= {"x": x} | ({} if y is None else {"y": y})
            results["seen"] = seen
        return results | norm


class TestStep(StepFunction):
    """A step of `evaluate`: the weights stay as they are."""

    __test__ = False  # not a test of pytest's
    method = "test_step"


class PredictStep(StepFunction):
    """A step of `predict`: it returns "outputs"."""

    method = "predict_step"

    def __call__(self, *arrays: object) -> dict[str, Any]:
        """Return the outputs for a batch."""
        data = pack_x_y_sample_weight(*self.structure.rebuild(arrays))
        forget_losses(self.model)
        return {"outputs": self.model.predict_step(data)} | losses_of(self.model)


# What layers add to the loss in a compiled step has no value there: it leaves the program as a result, and
# the layers are given the values of the last step.


def _layers(model: StepModel) -> dict[str, Any]:
    """Return the model and the layers inside by their paths."""
    return {"": model} | {f.path: f.value for f in walk(model) if isinstance(f.value, Layer)}


def forget_losses(model: StepModel) -> None:
    """Let the layers forget, where the engine compiles, what they have added to losses before."""
    if engine.active.compiles:
        for layer in _layers(model).values():
            layer.added_losses = []


def losses_of(model: StepModel) -> dict[str, Any]:
    """Return, where the engine compiles, what layers have added to the loss, by their paths."""
    if not engine.active.compiles:
        return {}
    found = {path: layer.added_losses for path, layer in _layers(model).items() if layer.added_losses}
    return {"added_losses": found} if found else {}


def keep_losses(model: StepModel, results: dict[str, Any], place: object = ...) -> None:
    """Give the layers the values of what they have added to the loss.

    Args:
        model: the model.
        results: of a step, or of several.
        place: of which step; of the only one if not given.
    """
    layers = _layers(model) if "added_losses" in results else {}
    for path, values in results.get("added_losses", {}).items():
        layers[path].added_losses = [Tensor(value._array[place]) for value in values]
