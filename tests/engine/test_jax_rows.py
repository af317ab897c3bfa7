"""Rows of a NumPy array that lies at any address: the same as the array's own, and nothing copied."""

import numpy as np
import pytest

import gradtape
from gradtape import engine
from gradtape.data.array_source import ArraySource
from tests.training.feeding import run_batches

pytestmark = pytest.mark.skipif(not engine.active.compiles, reason="only JAX has arrays elsewhere")
on_cpu = pytest.mark.skipif("gpu" in engine.active.info()["device"], reason="what goes to a GPU is copied")

SHAPES = [((1000, 7), "f4"), ((1000, 3), "f8"), ((500, 5, 4), "u1"), ((300,), "i4"), ((400, 2), "i2")]


def lying(array, offset):
    """Return a copy of `array` so many bytes behind an address that is a multiple of 64."""
    room = np.empty(array.nbytes + 192, np.uint8)
    start = -room.ctypes.data % 64 + offset
    copy = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


@pytest.mark.parametrize("offset", [0, 16, 24, 48])
@pytest.mark.parametrize(("shape", "dtype"), SHAPES)
def test_rows_are_those_of_the_array(shape, dtype, offset):
    from gradtape.engine.jax.rows import Rows

    rng = np.random.default_rng(0)
    array = lying((50 * rng.normal(size=shape)).astype(dtype), offset)
    rows, order = Rows.of(array), rng.permutation(len(array))
    assert rows is not None and rows.dtype == array.dtype and rows.shape == array.shape
    np.testing.assert_array_equal(rows[order], array[order])
    np.testing.assert_array_equal(rows[-3:], array[-3:])


@on_cpu
def test_nothing_is_copied():
    from gradtape.engine.jax.rows import Rows

    array = lying(np.zeros((1000, 7), "f4"), 16)
    rows = Rows.of(array)
    assert rows is not None and rows.flat.unsafe_buffer_pointer() == array.ctypes.data + 48


def test_what_cannot_be_had_so_is_left_to_jax():
    from gradtape.engine.jax.rows import Rows

    assert Rows.of(lying(np.zeros((1000, 7), "f4"), 2)) is None  # between two elements' places
    assert Rows.of(np.zeros((7, 1000), "f4").T) is None
    assert Rows.of(np.zeros((3, 1), "f4")) is None
    assert Rows.of(np.zeros((3, 0), "f4")) is None


@on_cpu
def test_one_program_serves_all_addresses():
    x = np.random.default_rng(0).normal(size=(1100, 1000)).astype("f4")  # large enough not to be copied
    traced, known = [], []

    def summed(rows):
        traced.append(rows.shape)
        return gradtape.ops.sum(rows, axis=-1)

    step = gradtape.compile(summed)
    for offset in (0, 16, 48):
        source = ArraySource(lying(x, offset), batch_size=100)
        feed = run_batches(step, source.arrays, source.order(0, 0), None, None, None, source.shared)
        sums = np.concatenate([results.numpy().reshape(-1) for _, results in feed])
        np.testing.assert_allclose(sums, x.sum(axis=-1), rtol=1e-6, atol=1e-6 * np.sqrt(1000))
        assert type(source.shared[0]).__name__ == "Rows"
        known.append(len(traced))
    assert step.traces == 1
    assert known[0] > 0 and len(set(known)) == 1, "traced for the first address, for no other"
