"""SeedGenerator: its state, its stream, its configuration."""

import numpy as np
import pytest

from gradtape import compile, random, set_seed
from gradtape.errors import ArgumentError, ArgumentTypeError
from gradtape.random import SeedGenerator


def test_next_counts_up():
    stream = SeedGenerator(7)
    assert [stream.next().tolist() for _ in range(3)] == [[7, 0], [7, 1], [7, 2]]
    assert stream.variables == [stream.state]
    assert not stream.state.trainable and stream.state.dtype == "int64"


def test_the_stream_is_a_function_of_its_seed():
    def numbers(seed):
        stream = SeedGenerator(seed)
        return np.stack([random.normal((4,), seed=stream) for _ in range(3)])

    np.testing.assert_array_equal(numbers(7), numbers(7))
    assert len(np.unique(np.stack([numbers(7), numbers(8)]))) == 24


def test_without_a_seed_it_comes_from_set_seed():
    set_seed(5)
    first, second = SeedGenerator(), SeedGenerator()
    set_seed(5)
    assert SeedGenerator().next().tolist() == first.next().tolist() != second.next().tolist()


def test_a_compiled_step_goes_on_where_an_eager_one_stopped():
    mixed, eager = SeedGenerator(3), SeedGenerator(3)
    step = compile(lambda: random.uniform((5,), seed=mixed))
    found = [step(), random.uniform((5,), seed=mixed), step(), step()]
    for values in found:
        np.testing.assert_array_equal(values, random.uniform((5,), seed=eager))


def test_configuration():
    for seed in (7, None):
        config = SeedGenerator(seed, name="noise").get_config()
        assert config == {"seed": seed, "name": "noise"}
        assert SeedGenerator.from_config(config).get_config() == config


def test_errors():
    with pytest.raises(ArgumentError, match=r"SeedGenerator: seed must be in \[0, 2\*\*63\), got -1"):
        SeedGenerator(-1)
    with pytest.raises(ArgumentTypeError, match="SeedGenerator: seed must be a whole number, got 1.5"):
        SeedGenerator(1.5)
