"""The ratios that gradtape must reach, and whether it does."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.peers.measure import Results
from benchmarks.peers.roster import FREE, PEERS, find

OURS = "gradtape-jax"
Measured = dict[str, list[float]]


@dataclass(frozen=True)
class Ratio:
    """A ratio of two medians of what was measured in turns.

    Attributes:
        text: what is divided by what.
        bound: what is required.
        is_limit: whether `bound` must not be exceeded; otherwise it must be reached.
        quartiles: lower quartile, median and upper quartile of the rounds' ratios; None if not measured.
        other: the peer that it is about.
        least: a ratio below this cannot be: something disturbed the measuring.
    """

    text: str
    bound: float
    is_limit: bool
    quartiles: tuple[float, float, float] | None
    other: str = ""
    least: float = 0.0

    @property
    def verdict(self) -> str:
        """Say "met", "missed", "not measured", or that the figure cannot be."""
        if self.quartiles is None:
            return "not measured"
        median = self.quartiles[1]
        if median < self.least:
            return "not credible: the machine was busy"
        return "met" if (median <= self.bound if self.is_limit else median >= self.bound) else "missed"


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile.

    >>> quartiles([4.0, 1.0, 3.0, 2.0, 5.0])
    (2.0, 3.0, 4.0)
    >>> quartiles([7.0])
    (7.0, 7.0, 7.0)
    """
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def fastest(measured: Measured, keys: Iterable[str]) -> str:
    """Return the key with the smallest median among those that were measured, or ""."""
    there = [key for key in keys if measured.get(key)]
    return min(there, key=lambda key: statistics.median(measured[key]), default="")


def compared(measured: Measured, above: str, below: str) -> tuple[float, float, float] | None:
    """Return the quartiles of above / below, round by round; None if one of the two was not measured."""
    pairs = zip(measured.get(above, []), measured.get(below, []), strict=False)
    ratios = [a / b for a, b in pairs]
    return quartiles(ratios) if ratios else None


def keys_of(measured: Measured, belongs: Callable[[str], bool]) -> list[str]:
    """Return the keys of those peers, with their second entries."""
    keys = [peer.key for peer in PEERS if belongs(peer.key)]
    return [key for key in measured if key.removesuffix(FREE) in keys]


def required(results: Results) -> list[Ratio]:
    """Return the ratios that the project requires of gradtape on JAX, on two processors."""
    mlp, small = results.steps.get("mlp", {}), results.steps.get("small", {})
    first = {key: [told["first_epoch"] for told in rounds] for key, rounds in results.whole.items()}
    floor = fastest(mlp, keys_of(mlp, lambda key: find(key).is_floor))
    fit = fastest(mlp, keys_of(mlp, lambda key: find(key).fits and not key.startswith("gradtape")))
    keras = fastest(first, keys_of(first, lambda key: key.startswith("keras-")))
    to_floor, to_fit = compared(mlp, OURS, floor), compared(mlp, fit, OURS)
    to_keras, to_torch = compared(small, "keras-jax", OURS), compared(small, "torch", OURS)
    to_first = compared(first, OURS, keras)
    return [
        Ratio("large network: gradtape's step / the floor", 1.15, True, to_floor, floor, least=1.0),
        Ratio("large network: the fastest other `fit` / gradtape's", 1.25, False, to_fit, fit),
        Ratio("small network: Keras on JAX / gradtape", 6.0, False, to_keras, "keras-jax"),
        Ratio("small network: PyTorch eager / gradtape", 10.0, False, to_torch, "torch"),
        Ratio("process start to end of first epoch: gradtape / Keras", 0.5, True, to_first, keras),
    ]
