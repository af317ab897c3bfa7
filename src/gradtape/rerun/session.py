"""ReplaySession: a copy of a run's training that can be moved to any of its steps.

It starts from the nearest checkpoint and continues with the same function, on the same batches in the same
order, as the training did.  The recorded losses are compared with those of the replay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.core.variable import Variable
from gradtape.data import ArraySource, Source
from gradtape.errors import CheckpointError, RunError, show
from gradtape.ops.random.seeds import StepSeeds
from gradtape.rerun.model_from_run import made_ready
from gradtape.runs.environment import environment
from gradtape.runs.run_config import first_step, other_bits
from gradtape.runs.state import CALLBACKS, restore, snapshot, variables_of
from gradtape.training.stepper import draws_of
from gradtape.training.trainable import TrainableModel


@dataclass(frozen=True)
class Difference:
    """A difference between a replay and what the run recorded.

    Attributes:
        step: the step.
        what: ``loss``, or the path of a Variable after the step.
        recorded: the recorded value: the loss, or the element of the Variable with the largest difference.
        replayed: the value in the replay.
        index: of a Variable, which element.
    """

    step: int
    what: str
    recorded: float
    replayed: float
    index: tuple[int, ...] = ()

    @property
    def size(self) -> float:
        """By how much."""
        return abs(self.replayed - self.recorded)


@dataclass(frozen=True)
class SessionState:
    """A saved state of a session.

    Attributes:
        step, epoch, batch, start, aimed_at, compared, difference: as of the session.
        arrays: the values of all Variables.
    """

    step: int
    epoch: int
    batch: int
    start: int
    aimed_at: int
    compared: int
    difference: Difference | None
    arrays: dict[str, Any]


class ReplaySession:
    """A replay of a training.

    Args:
        run: the run: its checkpoints and its recorded steps.
        model: built and compiled as the run's was; its Variables are changed.
        source: the batches.
        step_class: what an opened step is made as; None takes `StepData`.

    Attributes:
        step: how many updates have been done.
        epoch: the epoch of the next step.
        batch: how many batches of it have been done.
        start: the checkpoint from which it started.
        compared: how many losses were compared with recorded ones since then.
        difference: the first step since then whose loss is not the recorded one; None if all are.
        faults: what is wrong with checkpoints that could not be used.
        variables: all Variables, by path.
    """

    def __init__(self, run: Any, model: TrainableModel, source: Source, step_class: Any = None) -> None:
        self.run, self.model, self.source = run, model, source
        self.step_class = step_class  # what `open_step` makes: users get a class with more methods
        self.seed = int(run.config["seed"])
        self.variables: dict[str, Variable] = variables_of(model)
        self.step, self.epoch, self.batch, self.start = -1, 0, 0, -1
        self.difference: Difference | None = None
        self.compared = 0
        self.faults: list[str] = []
        # the checkpoint that the last restart tried first: a damaged one is not tried again
        self._aimed_at = -2
        self._begun_at = -1  # from where `go_on` was asked to come
        self.recorded = run.steps
        self.first = first_step(run.config)

    def go_to(self, step: int) -> None:
        """Move to the state after `step` updates.

        Raises CheckpointError if no checkpoint before it is whole.
        """
        known = [s for s in self.run.checkpoints if s <= step]
        nearest = known[-1] if known else -1
        # Go on from here if no checkpoint is nearer. `_aimed_at` is the one that was tried: if it is damaged,
        # `start` lies before it, and it must not be read again at each step.
        if nearest != self._aimed_at or not self.start <= self.step <= step:
            self._restart(step)
            self._aimed_at, self._begun_at = nearest, -1
        while self.step < step:
            self.forward(step - self.step)

    def go_on(self, start: int, step: int) -> None:
        """Move to the state after `step` updates, from the checkpoint of `start`."""
        if self._begun_at != start or not start <= self.step <= step:
            self._restart(start)
            # neither a checkpoint nor -1, for none: the next `go_to` restarts from its nearest one
            self._aimed_at, self._begun_at = -2, start
        while self.step < step:
            self.forward(step - self.step)

    @property
    def last(self) -> int:
        """The last step that was recorded; one before the first if none was."""
        return int(self.recorded["step"][-1]) if len(self.recorded) else self.first - 1

    def check(self, step: int) -> None:
        """Raise RunError unless `step` was recorded."""
        # the journal is read again only here: reading it costs, and old steps do not change
        if step > self.last:
            self.recorded = self.run.steps  # it may be training
        if self.last < self.first:
            raise RunError(f"run: no step was recorded, so there is no step {show(step)}")
        if not self.first <= step <= self.last:
            raise RunError(
                f"run: step must be in [{self.first}, {self.last}], the steps that were recorded, "
                f"got {show(step)}"
            )

    def _restart(self, step: int) -> None:
        """Go back to the newest whole checkpoint of at most `step` updates."""
        found, self.faults = self.run.newest(step)
        if found is None:
            raise CheckpointError(
                f"run: step {step} cannot be reached: no checkpoint before it is left; there are "
                f"{', '.join(map(str, self.run.checkpoints)) or 'none'}"
            )
        # callbacks do not run in a replay, so their arrays have nowhere to go
        own = {name: a for name, a in found.arrays.items() if not name.startswith(CALLBACKS)}
        restore(self.variables, own, f"run: {found.path}")
        self.start = self.step = found.step
        self.epoch, self.batch = found.about["epoch"], found.about["batch"]
        self.difference, self.compared = None, 0

    def begin(self) -> None:
        """Do what `fit` does before the next step: a new epoch's metrics, and the recorded learning rate."""
        if self.batch == 0:
            self.model.reset_metrics()
        rate = self.rate_at(self.step)
        held = self.model.optimizer.learning_rate
        # a callback may have set it, and callbacks do not run in a replay
        if rate is not None and isinstance(held, Variable) and float(held.item()) != rate:
            held.assign(np.asarray(rate, held.dtype))

    def rate_at(self, step: int) -> float | None:
        """Return the recorded learning rate of a step, None if there is none."""
        rate = self.recorded_at(step, "learning_rate")
        return None if rate is None or np.isnan(rate) else rate

    def recorded_at(self, step: int, column: str) -> float | None:
        """Return what was recorded of a step; None where it is not on record."""
        place = int(np.searchsorted(self.recorded["step"], step))
        is_there = place < len(self.recorded) and self.recorded["step"][place] == step
        return float(self.recorded[column][place]) if is_there else None

    def forward(self, most: int) -> None:
        """Do at most so many steps, those of one epoch and one learning rate, and compare their losses."""
        self.begin()
        stop = self.batch + self._alike(most)
        stepper = self.model.train_function()
        with engine.active.quiet():  # the training may have met infinities
            draws = draws_of(self.seed, self.epoch)
            for done in stepper.over(self.source, self.seed, self.epoch, self.batch, None, stop, draws=draws):
                losses = done.results.get("loss", ())
                for place, loss in enumerate(np.asarray(losses, "float64").reshape(-1)):
                    self.compare(self.step + place, float(loss))
                self.moved(len(done))

    def _alike(self, most: int) -> int:
        """Return how many of the next steps belong to this epoch and had the same learning rate."""
        steps = self.source.steps
        count = most if steps is None else min(most, steps - self.batch)
        place = int(np.searchsorted(self.recorded["step"], self.step))
        rates = self.recorded["learning_rate"][place:][:count]
        # a program keeps one learning rate, so a call must end where a callback changed it
        changes = np.flatnonzero(rates[1:] != rates[:-1])
        is_fixed = isinstance(self.model.optimizer.learning_rate, Variable)
        return int(changes[0]) + 1 if is_fixed and changes.size else count

    def moved(self, steps: int) -> None:
        """Count steps that have been done."""
        self.step += steps
        self.batch += steps
        if self.batch == self.source.steps:
            self.epoch, self.batch = self.epoch + 1, 0

    def compare(self, step: int, loss: float) -> Difference | None:
        """Return how a step's loss differs from the recorded one, None if the bits are the same."""
        # the journal holds the float32 loss as float64, which is exact: == compares bits, except of NaN
        recorded = self.recorded_at(step, "loss")
        if recorded is None:
            return None
        self.compared += 1
        if recorded == loss or (np.isnan(recorded) and np.isnan(loss)):
            return None
        found = Difference(step, "loss", recorded, loss)
        self.difference = self.difference or found
        return found

    def mark(self) -> SessionState:
        """Return the current state, to return to later."""
        return SessionState(
            *(self.step, self.epoch, self.batch, self.start, self._aimed_at, self.compared),
            *(self.difference, self.snapshot()),
        )

    def back(self, mark: SessionState) -> None:
        """Return to the state in which `mark` was made."""
        self.step, self.epoch, self.batch = mark.step, mark.epoch, mark.batch
        self.start, self.compared, self.difference = mark.start, mark.compared, mark.difference
        self._aimed_at = mark.aimed_at
        self.put(mark.arrays)

    def put(self, arrays: dict[str, Any]) -> None:
        """Give the Variables the values of a snapshot, or of a part of one."""
        for name, array in arrays.items():
            self.variables[name].assign(array)

    @contextmanager
    def by_operation(self) -> Iterator[None]:
        """Compute operation by operation inside the block: on the host, where the engine compiles."""
        # Variables made on the device have to be on the host inside the block, and back again after it
        with engine.hosted():
            self.put(self.snapshot())
            try:
                yield
            finally:
                after = self.snapshot()
        self.put(after)

    def made_anew(self) -> None:
        """Find the Variables again after the model was compiled with other arguments."""
        made_ready(self.model, self.source)
        self.variables = variables_of(self.model)

    def rows(self) -> Any:
        """Return the numbers of the samples of the next step; None where batches have no numbers."""
        if not isinstance(self.source, ArraySource):
            return None
        return self.source.order(self.seed, self.epoch)[self.batch]

    def step_seeds(self) -> StepSeeds:
        """Return the seeds of what the next step draws without one, as in the training."""
        return StepSeeds(draws_of(self.seed, self.epoch), self.batch)

    def snapshot(self) -> dict[str, Any]:
        """Return the values of all Variables by path, as NumPy arrays."""
        return snapshot(self.variables)

    def earliest(self, step: int) -> int:
        """Return `step`, or the first one after it that can be reached from a checkpoint."""
        return max(step, self.first, min(self.run.checkpoints, default=0))

    @property
    def end(self) -> int:
        """How many updates the training would have done in all its epochs, as far as that is known."""
        epochs, steps = int(self.run.config["fit"]["epochs"]), self.source.steps
        return self.last + 1 if steps is None else max(self.last + 1, epochs * steps)

    def elsewhere(self) -> list[tuple[str, Any, Any]]:
        """Return the differences of the environment from the run's that can change the last bits."""
        here = {"environment": environment()}
        engines = self.run.config["environment"]["engine"], engine.get_engine()
        other = [("engine", *engines)] if engines[0] != engines[1] else []
        return other + other_bits(self.run.config, here)
