"""Whatever a class is made with, it takes it or says in gradtape's own words what is wrong."""

from __future__ import annotations

import inspect
import random
from typing import Any

import numpy as np
import pytest

import gradtape
from gradtape import callbacks, constraints, initializers, losses, optimizers, regularizers
from gradtape.errors import GradtapeError
from gradtape.optimizers import schedules

ARGUMENTS: list[Any] = [
    *(0, 1, 2, -1, 0.5, 1.5, -0.5, None, True, "a", "", 1j, 2**70, "l2"),
    *([1], [], (1, 2), {"a": 1}, [0.1, 0.2, 0.3], [1, 2]),
    *(float("nan"), float("inf"), np.float32(0.1), np.array([1.0, 2.0])),
]
ROW = gradtape.as_tensor([[1.0, 2.0]])


def _step(optimizer: Any) -> None:
    optimizer.apply_gradients([(gradtape.as_tensor([0.5, 0.5]), gradtape.Variable([1.0, 2.0]))])


# The classes of each room, and what is done with one of them.
ROOMS: dict[Any, tuple[type, Any]] = {
    optimizers: (optimizers.Optimizer, _step),
    schedules: (schedules.LearningRateSchedule, lambda made: made(3)),
    initializers: (initializers.Initializer, lambda made: made((2, 3))),
    regularizers: (regularizers.Regularizer, lambda made: made(ROW)),
    constraints: (constraints.Constraint, lambda made: made(ROW)),
    losses: (losses.Loss, lambda made: made([[0.0, 1.0]], [[0.25, 0.75]])),
    callbacks: (callbacks.Callback, lambda made: None),
}
CLASSES = {
    f"{room.__name__}.{name}": (made, use)
    for room, (base, use) in ROOMS.items()
    for name, made in sorted(vars(room).items())
    if inspect.isclass(made) and issubclass(made, base) and made not in (base, callbacks.CallbackList)
}


@pytest.mark.parametrize("name", CLASSES)
def test_wrong_arguments_raise_our_own_errors(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where callbacks would write
    made, use = CLASSES[name]
    chance = random.Random(0)
    parameters = inspect.signature(made).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    for _ in range(80):
        needed = [p.name for p in named if p.default is p.empty or chance.random() < 0.25]
        given = {argument: chance.choice(ARGUMENTS) for argument in needed}
        try:
            use(made(**given))
        except GradtapeError as error:
            assert isinstance(error, ValueError | TypeError) and len(str(error)) <= 2000
        except Exception as error:
            raise AssertionError(f"{name}: {given} raised {error!r}") from error
