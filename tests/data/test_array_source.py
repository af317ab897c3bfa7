"""Batches out of arrays: any epoch at once, nested structures, nothing copied that need not be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape import compile, ops
from gradtape.data import ArraySource, adapt
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError
from tests.training.feeding import run_batches

X = np.arange(20.0).reshape(10, 2)
Y = np.arange(10)


def rows(source: ArraySource, epoch: int = 0, seed: int = 1) -> list[list[int]]:
    """Return the row numbers of an epoch as lists."""
    return [batch.tolist() for batch in source.order(seed, epoch)]


def test_what_a_source_says_of_itself() -> None:
    source = adapt(X, Y, batch_size=4)
    assert isinstance(source, ArraySource)
    assert (source.samples, source.batch_size, source.steps) == (10, 4, 3)
    assert source.is_resumable
    assert adapt(X).batch_size == 32


def test_dtypes_are_kept_and_nothing_is_copied() -> None:
    source = ArraySource(X, Y.astype("uint8"))
    assert [a.dtype.name for a in source.arrays] == ["float64", "uint8"]
    assert source.arrays[0] is X


def test_nested_structures_are_rebuilt() -> None:
    x, y = {"a": X, "b": [Y, Y]}, (Y, X)
    source = ArraySource(x, y, np.ones(10), batch_size=3)
    assert len(source.arrays) == 7
    got_x, got_y, weights = next(source.batches(0, 0))
    assert got_x["a"].tolist() == X[:3].tolist()
    assert [part.tolist() for part in got_x["b"]] == [[0, 1, 2], [0, 1, 2]]
    assert isinstance(got_y, tuple)
    assert isinstance(weights, tuple)
    assert [w.tolist() for w in weights] == [[1, 1, 1], [1, 1, 1]]
    assert source.structure.rebuild("abcdefg") == (
        {"a": "a", "b": ["b", "c"]},
        ("d", "e"),
        ("f", "g"),
    )


def test_what_there_is_not_is_none() -> None:
    assert ArraySource(X).peek()[1:] == (None, None)


def test_batches_hold_the_rows_of_the_order() -> None:
    source = ArraySource(X, Y, batch_size=4, shuffle=True)
    for numbers, (x, y, _) in zip(rows(source, 3), source.batches(1, 3), strict=True):
        assert y.tolist() == numbers
        assert x.tolist() == X[numbers].tolist()


def test_an_epoch_is_a_function_of_seed_and_number() -> None:
    one, other = (ArraySource(X, batch_size=3, shuffle=True) for _ in range(2))
    assert [rows(one, e) for e in (0, 1, 2)] == [rows(other, e) for e in (2, 1, 0)][::-1]
    assert rows(one, 0) != rows(one, 1)
    assert rows(one, seed=1) != rows(one, seed=2)
    assert sorted(sum(rows(one), [])) == list(range(10))


def test_whole_batches_can_be_shuffled() -> None:
    source = ArraySource(np.arange(100), batch_size=10, shuffle="batch")
    found = rows(source)
    assert found != sorted(found)
    assert sorted(found) == [list(range(i, i + 10)) for i in range(0, 100, 10)]


@pytest.mark.parametrize("shuffle", [2, "yes", None])
def test_shuffle_must_be_one_of_three(shuffle: Any) -> None:
    with pytest.raises(ArgumentError, match='^fit: shuffle must be True, False or "batch", got '):
        ArraySource(X, shuffle=shuffle)


def test_steps_make_epochs_that_go_on_where_the_last_one_stopped() -> None:
    source = ArraySource(np.arange(5), batch_size=2, steps=2)
    assert source.steps == 2
    assert [rows(source, e) for e in range(3)] == [[[0, 1], [2, 3]], [[4], [0, 1]], [[2, 3], [4]]]
    longer = ArraySource(np.arange(5), batch_size=2, steps=4)
    assert rows(longer) == [[0, 1], [2, 3], [4], [0, 1]]


def test_each_turn_has_an_order_of_its_own() -> None:
    source = ArraySource(np.arange(6), batch_size=2, shuffle=True, steps=2)
    whole = ArraySource(np.arange(6), batch_size=2, shuffle=True)
    assert rows(source, 0) + rows(source, 1) + rows(source, 2) == rows(whole, 0) + rows(whole, 1)


def test_without_a_batch_size_steps_decide_it() -> None:
    assert ArraySource(X, steps=3).batch_size == 4
    assert len(ArraySource(X, steps=3).order(0, 0)) == 3


def test_more_steps_than_batches_are_refused_where_no_sample_may_count_twice() -> None:
    with pytest.raises(ArgumentError, match="^evaluate: x has 3 batches, which is not enough for 4 steps$"):
        adapt(X, Y, batch_size=4, steps=4, repeat=False, who="evaluate")


def test_memory_maps_are_read_batch_by_batch(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    source = ArraySource(mapped, Y, batch_size=3, shuffle=True)
    assert np.shares_memory(source.arrays[0], mapped)
    assert source.resident is False
    assert ArraySource(X).resident is None
    for x, y, _ in source.batches(0, 0):
        assert x.tolist() == X[y].tolist()
        assert not np.shares_memory(x, mapped)


def test_a_compiled_step_takes_its_batches() -> None:
    source = ArraySource(X, Y, batch_size=4, shuffle=True)
    step = compile(lambda x, y: ops.sum(y))
    found: list[Any] = []
    for _, sums in run_batches(step, source.arrays, source.order(5, 2), source.resident):
        found += sums.tolist()
    assert found == [sum(batch) for batch in rows(source, 2, 5)]


def test_class_weights_are_in_the_sample_weights() -> None:
    source = ArraySource(X, Y % 2, class_weight={0: 1, 1: 3}, batch_size=4)
    assert source.peek()[2].tolist() == [1, 3, 1, 3]


def test_nan_is_found_unless_the_check_is_off() -> None:
    bad = X.copy()
    bad[7, 1] = np.nan
    with pytest.raises(ArgumentError, match=r"^fit: x\['a'\] must hold finite numbers, got nan at \[7, 1\]"):
        adapt({"a": bad}, Y)
    with pytest.raises(ArgumentError, match="^fit: y must hold finite numbers"):
        adapt(X, bad)
    assert adapt(bad, bad, check_finite=False).steps == 1


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"batch_size": 0}, ArgumentError, "fit: batch_size must be a whole number >= 1, got 0"),
        ({"batch_size": -3}, ArgumentError, "fit: batch_size must be a whole number >= 1, got -3"),
        ({"batch_size": True}, ArgumentTypeError, "fit: batch_size must be a whole number, got True"),
        ({"batch_size": 2.5}, ArgumentTypeError, "fit: batch_size must be a whole number, got 2.5"),
        ({"steps": 0}, ArgumentError, "fit: steps_per_epoch must be a whole number >= 1, got 0"),
        ({"y": Y[:9]}, ShapeError, "fit: all arrays must have equally many samples, got x: 10, y: 9"),
        (
            {"y": Y, "sample_weight": np.ones(9)},
            ShapeError,
            "fit: all arrays must have equally many samples, got x: 10, y: 10, sample_weight: 9",
        ),
        (
            {"y": Y, "sample_weight": np.zeros(10)},
            ArgumentError,
            "fit: sample_weight must not be 0 for every",
        ),
        ({"sample_weight": np.ones(10)}, ArgumentError, "fit: sample_weight needs y, which is None"),
        ({"class_weight": {0: 1}}, ArgumentError, "fit: class_weight needs y as one array, got none"),
    ],
)
def test_bad_arguments_are_named(arguments: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        adapt(X, **arguments)
    assert str(caught.value).startswith(text)
