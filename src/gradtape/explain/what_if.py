"""What if: the steps around a failure replayed with one thing changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.core.tensor import Tensor
from gradtape.core.variable import Variable
from gradtape.rerun.open_step import batch_of
from gradtape.rerun.session import ReplaySession, SessionState

BEFORE, AFTER = 50, 20


@dataclass
class Outcome:
    """What happened with one thing changed.

    Attributes:
        change: what was changed, in words.
        start: the first changed step.
        steps: how many steps were replayed.
        failed_at: the first step in which something was not finite; None: all stayed finite.
        loss: the loss of the last finite step.
    """

    change: str
    start: int
    steps: int
    failed_at: int | None
    loss: float

    @property
    def helps(self) -> bool:
        """Whether everything stays finite."""
        return self.failed_at is None

    def __str__(self) -> str:
        where = f"from step {self.start} on"
        if self.helps:
            return f"{self.change} {where}: finite for {self.steps} steps, loss {self.loss:.4g}"
        return f"{self.change} {where}: not finite in step {self.failed_at}"


def outcomes(session: ReplaySession, mark: SessionState, rows: Sequence[int]) -> list[Outcome]:
    """Return the effects of a smaller learning rate, of clipping, and of leaving samples out.

    Args:
        session: comes back to `mark`.
        mark: the moment before the failing step.
        rows: the places of suspicious samples in the batch of that step.
    """
    # fifty steps before: what grows has to be stopped before it is large
    first = session.earliest(mark.step - BEFORE)
    found = []
    rate = session.model.optimizer.learning_rate
    if isinstance(rate, Variable):
        small = (session.rate_at(mark.step) or float(rate.item())) / 10
        with _clean(session, mark, first):
            found.append(_run(session, f"a learning rate of {small:.3g} (a tenth)", mark, rate=small))
    with _clean(session, mark, first), _clipping(session.model.optimizer):
        found.append(_run(session, "clipping gradients to a global norm of 1", mark))
    if rows and session.rows() is not None:
        ids = session.rows()[list(rows)]
        # from the failing batch on: only there are these samples in question
        with _clean(session, mark, mark.step):
            text = f"without sample{'s' if len(ids) > 1 else ''} {', '.join(map(str, ids[:10]))}"
            found.append(_run(session, text + (" ..." if len(ids) > 10 else ""), mark, without=ids))
    return found


@contextmanager
def _clean(session: ReplaySession, mark: SessionState, first: int) -> Iterator[None]:
    """Be at step `first` inside the block, and back at `mark` afterwards."""
    if first < mark.step:
        session.go_to(first)
    else:
        session.back(mark)
    try:
        yield
    finally:
        session.back(mark)


@contextmanager
def _clipping(optimizer: Any) -> Iterator[None]:
    # only one clipping can be set, so the optimizer's own is put aside
    kept = optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm
    optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm = None, None, 1.0
    try:
        yield
    finally:
        optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm = kept


def _run(
    session: ReplaySession, change: str, mark: SessionState, rate: float | None = None, without: object = None
) -> Outcome:
    """Do the steps up to `AFTER` beyond the mark, operation by operation, until something is not finite."""
    start, loss, failed = session.step, float("nan"), None
    end = min(mark.step + 1 + AFTER, session.end)
    # not compiled: a changed batch or clipping would compile another program for a few steps
    with session.by_operation():
        while session.step < end and failed is None:
            session.begin()
            if rate is not None:
                # after `begin`, which sets the recorded rate
                session.model.optimizer.learning_rate = rate
            found = _step(session, without)
            if found is None:
                failed = session.step
            else:
                loss = found
                session.moved(1)
    return Outcome(change, start, session.step - start, failed, loss)


def _step(session: ReplaySession, without: Any) -> float | None:
    """Do the next step, without some samples; return its loss, None if it or a weight is not finite."""
    structure, tensors = batch_of(session)
    if without is not None:
        kept = np.flatnonzero(~np.isin(session.rows(), without))
        tensors = [Tensor(t._array[kept]) for t in tensors]
    with engine.active.quiet():
        results = session.model.train_function().function(structure, session.step_seeds())(*tensors)
    loss = float(np.asarray(results["loss"])) if "loss" in results else 0.0
    weights = [w.numpy() for w in session.model.trainable_weights]
    return loss if np.isfinite(loss) and all(np.isfinite(w).all() for w in weights) else None
