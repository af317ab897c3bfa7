"""What comes before the first step on JAX: arrays come to the device without a program for each shape."""

from __future__ import annotations

import numpy as np
import pytest

import gradtape
from gradtape import engine, ops
from gradtape.metrics.base.sums import average
from tests.engine.test_jax_rows import lying, on_cpu

pytestmark = pytest.mark.skipif(not engine.active.compiles, reason="NumPy compiles nothing")


@pytest.fixture
def programs() -> list[float]:
    """Return a list to which the time of every program that is compiled from now on is added."""
    import jax

    seconds: list[float] = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, duration, **_: seconds.append(duration) if "backend_compile" in event else None
    )
    return seconds


def test_the_counter_counts(programs: list[float]) -> None:
    import jax

    jax.jit(lambda x: x * 3.25 + 1)(np.zeros((3, 11)))
    assert programs


def test_a_network_is_built_without_a_program(programs: list[float]) -> None:
    gradtape.as_tensor(np.ones((3, 13), "f4"))
    ops.zeros((13, 17))
    gradtape.Variable(ops.full((17,), 2.5))
    model = gradtape.Sequential([gradtape.Input((19,)), gradtape.layers.Dense(23, activation="relu")])
    assert model.layers[-1].kernel.shape == (19, 23)
    assert not programs


@on_cpu
def test_a_metric_is_read_without_a_program(programs: list[float]) -> None:
    average(gradtape.as_tensor(3.0), gradtape.as_tensor(2.0), dtype=np.dtype("float32"))
    assert not programs


@pytest.mark.parametrize("offset", [0, 16])
@pytest.mark.parametrize("size", [3, 1 << 16])
def test_what_becomes_of_the_users_array_is_not_seen(size: int, offset: int) -> None:
    array = lying(np.ones(size, "f4"), offset)
    tensor, variable = gradtape.as_tensor(array), gradtape.Variable(array)
    array[...] = 9
    assert tensor.numpy()[0] == variable.numpy()[-1] == 1


def test_zeros_in_a_compiled_step_are_no_constant_of_its_program() -> None:
    import jax

    program = jax.make_jaxpr(lambda x: x + ops.zeros((1000, 1000))._array)(np.float32(1))
    assert not [constant for constant in program.consts if np.size(constant) > 1]
