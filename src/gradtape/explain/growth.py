"""How loss, gradients and weights changed in the steps before a failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtape.rerun.open_step import batch_of
from gradtape.rerun.session import ReplaySession, SessionState
from gradtape.training.observe import watched

STEPS = 50
_GROWN = 10.0


@dataclass
class Growth:
    """The norms in the steps before.

    Attributes:
        steps: a structured array: step, loss, gradient_norm, weight_norm.
    """

    steps: Any = field(repr=False)

    @property
    def factor(self) -> float:
        """The gradient's norm in the last of the steps, divided by the median of the first half."""
        norms = self.steps["gradient_norm"]
        if len(norms) < 2:
            return 1.0
        # the median of the first half: neither the failure nor one large step decides what is usual
        usual = float(np.median(norms[: max(len(norms) // 2, 1)]))
        return float(norms[-1]) / usual if usual > 0 else float("inf") if norms[-1] > 0 else 1.0

    @property
    def has_grown(self) -> bool:
        """Whether the gradients had grown tenfold or more."""
        return self.factor >= _GROWN

    def __str__(self) -> str:
        count = len(self.steps)
        if not count:
            return "no step came before"
        first, last = self.steps[0], self.steps[-1]
        norms = (
            f"gradient norm {first['gradient_norm']:.3g} to {last['gradient_norm']:.3g}, "
            f"weight norm {first['weight_norm']:.3g} to {last['weight_norm']:.3g}"
        )
        grown = f"the gradients grew {self.factor:.3g} times" if self.has_grown else "no growth before it"
        return f"{grown} ({norms} over {count} steps)"


def growth_before(session: ReplaySession, mark: SessionState, steps: int = STEPS) -> Growth:
    """Return what the last `steps` steps before `mark` were like; the session comes back to it."""
    first = session.earliest(mark.step - steps)
    rows = []
    if first < mark.step:
        session.go_to(first)
    while first < mark.step and session.step < mark.step:
        step, gradient = session.step, gradient_norm(session)
        weight = norm_of([w.numpy() for w in session.model.trainable_weights])
        session.forward(1)
        rows.append((step, session.recorded_at(step, "loss") or np.nan, gradient, weight))
    session.back(mark)
    names = ("step", "loss", "gradient_norm", "weight_norm")
    return Growth(np.array(rows, [("step", "i8"), *[(name, "f8") for name in names[1:]]]))


def gradient_norm(session: ReplaySession) -> float:
    """Return the norm of all gradients of the next step, without doing the step."""
    mark = session.mark()
    session.begin()
    with session.by_operation(), watched(session.model, {"gradients"}) as seen:
        structure, tensors = batch_of(session)
        # the gradients are only seen in a whole step, so it is done and taken back
        session.model.train_function().function(structure, session.step_seeds())(*tensors)
    session.back(mark)
    return norm_of([g.numpy() for g in seen.get("gradients", {}).values()])


def norm_of(arrays: list[Any]) -> float:
    """Return the root of the sum of all squares, in float64.

    >>> norm_of([np.array([3.0]), np.array([[4.0]])])
    5.0
    """
    return float(np.sqrt(sum(float(np.sum(np.square(a, dtype="float64"))) for a in arrays)))
