"""Optimizers against Keras on its JAX backend: ten steps from random weights with random gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradtape import Variable, compile, optimizers
from tests.keras_parity import assert_parity, keras

STEPS = 10
SHAPES = ((4, 3), (3,), ())

OWN: dict[str, list[dict[str, Any]]] = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.8, "nesterov": True}],
    "RMSprop": [
        {},
        {"momentum": 0.5},
        {"centered": True},
        {"rho": 0.7, "momentum": 0.9, "centered": True, "epsilon": 1e-3},
    ],
    "Adam": [{}, {"amsgrad": True}, {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-2}],
    "AdamW": [{}, {"weight_decay": 0.3, "amsgrad": True}],
    "Adamax": [{}, {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-2}],
    "Nadam": [{}, {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-2}],
    "Adagrad": [{}, {"initial_accumulator_value": 0.5, "epsilon": 1e-2}],
    "Adadelta": [{}, {"rho": 0.5, "epsilon": 1e-2}],
    "Lion": [{}, {"beta_1": 0.5, "beta_2": 0.7}],
}
COMMON: list[dict[str, Any]] = [
    {"weight_decay": 0.2},
    {"clipnorm": 0.5},
    {"clipvalue": 0.3},
    {"global_clipnorm": 0.5},
    {"use_ema": True, "ema_momentum": 0.7},
    {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 3},
    {"loss_scale_factor": 8.0},
    {"gradient_accumulation_steps": 3},
    {
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_momentum": 0.6,
        "ema_overwrite_frequency": 2,
        "clipnorm": 0.4,
        "weight_decay": 0.1,
    },
]
CASES = [(name, own) for name, variants in OWN.items() for own in variants]
CASES += [(name, OWN[name][-1] | common) for name in OWN for common in COMMON]


def data(dtype: str) -> tuple[list[Any], list[list[Any]]]:
    """Return random weights, and random gradients for each step: some large, some exactly 0."""
    rng = np.random.default_rng(7)
    weights = [np.asarray(rng.normal(size=shape), dtype) for shape in SHAPES]
    gradients = [
        [
            np.asarray(rng.normal(size=s) * 10.0 ** rng.integers(-3, 2, s) * (rng.random(s) > 0.1), dtype)
            for s in SHAPES
        ]
        for _ in range(STEPS)
    ]
    return weights, gradients


def theirs(name: str, options: dict[str, Any], dtype: str) -> tuple[list[list[Any]], Any]:
    """Return Keras' weights after each step and, at last, after finalize_variable_values."""
    weights, gradients = data(dtype)
    held = [keras().Variable(w, dtype=dtype) for w in weights]
    optimizer = getattr(keras().optimizers, name)(**options)
    optimizer.build(held)
    apply = _compiled(optimizer, held) if "gradient_accumulation_steps" in options else optimizer.apply
    after = []
    for given in gradients:
        apply(given)
        after.append([np.array(v.value) for v in held])
    optimizer.finalize_variable_values(held)
    return [*after, [np.array(v.value) for v in held]], optimizer


def _compiled(optimizer: Any, held: list[Any]) -> Any:
    """Return Keras' step compiled: where it accumulates gradients, it would compile its parts in every step."""
    import jax

    step = jax.jit(optimizer.stateless_apply)

    def apply(gradients: list[Any]) -> None:
        state = [v.value for v in optimizer.variables]
        values, state = step(state, gradients, [v.value for v in held])
        for variable, value in zip([*held, *optimizer.variables], [*values, *state], strict=True):
            variable.assign(value)

    return apply


def ours(name: str, options: dict[str, Any], dtype: str, compiled: bool) -> tuple[list[list[Any]], Any]:
    """Return gradtape's weights after each step and, at last, after finalize_variable_values."""
    weights, gradients = data(dtype)
    held = [Variable(w) for w in weights]
    optimizer = getattr(optimizers, name)(**options)

    def update(*given: Any) -> Any:
        optimizer.apply(given, held)
        return held[0].value

    step = compile(update) if compiled else update
    after = []
    for given in gradients:
        step(*given)
        after.append([v.numpy() for v in held])
    optimizer.finalize_variable_values(held)
    return [*after, [v.numpy() for v in held]], optimizer


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_ten_steps_are_kerass(name: str, options: dict[str, Any]) -> None:
    options = {"learning_rate": 0.05} | options
    expected, their_optimizer = theirs(name, options, "float32")
    for compiled in (False, True):
        found, our_optimizer = ours(name, options, "float32", compiled)
        for mine, kerass in zip(found, expected, strict=True):
            for a, b in zip(mine, kerass, strict=True):
                assert_parity(a, b, rtol=3e-6, atol=3e-7)
        assert int(our_optimizer.iterations) == int(their_optimizer.iterations)
