"""The parameters of a run's training loop: number of steps, order, learning rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape.core.variable import Variable
from gradtape.data import ArraySource
from gradtape.errors import RunError, show
from gradtape.rerun.model_from_run import made_ready, model_of
from gradtape.training.trainable import TrainableModel

ENGINES = ("numpy", "jax")


@dataclass
class Parameters:
    """The numbers of a training loop.

    Attributes:
        model: compiled and built as the run's was.
        source: its batches.
        engine: on which it was trained.
        seed: decides the order of the samples.
        batch_size: samples in a step.
        steps: steps in an epoch.
        epochs: the epoch at which it ends.
        first: the checkpoint with the starting weights.
        epoch: the epoch with which it begins.
        batch: how many batches of that are done.
        count: how many steps there are.
        rates: the learning rate of each step; None where the optimizer follows a schedule.
        is_started: whether the optimizer had made updates before.
    """

    model: TrainableModel
    source: ArraySource
    engine: str
    seed: int
    batch_size: int
    steps: int
    epochs: int
    first: int
    epoch: int
    batch: int
    count: int
    rates: list[float] | None
    is_started: bool

    @property
    def changes(self) -> dict[int, float]:
        """Where the learning rate becomes another one: the steps counted from 0, and the rate."""
        rates = self.rates or []
        return {i: rates[i] for i in range(1, len(rates)) if rates[i] != rates[i - 1]}


def parameters_of(run: Any) -> Parameters:
    """Return what the loop of a run is made of, or raise RunError if it has none that can be written.

    Args:
        run: an opened run, with its data if it does not know it by name.
    """
    recorded, config = run.steps, run.config
    if not len(recorded):
        raise RunError(f"eject: {run.path} has no steps yet")
    first = int(recorded["step"][0])
    if first not in run.checkpoints:
        raise RunError(
            f"eject: the checkpoint {first}, with which the run began, is not kept; "
            f"there are {', '.join(map(str, run.checkpoints)) or 'none'}"
        )
    source = run.source()
    if not isinstance(source, ArraySource) or source.steps is None:
        raise RunError("eject: the run was not trained on arrays, so its batches have no order to write down")
    model = run._compiled or model_of(config, run._custom)
    start, engine = run.checkpoint(first), config["environment"].get("engine")
    if engine not in ENGINES:
        raise RunError(f"eject: engine must be one of {', '.join(ENGINES)}, got {show(engine)}")
    made_ready(model, source)
    follows = isinstance(model.optimizer.learning_rate, Variable)
    return Parameters(
        model=model,
        source=source,
        engine=engine,
        seed=config["seed"],
        batch_size=int(source.batch_size),  # type: ignore[arg-type]
        steps=source.steps,
        # not what `fit` was told: the run may have been stopped, or resumed for more
        epochs=int(recorded["epoch"][-1]) + 1,
        first=first,
        epoch=int(start.about["epoch"]),
        batch=int(start.about["batch"]),
        count=len(recorded),
        rates=[_shortest(r) for r in recorded["learning_rate"]] if follows else None,
        # a fork has no step 0: its optimizer begins with slots that its parent filled
        is_started=int(np.asarray(start.arrays["optimizer.iterations"])) != 0,
    )


def _shortest(rate: Any) -> float:
    """Return the shortest number with the same float32: 0.001 for 0.0010000000474974513."""
    # NumPy prints the shortest digits that read back as the same float32
    return float(str(np.float32(rate)))
