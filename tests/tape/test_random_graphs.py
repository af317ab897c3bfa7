"""Graphs drawn at random, on the tape and on a reference of one number at a time, which is short enough to be seen right."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradtape import GradientTape, Variable, ops


class Number:
    """A number that remembers from which others it was made, and its slope for each of them."""

    def __init__(self, value: float, parents: tuple[tuple[Number, float], ...] = ()) -> None:
        self.value = value
        self.parents = parents
        self.gradient = 0.0


def backward(last: Number, order: list[Number]) -> None:
    """Take the gradient of `last` to all numbers; `order` is that in which they were made."""
    last.gradient = 1.0
    for number in reversed(order):
        for parent, slope in number.parents:
            parent.gradient += slope * number.gradient


def of_one(value: Callable[[float], float], slope: Callable[[float, float], float]) -> Any:
    def make(a: Number) -> Number:
        found = value(a.value)
        return Number(found, ((a, slope(a.value, found)),))

    return make


def of_two(
    value: Callable[[float, float], float], slopes: Callable[[float, float], tuple[float, float]]
) -> Any:
    def make(a: Number, b: Number) -> Number:
        first, second = slopes(a.value, b.value)
        return Number(value(a.value, b.value), ((a, first), (b, second)))

    return make


# The operation, the reference, and how many numbers it takes.
STEPS: list[tuple[Any, Any, int]] = [
    (lambda a, b: a + b, of_two(lambda a, b: a + b, lambda a, b: (1, 1)), 2),
    (lambda a, b: a - b, of_two(lambda a, b: a - b, lambda a, b: (1, -1)), 2),
    (lambda a, b: a * b, of_two(lambda a, b: a * b, lambda a, b: (b, a)), 2),
    (
        lambda a, b: a / (b * b + 1.0),
        of_two(lambda a, b: a / (b * b + 1), lambda a, b: (1 / (b * b + 1), -2 * a * b / (b * b + 1) ** 2)),
        2,
    ),
    (ops.maximum, of_two(max, lambda a, b: (0.5, 0.5) if a == b else (float(a > b), float(b > a))), 2),
    (ops.hypot, of_two(math.hypot, lambda a, b: _direction(a, b)), 2),
    (lambda a: -a, of_one(lambda a: -a, lambda a, y: -1.0), 1),
    (ops.tanh, of_one(math.tanh, lambda a, y: 1 - y * y), 1),
    (ops.sin, of_one(math.sin, lambda a, y: math.cos(a)), 1),
    (ops.relu, of_one(lambda a: max(a, 0.0), lambda a, y: float(a > 0)), 1),
    (lambda a: ops.exp(-a * a), of_one(lambda a: math.exp(-a * a), lambda a, y: -2 * a * y), 1),
    (lambda a: ops.stop_gradient(a) * 0.5, of_one(lambda a: 0.5 * a, lambda a, y: 0.0), 1),
]


def _direction(a: float, b: float) -> tuple[float, float]:
    length = math.hypot(a, b)
    return (a / length, b / length) if length else (0.0, 0.0)


def grown(seed: int, steps: int) -> tuple[list[Variable], Any, list[Number], list[Number]]:
    """Return leaves, their tape and result, and the same of the reference; results are used again and again."""
    chance = random.Random(seed)
    starts = [chance.choice([0.0, 1.0, chance.uniform(-2, 2)]) for _ in range(chance.randint(1, 4))]
    leaves, numbers = [Variable(np.float64(v)) for v in starts], [Number(v) for v in starts]
    with GradientTape() as tape:
        values: list[Any] = list(leaves)
        for _ in range(steps):
            ours, theirs, count = chance.choice(STEPS)
            places = [chance.randrange(len(values)) for _ in range(count)]
            values.append(ours(*[values[i] for i in places]))
            numbers.append(theirs(*[numbers[i] for i in places]))
    found = tape.gradient(values[-1], leaves, unconnected_gradients="zero")
    backward(numbers[-1], numbers)
    assert float(values[-1]) == pytest.approx(numbers[-1].value, rel=1e-12, abs=1e-14)
    return leaves, found, numbers[: len(leaves)], numbers


@pytest.mark.parametrize("seed", range(60))
def test_gradients_of_a_random_graph_are_those_of_the_reference(seed: int) -> None:
    _, found, expected, _ = grown(seed, steps=1 + seed % 40)
    for ours, theirs in zip(found, expected, strict=True):
        assert float(ours) == pytest.approx(theirs.gradient, rel=1e-9, abs=1e-12)


def test_the_graphs_are_not_trivial() -> None:
    """Most have a gradient that is not 0."""
    gradients = [[n.gradient for n in grown(seed, 1 + seed % 40)[2]] for seed in range(60)]
    assert sum(any(g) for g in gradients) > 30


def test_a_wrong_rule_is_seen(request: pytest.FixtureRequest) -> None:
    made = ops.hypot.operation
    rule = made.rules["x2"]
    request.addfinalizer(lambda: made.add_rule("x2", rule))
    made.add_rule("x2", lambda g, y, x1, x2: rule(g, y, x1, x2) * -1.0)
    wrong = 0
    for seed in range(60):
        _, found, expected, _ = grown(seed, 1 + seed % 40)
        pairs = zip(found, expected, strict=True)
        wrong += any(float(a) != pytest.approx(b.gradient, rel=1e-9, abs=1e-12) for a, b in pairs)
    assert wrong > 5
