"""Numbers drawn in a step without a seed: a function of the step, or an error where it is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradtape
import gradtape.tf as tf
from gradtape import random
from gradtape.errors import CompileError
from gradtape.ops.random.seeds import StepSeeds, draw_seed, next_seed, set_seed

DOORS: dict[str, Callable[[], Any]] = {
    "tf.random.normal": lambda: tf.random.normal((3,)),
    "tf.random.uniform": lambda: tf.random.uniform((3,), seed=4),  # as in TensorFlow others in each call
    "tf.random.truncated_normal": lambda: tf.random.truncated_normal((3,)),
    "tf.random.shuffle": lambda: tf.random.shuffle(np.arange(9.0)),
    "normal": lambda: random.normal((3,)),
    "uniform": lambda: random.uniform((3,)),
    "truncated_normal": lambda: random.truncated_normal((3,)),
    "randint": lambda: random.randint((9,), 0, 1000),
    "shuffle": lambda: random.shuffle(np.arange(9.0)),
    "categorical": lambda: random.categorical(np.zeros((1, 1000), "f4"), 5),
    "dropout": lambda: random.dropout(np.ones(50, "f4"), 0.5),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_step_draws_by_its_own_number(door: str) -> None:
    def three(batch: int) -> list[Any]:
        seeds, drawn = StepSeeds((5, 0, 1), batch), []
        for _ in range(3):
            with seeds:
                drawn.append((DOORS[door]().tolist(), DOORS[door]().tolist()))
            DOORS[door]()  # between two steps: nobody's
        return drawn

    set_seed(1)
    straight = three(0)
    set_seed(2)
    assert three(0) == straight, "whatever the process has drawn before"
    assert three(1)[:2] == straight[1:], "whichever step comes first"
    assert len({str(numbers) for step in straight for numbers in step}) == 6, "other numbers each time"


@pytest.mark.parametrize("door", DOORS)
def test_a_compiled_step_refuses_and_names_the_line(door: str, on_engine: Any) -> None:
    with (
        on_engine("jax"),
        pytest.raises(CompileError, match=rf"^compile: {door} .*\(test_step_seeds\.py:\d+\)"),
    ):
        gradtape.compile(lambda: DOORS[door]())()


def test_a_step_leaves_the_sequence_of_the_process_alone() -> None:
    set_seed(3)
    with StepSeeds((5, 0), 0):
        assert draw_seed("normal") == (5, 0, 0, 1)
        assert next_seed() == (3, 0), "what makes weights asks the process"
    assert draw_seed("normal") == (3, 1)


def test_steps_nest_and_end_with_an_error() -> None:
    with StepSeeds((1,), 0):
        with pytest.raises(ValueError, match="out"), StepSeeds((2,), 7):
            assert draw_seed("normal") == (2, 7, 1)
            raise ValueError("out")
        assert draw_seed("normal") == (1, 0, 1)


def test_a_stream_that_is_made_in_a_step_starts_by_the_step() -> None:
    with StepSeeds((1,), 4):
        first = gradtape.random.SeedGenerator().state.numpy()
    with StepSeeds((1,), 4):
        assert (gradtape.random.SeedGenerator().state.numpy() == first).all()
