"""Feeding a step with batches: several steps a call where the engine compiles, from where the data fits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.workers import Workers
from gradtape.core.tensor import Tensor
from gradtape.program.compiled import Compiled, side_by_side

STEPS_PER_CALL = 64
SECONDS_PER_CALL = 0.02  # where steps are not compiled


def run_batches(
    step: Compiled,
    arrays: Sequence[Any],
    batches: Sequence[Any],
    resident: bool | None = None,
    most: int | None = None,
    pause: tuple[int, int] | None = None,
    shared: list[Any] | None = None,
    until: Callable[[Any], bool] | None = None,
) -> Iterator[tuple[list[Any], Any]]:
    """Run `step` on one batch after the other; yield the batches done and what the step returned for each.

    Args:
        step: a compiled function of one tensor per array.
        arrays: NumPy arrays with samples along the first axis.
        batches: the row numbers of each batch; all equally many, the last batch perhaps fewer.
        resident: keep all of `arrays` on the device, or send a few batches at a time while it computes
            on those before; None decides by whether they fit.
        most: the largest number of steps in a call; None leaves it to the engine.
        pause: (n, k) ends a call wherever the number of batches done, plus k, is a multiple of n.
        shared: where `arrays` are kept as they are on the device; empty at first, given again for the next
            epoch of the same arrays.
        until: asked after each step, with what it returned, whether the call is to end there; where steps
            are compiled, nobody can be asked.

    Yields:
        The batches of one call, and the step's results for them stacked along a new first axis.
    """
    fits = engine.active.fits(sum(a.nbytes for a in arrays)) if resident is None else resident
    width = (most or STEPS_PER_CALL) if engine.active.compiles else 1
    if not fits:
        yield from _from_host(step, arrays, list(_calls(batches, width, pause)), width)
        return
    data = [] if shared is None else shared
    data += [engine.active.share(a) for a in arrays[len(data) :]]
    tensors = [Tensor(array) for array in data]
    if not engine.active.compiles:
        yield from _in_turn(step, tensors, batches, most or STEPS_PER_CALL, pause, until)
        return
    for rows in _calls(batches, width, pause):
        yield rows, step.over_known(tensors, _padded(rows, width), len(rows))


def _in_turn(
    step: Compiled,
    tensors: list[Tensor],
    batches: Sequence[Any],
    most: int,
    pause: tuple[int, int] | None,
    until: Callable[[Any], bool] | None,
) -> Iterator[tuple[list[Any], Any]]:
    """Do one step after the other, and yield after the first, then whenever a fiftieth of a second is over.

    What happens between two calls takes as long as a small step; Ctrl-C and the progress line have their
    turn soon enough.
    """
    start = 0
    while start < len(batches):
        results: list[Any] = []
        end = time.perf_counter() + SECONDS_PER_CALL
        for rows in _call(batches, start, most if start else 1, pause):
            results.append(step.on_rows(tensors, rows))
            if time.perf_counter() >= end or (until is not None and until(results[-1])):
                break
        done = len(results)
        yield list(batches[start : start + done]), side_by_side(results)
        start += done


def _calls(batches: Sequence[Any], width: int, pause: tuple[int, int] | None) -> Iterator[list[Any]]:
    """Cut the batches into those of one call: equally long, at most `width`."""
    start = 0
    while start < len(batches):
        rows = _call(batches, start, width, pause)
        yield rows
        start += len(rows)


def _call(batches: Sequence[Any], start: int, width: int, pause: tuple[int, int] | None) -> list[Any]:
    """Return the batches of the call that begins with batch `start`."""
    most = width if pause is None else min(width, pause[0] - (start + pause[1]) % pause[0])
    stop = start + 1
    while stop < min(len(batches), start + most) and len(batches[stop]) == len(batches[start]):
        stop += 1
    return list(batches[start:stop])


def _padded(rows: list[Any], width: int) -> Any:
    """Return the rows of one call, filled up to as many as any call has: one program serves all.

    One program, too, whichever step a call begins with: a training that is taken up again runs the same.
    """
    return np.stack(rows + [rows[0]] * (width - len(rows)))


def _from_host(step: Compiled, arrays: Sequence[Any], calls: list[list[Any]], width: int) -> Iterator[Any]:
    """Gather and send the batches of the next call in a second thread while the present one runs."""

    def send(rows: list[Any]) -> list[Tensor]:
        wanted = _padded(rows, width).reshape(-1)
        return [Tensor(engine.active.share(np.asarray(a[wanted]))) for a in arrays]

    with Workers(1) as sender:
        ahead = sender.submit(send, calls[0]) if calls else None
        for number, rows in enumerate(calls):
            data = ahead.result() if ahead else []
            ahead = sender.submit(send, calls[number + 1]) if number + 1 < len(calls) else None
            places = np.arange(len(data[0])).reshape(-1, len(rows[0]))
            yield rows, step.over(data, places, count=len(rows))
