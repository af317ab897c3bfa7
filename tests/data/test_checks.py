"""What is asked of data before the first step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradtape.base.checks import whole
from gradtape.data.checks import check_finite, check_lengths, check_weights
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError


@pytest.mark.parametrize("value", [0, -1])
def test_counts_below_one_are_refused(value: int) -> None:
    with pytest.raises(ArgumentError, match=f"^fit: batch_size must be a whole number >= 1, got {value}$"):
        whole(value, "fit", "batch_size", 1)


@pytest.mark.parametrize("value", [True, np.True_, 1.5, 32.0, "32", [32], None])
def test_counts_must_be_whole_numbers(value: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="^fit: batch_size must be a whole number, got "):
        whole(value, "fit", "batch_size", 1)


def test_lengths_that_differ_are_all_named() -> None:
    named = [("x['a']", np.ones(3)), ("x['b']", np.ones(4)), ("y", np.ones(3))]
    with pytest.raises(ShapeError) as caught:
        check_lengths(named, "fit")
    assert str(caught.value) == (
        "fit: all arrays must have equally many samples, got x['a']: 3, x['b']: 4, y: 3"
    )
    assert check_lengths(named[::2], "fit") == 3


def test_a_list_of_samples_gets_the_line_that_helps() -> None:
    named = [(f"x[{i}]", np.ones(4)) for i in range(9)]
    with pytest.raises(ShapeError, match=r"for one input, give np\.stack\(x\)"):
        check_lengths([*named, ("y", np.ones(9))], "fit")


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_empty_data_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentError, match="^fit: x must not be empty, got shape"):
        check_lengths([("x", np.ones(shape))], "fit")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("place", [(0, 0), (999, 299), (873, 5)])
def test_nan_and_inf_are_found_wherever_they_are(value: float, dtype: str, place: tuple[int, int]) -> None:
    array = np.ones((1000, 300), dtype)
    check_finite(array, "fit", "x")
    array[place] = value
    with pytest.raises(ArgumentError) as caught:
        check_finite(array, "fit", "x")
    assert f"got {value} at {list(place)}; " in str(caught.value)


def test_inf_and_minus_inf_do_not_cancel() -> None:
    with pytest.raises(ArgumentError, match=r"got inf at \[0\]"):
        check_finite(np.array([np.inf, -np.inf, 1.0]), "fit", "x")


def test_huge_but_finite_numbers_are_no_fault() -> None:
    check_finite(np.full(1000, 3e38, "float32"), "fit", "x")
    check_finite(np.full(1000, 60000, "float16"), "fit", "x")
    check_finite(np.arange(5), "fit", "x")


def test_bfloat16_is_looked_at_too() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    with pytest.raises(ArgumentError, match=r"got nan at \[1\]"):
        check_finite(np.array([1, np.nan], ml_dtypes.bfloat16), "fit", "x")


@pytest.mark.parametrize(
    ("weights", "y"),
    [
        ((3,), (3,)),
        ((3,), (3, 5)),
        ((3, 1), (3,)),
        ((3, 1), (3, 5)),
        ((3, 5), (3, 5, 2)),
        ((3, 1, 1), (3, 5)),
    ],
)
def test_weights_that_fit_labels(weights: tuple[int, ...], y: tuple[int, ...]) -> None:
    found = check_weights(np.ones(weights, "int64"), np.ones(y), "fit", "sample_weight")
    assert found.dtype == "float32"


@pytest.mark.parametrize(
    ("weights", "y"), [((3, 4), (3, 5)), ((3, 5), (3,)), ((3, 5, 2), (3, 5)), ((3, 1, 1), (3,))]
)
def test_weights_that_do_not_fit_labels(weights: tuple[int, ...], y: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="sample_weight must have one weight per sample, or one per element"):
        check_weights(np.ones(weights), np.ones(y), "fit", "sample_weight")


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ([1.0, -0.5, 1.0], "sample_weight must not be negative, got -0.5"),
        ([0.0, 0.0, 0.0], "sample_weight must not be 0 for every sample"),
        ([1.0, np.nan, 1.0], r"sample_weight must hold finite numbers, got nan at \[1\]"),
    ],
)
def test_weights_that_weigh_nothing(weights: list[float], text: str) -> None:
    with pytest.raises(ArgumentError, match=f"^fit: {text}"):
        check_weights(np.array(weights), np.ones(3), "fit", "sample_weight")


def test_one_batch_of_many_may_weigh_nothing() -> None:
    assert not check_weights(np.zeros(3), np.ones(3), "fit", "w", may_be_zero=True).any()


def test_errors_are_the_kinds_that_python_knows() -> None:
    assert issubclass(ShapeError, ValueError)
    assert issubclass(DtypeError, TypeError)
