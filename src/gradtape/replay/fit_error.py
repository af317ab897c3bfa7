"""The error of a training whose loss became NaN: a report of the cause."""

from __future__ import annotations

from typing import Any

from gradtape.errors import ArgumentError, GradtapeError, NotFiniteError
from gradtape.explain.first_nan import NonFinite, find_nonfinite
from gradtape.replay.run import Run
from gradtape.training.trainable import TrainableModel


def explained(error: NotFiniteError, model: TrainableModel, plan: Any) -> NotFiniteError:
    """Return the error with the report of where NaN or infinity came from; the run keeps the report too.

    Args:
        error: what ended the training.
        model: what was trained; it is as it was afterwards.
        plan: where its batches came from, and its recorder.
    """
    run = Run(plan.recorder.folder)
    try:
        found = _found(run, model, plan.source)
    # a report that fails must not hide the error that it was to explain
    except GradtapeError as trouble:
        return NotFiniteError(f"{error}; where that came from could not be found: {trouble}")
    if found is None:
        return error
    run.note("nonfinite", report=str(found))
    made = NotFiniteError(f"{error}: {found}")
    made.report = found
    return made


def _found(run: Run, model: TrainableModel, source: Any) -> NonFinite | None:
    if not source.is_resumable:
        return None
    try:
        session = run.new_session(source=source)
    except ArgumentError:  # a piece of the user's own that run.json alone does not make again
        session = run.new_session(source=source, model=model)
    mark = session.mark()
    try:
        return find_nonfinite(session)
    finally:
        # `model` may be the caller's own, which must end as the training left it
        session.back(mark)
