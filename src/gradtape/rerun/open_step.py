"""Opens a step: computes it again while everything is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.trees import leaves
from gradtape.core.tensor import Tensor, as_tensor
from gradtape.data import ArraySource
from gradtape.data.array_source import Structure, flattened
from gradtape.layers.base.attributes import walk
from gradtape.layers.base.layer import Layer
from gradtape.rerun.changed_outside import shown
from gradtape.rerun.session import ReplaySession, SessionState
from gradtape.rerun.step_data import StepData
from gradtape.rerun.step_recorder import StepRecorder
from gradtape.rerun.verdict import judge, largest_difference
from gradtape.training.observe import watched
from gradtape.training.stepper import draws_of

SEES = frozenset({"predictions", "gradients", "activations"})


def open_step(session: ReplaySession, step: int) -> StepData:
    """Return a step of the session's run with everything that happens in it.

    Raises:
        RunError: if the run has no such step.
        CheckpointError: if no checkpoint before it is whole.
    """
    session.check(step)
    session.go_to(step)
    # before the mark: the metrics that a new epoch resets belong to the state before the step
    session.begin()
    mark, rows = session.mark(), session.rows()
    # The compiled step is what training did, but one program shows no single operations: so the step is
    # done twice, compiled for the bits and operation by operation to look inside.
    compiled = _compiled(session, mark) if engine.active.compiles and not session.model.run_eagerly else None
    recorder, seen, results, (structure, tensors) = _recorded(session)
    after = session.snapshot()
    loss = float(np.asarray(results["loss"])) if "loss" in results else None
    session.moved(1)
    apart = None
    if compiled is not None:  # that is the step which was trained, and from which the run goes on
        apart = _apart(loss, after, compiled)
        loss, after = compiled
        session.put(after)
    verdict = judge(session, step, recorder.records, loss, after)
    verdict.compiled = apart
    x, y, sample_weight = structure.rebuild([t.numpy() for t in tensors])
    made: type[StepData] = session.step_class or StepData
    return made(
        session=session,
        number=step,
        epoch=mark.epoch,
        batch=mark.batch,
        sample_ids=rows,
        x=x,
        y=y,
        sample_weight=sample_weight,
        loss=loss,
        records=recorder.records,
        predictions=_values(seen.get("predictions")),
        activations={path: _values(v) for path, v in seen.get("activations", {}).items()},
        gradients={path: g.numpy() for path, g in seen.get("gradients", {}).items()},
        updates=recorder.updates,
        variables_before=_by_path(mark.arrays),
        variables_after=_by_path(after),
        verdict=verdict,
    )


def _recorded(
    session: ReplaySession,
) -> tuple[StepRecorder, dict[str, Any], Any, tuple[Structure, list[Tensor]]]:
    """Compute the next step operation by operation, and record it."""
    model = session.model
    paths = {id(v): shown(name) for name, v in session.variables.items()}
    layers = {id(f.value): f.path for f in walk(model) if isinstance(f.value, Layer)}
    recorder = StepRecorder(paths, layers)
    stepper = model.train_function()
    with session.by_operation(), engine.active.quiet():
        structure, tensors = batch_of(session)
        for name, tensor in zip(_names(structure), tensors, strict=True):
            # no operation makes the batch, so without a name it would be called a constant
            recorder.call(tensor, name)
        with watched(model, SEES) as seen, recorder.listening():
            results = stepper.function(structure, session.step_seeds())(*tensors)
    return recorder, seen, results, (structure, tensors)


def batch_of(session: ReplaySession) -> tuple[Structure, list[Tensor]]:
    """Return the batch of the next step, made as training makes it."""
    source, rows = session.source, session.rows()
    if isinstance(source, ArraySource):
        return source.structure, [Tensor(engine.active.share(a[rows])) for a in source.arrays]
    batches = source.batches(session.seed, session.epoch)
    # an iterator has no access by number: those before are made and dropped
    for _ in range(session.batch):
        next(batches)
    structure, arrays = flattened(next(batches))
    return structure, [as_tensor(a) for a in arrays]


def _names(structure: Structure) -> Iterator[str]:
    """Give the names of the arrays of a batch in their flat order: x, y, sample_weight; or x.0, x.1 ..."""
    for part in ("x", "y", "sample_weight"):
        places = getattr(structure, part)
        if places is not None:
            yield from _inside(part, places)


def _inside(name: str, tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        pairs: Sequence[tuple[Any, Any]] = list(tree.items())
    elif isinstance(tree, list | tuple):
        pairs = list(enumerate(tree))
    else:
        yield name
        return
    for key, value in pairs:
        yield from _inside(f"{name}.{key}", value)


def _compiled(session: ReplaySession, mark: SessionState) -> tuple[float | None, dict[str, Any]]:
    """Return loss and state after the next step, done by the compiled program, and put everything back."""
    stepper = session.model.train_function()
    place = session.batch
    draws = draws_of(session.seed, session.epoch)
    # by `over`, as in training: a program of one step alone may round otherwise
    (done,) = stepper.over(session.source, session.seed, session.epoch, place, None, place + 1, draws=draws)
    loss = float(np.asarray(done.results["loss"]).reshape(-1)[0]) if "loss" in done.results else None
    after = session.snapshot()
    session.back(mark)
    return loss, after


def _apart(loss: float | None, after: dict[str, Any], compiled: Any) -> tuple[float, str]:
    ours, theirs = {"loss": loss, **after}, {"loss": compiled[0], **compiled[1]}
    if loss is None:
        del ours["loss"]
    size, name = largest_difference(ours, theirs)
    return size, shown(name)


def _by_path(arrays: dict[str, Any]) -> dict[str, Any]:
    return {shown(name): array for name, array in arrays.items()}


def _values(tree: object) -> Any:
    """Return the tree with NumPy arrays for tensors; one array if there is one."""
    found = [v.numpy() if isinstance(v, Tensor) else v for v in leaves(tree)]
    return found[0] if len(found) == 1 else found
