"""Optimizers against figures recorded from Keras, step by step, and against bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradtape import Variable, compile, optimizers
from gradtape.errors import ArgumentError, ArgumentTypeError, ShapeError

DATA = Path(__file__).parents[1] / "data" / "tensorflow.json"
RECORDED = json.loads(DATA.read_text(encoding="utf-8"))["optimizers"]
EXPRESSIONS = list(RECORDED["weights"])


def made(expression: str) -> optimizers.Optimizer:
    """Return our optimizer for TensorFlow's expression."""
    name, arguments = re.fullmatch(r"tf\.keras\.optimizers\.(\w+)\((.*)\)", expression).groups()
    given = dict(part.split("=") for part in arguments.split(", ") if part)
    values = {k: v == "True" if v in ("True", "False") else float(v) for k, v in given.items()}
    return getattr(optimizers, name)(**values)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_step_is_kerass(expression: str, dtype: str, compiled: bool) -> None:
    start, gradients = RECORDED["start"][dtype], RECORDED["gradients"][dtype]
    a, b = (Variable(np.array(start[name], dtype), name=name) for name in ("a", "b"))
    optimizer = made(expression)

    def update(ga: Any, gb: Any) -> Any:
        optimizer.apply_gradients([(ga, a), (gb, b)])
        return a.value

    step = compile(update) if compiled else update
    for gradient, after in zip(gradients, RECORDED["weights"][expression][dtype], strict=True):
        step(np.array(gradient["a"], dtype), np.array(gradient["b"], dtype))
        # Keras computes its scalars in float32 also for float64 weights.
        tolerance = {"rtol": 3e-6, "atol": 1e-7}
        np.testing.assert_allclose(a, np.array(after["a"], dtype), **tolerance)
        np.testing.assert_allclose(b, np.array(after["b"], dtype), **tolerance)
    assert int(optimizer.iterations) == len(gradients)
    assert a.dtype == dtype


def test_at_least_fourteen_variants_are_recorded() -> None:
    assert len(EXPRESSIONS) >= 14


def test_state_is_in_variables_with_path_names() -> None:
    w = Variable([1.0, 2.0], name="layers.0.W")
    optimizer = optimizers.Adam()
    optimizer.apply_gradients([([1.0, 1.0], w)])
    assert [v.name for v in optimizer.variables] == [
        "iterations",
        "learning_rate",
        "momentum.layers.0.W",
        "velocity.layers.0.W",
    ]
    assert not any(v.trainable for v in optimizer.variables)


def test_the_learning_rate_can_be_changed_between_steps() -> None:
    w = Variable([1.0])
    optimizer = optimizers.SGD(learning_rate=0.5)
    optimizer.learning_rate = 0.25
    optimizer.apply_gradients([([1.0], w)])
    assert w.tolist() == [0.75]
    with pytest.raises(ArgumentError, match=r"SGD: learning_rate must be in \[0, inf\), got -1"):
        optimizer.learning_rate = -1


def test_apply_takes_two_lists() -> None:
    w = Variable([1.0])
    optimizers.SGD(1.0).apply([np.array([0.5])], [w])
    assert w.tolist() == [0.5]
    with pytest.raises(ArgumentError, match="SGD.apply: needs one gradient per Variable, got 2 for 1"):
        optimizers.SGD(1.0).apply([1, 2], [w])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: optimizers.SGD(-0.1), r"SGD: learning_rate must be in \[0, inf\), got -0\.1"),
        (lambda: optimizers.SGD(float("nan")), r"SGD: learning_rate must be in \[0, inf\), got nan"),
        (lambda: optimizers.SGD(0.1, momentum=-1), r"SGD: momentum must be in \[0, 1\), got -1"),
        (lambda: optimizers.RMSprop(rho=1.0), r"RMSprop: rho must be in \[0, 1\), got 1\.0"),
        (lambda: optimizers.Adam(beta_1=1.0), r"Adam: beta_1 must be in \[0, 1\), got 1\.0"),
        (lambda: optimizers.Adam(epsilon=0.0), r"Adam: epsilon must be in \(0, inf\), got 0\.0"),
        (lambda: optimizers.get("adam_"), r"optimizer: unknown name 'adam_'; did you mean 'adam'\?"),
    ],
)
def test_impossible_settings_are_refused(make: Any, text: str) -> None:
    """NUMERICS, traps 9 and 10: Adam with epsilon 0 or beta_1 1 makes NaN weights behind a finite loss."""
    with pytest.raises(ArgumentError, match=f"^{text}$"):
        make()


def test_a_rate_that_is_no_number_is_refused() -> None:
    with pytest.raises(
        ArgumentTypeError, match="SGD: learning_rate must be a number or a schedule, got 'fast'"
    ):
        optimizers.SGD("fast")


def test_bad_gradients_change_nothing() -> None:
    a, b = Variable([1.0], name="a"), Variable([1.0], name="b")
    optimizer = optimizers.SGD(1.0)
    with pytest.raises(
        ArgumentError, match=r"the gradient of Variable 'b' is None: the loss .*tape.why\(variable\) says why"
    ):
        optimizer.apply_gradients([([1.0], a), (None, b)])
    with pytest.raises(ShapeError, match=r"the gradient of Variable 'b' must have shape \(1,\), got \(2,\)"):
        optimizer.apply_gradients([([1.0], a), ([1.0, 2.0], b)])
    with pytest.raises(ArgumentTypeError, match=r"SGD.apply_gradients: needs pairs \(gradient, Variable\)"):
        optimizer.apply_gradients([([1.0], [1.0])])
    assert (a.tolist(), b.tolist(), int(optimizer.iterations)) == ([1.0], [1.0], 0)


def test_get_takes_names_and_optimizers() -> None:
    optimizer = optimizers.SGD(0.1)
    assert optimizers.get(optimizer) is optimizer
    assert isinstance(optimizers.get("RMSprop"), optimizers.RMSprop)


def test_adamw_without_a_decay_is_refused():
    with pytest.raises(ArgumentError, match="^AdamW: weight_decay must be a number, got None$"):
        optimizers.AdamW(weight_decay=None)
