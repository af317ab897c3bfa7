"""Random numbers inside a step: distributions, independence, the same numbers eager and compiled."""

import numpy as np
import pytest

from gradtape import GradientTape, Variable, as_tensor, compile, engine
from gradtape.errors import DtypeError, ShapeError
from gradtape.ops.random.in_step import dropout_mask, random_normal, random_uniform

DTYPES = ["float16", "float32", "float64", pytest.param("bfloat16", id="bfloat16")]
COUNT = 1 << 16
STATES = [(7, 0), (7, 1), (8, 0), (7 + (1 << 32), 0), (0, 7), (1 << 40, 5)]


def drawn(draw, state, *args, **kwargs):
    return draw(as_tensor(np.array(state, "int64")), *args, **kwargs).numpy()


@pytest.mark.parametrize("dtype", DTYPES)
def test_uniform_numbers_are_even(dtype):
    found = drawn(random_uniform, (7, 3), (COUNT,), dtype)
    assert found.dtype.name == dtype
    values = found.astype("float64")
    assert values.min() >= 0 and values.max() < 1
    step = {"float16": 2**-11, "bfloat16": 2**-8}.get(dtype, 0)  # the grid starts at 0: half a step low
    counts = np.histogram(values + step / 2, bins=64, range=(0, 1))[0]
    excess = ((counts - COUNT / 64) ** 2 / (COUNT / 64)).sum()
    assert excess < 63 + 6 * np.sqrt(2 * 63)  # chi squared with 63 degrees of freedom


@pytest.mark.parametrize("dtype", DTYPES)
def test_normal_numbers_have_the_moments_of_a_normal_distribution(dtype):
    found = drawn(random_normal, (7, 3), (COUNT - 1,), dtype)
    assert found.dtype.name == dtype and found.shape == (COUNT - 1,)
    values = found.astype("float64")
    assert np.isfinite(values).all()
    # moments 1 to 4 are 0, 1, 0, 3; their variances over n are 1, 2, 15, 96
    for power, (moment, variance) in enumerate([(0, 1), (1, 2), (0, 15), (3, 96)], 1):
        assert abs((values**power).mean() - moment) < 5 * np.sqrt(variance / COUNT) + 0.003
    assert abs((np.abs(values) > 1.959964).mean() - 0.05) < 5 * np.sqrt(0.05 / COUNT) + 0.002


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_mask_drops_its_share_and_has_mean_one(rate):
    mask = drawn(dropout_mask, (7, 3), (COUNT,), rate)
    assert abs((mask == 0).mean() - rate) <= 5 * np.sqrt(rate * (1 - rate) / COUNT)
    if rate < 1:
        np.testing.assert_array_equal(mask[mask != 0], np.float32(1 / (1 - rate)))


@pytest.mark.parametrize("draw", [random_uniform, random_normal])
def test_other_keys_and_counters_give_independent_numbers(draw):
    columns = np.stack([drawn(draw, state, (COUNT,)) for state in STATES])
    correlations = np.corrcoef(columns) - np.eye(len(STATES))
    assert np.abs(correlations).max() < 5 / np.sqrt(COUNT)
    later = np.corrcoef(columns[:, 1:], columns[:, :-1])[: len(STATES), len(STATES) :]
    assert np.abs(later).max() < 5 / np.sqrt(COUNT)


def test_equal_states_give_equal_numbers():
    first = drawn(random_uniform, (7, 3), (4, 5))
    np.testing.assert_array_equal(first, drawn(random_uniform, (7, 3), (4, 5)))
    assert len(np.unique(first)) == 20


def test_shapes():
    for shape in [(), (0,), (1,), (3, 0, 2), (2, 3, 5)]:
        for draw in (random_uniform, random_normal):
            assert drawn(draw, (1, 1), shape).shape == shape
        assert drawn(dropout_mask, (1, 1), shape, 0.5).shape == shape


def everything(state):
    return (
        random_uniform(state, (3, 5)),
        random_uniform(state, (3,), "float64"),
        random_normal(state, (3, 3)),
        dropout_mask(state, (40,), 0.4),
    )


def test_a_compiled_step_draws_the_eager_numbers_and_new_ones_each_time():
    state = Variable(np.array([7, 0]), trainable=False)

    def step():
        found = everything(state.value)
        state.assign_add(np.array([0, 1]))
        return found

    compiled = compile(step)
    for counter in range(3):
        assert state.tolist() == [7, counter]
        wanted = everything(as_tensor(np.array([7, counter])))
        for ours, theirs in zip(compiled(), wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert compiled.traces == (1 if engine.active.compiles else 0)


def test_a_loop_of_steps_draws_new_numbers_in_each():
    state = Variable(np.array([7, 0]), trainable=False)

    def step(x):
        mask = dropout_mask(state.value, x.shape, 0.5)
        state.assign_add(np.array([0, 1]))
        return x * mask

    data = np.ones((4, 16), "float32")
    rows = np.zeros((5, 4), "int64")
    loop = np.asarray(compile(step).over([data], rows))
    assert state.tolist() == [7, 5]
    wanted = [drawn(dropout_mask, (7, counter), (4, 16), 0.5) for counter in range(5)]
    np.testing.assert_array_equal(loop, wanted)
    assert len({m.tobytes() for m in wanted}) == 5


def test_the_gradient_passes_a_mask_as_a_constant():
    x = as_tensor(np.ones((50,), "float32"))
    with GradientTape() as tape:
        tape.watch(x)
        y = x * dropout_mask(as_tensor(np.array([7, 0])), x.shape, 0.5)
    np.testing.assert_array_equal(tape.gradient(y, x), y)


@pytest.mark.parametrize(
    ("state", "shape", "dtype", "error", "text"),
    [
        ([1, 2, 3], (2,), "float32", ShapeError, r"the state must be \(2,\) integers, got \(3,\) int32"),
        ([1.0, 2.0], (2,), "float32", ShapeError, r"the state must be \(2,\) integers, got \(2,\) float32"),
        ([1, 2], (-2,), "float32", ShapeError, r"shape must not have negative lengths, got \(-2,\)"),
        ([1, 2], (2,), "int32", DtypeError, "dtype must be floating, got int32"),
    ],
)
def test_errors(state, shape, dtype, error, text):
    for draw in (random_uniform, random_normal):
        with pytest.raises(error, match=text):
            draw(state, shape, dtype)
