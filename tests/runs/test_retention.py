"""Which checkpoints stay."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradtape.replay.run import open_run
from gradtape.runs import writer
from gradtape.runs.retention import CheckpointInfo, Policy
from tests.runs.training import EPOCHS, train


def left(policy: Policy, kept: list[CheckpointInfo]) -> list[int]:
    """Return the steps that stay where checkpoints come one after the other."""
    there: list[CheckpointInfo] = []
    for one in kept:
        there.append(one)
        gone = policy.dropped(there)
        there = [k for k in there if k not in gone]
    return [k.step for k in there]


def test_the_newest_the_best_and_each_nth_stay() -> None:
    kept = [
        CheckpointInfo(step, step // 10, score)
        for step, score in zip(range(10, 100, 10), [5, 1, 3, 9, 9, 9, 9, 9, 9], strict=True)
    ]
    assert left(Policy(last=2), kept) == [80, 90]
    assert left(Policy(last=2, best="min"), kept) == [20, 80, 90]
    assert left(Policy(last=1, best="max"), kept) == [40, 90]
    assert left(Policy(last=1, every=4), kept) == [30, 70, 90]


def test_a_score_that_is_no_number_is_not_the_best() -> None:
    kept = [
        CheckpointInfo(1, 0, math.nan),
        CheckpointInfo(2, 1, 0.0),
        CheckpointInfo(3, 2, 4.0),
        CheckpointInfo(4, 3, None),
    ]
    assert left(Policy(last=1, best="min"), kept) == [2, 4]


@pytest.mark.parametrize("count", [11, 24, 25, 60, 500])
def test_the_spread_ones_leave_no_wide_gap(count: int) -> None:
    steps = left(Policy(last=3, spread=24), [CheckpointInfo(469 * n, n) for n in range(count)])
    assert len(steps) <= 24 and steps[0] == 0 and steps[-3:] == [469 * n for n in range(count)[-3:]]
    assert max(np.diff(steps)) <= max(469, 469 * 3 * count / 24)
    if count <= 24:
        assert len(steps) == count  # any step is less than an epoch away from one before it


def test_what_epoch_a_checkpoint_ended_is_known_after_a_resume(tmp_path: object) -> None:
    kinds = {"every_steps": None, "keep_last": 1, "keep_best": "val_loss", "keep_spread": None, "rate": 0.5}
    folder = f"{tmp_path}/run"
    train(folder, epochs=2, **kinds)
    train(folder, resume=True, epochs=EPOCHS, allow_change=("epochs",), **kinds)
    run = open_run(folder)
    best = run.epochs["step"][run.epochs["val_loss"].argmin()]
    assert run.checkpoints == sorted({int(best), int(run.epochs["step"][-1])})


def test_the_digest_of_a_state_outlives_its_checkpoint(tmp_path: object) -> None:
    for name, kinds in {"all": {}, "few": {"keep_last": 1, "keep_spread": None}}.items():
        train(f"{tmp_path}/{name}", **kinds)
    a, b = open_run(f"{tmp_path}/all"), open_run(f"{tmp_path}/few")
    assert a.digests == b.digests and list(a.digests) == a.checkpoints
    assert len(set(a.digests.values())) == len(a.digests) > len(b.checkpoints)


def test_checkpoints_come_often_at_first_and_then_rarely(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(writer.time, "monotonic", lambda: now[0])
    made = writer.RunWriter.__new__(writer.RunWriter)
    made.options, made.position = writer.Recording("x"), writer.Position(5)
    made._begun_at, made._saved_at, made._save_seconds = 1000.0, 1000.0, 0.001

    def due_after(seconds: float) -> bool:
        now[0] = made._saved_at + seconds
        return made.is_due()

    assert not due_after(1.9) and due_after(2.1)
    made._saved_at = 1500.0  # a fiftieth of 500 seconds
    assert not due_after(10.0) and due_after(10.3)
    made._saved_at = 90000.0
    assert not due_after(59.0) and due_after(60.0)
    made._saved_at, made._save_seconds = 1000.0, 0.2
    assert not due_after(19.9) and due_after(20.1)
    made.options.every_seconds = None
    assert not due_after(1e6)
