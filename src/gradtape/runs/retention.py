"""Decides which checkpoints are kept: the newest, the best, every n-th, and some spread over the training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class CheckpointInfo:
    """An existing checkpoint.

    Attributes:
        step: how many updates had been done.
        epoch_ended: the epoch at whose end it was made; None: in the middle of one.
        score: the metric by which the best is found; None: not known.
    """

    step: int
    epoch_ended: int | None = None
    score: float | None = None


@dataclass
class Policy:
    """What is kept; see `Recording`.

    Args:
        last: how many of the newest.
        every: those at the end of every so many epochs; None: none for that.
        best: whether the checkpoint with the highest score stays ("max"), or that with the lowest ("min");
            None: none for that.
        spread: at most so many in all, spread over the training, as far as the others leave room; None: none.
    """

    last: int
    every: int | None = None
    best: str | None = None
    spread: int | None = None

    def dropped(self, kept: Sequence[CheckpointInfo]) -> list[CheckpointInfo]:
        """Return those of `kept`, in ascending order, that are to be deleted.

        >>> policy = Policy(last=1, spread=4)
        >>> [k.step for k in policy.dropped([CheckpointInfo(step) for step in (0, 10, 20, 30, 40)])]
        [10]
        """
        left, best = list(kept), self._best(kept)
        free = [k for k in left[: -self.last] if k is not best and not self._is_nth(k)]
        if self.spread is None:
            return free
        # one at a time: each that goes widens the gaps of its neighbours
        while free and len(left) > self.spread:
            gaps = {k.step: _gap(left, left.index(k)) for k in free}
            out = min(free, key=lambda k: gaps[k.step])
            free.remove(out)
            left.remove(out)
        return [k for k in kept if k not in left]

    def _is_nth(self, kept: CheckpointInfo) -> bool:
        ended = kept.epoch_ended
        return self.every is not None and ended is not None and (ended + 1) % self.every == 0

    def _best(self, kept: Sequence[CheckpointInfo]) -> CheckpointInfo | None:
        # NaN would win or lose every comparison, depending on the order
        scored = [k for k in kept if k.score is not None and not math.isnan(k.score)]
        if self.best is None or not scored:
            return None
        return (max if self.best == "max" else min)(scored, key=lambda k: k.score or 0.0)


def _gap(kept: Sequence[CheckpointInfo], place: int) -> float:
    """Return how many steps would lie between the neighbours of one that goes; the first is never alone."""
    return kept[place + 1].step - kept[place - 1].step if place else math.inf
