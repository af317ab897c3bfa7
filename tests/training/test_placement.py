"""All that a step reads goes through the placement: data, batches that somebody else makes, and state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradtape as keras
from gradtape import engine
from gradtape.data.array_source import ArraySource
from gradtape.data.batch_reader import Reader
from gradtape.data.sequence_source import SequenceSource
from gradtape.training.placement import HERE, Placement

X = np.arange(32, dtype="f4").reshape(16, 2) / 10
Y = X[:, :1]


class Counted(Placement):
    """Puts everything where it is anyway, and counts."""

    def __init__(self, fits: bool = True) -> None:
        self.asked: dict[str, int] = {"data": 0, "batch": 0, "state": 0}
        self.does_fit = fits

    def fits(self, size_bytes: int) -> bool:
        assert size_bytes == X.nbytes + Y.nbytes
        return self.does_fit

    def data(self, array: Any) -> Any:
        self.asked["data"] += 1
        return super().data(array)

    def batch(self, array: Any) -> Any:
        self.asked["batch"] += 1
        return super().batch(array)

    def state(self, array: Any) -> Any:
        self.asked["state"] += 1
        return super().state(array)


def stepper(placement: Placement) -> Any:
    """Return the step of a model, and the model."""
    keras.set_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    found = model.train_function()
    found.placement = placement
    return found, model


def losses(placement: Placement) -> list[float]:
    step, _ = stepper(placement)
    done = [d.results["loss"].numpy() for d in step.over(ArraySource(X, Y, batch_size=4), 0, 0)]
    return np.concatenate(done).tolist()


@pytest.mark.parametrize("fits", [True, False])
def test_arrays_are_placed_whole_or_a_few_batches_at_a_time(fits: bool) -> None:
    placement = Counted(fits)
    assert losses(placement) == losses(HERE)
    assert placement.asked["data"] == 2 and placement.asked["batch"] == 0
    assert (placement.asked["state"] > 0) is engine.active.compiles


def test_batches_that_somebody_else_makes_are_placed_one_by_one() -> None:
    placement = Counted()
    step, _ = stepper(placement)
    source = SequenceSource([(X[:4], Y[:4]), (X[4:8], Y[4:8]), (X[8:12], Y[8:12])], Reader("fit"))
    assert sum(len(done) for done in step.over(source, 0, 0)) == 3
    assert placement.asked["data"] == 0 and placement.asked["batch"] == 6


def test_all_state_of_a_program_is_placed_before_each_call() -> None:
    if not engine.active.compiles:
        pytest.skip("state moves only into a program")
    placement = Counted()
    step, model = stepper(placement)
    list(step.over(ArraySource(X, Y, batch_size=4), 0, 0))
    first = placement.asked["state"]
    assert first >= len(model.weights) + len(model.optimizer.variables)
    list(step.over(ArraySource(X, Y, batch_size=4), 0, 1))
    assert placement.asked["state"] == 2 * first


def test_here_is_where_things_are() -> None:
    array = engine.active.asarray(np.ones(3, "f4"))
    assert HERE.batch(array) is array and HERE.state(array) is array
