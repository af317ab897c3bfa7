"""Tests of ops/contractions.py and ops/subscripts.py: einsum, tensordot, dot, inner, outer, vdot."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, as_tensor, ops
from gradtape.errors import ArgumentError, ArgumentTypeError, AxisError, ShapeError
from gradtape.testing import check_gradients


def numbers(*shapes):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in shapes]


EINSUMS = [
    ("i->i", [(3,)]),
    ("i->", [(3,)]),
    ("ij->ji", [(2, 3)]),
    ("ij->j", [(2, 3)]),
    ("ij", [(2, 3)]),
    ("ba", [(2, 3)]),
    ("ii", [(3, 3)]),
    ("ii->i", [(3, 3)]),
    ("iji->ij", [(3, 2, 3)]),
    ("iii->i", [(2, 2, 2)]),
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk->ki", [(2, 3), (3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("i,i->", [(3,), (3,)]),
    ("i,i->i", [(3,), (3,)]),
    ("i,j->ij", [(3,), (2,)]),
    ("i,i", [(3,), (3,)]),
    ("ij,ij->", [(2, 3), (2, 3)]),
    (",ij->ij", [(), (2, 3)]),
    (",->", [(), ()]),
    ("bij,bjk->bik", [(2, 3, 4), (2, 4, 2)]),
    ("bhqd,bkhd->bhqk", [(2, 2, 3, 2), (2, 4, 2, 2)]),
    ("ij,k->i", [(2, 3), (4,)]),
    ("ii,ij->j", [(3, 3), (3, 2)]),
    ("ij,jk,kl->il", [(2, 3), (3, 2), (2, 4)]),
    ("i,i,i->i", [(3,), (3,), (3,)]),
    ("i,ij,j->", [(3,), (3, 2), (2,)]),
    ("...->...", [(2, 3)]),
    ("...i->i...", [(2, 3, 4)]),
    ("...i->...", [(2, 3)]),
    ("...ij,...jk->...ik", [(2, 3, 4), (2, 4, 2)]),
    ("...ij,...jk->...ik", [(5, 1, 3, 4), (2, 4, 2)]),
    ("...ij,jk->...ik", [(2, 1, 3, 4), (4, 2)]),
    ("...,...->...", [(2, 1), (3,)]),
    ("i...,i...", [(2, 1, 3), (2, 4, 3)]),
    ("...i,...i", [(2, 3), (3,)]),
    (" i j , j k -> i k ", [(2, 3), (3, 4)]),
    ("ij,jk->ik", [(0, 3), (3, 2)]),
    ("ij,jk->ik", [(2, 0), (0, 2)]),
    ("ij,jk->ik", [(1, 1), (1, 3)]),
]


@pytest.mark.parametrize(("subscripts", "shapes"), EINSUMS)
def test_einsum(subscripts, shapes):
    arrays = numbers(*shapes)
    expected = np.einsum(subscripts, *arrays)
    y = np.asarray(ops.einsum(subscripts, *arrays))
    assert y.shape == expected.shape and y.dtype == "float64"
    assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    check_gradients(lambda *xs: ops.einsum(subscripts, *xs), *arrays, directions=1)


def test_einsum_with_one_tensor_twice():
    (x,) = numbers((3, 3))
    check_gradients(lambda t: ops.einsum("ij,jk->ik", t, t), x)


def test_a_plain_einsum_is_one_record():
    x, y = [as_tensor(a) for a in numbers((2, 3), (3, 4))]
    with GradientTape() as tape:
        tape.watch([x, y])
        ops.einsum("ij,jk->ik", x, y)
    assert [r.name for r in tape.records] == ["einsum"]
    assert tape.records[0].attributes == {"subscripts": "ij,jk->ik"}


def test_einsum_dtypes():
    assert ops.einsum("i,i->", np.ones(2, "float32"), np.ones(2, "int64")).dtype == "float32"
    assert ops.einsum("i,i->i", [1, 2], [3, 4]).numpy().tolist() == [3, 8]
    assert ops.einsum("i,i->i", [1, 2], [3, 4]).dtype == "int32"


def test_diagonals_of_infinities_stay_clean():
    """0 x inf in products of gradients"""
    x = as_tensor([[1.0, 2.0], [3.0, 4.0]])
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.einsum("ii->i", x)
    g = tape.gradient(y, x, output_gradients=np.float32([np.inf, 1]))
    assert_array_equal(np.asarray(g), [[np.inf, 0], [0, 1]])


@pytest.mark.parametrize(
    ("subscripts", "shapes", "kind", "text"),
    [
        (3, [(2,)], ArgumentTypeError, "^einsum: subscripts must be a string, got 3$"),
        ("i1->i", [(2,)], ArgumentError, "^einsum: subscripts must be letters, commas, at most one"),
        ("i->j->k", [(2,)], ArgumentError, "at most one '...' in each part and one '->', got 'i->j->k'"),
        ("......", [(2,)], ArgumentError, "at most one '...'"),
        ("i..", [(2,)], ArgumentError, "at most one '...'"),
        ("i,j->ij", [(2,)], ArgumentError, "^einsum: subscripts 'i,j->ij' are for 2 operands, got 1$"),
        (
            "ij->i",
            [(2,)],
            ShapeError,
            r"^einsum: the part 'ij' of 'ij->i' does not fit an operand of shape \(2,\)$",
        ),
        ("ij...->i...", [(2,)], ShapeError, r"the part 'ij\.\.\.' of"),
        ("i->i", [(2, 3)], ShapeError, r"the part 'i' of 'i->i' does not fit an operand of shape \(2, 3\)$"),
        ("i,i->i", [(2,), (3,)], ShapeError, r"^einsum: the axes 'i' of 'i,i->i' .* got \(2,\), \(3,\)$"),
        ("i,i->i", [(1,), (3,)], ShapeError, "the axes 'i' of 'i,i->i' must be equally long"),
        ("...,...", [(2,), (3,)], ShapeError, r"^einsum: the axes '\.\.\.' of"),
        ("i->ii", [(2,)], ArgumentError, "^einsum: the output must name letters of the operands, each once"),
        ("i->j", [(2,)], ArgumentError, "the output must name letters of the operands"),
        ("...i->i", [(2, 3)], ArgumentError, r"and '\.\.\.' if they have it, got '\.\.\.i->i'$"),
    ],
)
def test_einsum_errors(subscripts, shapes, kind, text):
    with pytest.raises(kind, match=text):
        ops.einsum(subscripts, *numbers(*shapes))


TENSORDOTS = [
    ((2, 3), (3, 4), 1),
    ((2, 3, 4), (3, 4, 5), 2),
    ((2, 3), (2, 3), 2),
    ((2,), (3,), 0),
    ((), (3,), 0),
    ((2, 3, 4), (4, 2), ((0, 2), (1, 0))),
    ((2, 3, 4), (4, 2), (2, 0)),
    ((2, 3), (3, 2), ([-1], [-2])),
    ((0, 3), (3, 2), 1),
    ((2, 0), (0, 2), 1),
]


@pytest.mark.parametrize(("left", "right", "axes"), TENSORDOTS)
def test_tensordot(left, right, axes):
    a, b = numbers(left, right)
    expected = np.tensordot(a, b, axes)
    y = np.asarray(ops.tensordot(a, b, axes))
    assert y.shape == expected.shape
    assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    check_gradients(lambda s, t: ops.tensordot(s, t, axes), a, b, directions=1)


PAIRS = [((), ()), ((), (2, 3)), ((3,), ()), ((3,), (3,)), ((0,), (0,)), ((2, 3), (3,))]
DOTS = [*PAIRS, ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 3, 4), (4,)), ((2, 3, 4), (5, 4, 2))]
INNERS = [*PAIRS, ((2, 3), (4, 3)), ((2, 1, 3), (2, 3))]


@pytest.mark.parametrize(("name", "shapes"), [*[("dot", s) for s in DOTS], *[("inner", s) for s in INNERS]])
def test_dot_and_inner(name, shapes):
    a, b = numbers(*shapes)
    expected = getattr(np, name)(a, b)
    y = np.asarray(getattr(ops, name)(a, b))
    assert y.shape == np.shape(expected)
    assert_allclose(y, expected, rtol=1e-12, atol=1e-13)
    check_gradients(getattr(ops, name), a, b, directions=1)


@pytest.mark.parametrize(("left", "right"), [((3,), (3,)), ((2, 3), (3, 2)), ((), ()), ((0,), (0, 2))])
def test_vdot(left, right):
    a, b = numbers(left, right)
    assert_allclose(ops.vdot(a, b).item(), np.vdot(a, b), rtol=1e-12, atol=1e-13)
    check_gradients(ops.vdot, a, b, directions=1)


@pytest.mark.parametrize(("left", "right"), [((3,), (2,)), ((2, 3), (2,)), ((), ()), ((0,), (2,))])
def test_outer(left, right):
    a, b = numbers(left, right)
    y = np.asarray(ops.outer(a, b))
    assert y.shape == (a.size, b.size)
    assert_allclose(y, np.outer(a, b), rtol=1e-15)
    check_gradients(ops.outer, a, b, directions=1)


def test_dtypes_meet():
    for function in (ops.dot, ops.inner, ops.vdot, ops.outer, lambda a, b: ops.tensordot(a, b, 1)):
        assert function(np.ones(2, "float32"), np.ones(2, "int64")).dtype == "float32"
        assert function([1, 2], [3, 4]).dtype == "int32"


def test_errors_of_products():
    with pytest.raises(
        ShapeError, match=r"^tensordot: axes \(1,\) of x1 and \(0,\) of x2 must be equally long"
    ):
        ops.tensordot(np.ones((2, 3)), np.ones((2, 3)), 1)
    with pytest.raises(
        ShapeError, match=r"^tensordot: axes=2 needs that many axes, got x1 \(2,\) and x2 \(2,\)$"
    ):
        ops.tensordot(np.ones(2), np.ones(2))
    with pytest.raises(ArgumentTypeError, match="^tensordot: axes must be a whole number, got 'x'$"):
        ops.tensordot(np.ones(2), np.ones(2), "x")
    with pytest.raises(AxisError, match="^tensordot: axis must be in"):
        ops.tensordot(np.ones(2), np.ones(2), (1, 0))
    with pytest.raises(ShapeError, match=r"^dot: axes .* got x1 \(2, 3\) and x2 \(2,\)$"):
        ops.dot(np.ones((2, 3)), np.ones(2))
    with pytest.raises(ShapeError, match="^inner: axes"):
        ops.inner(np.ones(3), np.ones(2))
    with pytest.raises(ShapeError, match="^vdot: axes"):
        ops.vdot(np.ones(3), np.ones(2))


@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(3, 5, 2), (200, 7, 190), (190, 1, 200), (200, 0, 190)]
)
def test_products_with_a_turned_factor_are_those_of_numpy(rows: int, inner: int, columns: int) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
    g = rng.normal(size=(rows, columns))
    with GradientTape() as tape:
        factors = [as_tensor(x), as_tensor(w)]
        tape.watch(factors)
        y = ops.matmul(*factors)
    found = tape.gradient(y, factors, output_gradients=as_tensor(g))
    for gradient, wanted in zip(found, (g @ w.T, x.T @ g), strict=True):
        np.testing.assert_allclose(gradient, wanted, rtol=1e-12, atol=1e-12)
