"""What a backward walk starts from and ends in: cotangents of the targets, zeros for the unconnected."""

from __future__ import annotations

from typing import Any

from gradtape import engine
from gradtape.base.trees import leaves, leaves_like
from gradtape.core.dtypes import is_floating
from gradtape.core.tensor import ArrayLike, Tensor, as_tensor
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError, show


def wants_zeros(unconnected_gradients: str) -> bool:
    """Tell whether a source that is not connected gets zeros, or raise ArgumentError."""
    if unconnected_gradients not in ("none", "zero"):
        raise ArgumentError(
            f"gradient: unconnected_gradients must be 'none' or 'zero', got {show(unconnected_gradients)}"
        )
    return unconnected_gradients == "zero"


def seeds(target: object, output_gradients: object) -> list[Tensor | None]:
    """Return the cotangent given for each target, or None for ones."""
    targets = leaves(target)
    if output_gradients is None:
        return [None] * len(targets)
    given = leaves_like(target, output_gradients)
    if len(given) != len(targets):
        raise ArgumentError(
            f"gradient: output_gradients must have one entry per target, {len(targets)}, got {len(given)}"
        )
    return [None if g is None else _seed(y, g) for y, g in zip(targets, given, strict=True)]


def _seed(target: object, given: object) -> Tensor:
    if not isinstance(target, ArrayLike):
        raise wrong_target(target)
    g = as_tensor(given, target.dtype, "output_gradients")
    if g.shape != target.shape:
        raise ShapeError(
            f"gradient: output_gradients must have the target's shape {target.shape}, got {g.shape}"
        )
    return g


def of_itself(source: Any, targets: list[Any], seeds: list[Tensor | None]) -> list[Tensor]:
    """Return the cotangents of a source that is a target itself, whether the tape knows it or not."""
    if not is_floating(source.dtype):
        return []
    return [
        ones_like(target) if seed is None else seed
        for target, seed in zip(targets, seeds, strict=True)
        if target is source
    ]


def ones_like(source: Any) -> Tensor:
    """Return ones of the shape and dtype of `source`."""
    array = source._array
    # A 0-d loss is by far the most frequent target, and xp.ones is slow at making so little.
    return Tensor(engine.xp.ones(array.shape, array.dtype) if array.shape else array.dtype.type(1))


def sum_of(parts: list[Tensor]) -> Tensor | None:
    """Return the sum of the tensors, or None if there are none."""
    total = parts[0] if parts else None
    for part in parts[1:]:
        total = total + part if total is not None else part
    return total


def wrong_target(target: object) -> ArgumentTypeError:
    """Return the error for a target that is no Tensor or Variable."""
    return ArgumentTypeError(f"gradient: target must be Tensors or Variables, got {show(target)}")


def zeros_like(source: Any) -> Tensor:
    """Return zeros of the shape and dtype of `source`."""
    return Tensor(engine.xp.zeros(source.shape, source.dtype))
