"""Tensors made from a shape or a rule: how they are counted, and what a dtype cannot hold."""

from __future__ import annotations

import numpy as np
import pytest

from gradtape import Variable, as_tensor, ops, tf
from gradtape.errors import ArgumentError, DtypeError

BIG = 2**40


def test_arange_counts_in_float64() -> None:
    """0.1 in float32 is too large: ten steps of it would end before 1."""
    steps = ops.arange(0, 100, 0.1)
    assert steps.dtype == "float32" and steps.shape == (1000,)
    np.testing.assert_array_equal(steps, np.arange(0, 100, 0.1).astype("float32"))
    np.testing.assert_array_equal(
        ops.arange(0.3, 1, 0.1, dtype="float64"), np.arange(0.3, 1, 0.1), strict=True
    )
    assert ops.arange(BIG, BIG + 3, dtype="int64").tolist() == [BIG, BIG + 1, BIG + 2]
    assert ops.arange(2**24, 2**24 + 3, dtype="int32").tolist() == [2**24, 2**24 + 1, 2**24 + 2]
    assert ops.arange(0, 4.0, 2, dtype="uint8").tolist() == [0, 2] and ops.arange(5, 1, -2).tolist() == [5, 3]


def test_arange_and_linspace_follow_the_dtype_of_values_that_have_one() -> None:
    assert ops.arange(3).dtype == "int32" and ops.arange(3.0).dtype == "float32"
    assert ops.arange(np.int64(3)).dtype == "int64" and ops.arange(np.float64(3)).dtype == "float64"
    assert ops.arange(0, as_tensor(np.float16(2)), 0.5).dtype == "float16"
    assert ops.arange(0, np.int64(3), 0.5).dtype == "float32" and ops.arange(Variable(2)).dtype == "int32"
    assert ops.linspace(0, 1, 3).dtype == "float32" and ops.linspace(0, np.int64(1), 3).dtype == "float32"
    assert ops.linspace(np.float64(0), 1, 3).dtype == "float64"


def test_linspace_rounds_down_to_whole_numbers() -> None:
    assert ops.linspace(-2, 2, 4, dtype="int32").tolist() == [-2, -1, 0, 2]
    np.testing.assert_array_equal(
        ops.linspace([0.0, 1.0], [1.0, 3.0], 3), np.linspace([0, 1], [1, 3], 3).astype("float32"), strict=True
    )


def test_full_converts_what_fits() -> None:
    assert ops.full((2,), 7.0, "int32").tolist() == [7, 7] and ops.full((1,), BIG, "int64").item() == BIG
    assert (
        ops.full_like([1, 2], 3.0).tolist() == [3, 3] and ops.full((2,), 255, "uint8").tolist() == [255] * 2
    )
    assert ops.full((2,), np.float64(3.0), "int8").dtype == "int8"
    assert ops.full((2,), [1, 2], "float16").dtype == "float16"
    assert ops.full((1,), 1e300).item() == np.inf and ops.full((1,), 1.0, "bool").item() is True
    assert ops.full((1,), as_tensor(300.0), "uint8").item() == 255  # a tensor is cast


WHOLE = "is not whole and cannot become {}; round or cast it first"
FIT = "does not fit into {}; name a wider dtype"
UNHELD = [
    (lambda: ops.full((2,), 300, "uint8"), ArgumentError, "full: 300 " + FIT.format("uint8")),
    (lambda: ops.full((2,), -1, "uint8"), ArgumentError, "full: -1 " + FIT.format("uint8")),
    (lambda: ops.full((2,), 300.0, "uint8"), ArgumentError, r"full: 300\.0 " + FIT.format("uint8")),
    (lambda: ops.full((2,), [1, 300], "uint8"), ArgumentError, "full: .* " + FIT.format("uint8")),
    (lambda: ops.full((2,), np.array([1, 300]), "uint8"), ArgumentError, "full: 300 " + FIT.format("uint8")),
    (lambda: ops.full((2,), 1.5, "int32"), DtypeError, r"full: 1\.5 " + WHOLE.format("int32")),
    (lambda: ops.full((2,), float("nan"), "int32"), DtypeError, "full: nan " + WHOLE.format("int32")),
    (lambda: ops.full((2,), float("inf"), "int32"), ArgumentError, "full: inf " + FIT.format("int32")),
    (lambda: ops.full((2,), BIG), ArgumentError, "full: 1099511627776 " + FIT.format("int32")),
    (
        lambda: ops.full_like(np.array([1], "uint8"), 256),
        ArgumentError,
        "full_like: 256 " + FIT.format("uint8"),
    ),
    (lambda: ops.arange(300, dtype="uint8"), ArgumentError, "arange: 299 " + FIT.format("uint8")),
    (lambda: ops.arange(1, -2, -1, dtype="uint8"), ArgumentError, "arange: -1 " + FIT.format("uint8")),
    (lambda: ops.arange(BIG, BIG + 2), ArgumentError, "arange: 1099511627776 " + FIT.format("int32")),
    (lambda: ops.arange(0, 2, 0.5, dtype="int32"), DtypeError, r"arange: 0\.5 " + WHOLE.format("int32")),
    (lambda: ops.arange(0, 4e9, 1e9, dtype="int32"), ArgumentError, r"arange: 3000000000\.0 does not fit"),
    (lambda: ops.arange(0, float("inf")), ArgumentError, "arange: start, stop and step must be finite"),
    (lambda: ops.arange("a"), DtypeError, "arange: needs numbers, got dtype <U1 from 'a'"),
    (lambda: ops.arange([1, 2]), ArgumentError, "item: needs a tensor with one element"),
    (
        lambda: ops.linspace(0, 300, 3, dtype="uint8"),
        ArgumentError,
        r"linspace: 300\.0 " + FIT.format("uint8"),
    ),
    (lambda: ops.linspace(-1, 3, 3, dtype="uint8"), ArgumentError, r"linspace: -1\.0 " + FIT.format("uint8")),
    (lambda: tf.fill((2,), 2**31), ArgumentError, "full: 2147483648 " + FIT.format("int32")),
]


@pytest.mark.parametrize(("call", "error", "text"), UNHELD)
def test_what_a_dtype_cannot_hold_is_refused(call, error, text: str) -> None:
    with pytest.raises(error, match=text):
        call()


OUTSIDE = [300.0, 255.9, 255.0, 1.9, -0.9, -5.0, np.nan, np.inf, -np.inf, 2.0**31, -(2.0**31), 1e30]


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "bfloat16"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "uint32", "int64", "uint64"])
def test_cast_to_whole_numbers_takes_the_nearest_in_range(kind: str, dtype: str) -> None:
    """NumPy alone gives what the processor gives: 44 for 300 in uint8."""
    x = ops.cast(np.array(OUTSIDE), kind)
    limits = np.iinfo(dtype)
    found = np.asarray(ops.cast(x, "float64")).tolist()
    expected = [0 if v != v else int(np.clip(v, -1e30, 1e30)) for v in found]
    expected = [min(max(v, limits.min), limits.max) for v in expected]
    assert ops.cast(x, dtype).tolist() == expected
    assert as_tensor(np.asarray(x), dtype).tolist() == expected
    assert tf.cast(x, dtype).dtype == dtype and ops.cast(x[0], dtype).shape == ()


def test_cast_of_whole_numbers_keeps_their_lowest_bits() -> None:
    assert ops.cast([300, -1], "uint8").tolist() == [44, 255]
    assert ops.cast(np.array([BIG + 1, -1]), "int32").tolist() == [1, -1]
    assert ops.cast([0.0, 0.1, np.nan, -2.0], "bool").tolist() == [False, True, True, True]
