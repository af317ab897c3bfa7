"""ExternalChange: a Variable whose checkpointed value replay does not reproduce."""

from __future__ import annotations

from dataclasses import dataclass

from gradtape.rerun.same_bits import Element, furthest, same_bits
from gradtape.rerun.session import ReplaySession

# Validation and callbacks change these between the last step of an epoch and its checkpoint.
AFTERWARDS = ("metrics.", "callbacks.", "optimizer.learning_rate")


@dataclass(frozen=True)
class ExternalChange:
    """A Variable whose checkpointed value replay does not reproduce.

    Attributes:
        step: the checkpoint, as the number of updates.
        variable: its path.
        element: its element with the largest difference.
    """

    step: int
    variable: str
    element: Element

    def __str__(self) -> str:
        return (
            f"{self.variable}{self.element} is not what the steps before checkpoint {self.step} give: it was "
            "changed by something that is no part of a step"
        )


def changed_outside(session: ReplaySession, start: int, end: int) -> ExternalChange | None:
    """Return the first Variable of a checkpoint in (start, end] that a replay from `start` does not give."""
    for step in [s for s in session.run.checkpoints if start < s <= end]:
        # not `go_to`, which would take the checkpoint itself, and find it equal to itself
        session.go_on(start, step)
        recorded = session.run.checkpoint(step).arrays
        for name, value in session.snapshot().items():
            if not name.startswith(AFTERWARDS) and not same_bits(value, recorded.get(name)):
                return ExternalChange(step, shown(name), furthest(recorded[name], value))
    return None


def shown(name: str) -> str:
    """Return the path of a Variable for users: those of the model without the word model.

    >>> shown("model.layers.0.kernel"), shown("optimizer.iterations")
    ('layers.0.kernel', 'optimizer.iterations')
    """
    return name.removeprefix("model.")
