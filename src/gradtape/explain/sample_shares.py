"""The share of each sample in the gradient of one weight."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.explain.element import resolution
from gradtape.explain.rebuilt_tape import (
    RebuiltTape,
    batch_of,
    masked,
    taped,
)

_ROUNDINGS = 64  # how many rounding errors the shares' sum may have


@dataclass
class Shares:
    """The parts of one element of a gradient.

    Attributes:
        samples: the number of each sample and its share.
        rest: the part from losses that do not belong to single samples.
        total: the element of the whole gradient, from one backward pass.
        given: the element as the optimizer got it.
        notes: remarks.
    """

    samples: list[tuple[int, float]] = field(default_factory=list)
    rest: float = 0.0
    given: float = 0.0
    step_size: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return sum(share for _, share in self.samples) + self.rest

    @property
    def rounding(self) -> float:
        """By how much the sum differs from what the optimizer was given, if that is mere rounding; else 0."""
        size = sum(abs(share) for _, share in self.samples) + abs(self.rest)
        apart = self.given - self.total
        # more than rounding is a change that the step made to the gradient, and is named as one
        return apart if abs(apart) <= _ROUNDINGS * self.step_size * size else 0.0


def shares(step: Any, path: str, index: tuple[int, ...]) -> Shares:
    """Return the share of each sample of the step in one element of a gradient.

    Args:
        step: an opened step.
        path: the path of a Variable whose gradient the optimizer was given.
        index: which element.
    """
    gradient = step.gradients[path]
    found = Shares(given=float(gradient[index]), step_size=resolution(gradient.dtype))
    tape = taped(step, path)
    if tape is None:
        found.notes.append("no gradient of the step's tape reaches it: where it comes from is not known")
        return found
    losses = tape.sample_losses(step.batch_size, batch_of(step))
    direct, rest = tape.apart(losses)
    found.rest = 0.0 if rest is None else float(rest[index])
    if not direct:
        found.notes.append(
            "the loss is not a sum or mean of one loss per sample: it has no shares of samples"
        )
        return found
    found.samples = _by_sample(step, tape, direct, losses, index)
    return found


def _by_sample(
    step: Any, tape: RebuiltTape, direct: dict[int, Any], losses: list[Any], index: tuple[int, ...]
) -> list[tuple[int, float]]:
    """Run the backward pass from the losses of one sample at a time."""
    size = step.batch_size
    ids = range(size) if step.sample_ids is None else step.sample_ids
    used = [(loss, direct[id(loss)]) for loss in losses if id(loss) in direct]
    found = []
    # One pass per sample, with zeros for all others. Running one sample alone would change what batch
    # normalization computes.
    for row, number in enumerate(ids):
        start = {id(loss): masked(g, row) for loss, g in used}
        back = tape.gradient(start)
        found.append((int(number), 0.0 if back is None else float(np.asarray(back)[index])))
    return found
