"""tf.random: random tensors; who gives no seed gets one of `draw_seed`."""

from __future__ import annotations

from typing import Any

from gradtape.base.absent import answer_for as _answer_for
from gradtape.core.tensor import Tensor
from gradtape.ops.random import host
from gradtape.ops.random.seeds import draw_seed, set_seed

__all__ = ["normal", "set_seed", "shuffle", "truncated_normal", "uniform"]


def _seed(seed: object, who: str) -> Any:
    """Return the seed of one draw; as in TensorFlow, calls with one seed draw other numbers too."""
    # Drawn even if there is a seed, so that the next call with the same seed gives other numbers.
    drawn = draw_seed(f"tf.random.{who}")
    return drawn if seed is None else (seed, *drawn)


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Return numbers uniform in [minval, maxval); integers where `dtype` is one."""
    if str(dtype).startswith(("int", "uint")):
        return host.randint(shape, minval, maxval, dtype=dtype, seed=_seed(seed, "uniform"))
    return host.uniform(
        shape, minval, 1 if maxval is None else maxval, dtype=dtype, seed=_seed(seed, "uniform")
    )


def normal(
    shape: object,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: object = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Return normally distributed numbers."""
    return host.normal(shape, mean, stddev, dtype=dtype, seed=_seed(seed, "normal"))


def truncated_normal(
    shape: object,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: object = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Return normally distributed numbers that are at most two standard deviations from the mean."""
    return host.truncated_normal(shape, mean, stddev, dtype=dtype, seed=_seed(seed, "truncated_normal"))


def shuffle(value: object, seed: int | None = None, name: str | None = None) -> Tensor:
    """Return `value` with the entries of its first axis in random order."""
    return host.shuffle(value, seed=_seed(seed, "shuffle"))


_answer_for(__name__)
