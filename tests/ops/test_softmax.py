"""Tests of ops/softmax.py: shares, their logarithms, huge and infinite inputs, remembered logits."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradtape import GradientTape, Tensor, Variable, as_tensor, ops
from gradtape.core.operation import operation
from gradtape.errors import ArgumentError, AxisError, ShapeError
from gradtape.ops.nn.softmax import BinaryProbabilities, Probabilities, remember_logits
from gradtape.testing import check_gradients, tape_gradients

INF, NAN = np.inf, np.nan
CASES = [
    ((3,), -1),
    ((3,), 0),
    ((1, 2), -1),
    ((3, 2), 0),
    ((3, 2), 1),
    ((3, 2), (0, 1)),
    ((2, 3, 4), 1),
    ((2, 3, 4), (0, -1)),
    ((3, 0), 1),
    ((0, 3), 1),
    ((0,), 0),
]


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def shares(x, axis):
    x = np.asarray(x, "longdouble")
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True, initial=0))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def slopes(function, x, cotangent=None):
    x = np.asarray(x, "float64")
    y = np.asarray(function(as_tensor(x)))
    return tape_gradients(function, [x], np.ones_like(y) if cotangent is None else np.asarray(cotangent))[0]


@pytest.mark.parametrize(("shape", "axis"), CASES)
def test_values_and_gradients(shape, axis):
    x = numbers(shape)
    assert_allclose(np.asarray(ops.softmax(x, axis)), shares(x, axis).astype("float64"), rtol=1e-13)
    assert_allclose(
        np.asarray(ops.log_softmax(x, axis)), np.log(shares(x, axis)).astype("float64"), atol=1e-13
    )
    check_gradients(lambda t: ops.softmax(t, axis), x)
    check_gradients(lambda t: ops.log_softmax(t, axis), x)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("shape", "axis"), [((), None), ((3, 2), None), ((0, 3), 1), *CASES[:8]])
def test_logsumexp(shape, axis, keepdims):
    x = numbers(shape)
    expected = np.log(np.sum(np.exp(x.astype("longdouble")), axis=axis, keepdims=keepdims))
    y = np.asarray(ops.logsumexp(x, axis, keepdims))
    assert y.shape == expected.shape
    assert_allclose(y, expected.astype("float64"), rtol=1e-13)
    check_gradients(lambda t: ops.logsumexp(t, axis, keepdims), x)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("bool", "float32"),
        ("int64", "float32"),
        ("float16", "float16"),
        ("float32", "float32"),
        ("float64",) * 2,
    ],
)
def test_dtypes(name, given, expected):
    assert getattr(ops, name)(np.ones(3, given)).dtype == expected


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_huge_inputs(dtype):
    """Trap 2: x = +-1e4, constant rows"""
    x = np.array([[1e4, 0, -1e4], [-1e4, -1e4, -1e4]], dtype)
    third = np.asarray(1 / 3, dtype)
    assert_array_equal(np.asarray(ops.softmax(x)), [[1, 0, 0], [third] * 3])
    y = np.asarray(ops.log_softmax(x))
    assert_array_equal(y[0], np.array([0, -1e4, -2e4], dtype))
    assert_allclose(y[1], -np.log(3), rtol=1e-3 if dtype == "float16" else 1e-6)
    assert_array_equal(np.asarray(ops.logsumexp(x, -1))[0], np.asarray(1e4, dtype))


@pytest.mark.parametrize("classes", [1, 2, 10, 32, 33])
def test_rows_in_float32_of_few_and_many_classes(classes):
    x = numbers((7, classes)).astype("float32")
    x[0, 0], x[1, 0], x[2, -1], x[3, 0] = -np.inf, np.inf, np.nan, 1e30
    x[4] = -np.inf
    y = np.asarray(ops.softmax(x))
    with np.errstate(invalid="ignore"):
        powers = np.exp(x.astype("float64") - x.max(-1, keepdims=True))
    assert_allclose(y, powers / powers.sum(-1, keepdims=True), rtol=1e-5)
    assert np.isnan(y).any(-1).tolist() == [classes == 1, True, True, False, True, False, False]


def test_log_softmax_of_1000():
    """log_softmax([1000,0]): 0,-1000"""
    assert_array_equal(np.asarray(ops.log_softmax([1000.0, 0.0])), [0, -1000])
    assert_array_equal(slopes(ops.log_softmax, [1000.0, 0.0], [2.0, 3.0]), [-3, 3])


def test_log_softmax_of_infinity():
    """log_softmax([inf,0]): nan"""
    assert_array_equal(np.asarray(ops.log_softmax([INF, 0.0])), [NAN, NAN])
    assert_array_equal(np.asarray(ops.softmax([INF, 0.0])), [NAN, NAN])


def test_softmax_of_minus_infinities():
    """softmax([-inf,-inf]): document; masked softmax must give 0 rows"""
    assert_array_equal(np.asarray(ops.softmax([-INF, -INF])), [NAN, NAN])
    assert "-inf" in ops.softmax.__doc__
    assert_array_equal(np.asarray(ops.softmax([-INF, 0.0, 0.0])), [0, 0.5, 0.5])
    assert_array_equal(slopes(ops.softmax, [-INF, 0.0, 0.0], [1.0, 2.0, 4.0]), [0, -0.5, 0.5])
    assert_array_equal(np.asarray(ops.log_softmax([-INF, 0.0])), [-INF, 0])
    assert_array_equal(slopes(ops.log_softmax, [-INF, 0.0], [1.0, 2.0]), [1, -1])


def test_logsumexp_of_minus_infinities():
    """logsumexp([-inf,-inf]); its gradient: -inf; document"""
    assert ops.logsumexp([-INF, -INF]).item() == -INF
    assert_array_equal(slopes(ops.logsumexp, [-INF, -INF]), [0.5, 0.5])
    assert "equal parts" in ops.logsumexp.__doc__
    assert_array_equal(slopes(ops.logsumexp, [-INF, 3.0]), [0, 1])


def test_logsumexp_of_infinity():
    """logsumexp([inf,0])': 1,0 is reachable"""
    assert ops.logsumexp([INF, 0.0]).item() == INF
    assert_array_equal(slopes(ops.logsumexp, [INF, 0.0]), [1, 0])
    assert_array_equal(slopes(ops.logsumexp, [INF, INF, 0.0]), [0.5, 0.5, 0])
    assert ops.logsumexp([INF, -INF]).item() == INF


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_nan_is_not_hidden(name):
    function = getattr(ops, name)
    assert np.isnan(np.asarray(function([1.0, NAN]))).all()
    assert np.isnan(slopes(function, [1.0, NAN])).all()


