"""where, maximum, minimum, clip, nan_to_num: values, dtypes, gradients."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gradtape import Variable, ops
from gradtape.errors import ArgumentTypeError
from gradtape.tape.gradient_tape import GradientTape
from gradtape.testing import check_gradients, tape_gradients
from tests.ops.elementwise import PAIRS, SHAPES


def draw(shape, seed=0):
    """Return numbers no two of which lie close together, whatever the seed."""
    size = int(np.prod(shape))
    return (np.random.default_rng(seed).permutation(size) + seed / 7).reshape(shape) - size / 2


@pytest.mark.parametrize("shapes", PAIRS)
@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_maximum_and_minimum(name, shapes):
    f, reference = getattr(ops, name), getattr(np, name)
    x1, x2 = draw(shapes[0], 1), draw(shapes[1], 3)
    assert_array_equal(np.asarray(f(x1, x2)), reference(x1, x2))
    check_gradients(f, x1, x2)


def test_maximum_of_different_dtypes():
    assert ops.maximum([1, 2], 1.5).dtype == "float32"
    x = Variable(np.float32([1, 2, 3]))
    with GradientTape() as tape:
        y = ops.maximum(x, np.array([16777217, 2, 0]))
    assert_array_equal(np.asarray(tape.gradient(y, x)), [0, 0.5, 1])


@pytest.mark.parametrize("shapes", PAIRS)
def test_where(shapes):
    x1, x2 = draw(shapes[0], 1), draw(shapes[1], 3)
    condition = draw(np.broadcast_shapes(*shapes), 5) > 0
    assert_array_equal(np.asarray(ops.where(condition, x1, x2)), np.where(condition, x1, x2))
    check_gradients(ops.where, condition, x1, x2)


def test_where_broadcasts_its_condition_and_takes_numbers_for_it():
    assert_array_equal(np.asarray(ops.where([[1], [0]], [1.0, 2.0], 0)), [[1, 2], [0, 0]])
    assert ops.where([True], [1, 2], 0.5).dtype == "float32"
    assert ops.where([True], [1, 2], 0).dtype == "int32"
    with pytest.raises(ArgumentTypeError, match="where: the argument x2 is missing"):
        ops.where([True], 1.0)


def test_where_gives_a_floating_condition_the_slope_zero():
    g = tape_gradients(lambda c: ops.where(c, 2.0, c), [np.array([0.0, 1.0])], np.ones(2))[0]
    assert_array_equal(g, [1, 0])


@pytest.mark.parametrize("shape", SHAPES)
def test_clip(shape):
    x = draw(shape, 1) + 0.3
    clip = lambda x: ops.clip(x, -1, 1)  # noqa: E731
    assert_array_equal(np.asarray(clip(x)), np.clip(x, -1, 1))
    check_gradients(clip, x)


def test_clip_gradients_of_the_bounds():
    x = np.array([-2.0, 0.1, 2.0])
    check_gradients(ops.clip, x, np.array([-1.0, -1.5, -0.5]), np.array(1.0))
    one = lambda *inputs: [float(g) for g in tape_gradients(ops.clip, list(map(np.float64, inputs)), 1.0)]  # noqa: E731
    assert one(-2, -1, 1) == [0, 1, 0]
    assert one(-1, -1, 1) == [1, 0, 0]
    assert one(2, -1, 1) == [0, 0, 1]
    assert one(0, 1, -1) == [0, 0, 1]


def test_clip_dtypes():
    assert ops.clip([1, 5], 0, 3).dtype == "int32"
    assert ops.clip([1, 5], 0.5, 3).dtype == "float32"
    assert ops.clip(np.float16([1, 5]), 0.5, 3).dtype == "float16"


def test_nan_to_num():
    x = np.float32([1, np.nan, np.inf, -np.inf])
    largest = np.finfo("float32").max
    assert_array_equal(np.asarray(ops.nan_to_num(x)), [1, 0, largest, -largest])
    assert_array_equal(np.asarray(ops.nan_to_num(x, 5.0, posinf=6.0, neginf=7.0)), [1, 5, 6, 7])
    assert_array_equal(tape_gradients(ops.nan_to_num, [x], np.ones(4, "float32"))[0], [1, 0, 0, 0])
    assert ops.nan_to_num([1, 2]).dtype == "int32"


@pytest.mark.parametrize("shape", SHAPES)
def test_nan_to_num_gradients(shape):
    check_gradients(ops.nan_to_num, draw(shape))
