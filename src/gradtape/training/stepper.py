"""Running a step over the batches of an epoch, wherever they come from."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gradtape.base.trees import leaves, rebuild
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.data.array_source import ArraySource, Structure, flattened
from gradtape.data.source import Source
from gradtape.program.compiled import Compiled, compile
from gradtape.training.feed import run_batches


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


class Stepper:
    """A step of a model, compiled for one structure of data.

    Args:
        step: takes (x, y, sample_weight) as one argument, returns a dict of tensors.
        run_eagerly: whether it runs operation by operation.

    Attributes:
        most: the largest number of steps in one call; None leaves it to the engine.
    """

    def __init__(self, step: Callable[[Any], dict[str, Any]], run_eagerly: bool) -> None:
        self.step = step
        self.run_eagerly = run_eagerly
        self.most: int | None = None
        self._compiled: dict[str, Compiled] = {}

    def over(
        self,
        source: Source,
        seed: int,
        epoch: int,
        first: int = 0,
        pause: tuple[int, int] | None = None,
        stop: int | None = None,
        until: Callable[[], bool] | None = None,
    ) -> Iterator[StepResults]:
        """Run the step on the batches of one epoch.

        Args:
            source: where they come from.
            seed: decides, with the epoch, their order.
            epoch: which epoch.
            first: how many batches of it have been done already.
            pause: where calls of several steps must end; see `run_batches`.
            stop: the batch before which to stop; None goes to the end of the epoch.
            until: asked after a step, where steps are not compiled, whether the call is to end there.
        """
        started = time.perf_counter()
        for done in self._over(source, seed, epoch, slice(first, stop), pause, until):
            now = time.perf_counter()
            done.seconds, started = now - started, now
            yield done

    def _over(
        self, source: Source, seed: int, epoch: int, part: slice, pause: Any, until: Any
    ) -> Iterator[StepResults]:
        if not isinstance(source, ArraySource):
            for batch in itertools.islice(source.batches(seed, epoch), part.start, part.stop):
                results = self.on(batch)
                yield StepResults([None], rebuild(results, [Tensor(v._array[None]) for v in leaves(results)]))
            return
        compiled, order = self._for(source.structure), source.order(seed, epoch)[part]
        feed = (source.resident, self.most, pause, source.shared)
        for rows, results in run_batches(compiled, source.arrays, order, *feed, _ends(until)):
            yield StepResults(rows, results)

    def on(self, batch: Any) -> dict[str, Any]:
        """Run the step on one batch (x, y, sample_weight)."""
        structure, arrays = flattened(batch)
        results: dict[str, Any] = self._for(structure)(*[as_tensor(array) for array in arrays])
        return results

    def _for(self, structure: Structure) -> Compiled:
        """Return the step compiled for data of this structure, as a function of its arrays."""
        key = repr(structure)
        if key not in self._compiled:
            self._compiled[key] = compile(
                lambda *arrays: self.step(structure.rebuild(arrays)), self.run_eagerly
            )
        return self._compiled[key]


def _ends(until: Callable[[], bool] | None) -> Callable[[dict[str, Any]], bool]:
    return _is_lost if until is None else lambda results: _is_lost(results) or until()


def _is_lost(results: dict[str, Any]) -> bool:
    """Tell whether the loss of a step is not finite: who looks for that is to hear of it at once."""
    loss = results.get("loss")
    return loss is not None and not math.isfinite(loss.item())