def test_one_class():
    """Trap 2: 1 class"""
    x = np.float32([[3.0], [-1e4]])
    assert_array_equal(np.asarray(ops.softmax(x)), [[1], [1]])
    assert_array_equal(np.asarray(ops.log_softmax(x)), [[0], [0]])
    assert_array_equal(slopes(ops.softmax, x, [[5.0], [7.0]]), [[0], [0]])
    assert_array_equal(slopes(ops.log_softmax, x, [[5.0], [7.0]]), [[0], [0]])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 1e-2), ("float32", 1e-6)])
def test_100000_classes(dtype, tolerance):
    """Trap 2: 1e5 classes"""
    x = np.zeros(100_000, dtype)
    assert_allclose(np.asarray(ops.softmax(x)), 1e-5, rtol=tolerance)
    assert_allclose(np.asarray(ops.log_softmax(x)), -np.log(1e5), rtol=1e-3 if dtype == "float16" else 1e-6)
    assert_allclose(np.asarray(ops.logsumexp(x)), np.log(1e5), rtol=1e-3 if dtype == "float16" else 1e-6)


def test_errors():
    for name in ("softmax", "log_softmax"):
        function = getattr(ops, name)
        with pytest.raises(AxisError, match=rf"^{name}: axis must be in \[-1, 1\), got 1$"):
            function([1.0], 1)
        with pytest.raises(AxisError, match=f"^{name}: a tensor of rank 0 has no axes, got axis -1$"):
            function(1.0)
        with pytest.raises(ArgumentError, match=f"^{name}: axis must name each axis once"):
            function([[1.0]], (0, 0))
    with pytest.raises(
        ShapeError, match=r"^logsumexp: needs at least one element along axis 0, got shape \(0,\)$"
    ):
        ops.logsumexp([])


def test_softmax_remembers_its_logits():
    x = as_tensor([[1.0, 2.0]])
    p = ops.softmax(x)
    assert type(p) is Probabilities and p.logits is x
    assert ops.softmax(x, axis=1).logits is x
    assert type(ops.softmax(x, axis=0)) is Tensor and type(ops.softmax(x, axis=(0, 1))) is Tensor
    assert type(p * 1) is Tensor
    assert repr(p).startswith("Tensor([[0.26894") and repr(p).endswith("shape=(1, 2), dtype=float32)")
    assert as_tensor(p) is p
    assert type(ops.softmax(p)) is Probabilities and ops.softmax(p).logits is p


def test_the_tape_follows_probabilities():
    x = Variable([1.0, 2.0, 3.0])
    with GradientTape(persistent=True) as tape:
        p = ops.softmax(x)
        y = ops.sum(p * [1.0, 0.0, 0.0])
    assert tape.records[0].output is p and tape.records[1].inputs[0] is p
    expected = shares([1.0, 2.0, 3.0], 0)[0] * (np.array([1, 0, 0]) - shares([1.0, 2.0, 3.0], 0))
    assert_allclose(np.asarray(tape.gradient(y, x)), expected.astype("float32"), rtol=1e-6)
    assert_allclose(np.asarray(tape.gradient(y, p)), [1, 0, 0])
    assert tape.gradient(p.logits, x) is not None


def test_probabilities_can_be_watched_stored_and_let_go():
    p = ops.softmax([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(p)
        y = ops.sum(ops.square(p))
    assert_allclose(np.asarray(tape.gradient(y, p)), 2 * np.asarray(p))
    v = Variable([0.0, 0.0])
    v.assign(p)
    assert type(v.value) is Tensor
    gone = weakref.ref(p)
    del p, tape, y
    gc.collect()
    assert gone() is None


def test_probabilities_as_cotangent():
    x = as_tensor([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.add(x, 1.0)
    p = ops.softmax([1.0, 2.0])
    assert_array_equal(np.asarray(tape.gradient(y, x, output_gradients=p)), np.asarray(p))


def test_other_operations_can_remember_their_logits():
    @operation(output=remember_logits(BinaryProbabilities), name="a_sigmoid")
    def chance(x: Array) -> Array:  # noqa: F821
        return 1 / (1 + np.exp(-x))

    x = as_tensor(np.array([0.0]))
    assert type(chance(x)) is BinaryProbabilities and chance(x).logits is x
    assert not isinstance(chance(x), Probabilities)
    assert np.asarray(chance(x) + 1) == 1.5
