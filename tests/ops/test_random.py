"""Random tensors: functions of a seed, in range, with the right moments, the same on every engine."""

from __future__ import annotations

import numpy as np
import pytest

from gradtape import ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, DtypeError
from gradtape.ops.random import host
from gradtape.ops.random.seeds import next_seed, set_seed
from gradtape.testing import check_gradients

N = 40_000
DRAW = {
    "uniform": lambda shape, seed: host.uniform(shape, seed=seed),
    "normal": lambda shape, seed: host.normal(shape, seed=seed),
    "truncated_normal": lambda shape, seed: host.truncated_normal(shape, seed=seed),
    "randint": lambda shape, seed: host.randint(shape, 0, 1000, seed=seed),
}
# Written down once: another generator, or another way to use it, would change everybody's weights.
GOLDEN = {
    "uniform": [0.60643041, 0.95509559, 0.94708669],
    "normal": [-1.00731623, 1.54489529, 1.98917663],
    "randint": [332, 606, 926],
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_values_of_a_seed_stay(name: str) -> None:
    np.testing.assert_allclose(DRAW[name]((3,), 7), GOLDEN[name], rtol=1e-6)


@pytest.mark.parametrize("name", DRAW)
def test_the_seed_decides_everything(name: str) -> None:
    first, again = DRAW[name]((50,), 3).numpy(), DRAW[name]((50,), 3).numpy()
    assert np.array_equal(first, again)
    others = [DRAW[name]((50,), seed).numpy() for seed in (4, (3, 0), (3, 1), (0, 3))]
    assert all(not np.array_equal(first, other) for other in others)


@pytest.mark.parametrize("name", DRAW)
def test_both_engines_draw_the_same(name: str, on_engine) -> None:
    drawn = []
    for engine in ("numpy", "jax"):
        with on_engine(engine):
            drawn.append(DRAW[name]((20,), 5).numpy())
    assert np.array_equal(*drawn)


def test_moments_and_ranges() -> None:
    u = host.uniform((N,), -1.0, 3.0, seed=1).numpy().astype("float64")
    assert -1 <= u.min() and u.max() < 3 and abs(u.mean() - 1) < 0.03 and abs(u.var() - 16 / 12) < 0.03
    n = host.normal((N,), 2.0, 3.0, seed=1).numpy().astype("float64")
    assert abs(n.mean() - 2) < 0.08 and abs(n.std() - 3) < 0.06
    t = host.truncated_normal((N,), 1.0, 2.0, seed=1).numpy().astype("float64")
    assert np.abs(t - 1).max() <= 4 and abs(t.mean() - 1) < 0.04
    assert abs(t.std() / 2 - 0.8796) < 0.01  # the deviation of a normal distribution cut at two deviations
    i = host.randint((N,), -2, 3, seed=1).numpy()
    assert set(i.tolist()) == {-2, -1, 0, 1, 2} and abs(i.mean()) < 0.04


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_uniform_never_rounds_up_to_its_end(dtype: str) -> None:
    drawn = host.uniform((N,), 0.0, 1.0, dtype=dtype, seed=2)
    assert drawn.dtype == dtype
    assert (drawn.numpy() < 1).all()


def test_shuffle_is_a_permutation_whose_gradient_finds_back() -> None:
    x = np.arange(12.0).reshape(4, 3)
    rows = host.shuffle(x, seed=1).numpy()
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, x.tolist())) and not np.array_equal(rows, x)
    columns = host.shuffle(x, axis=1, seed=1).numpy()
    assert np.array_equal(np.sort(columns, axis=1), x)
    check_gradients(lambda t: host.shuffle(t, seed=1), x)


def test_empty_and_rank_0() -> None:
    assert host.normal((0, 3), seed=1).shape == (0, 3)
    assert host.uniform((), seed=1).shape == ()
    assert host.truncated_normal((0,), seed=1).shape == (0,)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: host.normal((2,)),
            ArgumentError,
            "normal: seed must be a whole number or several, got None",
        ),
        (
            lambda: host.normal((2,), seed=-1),
            ArgumentError,
            "normal: seed must be whole numbers that are not neg",
        ),
        (
            lambda: host.normal((2,), seed=1.5),
            ArgumentTypeError,
            "normal: seed must be a whole number, got 1.5",
        ),
        (lambda: host.normal((-2,), seed=1), ArgumentError, "normal: shape must not have negative lengths"),
        (
            lambda: host.normal((2,), stddev=-1, seed=1),
            ArgumentError,
            "normal: stddev must not be negative",
        ),
        (
            lambda: host.uniform((2,), 1, 0, seed=1),
            ArgumentError,
            "uniform: minval must not be above maxval",
        ),
        (lambda: host.uniform((2,), dtype="int32", seed=1), DtypeError, "uniform: dtype must be floating"),
        (
            lambda: host.uniform((2,), 0, float("inf"), seed=1),
            ArgumentError,
            "uniform: maxval must be finite",
        ),
        (
            lambda: host.randint((2,), 3, 3, seed=1),
            ArgumentError,
            "randint: needs minval < maxval within int32",
        ),
        (lambda: host.randint((2,), 0, 300, "uint8", seed=1), ArgumentError, "within uint8, got 0 and 300"),
        (
            lambda: host.shuffle([1.0], axis=1, seed=1),
            AxisError,
            r"shuffle: axis must be in \[-1, 1\), got 1",
        ),
    ],
)
def test_bad_input(call, error, text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_the_sequence_of_seeds_starts_anew() -> None:
    set_seed(9)
    first = [next_seed() for _ in range(3)]
    set_seed(9)
    assert [next_seed() for _ in range(3)] == first == [(9, 0), (9, 1), (9, 2)]
    assert ops.random.normal((2,), seed=first[0]).numpy().tolist() == host.normal((2,), seed=(9, 0)).tolist()
