"""Jacobians: one backward walk of a tape per element of the target."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtape import engine
from gradtape.base.trees import leaves, rebuild
from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.errors import ArgumentTypeError, ShapeError, show
from gradtape.ops.numpy.concatenation import stack
from gradtape.ops.numpy.shapes import reshape, transpose
from gradtape.tape.source_gradients import SourceGradients


def jacobian(tape: SourceGradients, target: object, sources: object, wants_zeros: bool) -> Any:
    """Return the Jacobian of `target` for each of `sources`; see GradientTape.jacobian."""
    if not isinstance(target, ArrayLike):
        raise ArgumentTypeError(f"jacobian: target must be one Tensor or Variable, got {show(target)}")
    tape.start_backward("jacobian")
    y, wanted = as_tensor(target), leaves(sources)
    rows = [tape.cotangents([y], wanted, [seed]) for seed in _unit_seeds(y.shape, y.dtype)]
    # A target without elements has no rows, but every source still has its column.
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in wanted]
    shapes = [(*y.shape, *s.shape) for s in wanted]
    found = [_assembled(*each) for each in zip(columns, wanted, shapes, strict=True)]
    tape.finish_backward([y], wanted, found)
    if wants_zeros:
        found = [_zeros(n, s) if j is None else j for n, s, j in zip(shapes, wanted, found, strict=True)]
    return rebuild(sources, found)


def batch_jacobian(tape: SourceGradients, target: Any, source: Any, wants_zeros: bool) -> Any:
    """Return the Jacobian of each row of `target` for the same row of `source`."""
    for given, what in ((target, "target"), (source, "source")):
        if not isinstance(given, ArrayLike):
            raise ArgumentTypeError(f"batch_jacobian: {what} must be a Tensor or Variable, got {show(given)}")
    y = as_tensor(target)
    if not y.ndim or not source.ndim or y.shape[0] != source.shape[0]:
        raise ShapeError(
            "batch_jacobian: target and source must have a first axis of the same length, "
            f"got target {y.shape} and source {source.shape}"
        )
    tape.start_backward("batch_jacobian")
    row_shape = y.shape[1:]
    column = []
    # One seed serves all rows at once: rows do not meet, so their cotangents come back side by side.
    for seed in _unit_seeds(row_shape, y.dtype):
        g = Tensor(engine.xp.broadcast_to(seed._array, y.shape))
        column.append(tape.cotangents([y], [source], [g])[0])
    stacked = _assembled(column, source, (math.prod(row_shape), *source.shape))
    shape = (y.shape[0], *row_shape, *source.shape[1:])
    if stacked is not None:
        stacked = reshape(transpose(stacked, (1, 0, *range(2, stacked.ndim))), shape)
    tape.finish_backward([y], [source], [stacked])
    return _zeros(shape, source) if wants_zeros and stacked is None else stacked


def _unit_seeds(shape: tuple[int, ...], dtype: Any) -> list[Tensor]:
    """Return one cotangent for each element of `shape`: 1 there and 0 elsewhere."""
    seeds = np.eye(math.prod(shape), dtype=dtype)
    return [Tensor(engine.active.asarray(row.reshape(shape))) for row in seeds]


def _assembled(parts: list[Tensor | None], source: Any, shape: tuple[int, ...]) -> Tensor | None:
    """Return the cotangents `parts` of `source` as one tensor of `shape`; None if none is connected."""
    if all(p is None for p in parts):
        return None if parts else _zeros(shape, source)
    zeros = _zeros(source.shape, source)
    return reshape(stack([zeros if p is None else p for p in parts]), shape)


def _zeros(shape: tuple[int, ...], source: Any) -> Tensor:
    return Tensor(engine.xp.zeros(shape, source.dtype))
