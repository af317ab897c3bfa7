"""Python's operators on Tensors and Variables."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from numpy.testing import assert_array_equal, assert_array_max_ulp

from gradtape import GradientTape, Variable, as_tensor
from gradtape.errors import DtypeError

ARITHMETIC = "add sub mul truediv floordiv mod pow".split()
COMPARISONS = "lt le gt ge eq ne".split()
BITS = "and_ or_ xor lshift rshift".split()
A, B = np.array([1.5, 4.0, 3.0]), np.array([2.0, 4.0, 0.5])


def assert_same(ours, theirs, off):
    assert ours.dtype == theirs.dtype
    assert_array_max_ulp(ours.astype(float), theirs.astype(float), off)


@pytest.mark.parametrize("make", [as_tensor, Variable])
@pytest.mark.parametrize("name", ARITHMETIC + COMPARISONS)
def test_of_two(name, make):
    f = getattr(operator, name)
    off = 1 if name == "pow" else 0  # a GPU rounds 3**0.5 the other way
    assert_same(np.asarray(f(make(A), make(B))), f(A, B), off)
    assert_same(np.asarray(f(make(A), B)), f(A, B), off)
    assert_same(np.asarray(f(A, make(B))), f(A, B), off)
    assert_same(np.asarray(f(2, make(B))), f(2, B), off)
    assert_same(np.asarray(f(make(A), 2)), f(A, 2), off)
    assert_same(np.asarray(f(list(A), make(B))), f(A, B), off)


@pytest.mark.parametrize("name", BITS)
def test_bits(name):
    f = getattr(operator, name)
    a, b = np.array([12, 5], "int32"), np.array([3, 1], "int32")
    assert_array_equal(np.asarray(f(as_tensor(a), as_tensor(b))), f(a, b))
    assert_array_equal(np.asarray(f(as_tensor(a), 1)), f(a, 1))
    assert_array_equal(np.asarray(f(1, as_tensor(b))), f(1, b))


def test_bits_of_floats_are_refused():
    with pytest.raises(DtypeError, match="bitwise_and: needs whole numbers or booleans"):
        as_tensor(A) & as_tensor(B)


def test_of_one():
    t = as_tensor(-A)
    assert_array_equal(np.asarray(-t), A)
    assert_array_equal(np.asarray(+t), -A)
    assert_array_equal(np.asarray(abs(t)), A)
    assert_array_equal(np.asarray(~as_tensor([True, False])), [False, True])


def test_divmod():
    for q, r in (divmod(as_tensor([7.0]), 2), divmod(7.0, as_tensor([2.0])), divmod([7.0], as_tensor([2.0]))):
        assert float(q) == 3 and float(r) == 1


def test_nothing_is_equal_to_none():
    t = as_tensor(A)
    assert (t == None) is False and (t != None) is True  # noqa: E711


def test_the_square_is_an_operation_of_its_own():
    x = Variable(A)
    with GradientTape() as tape:
        y = x**2 + x**2.0 + x**3
    assert [r.name for r in tape.records] == ["square", "square", "add", "power", "add"]
    assert_array_equal(np.asarray(tape.gradient(y, x)), 4 * A + 3 * A**2)


def test_a_python_number_does_not_widen():
    t = as_tensor(np.float16([1, 2]))
    for y in (t + 1, 1.5 * t, t / 3, 2**t, t**2, t // 2, t % 2, 1 - t):
        assert y.dtype == "float16"
