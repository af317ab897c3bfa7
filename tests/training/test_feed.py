"""Feeding: from the device or a few batches at a time, the same batches reach the step in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradtape import Variable, compile, engine, ops
from gradtape.data.array_source import ArraySource
from gradtape.data.order import batches, epoch_order
from gradtape.training import feed as training_feed
from gradtape.training.feed import STEPS_PER_CALL
from gradtape.training.stepper import Stepper
from tests.training.feeding import run_batches

X = np.arange(1000.0, dtype="float32").reshape(500, 2)
Y = np.arange(500, dtype="int32")


@pytest.mark.parametrize("resident", [True, False, None])
@pytest.mark.parametrize("batch_size", [3, 7, 500, 600])
def test_every_batch_reaches_the_step_once_and_in_order(resident: bool | None, batch_size: int) -> None:
    total = Variable(0.0)

    def step(x, y):
        total.assign_add(ops.sum(x))
        return ops.sum(x), ops.sum(y)

    order = batches(epoch_order(500, 1, 0), batch_size)
    done, sums, labels = [], [], []
    for rows, (a, b) in run_batches(compile(step), [X, Y], order, resident):
        assert len(rows) == len(a) == len(b) <= STEPS_PER_CALL
        done += [r.tolist() for r in rows]
        sums += a.tolist()
        labels += b.tolist()
    assert done == [rows.tolist() for rows in order]
    np.testing.assert_allclose(sums, [X[rows].sum() for rows in order], rtol=1e-6)
    assert labels == [Y[rows].sum() for rows in order]
    np.testing.assert_allclose(total, X.sum(), rtol=1e-5)


@pytest.mark.skipif(not engine.active.compiles, reason="NumPy compiles nothing")
def test_one_program_serves_calls_of_any_length() -> None:
    step = compile(lambda x: ops.sum(x))
    for _ in run_batches(step, [X], batches(np.arange(500), 3)):
        pass
    assert step.traces == 2  # 166 batches of 3 in three calls, and one of 2


def test_no_batches_do_nothing() -> None:
    assert list(run_batches(compile(lambda x: ops.sum(x)), [X], [])) == []
    assert list(run_batches(compile(lambda x: ops.sum(x)), [X], [], resident=False)) == []


@pytest.mark.skipif(engine.active.compiles, reason="nobody can be asked inside a program")
@pytest.mark.parametrize("seconds", [0.0, 1e9])
def test_a_call_ends_where_it_is_told_to(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(training_feed, "SECONDS_PER_CALL", seconds)
    order, totals = batches(np.arange(500), 10), []

    def step(x: Any) -> dict[str, Any]:
        totals.append(ops.sum(x))
        return {"sum": totals[-1]}

    stepper = Stepper(lambda structure: step, run_eagerly=False)  # type: ignore[arg-type, return-value]
    source = ArraySource(X, batch_size=10)
    done = stepper.over(source, 0, 0, until=lambda: totals[-1].item() > 0)
    calls = [(len(call), call.results["sum"].numpy()) for call in done]
    wanted = np.array([X[rows].sum() for rows in order])
    np.testing.assert_allclose(np.concatenate([sums for _, sums in calls]), wanted, rtol=1e-4, atol=1e-5)
    assert all(len(sums) == count and (sums[:-1] <= 0).all() for count, sums in calls)
    ends = np.cumsum([count for count, _ in calls])[:-1] - 1
    assert (seconds == 0.0) or (
        wanted[ends[1:]] > 0
    ).all()  # the first call is one step, to see how long it takes
