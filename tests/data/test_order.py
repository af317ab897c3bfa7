"""The order of an epoch, and its batches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradtape.data.order import batches, epoch_order


@given(st.integers(0, 300), st.integers(0, 2**64), st.integers(0, 2**32))
def test_an_order_holds_each_sample_once(samples: int, seed: int, epoch: int) -> None:
    order = epoch_order(samples, seed, epoch)
    assert order.dtype == np.int64
    assert np.array_equal(np.sort(order), np.arange(samples))


def test_it_is_a_function_of_its_arguments() -> None:
    first = epoch_order(100, 3, 5)
    epoch_order(100, 9, 9)
    assert np.array_equal(first, epoch_order(100, 3, 5))


def test_it_stays_the_same_from_release_to_release() -> None:
    assert epoch_order(10, 0, 0).tolist() == [8, 0, 3, 7, 6, 4, 1, 5, 2, 9]


@pytest.mark.parametrize("other", [(4, 5), (3, 6), (5, 3)])
def test_another_seed_or_epoch_gives_another_order(other: tuple[int, int]) -> None:
    assert not np.array_equal(epoch_order(100, 3, 5), epoch_order(100, *other))


def test_every_place_is_equally_likely() -> None:
    orders = np.stack([epoch_order(4, seed, epoch) for seed in range(40) for epoch in range(50)])
    for sample in range(4):
        counts = np.bincount(np.argwhere(orders == sample)[:, 1], minlength=4)
        assert np.abs(counts - 500).max() < 5 * np.sqrt(500 * 0.75)


@given(st.integers(0, 200), st.integers(1, 250))
def test_batches_are_the_order_cut(samples: int, batch_size: int) -> None:
    order = np.arange(samples)[::-1]
    cut = batches(order, batch_size)
    assert len(cut) == -(-samples // batch_size)
    assert all(len(batch) == batch_size for batch in cut[:-1])
    assert np.array_equal(np.concatenate([*cut, order[:0]]), order)
