"""Stepper: runs a step over the batches of an epoch, from any source."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.trees import mapped
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.data.array_source import ArraySource, Structure, flattened
from gradtape.data.source import Source
from gradtape.ops.random.seeds import StepSeeds
from gradtape.program.compiled import Compiled, side_by_side
from gradtape.training import feed
from gradtape.training.placement import HERE, Placement
from gradtape.training.step_function import StepFunction, keep_losses

Pause = tuple[int, int] | None


@dataclass
class StepResults:
    """Steps that have been done in one call.

    Attributes:
        rows: the sample numbers of each step's batch; None where the batches came without numbers.
        results: what the step returned, by name, each with the steps along its first axis.
        seconds: how long the call took, and what came before it since the call before.
    """

    rows: list[Any]
    results: dict[str, Any]
    seconds: float = 0.0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def logs(self) -> dict[str, Any]:
        """The metrics as they stood after the last of the steps; none if the steps left them out."""
        return {name: as_log(t, -1) for name, t in self.results["logs"].items()}


def as_log(tensor: Any, place: Any = ...) -> Any:
    """Return a metric's value for logs: a float, or a NumPy array if it has axes.

    Args:
        tensor: the metric's result, or those of several steps.
        place: which of them; all of it if not given.

    >>> as_log(as_tensor([1.0, 2.0]), -1), as_log(as_tensor([1.0, 2.0]))
    (2.0, array([1., 2.], dtype=float32))
    """
    value = np.asarray(engine.active.to_numpy(as_tensor(tensor)._array))[place]
    # A copy: a view would keep the results of all steps of the call in memory.
    return np.array(value) if np.ndim(value) else float(value)


class Stepper:
    """A step of a model over batches, compiled for each structure that they have.

    Args:
        make: makes the step for batches of a structure.
        run_eagerly: whether it runs operation by operation.
        placement: says where batches and state live.

    Attributes:
        max_steps_per_call: the largest number of steps in one call; None leaves it to the engine.
        reads_metrics: asked before each call whether somebody will look at the metrics after it; None: yes.
    """

    def __init__(
        self, make: Callable[[Structure], StepFunction], run_eagerly: bool, placement: Placement = HERE
    ) -> None:
        self.make = make
        self.run_eagerly = run_eagerly
        self.placement = placement
        self.max_steps_per_call: int | None = None
        self.reads_metrics: Callable[[], bool] | None = None
        self._steps: dict[str, tuple[StepFunction, Compiled]] = {}

    def over(
        self,
        source: Source,
        seed: int,
        epoch: int,
        first: int = 0,
        pause: Pause = None,
        stop: int | None = None,
        until: Callable[[], bool] | None = None,
        draws: tuple[int, ...] | None = None,
    ) -> Iterator[StepResults]:
        """Return the calls, done one after the other, of the batches of one epoch.

        Args:
            source: where they come from.
            seed: decides, with the epoch, their order.
            epoch: which epoch.
            first: how many batches of it have been done already.
            pause: where calls of several steps must end; see `feed`.
            stop: the batch before which to stop; None goes to the end of the epoch.
            until: asked after a step, where steps are not compiled, whether the call is to end there.
            draws: what numbers that a step draws without a seed depend on, besides its batch: see
                `draws_of`; None leaves them to the process.
        """
        seeds = None if draws is None else StepSeeds(draws, first)
        if not isinstance(source, ArraySource):
            return self._batch_by_batch(itertools.islice(source.batches(seed, epoch), first, stop), seeds)
        # The order of an epoch depends on seed and epoch only, so a resumed one just skips what is done.
        order = source.order(seed, epoch)[first:stop]
        # A memory map on NumPy too: the feed reads its next batches while a step computes.
        if engine.active.compiles or source.resident is False:
            return self._by_program(source, order, pause, seeds)
        return self._step_by_step(source, order, pause, until, seeds)

    def _by_program(
        self, source: ArraySource, order: Sequence[Any], pause: Pause, seeds: StepSeeds | None
    ) -> Iterator[StepResults]:
        """Do many steps in each call of a program."""
        most, place, model = self.max_steps_per_call, self.placement, self._for(source.structure)[0].model
        calls = feed.feed(source.arrays, order, source.resident, most, pause, source.shared, place)
        for rows, tensors, places in calls:
            results = self.program(source.structure, seeds).over_known(tensors, places, len(rows))
            keep_losses(model, results, -1)
            yield StepResults(rows, results)

    def _step_by_step(
        self,
        source: ArraySource,
        order: Sequence[Any],
        pause: Pause,
        until: Callable[[], bool] | None,
        seeds: StepSeeds | None,
    ) -> Iterator[StepResults]:
        """Do one step after the other; yield after the first, then whenever a fiftieth of a second is over.

        What happens between two calls takes as long as a small step; Ctrl-C and the progress line have their
        turn soon enough.
        """
        step, take = self.function(source.structure), engine.active.rows_of
        arrays = [t._array for t in feed.on_device(source.arrays, source.shared, self.placement)]
        start, width = 0, 1
        while start < len(order):
            # Set for each call: a callback in between (train_on_batch) may run this very step and set both.
            step.reads_metrics = self.reads_metrics is None or self.reads_metrics()
            step.seeds = seeds
            results: list[Any] = []
            end = time.perf_counter() + feed.SECONDS_PER_CALL
            for rows in feed.one_call(order, start, width, pause):
                results.append(step(*[Tensor(take(array, rows)) for array in arrays]))
                # A NaN loss ends the call, so that callbacks hear of this step and not of a later one.
                if time.perf_counter() >= end or _is_lost(results[-1]) or (until is not None and until()):
                    break
            done = len(results)
            yield StepResults(list(order[start : start + done]), side_by_side(results))
            start, width = start + done, self.max_steps_per_call or feed.STEPS_PER_CALL

    def _batch_by_batch(self, batches: Iterator[Any], seeds: StepSeeds | None) -> Iterator[StepResults]:
        """Do a step with each batch that somebody else makes; between two of them it is their turn."""
        for batch in batches:
            structure, arrays = flattened(batch)
            yield StepResults([None], mapped(_alone, self._once(structure, arrays, seeds)))

    def on(self, batch: Any) -> dict[str, Any]:
        """Run the step on one batch (x, y, sample_weight)."""
        structure, arrays = flattened(batch)
        return self._once(structure, arrays)

    def _once(
        self, structure: Structure, arrays: Sequence[Any], seeds: StepSeeds | None = None
    ) -> dict[str, Any]:
        results: dict[str, Any] = self.program(structure, seeds)(*self._placed(arrays))
        keep_losses(self.function(structure, seeds).model, results)
        return results

    def _placed(self, arrays: Sequence[Any]) -> list[Tensor]:
        """Return the arrays of one batch as tensors where the step reads them."""
        return [Tensor(self.placement.batch(as_tensor(array)._array)) for array in arrays]

    def function(self, structure: Structure, seeds: StepSeeds | None = None) -> StepFunction:
        """Return the step for batches of this structure, not compiled.

        Args:
            structure: how x, y and sample_weight are put together from arrays.
            seeds: those of its draws without a seed; None leaves them to the process.
        """
        found = self._for(structure)[0]
        found.reads_metrics, found.seeds = True, seeds
        return found

    def program(self, structure: Structure, seeds: StepSeeds | None = None) -> Compiled:
        """Return the step for batches of this structure, compiled where the engine compiles.

        Args:
            structure: how x, y and sample_weight are put together from arrays.
            seeds: those of its draws without a seed; None leaves them to the process.
        """
        found, compiled = self._for(structure)
        found.reads_metrics, found.seeds = True, seeds
        return compiled

    @property
    def programs(self) -> list[Compiled]:
        """The steps that have been compiled, one for each structure of batches."""
        return [program for _, program in self._steps.values()]

    def _for(self, structure: Structure) -> tuple[StepFunction, Compiled]:
        # Structures hold dicts and lists, which have no hash; their repr is short and exact.
        key = repr(structure)
        if key not in self._steps:
            made = self.make(structure)
            self._steps[key] = made, Compiled(made, self.run_eagerly, self.placement.state)
        return self._steps[key]


def draws_of(seed: int, epoch: int, validation: bool = False) -> tuple[int, ...]:
    """Return what numbers that a step of a training draws without a seed depend on, besides its batch.

    So they are the same when the training is resumed and when the step is done again.
    """
    return seed, int(validation), epoch


def _alone(value: object) -> Tensor:
    """Return the value as a tensor with a new first axis of length 1."""
    return Tensor(as_tensor(value)._array[None])


def _is_lost(results: dict[str, Any]) -> bool:
    """Tell whether the loss of a step is not finite: who looks for that is to hear of it at once."""
    loss = results.get("loss")
    return loss is not None and not math.isfinite(loss.item())
