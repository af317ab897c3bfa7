"""Feed: the batches of each call (several where the engine compiles), and where their data is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.workers import Workers
from gradtape.core.tensor import Tensor
from gradtape.training.placement import HERE, Placement

STEPS_PER_CALL = 64
SECONDS_PER_CALL = 0.02  # where steps are not compiled

# The batches of a call, tensors that hold their samples, and the rows of these tensors that each step takes.
Call = tuple[list[Any], list[Tensor], Any]


def feed(
    arrays: Sequence[Any],
    batches: Sequence[Any],
    resident: bool | None = None,
    most: int | None = None,
    pause: tuple[int, int] | None = None,
    shared: list[Any] | None = None,
    placement: Placement = HERE,
) -> Iterator[Call]:
    """Yield the calls of one epoch, one after the other.

    Args:
        arrays: NumPy arrays with samples along the first axis.
        batches: the row numbers of each batch; all equally many, the last batch perhaps fewer.
        resident: keep all of `arrays` on the device, or send a few batches at a time while it computes
            on those before; None decides by whether they fit.
        most: the largest number of steps in a call; None leaves it to the engine.
        pause: (n, k) ends a call wherever the number of batches done, plus k, is a multiple of n.
        shared: where `arrays` are kept as they are on the device; empty at first, given again for the next
            epoch of the same arrays.
        placement: says whether and where they are kept.

    Yields:
        The batches of a call, tensors that hold their samples, and the rows, (steps, batch) int64, that each
        step takes of them: as many steps as any call has, of which those of the batches are to be done.
    """
    fits = placement.fits(sum(a.nbytes for a in arrays)) if resident is None else resident
    width = (most or STEPS_PER_CALL) if engine.active.compiles else 1
    if not fits:
        yield from _from_host(arrays, list(_calls(batches, width, pause)), width, placement)
        return
    tensors = on_device(arrays, shared, placement)
    for rows in _calls(batches, width, pause):
        yield rows, tensors, _padded(rows, width)


def on_device(arrays: Sequence[Any], shared: list[Any] | None, placement: Placement) -> list[Tensor]:
    """Return the arrays as tensors where the steps read them, and keep them in `shared`."""
    data = [] if shared is None else shared
    data += [placement.data(a) for a in arrays[len(data) :]]
    return [Tensor(array) for array in data]


def _calls(batches: Sequence[Any], width: int, pause: tuple[int, int] | None) -> Iterator[list[Any]]:
    """Cut the batches into those of one call: equally long, at most `width`."""
    start = 0
    while start < len(batches):
        rows = one_call(batches, start, width, pause)
        yield rows
        start += len(rows)


def one_call(batches: Sequence[Any], start: int, width: int, pause: tuple[int, int] | None) -> list[Any]:
    """Return the batches of the call that begins with batch `start`: equally long, at most `width`."""
    # A checkpoint can be saved between two calls only, so a call ends where one is due.
    most = width if pause is None else min(width, pause[0] - (start + pause[1]) % pause[0])
    # Batches of one call are stacked, so they must be equally long: a shorter last batch ends the call.
    stop = start + 1
    while stop < min(len(batches), start + most) and len(batches[stop]) == len(batches[start]):
        stop += 1
    return list(batches[start:stop])


def _padded(rows: list[Any], width: int) -> Any:
    """Return the rows of one call, filled up to as many as any call has: one program serves all.

    One program, too, whichever step a call begins with: a training that is taken up again runs the same.
    """
    return np.stack(rows + [rows[0]] * (width - len(rows)))


def _from_host(
    arrays: Sequence[Any], calls: list[list[Any]], width: int, placement: Placement
) -> Iterator[Call]:
    """Gather and send the batches of the next call in a second thread while the present one runs."""

    def send(rows: list[Any]) -> list[Tensor]:
        wanted = _padded(rows, width).reshape(-1)
        return [Tensor(placement.data(np.asarray(a[wanted]))) for a in arrays]

    # One thread and one call ahead: the copy of the next batches hides behind the present computation,
    # and no more than two calls' batches are in memory.
    with Workers(1) as sender:
        ahead = sender.submit(send, calls[0]) if calls else None
        for number, rows in enumerate(calls):
            data = ahead.result() if ahead else []
            ahead = sender.submit(send, calls[number + 1]) if number + 1 < len(calls) else None
            yield rows, data, np.arange(len(data[0])).reshape(-1, len(rows[0]))
