"""The last samples validate, as many as in Keras, and neither side is left without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradtape.data import split_validation
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError


def test_every_part_is_split_at_the_same_sample() -> None:
    x = {"a": np.arange(10), "b": [np.arange(20.0).reshape(10, 2)]}
    train, validation = split_validation((x, list(range(10)), None), 0.3)
    assert train[0]["a"].tolist() == train[1].tolist() == list(range(7))
    assert validation[0]["a"].tolist() == validation[1].tolist() == [7, 8, 9]
    assert validation[0]["b"][0].tolist() == [[14, 15], [16, 17], [18, 19]]
    assert np.shares_memory(train[0]["a"], x["a"])
    assert train[2] is validation[2] is None


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, 0.0, 1.0, float("nan")])
def test_a_fraction_outside_is_refused(fraction: float) -> None:
    with pytest.raises(ArgumentError, match=r"^fit: validation_split must be in \(0, 1\), got "):
        split_validation((np.arange(10), None, None), fraction)


@pytest.mark.parametrize("fraction", [True, "0.2", None, [0.2]])
def test_a_fraction_must_be_a_number(fraction: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"^fit: validation_split must be a number in \(0, 1\), got "):
        split_validation((np.arange(10), None, None), fraction)


@pytest.mark.parametrize(("samples", "fraction", "side"), [(3, 0.9, "training"), (1, 0.5, "training")])
def test_neither_side_may_be_empty(samples: int, fraction: float, side: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        split_validation((np.arange(samples), None, None), fraction)
    assert str(caught.value) == (
        f"fit: validation_split={fraction} of {samples} samples leaves none for {side}"
    )


def test_lengths_are_looked_at_first() -> None:
    with pytest.raises(ShapeError, match="got x: 10, y: 9"):
        split_validation((np.arange(10), np.arange(9), None), 0.2)


@given(st.integers(2, 500), st.floats(0.001, 0.999))
def test_no_sample_is_lost(samples: int, fraction: float) -> None:
    kept = int(np.floor(samples * (1.0 - fraction)))
    if not 0 < kept < samples:
        return
    train, validation = split_validation((np.arange(samples), None, None), fraction)
    assert [*train[0], *validation[0]] == list(range(samples))
    assert len(train[0]) == kept
