"""The table of docs/numerics.md, row by row: value and gradient on NumPy, on JAX, and on JAX compiled."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gradtape import GradientTape, as_tensor, compile, ops
from gradtape.errors import ShapeError
from tests.ops.test_special_points import UNARY

INF, NAN = np.inf, np.nan
PAGE = Path(__file__).parents[2] / "docs/numerics.md"

# What docs/numerics.md says: expression, function, inputs, value (None: not said), gradients for the inputs.
TABLE = {
    "relu([0, -0])": (ops.relu, [[0.0, -0.0]], [0, 0], [[0, 0]]),
    "relu(nan)": (ops.relu, [NAN], NAN, [NAN]),
    "relu6([0, 6])": (ops.relu6, [[0.0, 6.0]], [0, 6], [[0, 0]]),
    "leaky_relu(0), slope 0.2": (ops.leaky_relu, [0.0], 0, [np.float32(0.2)]),
    "abs([0, -0])": (ops.absolute, [[0.0, -0.0]], [0, 0], [[0, 0]]),
    "abs(nan)": (ops.absolute, [NAN], NAN, [NAN]),
    "sqrt(0)": (ops.sqrt, [0.0], 0, [INF]),
    "log(0)": (ops.log, [0.0], -INF, [INF]),
    "norm([0, 0])": (ops.norm, [[0.0, 0.0]], 0, [[0, 0]]),
    "std of equal numbers": (ops.std, [[3.0, 3.0]], 0, [[0, 0]]),
    "std of one number": (ops.std, [[3.0]], 0, [[0]]),
    "max([1, 1, 0])": (ops.max, [[1.0, 1.0, 0.0]], 1, [[0.5, 0.5, 0]]),
    "max([1, nan])": (ops.max, [[1.0, NAN]], NAN, [[NAN, NAN]]),
    "maximum(1, 1)": (ops.maximum, [1.0, 1.0], 1, [0.5, 0.5]),
    "maximum(nan, 1)": (ops.maximum, [NAN, 1.0], NAN, [NAN, NAN]),
    "clip(x, 0, 1) at 0 and 1": (lambda x: ops.clip(x, 0, 1), [[0.0, 1.0]], [0, 1], [[1, 1]]),
    "x ** y at (0, 0)": (ops.power, [0.0, 0.0], 1, [0, 0]),
    "x ** y at (0, 0.5)": (ops.power, [0.0, 0.5], 0, [INF, 0]),
    "x ** y at (-2, 2)": (ops.power, [-2.0, 2.0], 4, [-4, NAN]),
    "prod([0, 2, 3])": (ops.prod, [[0.0, 2.0, 3.0]], 0, [[6, 0, 0]]),
    "cumprod([0, 2, 3])": (ops.cumprod, [[0.0, 2.0, 3.0]], [0, 0, 0], [[9, 0, 0]]),
    "where(x > 0, 1 / x, 0) at 0": (lambda x: ops.where(x > 0, 1 / x, 0), [0.0], 0, [0]),
    "where(x > 0, log(x), 0) at 0": (lambda x: ops.where(x > 0, ops.log(x), 0), [0.0], 0, [0]),
    "where(x > 0, sqrt(x), 0) at 0": (lambda x: ops.where(x > 0, ops.sqrt(x), 0), [0.0], 0, [0]),
    "logsumexp([-inf, -inf])": (ops.logsumexp, [[-INF, -INF]], -INF, [[0.5, 0.5]]),
    "logsumexp([inf, 0])": (ops.logsumexp, [[INF, 0.0]], INF, [[1, 0]]),
    "softmax([-inf, -inf])": (ops.softmax, [[-INF, -INF]], [NAN, NAN], [[NAN, NAN]]),
    "softmax([-inf, 0])": (ops.softmax, [[-INF, 0.0]], [0, 1], [[0, 0]]),
    "log_softmax([1000, 0])": (ops.log_softmax, [[1000.0, 0.0]], [0, -1000], [[-1, 1]]),
    "log_softmax([inf, 0])": (ops.log_softmax, [[INF, 0.0]], [NAN, NAN], [[NAN, NAN]]),
    "sigmoid(±1000)": (ops.sigmoid, [[1000.0, -1000.0]], [1, 0], [[0, 0]]),
    "softplus(±1000)": (ops.softplus, [[1000.0, -1000.0]], [1000, 0], [[1, 0]]),
    "arctan2(0, 0)": (ops.arctan2, [0.0, 0.0], 0, [0, 0]),
    "hypot(0, 0)": (ops.hypot, [0.0, 0.0], 0, [0, 0]),
    "logaddexp(-inf, -inf)": (ops.logaddexp, [-INF, -INF], -INF, [0.5, 0.5]),
    "log1p(1e-10)": (ops.log1p, [1e-10], np.float32(1e-10), [1]),
    "expm1(1e-10)": (ops.expm1, [1e-10], np.float32(1e-10), [1]),
}
EMPTY = {"mean([])": ops.mean, "var([])": ops.var, "std([])": ops.std, "max([])": ops.max, "min([])": ops.min}


def value_and_gradients(function, tensors):
    """Return the value, and the gradients for a cotangent of ones."""
    with GradientTape() as tape:
        tape.watch(tensors)
        value = function(*tensors)
    return [value, *tape.gradient(value, tensors, ops.ones(value.shape))]


def assert_row(found, row):
    _, inputs, value, gradients = row
    for array, wanted in zip(found, [value, *gradients], strict=True):
        assert_array_equal(np.asarray(array), np.asarray(wanted, "float32"), strict=True)


def tensors_of(row):
    return [as_tensor(np.asarray(x, "float32")) for x in row[1]]


@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize("expression", TABLE)
def test_value_and_gradient_are_those_of_the_table(expression, engine, on_engine):
    row = TABLE[expression]
    with on_engine(engine):
        assert_row(value_and_gradients(row[0], tensors_of(row)), row)


def test_a_compiled_program_keeps_to_the_table(on_engine):
    """Trap 22: a compiler may hide a NaN, or take two operations together that must not be."""
    with on_engine("jax"):
        rows = list(TABLE.values())
        program = compile(
            lambda given: [value_and_gradients(r[0], t) for r, t in zip(rows, given, strict=True)]
        )
        for (expression, row), found in zip(
            TABLE.items(), program([tensors_of(r) for r in rows]), strict=True
        ):
            try:
                assert_row(found, row)
            except AssertionError as error:
                raise AssertionError(f"{expression}: {error}") from None


def test_a_compiled_program_hides_no_nan(on_engine):
    """relu(nan); relu'(nan): value nan, gradient nan (never hide NaN); so for every operation of one"""
    with on_engine("jax"):
        functions = [getattr(ops, name) for name in UNARY]
        program = compile(lambda x: [value_and_gradients(f, [x]) for f in functions])
        found = [[float(t) for t in pair] for pair in program(as_tensor(NAN))]
    hidden = {name for name, pair in zip(UNARY, found, strict=True) if not np.isnan(pair).all()}
    assert hidden == {"linear", "negative", "positive"}  # whose slope is 1 or -1 everywhere


@pytest.mark.parametrize("engine", ["numpy", "jax"])
@pytest.mark.parametrize("expression", EMPTY)
def test_nothing_has_neither_mean_nor_largest(expression, engine, on_engine):
    name = expression.partition("(")[0]
    with on_engine(engine), pytest.raises(ShapeError, match=f"^{name}: needs at least one element along"):
        EMPTY[expression](np.zeros(0, "float32"))


def shown(value):
    """Return a number or a list as docs/numerics.md writes it."""
    if isinstance(value, list):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    return f"{float(value):.7g}"


def test_the_page_says_what_is_tested():
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]*)\| ([^|]*)\|", PAGE.read_text(encoding="utf-8"), re.M)
    said = {expression: (value.strip(), gradients.strip()) for expression, value, gradients in rows}
    expected = {e: (shown(v), "; ".join(map(shown, g))) for e, (_, _, v, g) in TABLE.items()}
    assert said == expected | dict.fromkeys(EMPTY, ("error", ""))
