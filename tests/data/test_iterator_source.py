"""Batches from generators, iterables and sequence objects: all converted and checked, none lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gradtape.data import IteratorSource, SequenceSource, adapt
from gradtape.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError


def numbers(count: int) -> Iterator[tuple[Any, Any]]:
    """Yield batches whose samples are their own number."""
    for i in range(count):
        yield np.full((2, 3), float(i)), np.full(2, i)


class Loader:
    """An iterable of lists of foreign tensors, with a length, as PyTorch's DataLoader."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[list[Any]]:
        return (list(batch) for batch in numbers(self.count))


class Endless:
    """An iterable whose length raises, as that of an endless tf.data.Dataset."""

    def __len__(self) -> int:
        raise TypeError("The dataset is infinite.")

    def __iter__(self) -> Iterator[Any]:
        return numbers(10**9)


class Sequence:
    """Batches by number, as Keras' PyDataset; keeps what was asked."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[Any] = []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> tuple[Any, Any]:
        self.asked.append(i)
        return np.full((2, 3), float(i)), np.full(2, i)

    def on_epoch_begin(self) -> None:
        self.asked.append("begin")

    def on_epoch_end(self) -> None:
        self.asked.append("end")


def seen(source: Any, epoch: int = 0, seed: int = 0) -> list[int]:
    """Return the numbers of the batches of an epoch."""
    return [int(y[0]) for _, y, _ in source.batches(seed, epoch)]


def test_a_generator_goes_on_from_epoch_to_epoch() -> None:
    source = adapt(numbers(6), steps=3, epochs=2)
    assert isinstance(source, IteratorSource)
    assert (source.steps, source.samples, source.batch_size, source.is_resumable) == (3, None, None, False)
    assert [seen(source, e) for e in (0, 1)] == [[0, 1, 2], [3, 4, 5]]


def test_a_generator_without_steps_is_one_epoch() -> None:
    source = adapt(numbers(4))
    assert source.steps is None
    assert seen(source) == [0, 1, 2, 3]
    assert source.steps == 4


def test_a_generator_for_more_epochs_needs_steps() -> None:
    with pytest.raises(ArgumentError, match="can be gone through once, which is not enough for 2 epochs"):
        adapt(numbers(4), epochs=2)


def test_a_generator_that_runs_dry_says_where() -> None:
    source = adapt(numbers(5), steps=3, epochs=2)
    assert seen(source) == [0, 1, 2]
    with pytest.raises(ArgumentError) as caught:
        seen(source, 1)
    assert str(caught.value) == (
        "fit: x ended after 2 of the 3 batches of epoch 2; a generator must give as many for every epoch"
    )


def test_a_generator_without_batches_is_refused() -> None:
    with pytest.raises(ArgumentError, match="^fit: x must give at least one batch, it gave none$"):
        seen(adapt(numbers(0)))
    with pytest.raises(ArgumentError, match="^fit: x ended after 0 of the 2 batches of epoch 1"):
        adapt(numbers(0), steps=2).peek()


@pytest.mark.parametrize("steps", [None, 2])
def test_peeking_uses_nothing_up(steps: int | None) -> None:
    for data in (numbers(4), Loader(4), Sequence(4)):
        source = adapt(data, steps=steps)
        assert source.peek()[1].tolist() == [0, 0]
        assert source.peek()[1].tolist() == [0, 0]
        assert seen(source) == list(range(steps or 4))


def test_an_iterable_begins_anew_each_epoch() -> None:
    source = adapt(Loader(3), epochs=2)
    assert source.steps == 3
    assert [seen(source, e) for e in (0, 1)] == [[0, 1, 2], [0, 1, 2]]


def test_an_iterable_with_steps_goes_on_and_begins_anew_when_it_ends() -> None:
    source = adapt(Loader(3), steps=2)
    assert [seen(source, e) for e in (0, 1, 2)] == [[0, 1], [2, 0], [1, 2]]


def test_an_iterable_that_must_not_repeat_begins_anew_each_time() -> None:
    source = adapt(Loader(3), steps=2, repeat=False, who="evaluate")
    assert [seen(source, e) for e in (0, 0)] == [[0, 1], [0, 1]]
    with pytest.raises(ArgumentError, match="^evaluate: x has 3 batches, which is not enough for 4 steps$"):
        adapt(Loader(3), steps=4, repeat=False, who="evaluate")
    endless = adapt(Endless(), steps=2, repeat=False)
    assert [seen(endless, e) for e in (0, 0)] == [[0, 1], [0, 1]]


def test_an_iterable_of_unknown_length_that_ends_early_says_so() -> None:
    data = type("Short", (), {"__iter__": lambda self: numbers(3)})()
    with pytest.raises(ArgumentError, match="^evaluate: x ended after 3 of the 5 batches of epoch 1$"):
        seen(adapt(data, steps=5, repeat=False, who="evaluate"))


def test_a_sequence_gives_batches_by_number_and_hears_of_epochs() -> None:
    data = Sequence(3)
    source = adapt(data)
    assert isinstance(source, SequenceSource)
    assert (source.steps, source.is_resumable) == (3, True)
    assert seen(source) == [0, 1, 2]
    assert data.asked == ["begin", 0, 1, 2, "end"]


def test_the_batches_of_a_sequence_can_be_shuffled() -> None:
    one, other = adapt(Sequence(20), shuffle=True), adapt(Sequence(20), shuffle=True)
    assert seen(one, 5) == seen(other, 5) != list(range(20))
    assert sorted(seen(one, 5)) == list(range(20))
    assert seen(one, 1) != seen(one, 0)


def test_a_sequence_with_steps_goes_on() -> None:
    source = adapt(Sequence(3), steps=2)
    assert [seen(source, e) for e in (0, 1, 2)] == [[0, 1], [2, 0], [1, 2]]
    with pytest.raises(ArgumentError, match="not enough for 4 steps"):
        adapt(Sequence(3), steps=4, repeat=False)


def test_a_sequence_without_end_needs_steps() -> None:
    data = Sequence(0)
    data.num_batches = None  # type: ignore[attr-defined]
    data.__class__ = type("Endless", (Sequence,), {"__len__": Endless.__len__})
    with pytest.raises(ArgumentError, match="^fit: x has no length: say how many steps make an epoch$"):
        adapt(data)
    assert seen(adapt(data, steps=2), epoch=3) == [6, 7]


@pytest.mark.parametrize("data", [Sequence(0), Loader(0)])
def test_length_zero_is_refused(data: Any) -> None:
    with pytest.raises(ArgumentError, match="^fit: x must give at least one batch, its length is 0$"):
        adapt(data)


@pytest.mark.parametrize(
    ("batch", "there"),
    [
        (np.ones((2, 3)), (True, False, False)),
        ((np.ones((2, 3)),), (True, False, False)),
        ([np.ones((2, 3)), np.ones(2)], (True, True, False)),
        ((np.ones((2, 3)), np.ones(2), np.ones(2)), (True, True, True)),
        (({"a": np.ones(2)}, np.ones(2), None), (True, True, False)),
    ],
)
def test_a_batch_is_x_or_up_to_three_parts(batch: Any, there: tuple[bool, ...]) -> None:
    parts = next(adapt(iter([batch])).batches(0, 0))
    assert tuple(part is not None for part in parts) == there


GOOD = (np.ones((2, 3)), np.ones(2))


@pytest.mark.parametrize(
    ("batch", "error", "text"),
    [
        ((np.ones((2, 4)), np.ones(2)), ShapeError, " must have the shapes of the first batch but for its size: x was (2, 3), now it is (2, 4)"),
        ((np.ones((2, 3, 1)), np.ones(2)), ShapeError, " must have the shapes of the first batch but for its size: x was"),
        (np.ones((2, 3)), ShapeError, " must have the parts of the first batch, x, y, got x"),
        ((np.ones((2, 3)), np.ones(3)), ShapeError, ": all arrays must have equally many samples, got x: 2, y: 3"),
        ((np.ones((0, 3)), np.ones(0)), ArgumentError, ": x must not be empty, got shape (0, 3)"),
        ((np.ones((2, 3)), np.array([1, np.nan])), ArgumentError, ": y must hold finite numbers, got nan at [1]"),
        ((np.ones((2, 3)), ["a", "b"]), DtypeError, ": y must hold numbers, got strings"),
        ((1, 2, 3, 4), ArgumentError, " must be x, (x, y) or (x, y, sample_weight), got 4 parts"),
        ((), ArgumentError, " must be x, (x, y) or (x, y, sample_weight), got 0 parts"),
        (None, ArgumentTypeError, ": x must be an array, got NoneType: None"),
    ],
)  # fmt: skip
def test_a_bad_batch_is_named(batch: Any, error: Any, text: str) -> None:
    source = adapt(iter([GOOD, batch]))
    with pytest.raises(error) as caught:
        list(source.batches(0, 0))
    assert str(caught.value).startswith(f"fit: batch 2 of epoch 1{text}")


def test_the_last_batch_may_be_smaller() -> None:
    batches = [GOOD, (np.ones((1, 3)), np.ones(1))]
    assert len(list(adapt(iter(batches)).batches(0, 0))) == 2


def test_the_check_for_nan_can_be_switched_off() -> None:
    source = adapt(iter([np.array([np.nan])]), check_finite=False)
    assert len(list(source.batches(0, 0))) == 1


def test_class_weights_reach_every_batch_whatever_classes_it_has() -> None:
    source = adapt(numbers(2), class_weight={0: 2.0, 1: 5.0})
    assert [w.tolist() for _, _, w in source.batches(0, 0)] == [[2, 2], [5, 5]]
    lacking = adapt(numbers(2), class_weight={0: 2.0})
    with pytest.raises(ArgumentError, match="^fit: batch 2 of epoch 1: class_weight must name every class"):
        list(lacking.batches(0, 0))


@pytest.mark.parametrize("name", ["y", "sample_weight", "batch_size"])
def test_what_batches_bring_themselves_must_not_be_given(name: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        adapt(numbers(2), **{name: 1})
    assert str(caught.value) == f"fit: {name} must be None where x gives batches: generator brings its own"


@pytest.mark.parametrize("x", [print, object(), lambda: 1])
def test_what_is_no_data_is_refused(x: Any) -> None:
    with pytest.raises(
        ArgumentTypeError, match="^fit: x must be arrays, an iterable of batches or an object"
    ):
        adapt(x)


def test_single_samples_of_pytorch_are_refused_with_the_line_that_helps() -> None:
    dataset = type("Mine", (Sequence,), {})
    dataset.__module__ = "torch.utils.data.dataset"
    with pytest.raises(ArgumentTypeError, match="Mine gives single samples; wrap it in a torch.utils.data"):
        adapt(dataset(3))


class Unsized:
    """An iterable without a length, which has nothing to give."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())


def test_an_iterable_of_no_batches_says_so_instead_of_waiting() -> None:
    source = adapt(Unsized(), steps=2)
    with pytest.raises(ArgumentError, match="x ended after 0 of the 2 batches of epoch 1"):
        list(source.batches(0, 0))
