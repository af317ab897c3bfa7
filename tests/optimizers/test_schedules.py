"""Schedules against Keras: the rate of each step, with every option on and off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradtape import Variable, compile
from gradtape.optimizers import SGD, schedules
from tests.keras_parity import keras

STEPS = (0, 1, 2, 5, 9, 10, 11, 19, 20, 29, 30, 31, 70, 71, 1000)
CASES: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"decay_steps": 10, "decay_rate": 0.5}),
    ("ExponentialDecay", {"decay_steps": 10, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"decay_steps": 10, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"decay_steps": 10, "decay_rate": 0.5, "staircase": True}),
    ("PolynomialDecay", {"decay_steps": 20}),
    ("PolynomialDecay", {"decay_steps": 20, "end_learning_rate": 0.01, "power": 2.0, "cycle": True}),
    ("CosineDecay", {"decay_steps": 20}),
    ("CosineDecay", {"decay_steps": 20, "alpha": 0.1, "warmup_target": 0.5, "warmup_steps": 10}),
    ("CosineDecayRestarts", {"first_decay_steps": 10}),
    ("CosineDecayRestarts", {"first_decay_steps": 10, "t_mul": 1.0}),
    ("CosineDecayRestarts", {"first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.5, "alpha": 0.1}),
    ("CosineDecayRestarts", {"first_decay_steps": 10, "t_mul": 3.0, "m_mul": 0.9, "alpha": 0.1}),
]


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_the_rate_of_each_step_is_kerass(name: str, options: dict[str, Any]) -> None:
    ours = getattr(schedules, name)(0.1, **options)
    theirs = getattr(keras().optimizers.schedules, name)(0.1, **options)
    compiled = compile(ours)
    for step in STEPS:
        expected = float(theirs(step))
        assert float(ours(step)) == pytest.approx(expected, rel=2e-6, abs=1e-8), step
        assert float(compiled(step)) == pytest.approx(expected, rel=2e-6, abs=1e-8), step


def test_pieces_are_kerass() -> None:
    given: Any = ([10, 30], [1.0, 0.5, 0.1])
    ours = schedules.PiecewiseConstantDecay(*given)
    theirs = keras().optimizers.schedules.PiecewiseConstantDecay(*given)
    assert [float(ours(step)) for step in STEPS] == pytest.approx([float(theirs(step)) for step in STEPS])


def test_an_optimizer_takes_its_rate_from_the_schedule() -> None:
    optimizer = SGD(schedules.CosineDecayRestarts(0.1, 2, t_mul=1.0))
    weight, found = Variable([1.0]), []
    for _ in range(4):
        before = weight.numpy()
        optimizer.apply_gradients([([1.0], weight)])
        found.append(before - weight.numpy())
    np.testing.assert_allclose(np.ravel(found), [0.1, 0.05, 0.1, 0.05], rtol=1e-5)
